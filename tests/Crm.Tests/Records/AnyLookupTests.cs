using Crm.Data;
using Crm.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>References to records of one of several entities: checked, followed on deletion, asked about from the other side.</summary>
public sealed class AnyLookupTests
{
    [Theory]
    [InlineData("customer", "0190aaaa-bbbb-7ccc-8ddd-000000000009", "lookup.missing")]
    [InlineData("deal", "0190aaaa-bbbb-7ccc-8ddd-000000000001", "lookup.missing")]
    [InlineData("note", "0190aaaa-bbbb-7ccc-8ddd-000000000001", "value.referenceEntity")]
    [InlineData("nothing", "0190aaaa-bbbb-7ccc-8ddd-000000000001", "value.referenceEntity")]
    public async Task What_is_not_there_or_not_allowed_is_refused(string entity, string id, string code)
    {
        await using var store = await OpenAsync();
        await store.WriteAsync(atomic: true, store.Creation("customer", "{}", FieldTypeSamples.TargetId(1)));

        var refusal = await Refusal.ExceptionOfAsync(() => store.CreateAsync("note", $$"""{"regarding": {"entity": "{{entity}}", "id": "{{id}}"} }"""));

        refusal.Problems.Select(p => (p.Field, p.Code)).ShouldBe([("regarding", code)]);
        (await store.CountAsync("note")).ShouldBe(0);
    }

    [Fact]
    public async Task Records_made_in_one_request_may_point_to_each_other()
    {
        await using var store = await OpenAsync();
        var id = store.Ids.Next();

        await store.WriteAsync(atomic: true, store.Creation("deal", """{"name": "D"}""", id), store.Creation("note", $$"""{"name": "n", "regarding": "deal:{{id}}"}"""));

        (await store.NamesAsync("note", $$"""{"field": "regarding", "op": "eq", "value": {"entity": "deal", "id": "{{id}}"} }""")).ShouldBe(["n"]);
    }

