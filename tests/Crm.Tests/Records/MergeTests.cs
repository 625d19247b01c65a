using Crm.Data;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Several records become one, with everything that pointed to them, and can become several again.</summary>
public sealed class MergeTests
{
    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(folder => folder
        .WithEntity("customer", """
            {"name": "name", "type": "text"}, {"name": "email", "type": "email", "unique": true},
            {"name": "parent", "type": "lookup", "target": "customer", "onDelete": "clear"}
            """)
        .WithEntity("contract", """{"name": "name", "type": "text"}, {"name": "customer", "type": "lookup", "target": "customer", "onDelete": "restrict"}""")
        .WithEntity("visit", """{"name": "name", "type": "text"}, {"name": "customer", "type": "lookup", "target": "customer", "onDelete": "cascade"}"""));

    private static Task<Record> MergeAsync(TestStore store, Record winner, Record[] losers, string values = "{}") => store.Merging.MergeAsync(
        winner.Entity, winner.Id, [.. losers.Select(l => l.Id)], store.Values(winner.Entity.Name, values), Actor.Platform, Door.Api, TestContext.Current.CancellationToken);

    [Fact]
    public async Task What_pointed_to_the_losers_points_to_the_winner()
    {
        await using var store = await OpenAsync();
        var (winner, loser) = (await store.CreateAsync("customer", """{"name": "stays"}"""), await store.CreateAsync("customer", """{"name": "goes", "email": "a@b.example"}"""));
        var contract = await store.CreateAsync("contract", $$"""{"customer": "{{loser.Id}}"}""");
        var visit = await store.CreateAsync("visit", $$"""{"customer": "{{loser.Id}}"}""");
        var daughter = await store.CreateAsync("customer", $$"""{"name": "daughter", "parent": "{{loser.Id}}"}""");

        var merged = await MergeAsync(store, winner, [loser], """{"email": "a@b.example"}""");

        (merged.Id, merged["email"]).ShouldBe((winner.Id, "a@b.example"));
        foreach (var (record, field) in new[] { (contract, "customer"), (visit, "customer"), (daughter, "parent") })
        {
            (await store.GetAsync(record))[field].ShouldBe(winner.Id);
        }
        (await store.FindAsync(loser)).ShouldBeNull();
    }

    [Fact]
    public async Task Whoever_asks_for_a_loser_is_told_the_winner()
    {
        await using var store = await OpenAsync();
        var (winner, loser) = (await store.CreateAsync("customer", "{}"), await store.CreateAsync("customer", "{}"));
        await MergeAsync(store, winner, [loser]);

        var refusal = await Refusal.ExceptionOfAsync(() => store.GetAsync(loser));

        (refusal.Problems[0].Code, refusal.Problems[0].Records.ShouldHaveSingleItem()).ShouldBe(("merged", winner.Id));
    }

    [Fact]
    public async Task Records_that_pointed_to_each_other_do_not_come_to_point_to_themselves()
    {
        await using var store = await OpenAsync();
        var loser = await store.CreateAsync("customer", "{}");
        var winner = await store.CreateAsync("customer", $$"""{"parent": "{{loser.Id}}"}""");

        (await MergeAsync(store, winner, [loser]))["parent"].ShouldBeNull();
    }

    [Fact]
    public async Task A_merge_is_taken_back_as_a_whole()
    {
        await using var store = await OpenAsync();
        var (winner, loser) = (await store.CreateAsync("customer", """{"name": "stays"}"""), await store.CreateAsync("customer", """{"name": "goes", "email": "a@b.example"}"""));
        var contract = await store.CreateAsync("contract", $$"""{"customer": "{{loser.Id}}"}""");
        await MergeAsync(store, winner, [loser], """{"email": "a@b.example"}""");

        await store.ChangeSets.UndoAsync((await store.HistoryAsync(winner))[0].ChangeSet, Actor.Platform, Door.Api, TestContext.Current.CancellationToken);

        (await store.GetAsync(winner))["email"].ShouldBeNull();
        (await store.GetAsync(loser))["email"].ShouldBe("a@b.example");
        (await store.GetAsync(contract))["customer"].ShouldBe(loser.Id);
    }

    [Fact]
    public async Task A_record_is_not_merged_with_itself_nor_with_one_that_is_gone()
    {
        await using var store = await OpenAsync();
        var (winner, gone) = (await store.CreateAsync("customer", "{}"), await store.CreateAsync("customer", "{}"));
        await store.DeleteAsync(gone);

        (await Refusal.OfAsync(() => MergeAsync(store, winner, [winner]))).ShouldContain("merge.losers");
        (await Refusal.OfAsync(() => MergeAsync(store, winner, []))).ShouldContain("merge.losers");
        (await Refusal.OfAsync(() => MergeAsync(store, winner, [gone]))).ShouldContain("notFound");
    }
}
