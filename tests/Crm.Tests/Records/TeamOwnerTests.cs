using System.Globalization;
using Crm.Data;
using Crm.Tests.Databases;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>A record may belong to a team instead of a person: it is stored, found, shown and passed on like any other.</summary>
public sealed class TeamOwnerTests
{
    [Fact]
    public async Task A_record_may_belong_to_a_team_and_then_is_of_its_unit_and_called_by_its_name()
    {
        await using var store = await OpenAsync();
        var unit = await store.CreateAsync("unit", """{"name": "North"}""");
        var team = await store.CreateAsync("team", $$"""{"name": "Tender desk", "unit": "{{unit.Id}}"}""");

        var deal = await store.GetAsync(await store.CreateAsync("deal", $$"""{"name": "D", "owner": "{{team.Id}}"}"""));

        (deal["owner"], deal["unit"]).ShouldBe((team.Id, unit.Id));
        (await store.Store.TitlesAsync(deal, Actor.Platform, TestContext.Current.CancellationToken))["owner"].ShouldBe("Tender desk");
        var row = (await store.QueryAsync("deal", fields: "owner,owner.name,owner.unit.name,owner.title")).Items.ShouldHaveSingleItem();
        Enumerable.Range(0, 4).Select(i => row[i]).ShouldBe([team.Id, "Tender desk", "North", null]);
    }

    [Fact]
    public async Task Who_is_neither_a_person_nor_a_team_owns_nothing()
    {
        await using var store = await OpenAsync();
        var unit = await store.CreateAsync("unit", """{"name": "North"}""");

        var refusal = await Refusal.ExceptionOfAsync(() => store.CreateAsync("deal", $$"""{"owner": "{{unit.Id}}"}"""));

        refusal.Problems.Select(p => (p.Field, p.Code)).ShouldBe([("owner", "lookup.missing.either")]);
        Shipped.Model.Texts.In(CultureInfo.GetCultureInfo("en"), "problem.lookup.missing.either", [.. refusal.Problems[0].Arguments]).ShouldBe($"There is neither a User nor a Team with id {unit.Id}.");
    }

    [Fact]
    public async Task A_field_of_people_takes_teams_only_where_it_says_so()
    {
        await using var store = await OpenAsync();
        var team = await store.CreateAsync("team", """{"name": "Tender desk"}""");

        (await store.CreateAsync("deal", $$"""{"engineer": "{{team.Id}}"}"""))["engineer"].ShouldBe(team.Id);
        (await Refusal.ExceptionOfAsync(() => store.CreateAsync("deal", $$"""{"seller": "{{team.Id}}"}"""))).Problems.Select(p => (p.Field, p.Code)).ShouldBe([("seller", "lookup.missing")]);
    }

    [Fact]
    public async Task Records_are_found_grouped_and_sorted_by_owners_of_both_kinds()
    {
        await using var store = await OpenAsync();
        var ada = await store.PersonAsync("Ada");
        var (tenders, accounts) = (await store.CreateAsync("team", """{"name": "Tender desk"}"""), await store.CreateAsync("team", """{"name": "Accounts"}"""));
        foreach (var (name, owner) in new[] { ("a", ada.UserId), ("b", tenders.Id), ("c", accounts.Id), ("d", tenders.Id) })
        {
            await store.CreateAsync("deal", $$"""{"name": "{{name}}", "owner": "{{owner}}"}""");
        }
        var member = ada with { Teams = [tenders.Id] };

        (await store.NamesAsync("deal", """{"field": "owner", "op": "in", "value": {"var": "myTeams"}}""", sort: "name", actor: member)).ShouldBe(["b", "d"]);
        (await store.NamesAsync("deal", """{"field": "owner", "op": "in", "value": [{"var": "me"}, {"var": "myTeams"}]}""", sort: "name", actor: member)).ShouldBe(["a", "b", "d"]);
        (await store.NamesAsync("deal", """{"field": "owner.name", "op": "startsWith", "value": "A"}""", sort: "-owner.name")).ShouldBe(["a", "c"]);
        (await store.NamesAsync("team", """{"field": "deal.owner", "op": "exists", "value": {"field": "name", "op": "eq", "value": "c"} }""")).ShouldBe(["Accounts"]);
        var groups = await store.Store.AggregateAsync(new(store["deal"], [new(store["deal"].Resolve("owner")!, null)], []) { WithTitles = true }, Actor.Platform, TestContext.Current.CancellationToken);
        groups.Rows.Count.ShouldBe(3);
        groups.Titles["owner"].Values.ShouldBe(["Ada", "Tender desk", "Accounts"], ignoreOrder: true);
    }

