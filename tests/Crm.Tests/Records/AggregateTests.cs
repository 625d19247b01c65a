using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

public sealed class AggregateTests
{
    private const string Fields = """
        {"name": "name", "type": "text"},
        {"name": "stage", "type": "choice", "options": [{"value": "open"}, {"value": "won"}]},
        {"name": "amount", "type": "money"},
        {"name": "rate", "type": "decimal", "scale": 9},
        {"name": "size", "type": "integer"},
        {"name": "day", "type": "date"},
        {"name": "moment", "type": "dateTime"},
        {"name": "parent", "type": "lookup", "target": "thing", "onDelete": "clear"}
        """;

    [Theory]
    [InlineData("2020-12-31", "2020-W53", "2020-Q4")]
    [InlineData("2021-01-01", "2020-W53", "2021-Q1")]
    [InlineData("2021-01-03", "2020-W53", "2021-Q1")]
    [InlineData("2021-01-04", "2021-W01", "2021-Q1")]
    [InlineData("2024-12-29", "2024-W52", "2024-Q4")]
    [InlineData("2024-12-30", "2025-W01", "2024-Q4")]
    [InlineData("2026-12-31", "2026-W53", "2026-Q4")]
    [InlineData("2027-01-01", "2026-W53", "2027-Q1")]
    [InlineData("2026-03-31", "2026-W14", "2026-Q1")]
    [InlineData("2026-04-01", "2026-W14", "2026-Q2")]
    [InlineData("1969-12-31", "1970-W01", "1969-Q4")]
    [InlineData("0999-06-15", "0999-W24", "0999-Q2")]
    public async Task Days_and_moments_fall_into_their_periods(string day, string week, string quarter)
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        await store.CreateAsync("thing", $$"""{"day": "{{day}}", "moment": "{{day}}T00:00:00Z"}""");
        await store.CreateAsync("thing", $$"""{"day": "{{day}}", "moment": "{{day}}T23:59:59.999999Z"}""");
        var buckets = new Dictionary<string, string> { ["day"] = day, ["week"] = week, ["month"] = day[..7], ["quarter"] = quarter, ["year"] = day[..4] };
        foreach (var (by, expected) in buckets)
        {
            foreach (var field in new[] { "day", "moment" })
            {
                var rows = await RowsAsync(store, [Group(store, field, by)], [Count]);
                rows.ShouldBe([$"{expected}|2"], $"{field} by {by}");
            }
        }
    }

    [Fact]
    public async Task Sums_and_averages_are_exact()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        foreach (var amount in new[] { "0.1", "0.2", "0.0001" })
        {
            await store.CreateAsync("thing", $$"""{"amount": "{{amount}}", "rate": {{amount}}}""");
        }
        await store.CreateAsync("thing", "{}");

        var rows = await RowsAsync(
            store, [], [Measured(store, MeasureFunction.Sum, "amount"), Measured(store, MeasureFunction.Avg, "amount"), Measured(store, MeasureFunction.Min, "rate"), Measured(store, MeasureFunction.Max, "rate"), Measured(store, MeasureFunction.Count, "amount"), Count]);

        rows.ShouldBe(["0.3001|0.1000333333|0.0001|0.2|3|4"]);
    }

    [Fact]
    public async Task A_sum_larger_than_one_value_can_be_is_still_right()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        for (var i = 0; i < 3; i++)
        {
            await store.CreateAsync("thing", """{"amount": "922337203685476.58", "size": 9223372036854775807}""");
        }

        var rows = await RowsAsync(store, [], [Measured(store, MeasureFunction.Sum, "amount"), Measured(store, MeasureFunction.Avg, "size")]);

        rows.ShouldBe(["2767011611056429.74|9223372036854775807"]);
    }

    [Fact]
    public async Task Groups_over_paths_filters_sorts_and_limits_work_together()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var (a, b) = (await store.CreateAsync("thing", """{"name": "A"}"""), await store.CreateAsync("thing", """{"name": "B"}"""));
        foreach (var (parent, stage, amount) in new[] { (a, "won", 10), (a, "won", 20), (a, "open", 1), (b, "won", 5), (b, "open", 100) })
        {
            await store.CreateAsync("thing", $$"""{"parent": "{{parent.Id}}", "stage": "{{stage}}", "amount": {{amount}}}""");
        }
        var query = new AggregateQuery(store["thing"], [Group(store, "parent.name"), Group(store, "stage")], [Count, Measured(store, MeasureFunction.Sum, "amount"), Measured(store, MeasureFunction.CountDistinct, "stage")])
        {
            Filter = ConditionReader.Read("""{"field": "parent.name", "op": "notNull"}""", store["thing"]),
            Sort = "-sum_amount",
        };

        (await RowsAsync(store, query)).ShouldBe(["B|open|1|100|1", "A|won|2|30|1", "B|won|1|5|1", "A|open|1|1|1"]);
        (await RowsAsync(store, query with { Limit = 2 })).ShouldBe(["B|open|1|100|1", "A|won|2|30|1"]);
        (await RowsAsync(store, query with { Sort = null })).ShouldBe(["A|open|1|1|1", "A|won|2|30|1", "B|open|1|100|1", "B|won|1|5|1"]);
        (await Refusal.OfAsync(() => store.AggregateAsync(query with { Sort = "nothing" }))).ShouldBe("sort: sort.field");
    }

    [Fact]
    public async Task Nothing_at_all_counts_zero_and_sums_to_nothing()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);

        (await RowsAsync(store, [], [Count, Measured(store, MeasureFunction.Sum, "amount"), Measured(store, MeasureFunction.Avg, "size"), Measured(store, MeasureFunction.Max, "day")])).ShouldBe(["0|||"]);
        (await RowsAsync(store, [Group(store, "stage")], [Count])).ShouldBeEmpty();
    }

    [Fact]
    public async Task Empty_values_are_a_group_of_their_own_that_comes_last()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        foreach (var json in new[] { "{}", """{"stage": "won"}""", "{}" })
        {
            await store.CreateAsync("thing", json);
        }

        (await RowsAsync(store, [Group(store, "stage")], [Count])).ShouldBe(["won|1", "|2"]);
    }

    private static Measure Count { get; } = new(MeasureFunction.Count, null, "count");

    private static Measure Measured(TestStore store, MeasureFunction function, string field) => new(function, store["thing"].Resolve(field), $"{function}_{field}".ToLowerInvariant());

    private static GroupTerm Group(TestStore store, string field, string? by = null) => new(store["thing"].Resolve(field)!, by);

    private static Task<string[]> RowsAsync(TestStore store, GroupTerm[] groups, Measure[] measures) => RowsAsync(store, new AggregateQuery(store["thing"], groups, measures));

    private static async Task<string[]> RowsAsync(TestStore store, AggregateQuery query) =>
        [.. (await store.AggregateAsync(query)).Rows.Select(r => string.Join('|', r.Select(v => v is decimal d ? ExactDecimal.Trim(d).ToString(CultureInfo.InvariantCulture) : Convert.ToString(v, CultureInfo.InvariantCulture))))];
}
