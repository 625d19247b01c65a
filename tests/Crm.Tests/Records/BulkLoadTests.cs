using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Records that are stored in bulk have everything that other records have.</summary>
public sealed class BulkLoadTests
{
    private const int Count = 2_500;

    [Fact]
    public async Task Bulk_records_are_listed_searched_counted_and_have_a_history()
    {
        await using var store = await OpenAsync();
        var (region, shop) = await ParentsAsync(store);

        (await store.Bulk.InsertAsync(store["sale"], Sales(store, shop), TestContext.Current.CancellationToken)).ShouldBe(Count);

        (await store.QueryAsync("sale", """{"field": "amount", "op": "lt", "value": 10}""", sort: "amount", count: CountMode.Exact)).Count.ShouldBe(10);
        (await store.NamesAsync("sale", search: "lot number 1234")).ShouldBe(["Lot number 1234"]);
        ((await store.GetAsync(shop))["sales"], (await store.GetAsync(region))["sales"]).ShouldBe(((long)Count, (long)Count));
        var record = await store.Store.GetAsync(store["sale"], (await store.QueryAsync("sale", search: "lot number 77", sort: "amount", limit: 1)).Items[0].Id, Actor.Platform, TestContext.Current.CancellationToken);
        (record["name"], record["parts"]).ShouldBe(("Lot number 77", 0L));
        var created = (await store.HistoryAsync(record)).ShouldHaveSingleItem();
        (created.Kind, created.Changes.Single(c => c.Field.Name == "amount").After).ShouldBe((ChangeKind.Create, 77L));
        (await store.UpdateAsync(record, """{"amount": 5}""")).Version.ShouldBe(2);
    }

    [Fact]
    public async Task Bulk_records_are_known_to_the_duplicate_rules()
    {
        await using var store = await OpenAsync();
        await store.Bulk.InsertAsync(store["sale"], Sales(store, shop: null).Take(5), TestContext.Current.CancellationToken);

        var refused = await Should.ThrowAsync<ProblemException>(() => store.CreateAsync("sale", """{"name": "lot NUMBER 3", "code": "other"}"""));

        refused.Problems.ShouldHaveSingleItem().Code.ShouldBe("duplicate.block");
    }

    [Fact]
    public async Task A_load_with_a_value_that_must_be_unique_leaves_nothing_behind_and_the_indexes_as_they_were()
    {
        await using var store = await OpenAsync();
        var before = await IndexesAsync(store);
        var twice = Sales(store, shop: null).Take(1_200).Append(Sale(store, 7, 5_000, shop: null));

        await Should.ThrowAsync<System.Data.Common.DbException>(() => store.Bulk.InsertAsync(store["sale"], twice, TestContext.Current.CancellationToken));

        (await store.CountAsync("sale")).ShouldBe(0);
        (await IndexesAsync(store)).ShouldBe(before);
        await store.Bulk.InsertAsync(store["sale"], Sales(store, shop: null), TestContext.Current.CancellationToken);
        (await IndexesAsync(store)).ShouldBe(before);
        before.Count.ShouldBeGreaterThan(2);
    }

    private static async Task<List<string>> IndexesAsync(TestStore store)
    {
        await using var session = await store.Database.ReadAsync(TestContext.Current.CancellationToken);
        return await session.QueryAsync(store.Database.Dialect.IndexesOfTable, [Param.Text(store["sale"].Table)], row => $"{row.Text(0)}: {row.Text(1)}", TestContext.Current.CancellationToken);
    }

    private static IEnumerable<Record> Sales(TestStore store, Record? shop) => Enumerable.Range(0, Count).Select(i => Sale(store, i, i, shop));

    private static Record Sale(TestStore store, int number, int amount, Record? shop) => new(store["sale"])
    {
        ["name"] = $"Lot number {amount}",
        ["code"] = $"L-{number}",
        ["amount"] = (long)amount,
        ["shop"] = shop?.Id,
        [SystemFields.Id] = store.Ids.Next(),
        [SystemFields.Version] = 1L,
        [SystemFields.CreatedAt] = store.Clock.GetUtcNow(),
        [SystemFields.UpdatedAt] = store.Clock.GetUtcNow(),
    };

    private static async Task<(Record Region, Record Shop)> ParentsAsync(TestStore store)
    {
        var region = await store.CreateAsync("region", """{"name": "North"}""");
        return (region, await store.CreateAsync("shop", $$"""{"name": "Harbour", "region": "{{region.Id}}"}"""));
    }

    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(folder => folder
        .WithEntity("region", """{"name": "name", "type": "text"}, {"name": "sales", "type": "rollup", "function": "sum", "source": "shop.region", "field": "sales"}""")
        .WithEntity("shop", """
            {"name": "name", "type": "text"}, {"name": "region", "type": "lookup", "target": "region", "onDelete": "clear"},
            {"name": "sales", "type": "rollup", "function": "count", "source": "sale.shop"}
            """)
        .WithEntity("part", """{"name": "sale", "type": "lookup", "target": "sale", "onDelete": "cascade"}""")
        .WithEntity(
            "sale",
            """
            {"name": "name", "type": "text"}, {"name": "code", "type": "text", "unique": true}, {"name": "amount", "type": "integer"},
            {"name": "shop", "type": "lookup", "target": "shop", "onDelete": "clear"}, {"name": "parts", "type": "rollup", "function": "count", "source": "part.sale"}
            """,
            """
            "titleField": "name", "searchFields": ["name"], "indexes": [["amount"]], "duplicates": [{"name": "same_name", "match": [{"field": "name", "how": "name"}], "action": "block"}]
            """));
}
