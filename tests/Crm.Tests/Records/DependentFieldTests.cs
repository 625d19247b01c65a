using Crm.Data;
using Crm.Rules;
using Crm.Tests.Metadata;
using Crm.Ui.Records;
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

    [Fact]
    public async Task A_lookup_that_depends_on_another_points_to_what_goes_with_it()
    {
        await using var store = await TestStore.OpenAsync(Cascade);
        var (acme, other) = (await store.CreateAsync("firm", "{}"), await store.CreateAsync("firm", "{}"));
        var ada = await store.CreateAsync("contact", $$"""{"employer": "{{acme.Id}}"}""");
        var rome = await store.CreateAsync("place", $$"""{"country": "it", "firm": "{{acme.Id}}"}""");

        var deal = await store.CreateAsync("deal", $$"""{"firm": "{{acme.Id}}", "contact": "{{ada.Id}}", "country": "it", "place": "{{rome.Id}}"}""");
        await store.CreateAsync("deal", $$"""{"contact": "{{ada.Id}}"}""");

        (await Refusal.OfAsync(() => store.CreateAsync("deal", $$"""{"firm": "{{other.Id}}", "contact": "{{ada.Id}}"}"""))).ShouldBe("contact: lookup.filtered");
        (await Refusal.OfAsync(() => store.UpdateAsync(deal, $$"""{"firm": "{{other.Id}}"}"""))).ShouldBe("contact: lookup.filtered");
        (await Refusal.OfAsync(() => store.UpdateAsync(deal, """{"country": "de"}"""))).ShouldBe("place: lookup.filtered");
        (await store.UpdateAsync(deal, $$"""{"firm": "{{other.Id}}", "contact": null}"""))["contact"].ShouldBeNull();
    }

    [Fact]
    public async Task Each_record_of_a_request_points_to_what_goes_with_its_own()
    {
        await using var store = await TestStore.OpenAsync(Cascade);
        var (acme, other) = (await store.CreateAsync("firm", "{}"), await store.CreateAsync("firm", "{}"));
        var (ada, bob) = (await store.CreateAsync("contact", $$"""{"employer": "{{acme.Id}}"}"""), await store.CreateAsync("contact", $$"""{"employer": "{{other.Id}}"}"""));
        var cy = store.Ids.Next();

        var changes = await store.WriteAsync(
            atomic: false,
            store.Creation("contact", $$"""{"employer": "{{acme.Id}}"}""", cy), Deal(acme, ada.Id), Deal(other, bob.Id), Deal(other, ada.Id), Deal(acme, cy), Deal(other, cy));

        changes.Select(c => c.Problems.SingleOrDefault()?.Code).ShouldBe([null, null, null, "lookup.filtered", null, "lookup.filtered"]);

        RecordChange Deal(Record firm, Guid contact) => store.Creation("deal", $$"""{"firm": "{{firm.Id}}", "contact": "{{contact}}"}""");
    }

    [Fact]
    public async Task A_record_that_is_brought_back_goes_with_what_pointed_to_it()
    {
        await using var store = await TestStore.OpenAsync(Cascade);
        var acme = await store.CreateAsync("firm", "{}");
        var ada = await store.CreateAsync("contact", $$"""{"employer": "{{acme.Id}}"}""");
        var deal = await store.CreateAsync("deal", $$"""{"firm": "{{acme.Id}}", "contact": "{{ada.Id}}"}""");
        var written = await store.WriteAsync(atomic: true, store.Change(deal, """{"contact": null}"""), RecordChange.Delete(ada.Entity, ada.Id));

        await store.ChangeSets.UndoAsync(written[0].ChangeSet, Actor.Platform, Door.Api, TestContext.Current.CancellationToken);

        (await store.GetAsync(deal))["contact"].ShouldBe(ada.Id);
    }

    [Fact]
    public async Task What_a_deletion_emptied_points_again_to_the_record_that_is_brought_back_though_a_filter_narrows_it()
    {
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("firm", """{"name": "name", "type": "text"}""")
            .WithEntity("contact", """{"name": "employer", "type": "lookup", "target": "firm"}""")
            .WithEntity(
                "deal",
                """{"name": "firm", "type": "lookup", "target": "firm"}, {"name": "contact", "type": "lookup", "target": "contact", "onDelete": "clear", "filter": {"field": "employer", "op": "eq", "value": {"field": "firm"}}}"""));
        var firm = await store.CreateAsync("firm", "{}");
        var contact = await store.CreateAsync("contact", $$"""{"employer": "{{firm.Id}}"}""");
        var deal = await store.CreateAsync("deal", $$"""{"firm": "{{firm.Id}}", "contact": "{{contact.Id}}"}""");
        await store.DeleteAsync(contact);
        (await store.GetAsync(deal))["contact"].ShouldBeNull();

        await store.RestoreAsync(contact);

        (await store.GetAsync(deal))["contact"].ShouldBe(contact.Id);
    }

    [Fact]
    public async Task A_filter_holds_beside_what_the_lookup_depends_on()
    {
        await using var store = await TestStore.OpenAsync(Cascade);
        var acme = await store.CreateAsync("firm", "{}");
        var (boss, clerk) = (await store.CreateAsync("contact", $$"""{"employer": "{{acme.Id}}", "chief": true}"""), await store.CreateAsync("contact", $$"""{"employer": "{{acme.Id}}", "chief": false}"""));
        var stranger = await store.CreateAsync("contact", """{"chief": true}""");

        await store.CreateAsync("deal", $$"""{"firm": "{{acme.Id}}", "signer": "{{boss.Id}}"}""");

        foreach (var wrong in new[] { clerk, stranger })
        {
            (await Refusal.OfAsync(() => store.CreateAsync("deal", $$"""{"firm": "{{acme.Id}}", "signer": "{{wrong.Id}}"}"""))).ShouldBe("signer: lookup.filtered");
        }
        LookupFilter.TextFor(store["deal"]["firm"], null).ShouldBeNull("it depends on nothing");
    }

    [Fact]
    public async Task Whoever_chooses_another_firm_chooses_what_depends_on_it_anew()
    {
        await using var store = await TestStore.OpenAsync(Cascade);
        var deal = store["deal"];
        var (acme, other, ada) = (store.Ids.Next(), store.Ids.Next(), store.Ids.Next());
        var draft = new RecordDraft(new Record(deal), new Dictionary<string, string>(), isNew: true);

        draft.Set(deal["contact"], new(ada));
        draft.Set(deal["firm"], new(acme));
        draft.Current["contact"].ShouldBe(ada, "who was chosen first may well be the right one; saving will tell");
        draft.Set(deal["firm"], new(other));

        draft.Current["contact"].ShouldBeNull();
    }

    private static void Cascade(MetadataFolder folder) => folder
        .WithEntity("firm", """{"name": "name", "type": "text"}""")
        .WithEntity("contact", """{"name": "name", "type": "text"}, {"name": "employer", "type": "lookup", "target": "firm"}, {"name": "chief", "type": "boolean"}""")
        .WithEntity("place", """{"name": "country", "type": "choice", "options": [{"value": "de"}, {"value": "it"}]}, {"name": "firm", "type": "lookup", "target": "firm"}""")
        .WithEntity("deal", """
            {"name": "firm", "type": "lookup", "target": "firm"},
            {"name": "country", "type": "choice", "options": [{"value": "de"}, {"value": "it"}]},
            {"name": "contact", "type": "lookup", "target": "contact", "dependsOn": "firm"},
            {"name": "signer", "type": "lookup", "target": "contact", "dependsOn": "firm", "filter": {"field": "chief", "op": "eq", "value": true}},
            {"name": "place", "type": "lookup", "target": "place", "dependsOn": "country"}
            """);

    [Fact]
    public async Task A_filter_holds_for_what_the_same_request_creates_with_its_rows_and_what_it_points_to()
    {
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("firm", """{"name": "name", "type": "text"}, {"name": "active", "type": "boolean"}""")
            .WithEntity("line", """{"name": "order", "type": "lookup", "target": "order", "onDelete": "cascade"}, {"name": "size", "type": "integer"}""")
            .WithEntity("order", """{"name": "firm", "type": "lookup", "target": "firm"}, {"name": "lines", "type": "rows", "target": "line"}""")
            .WithEntity("note", """{"name": "order", "type": "lookup", "target": "order", "filter": {"all": [{"field": "lines.size", "op": "gt", "value": 5}, {"field": "firm.active", "op": "eq", "value": true}]}}"""));
        var firm = await store.CreateAsync("firm", """{"active": true}""");

        (await TryAsync(9)).ShouldBeEmpty();
        (await TryAsync(3)).ShouldBe(["lookup.filtered"]);

        async Task<string[]> TryAsync(int size)
        {
            var order = store.Ids.Next();
            var changes = await store.WriteAsync(
                atomic: false,
                store.Creation("order", $$"""{"firm": "{{firm.Id}}", "lines": [{"size": {{size}}}]}""", order),
                store.Creation("note", $$"""{"order": "{{order}}"}"""));
            return [.. changes.SelectMany(c => c.Problems).Select(p => p.Code)];
        }
    }

    [Theory]
    [InlineData("id")]
    [InlineData("parent")]
    public async Task A_filter_over_a_tree_holds_for_what_the_same_request_creates_below(string field)
    {
        var root = Guid.Parse("0190aaaa-bbbb-7ccc-8ddd-000000000001");
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("category", """{"name": "name", "type": "text"}, {"name": "parent", "type": "lookup", "target": "category"}""")
            .WithEntity("thing", $$"""{"name": "category", "type": "lookup", "target": "category", "filter": {"field": "{{field}}", "op": "under", "value": "{{root}}"} }"""));
        await store.WriteAsync(atomic: true, store.Creation("category", "{}", root));
        var (middle, other) = (await store.CreateAsync("category", $$"""{"parent": "{{root}}"}"""), await store.CreateAsync("category", "{}"));

        (await TryAsync(middle)).ShouldBeEmpty();
        (await TryAsync(other)).ShouldBe(["lookup.filtered"]);

        async Task<string[]> TryAsync(Record above)
        {
            var leaf = store.Ids.Next();
            var changes = await store.WriteAsync(atomic: false, store.Creation("category", $$"""{"parent": "{{above.Id}}"}""", leaf), store.Creation("thing", $$"""{"category": "{{leaf}}"}"""));
            return [.. changes.SelectMany(c => c.Problems).Select(p => p.Code)];
        }
    }

    [Theory]
    [InlineData("""{"field": "nothing", "op": "eq", "value": 1}""", "fields[1].filter.field", "condition.field")]
    [InlineData("""{"all": [{"field": "firm", "op": "contains", "value": {"field": "firm"}}]}""", "fields[1].filter.all[0].op", "condition.operator")]
    [InlineData("""{"not": {"field": "name", "op": "eq", "value": {"field": "firm"}}}""", "fields[1].filter.not.value.field", "lookup.filterField")]
    [InlineData("""{"field": "name", "op": "eq"}""", "fields[1].filter.value", "condition.value")]
    [InlineData("""{"any": [null]}""", "fields[1].filter.any[0]", "")]
    [InlineData("""[1]""", "fields[1].filter", "")]
    public void A_filter_that_is_no_condition_over_the_target_is_a_fault_of_the_metadata(string filter, string path, string message)
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("user", """{"name":"name","type":"text"}""").WithEntity("unit", """{"name":"name","type":"text"}""").WithEntity("firm", """{"name": "name", "type": "text"}""")
            .WithEntity("contact", """{"name": "name", "type": "text"}, {"name": "firm", "type": "lookup", "target": "firm"}""")
            .WithEntity("deal", $$"""{"name": "firm", "type": "lookup", "target": "firm"}, {"name": "contact", "type": "lookup", "target": "contact", "filter": {{filter}}}""");

        var model = folder.Compile();

        var problem = model.Problems.ShouldHaveSingleItem();
        (problem.File, problem.Path).ShouldBe(("entities/deal.json", path));
        problem.Message.ShouldContain(message, Case.Insensitive);
        LookupFilter.For(model["deal"]["contact"], null).ShouldBeNull("a filter that nobody can understand narrows nothing");
    }
}
