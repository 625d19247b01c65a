using Crm.Data;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Any name is free, whatever it means in SQL: administrators name entities and fields, and know no SQL.</summary>
public sealed class NamesTests
{
    private static readonly string Longest = "x" + new string('9', 39);

    private static readonly string[] Names =
    [
        "order", "group", "select", "from", "table", "index", "where", "values", "user_", "t", "j1", "rowid", "a_", "null", "count", "key", "default", "transaction", "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid", "pg_class", "sqlite_master", "sqlite_" + new string('x', 33), Longest,
    ];

    public static TheoryData<string> EntityNames => [.. Names];

    [Theory]
    [MemberData(nameof(EntityNames))]
    public async Task An_entity_of_any_name_works_in_every_call(string name)
    {
        await using var store = await TestStore.OpenAsync(folder => folder.WithEntity(
            name,
            $$"""
            {"name": "{{name}}", "type": "text", "unique": true, "required": true},
            {"name": "number", "type": "autonumber"},
            {"name": "amount", "type": "money"},
            {"name": "parent", "type": "lookup", "target": "{{name}}", "onDelete": "cascade"}
            """,
            $$""" "indexes": [["{{name}}", "amount"]], "searchFields": ["{{name}}", "parent.{{name}}"] """));

        await WorksAsync(store, name, name);
    }

    [Fact]
    public async Task Fields_of_any_name_work_side_by_side()
    {
        var fields = string.Join(",", Names.Select(n => $$"""{"name": "{{n}}", "type": "text"}"""));
        await using var store = await TestStore.OpenAsync("thing", fields + """, {"name": "amount", "type": "money"}, {"name": "parent", "type": "lookup", "target": "thing", "onDelete": "cascade"}""");
        foreach (var name in Names)
        {
            await WorksAsync(store, "thing", name);
        }
    }

    private static async Task WorksAsync(TestStore store, string entity, string field)
    {
        var first = await store.CreateAsync(entity, $$"""{"{{field}}": "first", "amount": "1.10"}""");
        var second = await store.CreateAsync(entity, $$"""{"{{field}}": "second", "amount": "2.20", "parent": "{{first.Id}}"}""");
        await store.UpdateAsync(second, $$"""{"{{field}}": "Zweite"}""", second.Version);

        (await store.NamesAsync(entity, $$"""{"field": "{{field}}", "op": "contains", "value": "WEI"}""", field: field)).ShouldBe(["Zweite"]);
        (await store.NamesAsync(entity, $$"""{"field": "parent.{{field}}", "op": "eq", "value": "first"}""", field: field)).ShouldBe(["Zweite"]);
        (await store.NamesAsync(entity, sort: $"-{field},parent.{field}", field: field)).ShouldBe(["Zweite", "first"]);
        var page = await store.QueryAsync(entity, sort: $"{field}", limit: 1, fields: field, count: CountMode.Exact);
        (await store.QueryAsync(entity, sort: $"{field}", limit: 1, after: page.Next, fields: field)).Items[0][0].ShouldBe("Zweite");
        page.Count.ShouldBe(2);
        (await store.HistoryAsync(second)).Count.ShouldBe(2);
        var path = store[entity].Resolve(field)!;
        var sums = await store.AggregateAsync(new(store[entity], [new(path, null)], [new(MeasureFunction.Sum, store[entity].Resolve("amount"), "total"), new(MeasureFunction.CountDistinct, path, "different")]) { Sort = "-total" });
        sums.Rows.Select(r => r[1]).ShouldBe([2.20m, 1.10m]);
        await store.DeleteAsync(first);
        (await store.CountAsync(entity)).ShouldBe(0);
    }
}