    [Fact]
    public async Task Passing_a_record_from_a_person_to_a_team_is_told_by_its_history()
    {
        await using var store = await OpenAsync();
        var ada = await store.PersonAsync("Ada");
        var team = await store.CreateAsync("team", """{"name": "Tender desk"}""");
        var deal = await store.CreateAsync("deal", """{"name": "D"}""", ada);

        await store.UpdateAsync(deal, $$"""{"owner": "{{team.Id}}"}""");

        var change = (await store.HistoryAsync(deal))[0].Changes.ShouldHaveSingleItem();
        (change.Field.Name, change.Before, change.After).ShouldBe(("owner", ada.UserId, team.Id));
        (await store.Store.TitlesAsync(change.Field.PointedToBy(change.Before).Concat(change.Field.PointedToBy(change.After)), Actor.Platform, TestContext.Current.CancellationToken)).Values.ShouldBe(["Ada", "Tender desk"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_team_made_in_the_same_request_may_own_what_is_made_with_it()
    {
        await using var store = await OpenAsync();
        var id = store.Ids.Next();

        await store.WriteAsync(atomic: true, store.Creation("team", """{"name": "Tender desk"}""", id), store.Creation("deal", $$"""{"name": "D", "owner": "{{id}}"}"""));

        (await store.NamesAsync("deal", $$"""{"field": "owner", "op": "eq", "value": "{{id}}"}""")).ShouldBe(["D"]);
    }

    [Fact]
    public async Task A_deleted_team_is_held_back_cleared_or_followed_as_the_field_says_and_comes_back_with_what_it_had()
    {
        await using var store = await OpenAsync();
        var team = await store.CreateAsync("team", """{"name": "Tender desk"}""");
        var deal = await store.CreateAsync("deal", $$"""{"name": "D", "engineer": "{{team.Id}}"}""");

        await store.DeleteAsync(team);
        (await store.GetAsync(deal))["engineer"].ShouldBeNull();
        await store.RestoreAsync(team);

        (await store.GetAsync(deal))["engineer"].ShouldBe(team.Id);
    }

    [Fact]
    public async Task Merging_teams_hands_over_what_the_loser_owned()
    {
        await using var store = await OpenAsync();
        var (winner, loser) = (await store.CreateAsync("team", """{"name": "Tenders"}"""), await store.CreateAsync("team", """{"name": "Tender desk"}"""));
        var deal = await store.CreateAsync("deal", $$"""{"name": "D", "owner": "{{loser.Id}}"}""");

        await store.Merging.MergeAsync(store["team"], winner.Id, [loser.Id], [], Actor.Platform, Door.Api, TestContext.Current.CancellationToken);

        (await store.GetAsync(deal))["owner"].ShouldBe(winner.Id);
    }

    [Fact, NoDatabase]
    public void A_filter_or_a_dependency_cannot_narrow_a_field_that_takes_teams()
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("user", """{"name": "name", "type": "text"}""").WithEntity("unit", """{"name": "name", "type": "text"}""").WithEntity("team", """{"name": "name", "type": "text"}""").WithEntity("thing", """
            {"name": "branch", "type": "lookup", "target": "unit"}, {"name": "a", "type": "user", "teams": true, "filter": {"field": "name", "op": "notNull"} },
            {"name": "b", "type": "user", "teams": true, "dependsOn": "branch"}, {"name": "c", "type": "user", "teams": "yes"}
            """);

        folder.Compile().Problems.Select(p => p.Path).ShouldBe(["fields[1]", "fields[2].dependsOn", "fields[3].teams"], ignoreOrder: true);
    }

    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(folder => folder
        .WithEntity("user", """{"name": "name", "type": "text"}, {"name": "email", "type": "email"}, {"name": "title", "type": "text"}""")
        .WithEntity("team", """{"name": "name", "type": "text"}, {"name": "email", "type": "email"}""")
        .WithEntity("deal", """{"name": "name", "type": "text"}, {"name": "seller", "type": "user"}, {"name": "engineer", "type": "user", "teams": true, "onDelete": "clear"}"""));
}
