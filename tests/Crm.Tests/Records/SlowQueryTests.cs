using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>What takes long is remembered by its shape, and the index that would help is named once the database says that it reads everything.</summary>
public sealed class SlowQueryTests
{
    [Fact]
    public async Task Slow_queries_are_counted_by_shape_with_the_index_that_would_serve_them()
    {
        await using var store = await OpenAsync();
        store.Database.Queries.Threshold = TimeSpan.Zero;
        foreach (var city in new[] { "Rome", "Oslo" })
        {
            await store.QueryAsync("thing", $$"""{"all": [{"field": "city", "op": "eq", "value": "{{city}}"}, {"field": "size", "op": "gt", "value": 3}]}""", sort: "-day", limit: 10);
        }

        var slow = store.Database.Queries.Slow.ShouldHaveSingleItem();
        var plan = await store.Store.ExplainAsync(slow, TestContext.Current.CancellationToken);

        (slow.Entity.Name, slow.Count).ShouldBe(("thing", 2));
        slow.Worst.ShouldBeLessThanOrEqualTo(slow.Total);
        slow.Proposal.ShouldBe(["city", "day"]);
        plan.Lines.ShouldNotBeEmpty();
        plan.Scans.ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"field": "name", "op": "eq", "value": "x"}""", "", null)]
    [InlineData("""{"field": "name", "op": "eq", "value": "x"}""", "size", "name,size")]
    [InlineData("""{"field": "size", "op": "ge", "value": 1}""", "", "size")]
    [InlineData("""{"field": "size", "op": "ge", "value": 1}""", "day", "day")]
    [InlineData("""{"field": "name", "op": "contains", "value": "x"}""", "", null)]
    [InlineData("""{"any": [{"field": "size", "op": "eq", "value": 1}, {"field": "day", "op": "isNull"}]}""", "", null)]
    [InlineData("""{"field": "parent.name", "op": "eq", "value": "x"}""", "id", null)]
    public async Task An_index_is_proposed_where_none_serves_already(string filter, string sort, string? proposal)
    {
        await using var store = await OpenAsync();
        store.Database.Queries.Threshold = TimeSpan.Zero;

        await store.QueryAsync("thing", filter, sort, limit: 10, fields: "name");

        string.Join(',', store.Database.Queries.Slow.Single().Proposal ?? []).ShouldBe(proposal ?? "");
    }

    [Theory]
    [InlineData("""{"field": "salary", "op": "gt", "value": 5}""", null, true)]
    [InlineData("""{"field": "parent.salary", "op": "gt", "value": 5}""", null, true)]
    [InlineData("""{"field": "size", "op": "gt", "value": 5}""", "salary", true)]
    [InlineData("""{"field": "size", "op": "gt", "value": 5}""", "size", false)]
    public async Task It_is_known_whose_values_nobody_may_see(string filter, string? sort, bool isSensitive)
    {
        await using var store = await OpenAsync();
        store.Database.Queries.Threshold = TimeSpan.Zero;

        await store.QueryAsync("thing", filter, sort, limit: 10, fields: "name");

        store.Database.Queries.Slow.Single().IsSensitive.ShouldBe(isSensitive);
    }

    [Fact]
    public async Task What_is_quick_is_not_remembered()
    {
        await using var store = await OpenAsync();
        store.Database.Queries.Threshold = TimeSpan.FromHours(1);

        await store.QueryAsync("thing", limit: 10);

        store.Database.Queries.Slow.ShouldBeEmpty();
    }

    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(
        "thing",
        """
        {"name": "name", "type": "text"}, {"name": "city", "type": "text"}, {"name": "size", "type": "integer"}, {"name": "day", "type": "date"},
        {"name": "parent", "type": "lookup", "target": "thing", "onDelete": "clear"}, {"name": "salary", "type": "integer", "sensitive": true}
        """,
        """ "indexes": [["name"]] """);
}