    [Fact]
    public async Task A_deletion_empties_takes_along_or_is_held_back_and_spares_what_points_to_another_entity()
    {
        await using var store = await OpenAsync();
        // A customer and a deal of one id: only the entity tells what is meant.
        var id = FieldTypeSamples.TargetId(1);
        await store.WriteAsync(atomic: true, store.Creation("customer", """{"name": "C"}""", id), store.Creation("deal", """{"name": "D"}""", id));
        var (cleared, spared) = (await store.CreateAsync("note", $$"""{"regarding": "customer:{{id}}"}"""), await store.CreateAsync("note", $$"""{"regarding": "deal:{{id}}"}"""));
        var (along, stays) = (await store.CreateAsync("photo", $$"""{"of": "customer:{{id}}"}"""), await store.CreateAsync("photo", $$"""{"of": "deal:{{id}}"}"""));
        var holds = await store.CreateAsync("seal", $$"""{"on": "customer:{{id}}"}""");
        var customer = await store.Store.GetAsync(store["customer"], id, Actor.Platform, TestContext.Current.CancellationToken);

        (await Refusal.ExceptionOfAsync(() => store.DeleteAsync(customer))).Problems.ShouldHaveSingleItem().Rule.ShouldBe("seal.on");
        (await store.GetAsync(cleared))["regarding"].ShouldNotBeNull();
        await store.DeleteAsync(holds);
        await store.DeleteAsync(customer);

        (await store.GetAsync(cleared))["regarding"].ShouldBeNull();
        (await store.HistoryAsync(cleared))[0].Changes.ShouldHaveSingleItem().Field.Name.ShouldBe("regarding");
        (await store.GetAsync(spared))["regarding"].ShouldBe(new Reference("deal", id));
        (await store.FindAsync(along)).ShouldBeNull();
        (await store.FindAsync(stays)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_restored_record_gets_back_the_references_that_its_deletion_emptied_and_what_went_along()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", """{"name": "C"}""");
        var (note, photo) = (await store.CreateAsync("note", $$"""{"regarding": "customer:{{customer.Id}}"}"""), await store.CreateAsync("photo", $$"""{"of": "customer:{{customer.Id}}"}"""));
        await store.DeleteAsync(customer);

        await store.RestoreAsync(customer);

        (await store.GetAsync(note))["regarding"].ShouldBe(new Reference("customer", customer.Id));
        (await store.FindAsync(photo)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Merging_carries_references_over()
    {
        await using var store = await OpenAsync();
        var (winner, loser) = (await store.CreateAsync("customer", "{}"), await store.CreateAsync("customer", "{}"));
        var note = await store.CreateAsync("note", $$"""{"regarding": "customer:{{loser.Id}}"}""");

        await store.Merging.MergeAsync(winner.Entity, winner.Id, [loser.Id], [], Actor.Platform, Door.Api, TestContext.Current.CancellationToken);

        (await store.GetAsync(note))["regarding"].ShouldBe(new Reference("customer", winner.Id));
    }

    [Fact]
    public async Task From_the_other_side_conditions_reach_the_records_that_point_here_and_no_others()
    {
        await using var store = await OpenAsync();
        var id = FieldTypeSamples.TargetId(1);
        await store.WriteAsync(atomic: true, store.Creation("customer", """{"name": "C"}""", id), store.Creation("customer", """{"name": "Other"}"""), store.Creation("deal", """{"name": "D"}""", id));
        await store.CreateAsync("note", $$"""{"name": "call", "regarding": "customer:{{id}}"}""");
        await store.CreateAsync("note", $$"""{"name": "mail", "regarding": "deal:{{id}}"}""");

        (await store.NamesAsync("customer", """{"field": "note.regarding", "op": "exists"}""")).ShouldBe(["C"]);
        (await store.NamesAsync("customer", """{"field": "note.regarding.name", "op": "eq", "value": "mail"}""")).ShouldBeEmpty();
        (await store.NamesAsync("deal", """{"field": "note.regarding", "op": "exists", "value": {"field": "name", "op": "startsWith", "value": "ma"}}""")).ShouldBe(["D"]);
        (await store.NamesAsync("customer", """{"not": {"field": "note.regarding", "op": "exists"}}""")).ShouldBe(["Other"]);
    }

    [Fact]
    public async Task A_page_says_what_its_references_are_called_as_far_as_one_may_read_them()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", """{"name": "Acme"}""");
        var secret = await store.CreateAsync("secret", """{"name": "Project X"}""");
        await store.CreateAsync("photo", $$"""{"name": "a", "of": "customer:{{customer.Id}}"}""");
        await store.CreateAsync("photo", $$"""{"name": "b", "of": "secret:{{secret.Id}}"}""");
        var query = new RecordQuery(store["photo"]) { Fields = [store["photo"].Resolve("of")!], Titles = true };

        var page = await store.Store.QueryAsync(query, await store.PersonAsync("Ada"), TestContext.Current.CancellationToken);

        page.Items.Count.ShouldBe(2);
        page.Titles.ShouldBe(new Dictionary<Guid, string> { [customer.Id] = "Acme" });
        (await store.QueryAsync(query)).Titles.Count.ShouldBe(2);
        (await store.QueryAsync(query with { Titles = false })).Titles.ShouldBeEmpty();
    }

    [Fact]
    public void Without_targets_every_entity_may_be_pointed_to_and_an_unknown_one_is_named()
    {
        using var folder = new Crm.Tests.Metadata.MetadataFolder();
        var model = folder.WithEntity("thing", """{"name": "all", "type": "anyLookup"}, {"name": "some", "type": "anyLookup", "targets": ["thing", "nothing"]}, {"name": "things", "type": "links", "target": "thing"}""").Compile();

        model["thing"]["all"].Targets.Select(e => e.Name).ShouldBe(["thing"]);
        model.Problems.Select(p => (p.Path, p.Message)).ShouldBe([("fields[1].targets[1]", "There is no entity 'nothing'.")]);
        model.ReferencesTo(model["thing"]).Select(f => f.ToString()).ShouldBe(["thing.all", "thing.some", "thing.things.source", "thing.things.target"], ignoreOrder: true);
    }

    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(folder => folder
        .WithEntity("customer", """{"name": "name", "type": "text"}""")
        .WithEntity("deal", """{"name": "name", "type": "text"}""")
        .WithEntity("secret", """{"name": "name", "type": "text"}""", """ "roles": {"spy": {"read": "all"} } """)
        .WithEntity("note", """{"name": "name", "type": "text"}, {"name": "regarding", "type": "anyLookup", "targets": ["customer", "deal"]}""")
        .WithEntity("photo", """{"name": "name", "type": "text"}, {"name": "of", "type": "anyLookup", "onDelete": "cascade"}""")
        .WithEntity("seal", """{"name": "name", "type": "text"}, {"name": "on", "type": "anyLookup", "targets": ["customer"], "onDelete": "restrict"}"""));
}
