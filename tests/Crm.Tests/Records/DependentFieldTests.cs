using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Choices and lookups that depend on another field of the record, enforced whoever writes.</summary>
public sealed class DependentFieldTests
{
    private const string Place = """
        {"name": "country", "type": "choice", "options": [{"value": "de"}, {"value": "us"}]},
        {"name": "state", "type": "choice", "dependsOn": "country", "options": [{"value": "by", "for": ["de"]}, {"value": "ca", "for": ["us"]}, {"value": "other"}]},
        {"name": "sites", "type": "multiChoice", "dependsOn": "country", "options": [{"value": "muc", "for": ["de"]}, {"value": "sfo", "for": ["us"]}]}
        """;

    [Theory]
    [InlineData("""{"country": "de", "state": "by", "sites": ["muc"]}""", null)]
    [InlineData("""{"country": "us", "state": "other"}""", null)]
    [InlineData("""{"state": "other"}""", null)]
    [InlineData("""{"country": "us", "state": "by"}""", "state")]
    [InlineData("""{"state": "by"}""", "state")]
    [InlineData("""{"country": "us", "sites": ["sfo", "muc"]}""", "sites")]
    public async Task A_choice_goes_with_what_it_depends_on(string json, string? refused)
    {
        await using var store = await TestStore.OpenAsync("place", Place);

        if (refused is null)
        {
            await store.CreateAsync("place", json);
        }
        else
        {
            var problem = (await Should.ThrowAsync<ProblemException>(() => store.CreateAsync("place", json))).Problems.ShouldHaveSingleItem();
            (problem.Field, problem.Code).ShouldBe((refused, "value.dependent"));
        }
    }

    [Fact]
    public async Task Changing_what_a_choice_depends_on_alone_is_refused_too()
    {
        await using var store = await TestStore.OpenAsync("place", Place);
        var place = await store.CreateAsync("place", """{"country": "de", "state": "by"}""");

        (await Should.ThrowAsync<ProblemException>(() => store.UpdateAsync(place, """{"country": "us"}"""))).Problems[0].Field.ShouldBe("state");
        (await store.UpdateAsync(place, """{"country": "us", "state": "ca"}"""))["state"].ShouldBe("ca");
    }

    [Fact]
    public async Task A_lookup_points_only_to_what_its_filter_allows_for_this_record()
    {
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("firm", """{"name": "name", "type": "text"}""")
            .WithEntity("contact", """{"name": "name", "type": "text"}, {"name": "firm", "type": "lookup", "target": "firm"}, {"name": "active", "type": "boolean"}""")
            .WithEntity("deal", """
                {"name": "firm", "type": "lookup", "target": "firm"},
                {"name": "contact", "type": "lookup", "target": "contact", "filter": {"all": [{"field": "firm", "op": "eq", "value": {"field": "firm"}}, {"field": "active", "op": "eq", "value": true}]}}
                """));
        var (acme, other) = (await store.CreateAsync("firm", "{}"), await store.CreateAsync("firm", "{}"));
        var ada = await store.CreateAsync("contact", $$"""{"firm": "{{acme.Id}}", "active": true}""");
        var bob = await store.CreateAsync("contact", $$"""{"firm": "{{other.Id}}", "active": true}""");
        var gone = await store.CreateAsync("contact", $$"""{"firm": "{{acme.Id}}", "active": false}""");

        var deal = await store.CreateAsync("deal", $$"""{"firm": "{{acme.Id}}", "contact": "{{ada.Id}}"}""");
        await store.CreateAsync("deal", $$"""{"contact": "{{bob.Id}}"}""");

        await RefusedAsync($$"""{"firm": "{{acme.Id}}", "contact": "{{bob.Id}}"}""");
        await RefusedAsync($$"""{"firm": "{{acme.Id}}", "contact": "{{gone.Id}}"}""");
        (await Should.ThrowAsync<ProblemException>(() => store.UpdateAsync(deal, $$"""{"firm": "{{other.Id}}"}"""))).Problems[0].Code.ShouldBe("lookup.filtered");

        async Task RefusedAsync(string json) => (await Should.ThrowAsync<ProblemException>(() => store.CreateAsync("deal", json))).Problems[0].Code.ShouldBe("lookup.filtered");
    }
}
