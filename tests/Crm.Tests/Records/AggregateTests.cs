using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Rules;
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

    [Fact]
    public async Task What_is_equal_in_the_order_that_was_asked_for_comes_in_that_of_the_groups_with_empty_ones_last()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        foreach (var json in new[] { "{}", """{"stage": "won", "size": 2}""", """{"stage": "won"}""", """{"stage": "won", "size": 1}""", """{"stage": "open", "size": 3}""" })
        {
            await store.CreateAsync("thing", json);
        }
        var query = new AggregateQuery(store["thing"], [Group(store, "size"), Group(store, "stage")], [Count]);

        (await RowsAsync(store, query with { Sort = "-count" })).ShouldBe(["1|won|1", "2|won|1", "3|open|1", "|won|1", "||1"]);
        (await RowsAsync(store, query with { Sort = "-stage" })).ShouldBe(["||1", "1|won|1", "2|won|1", "|won|1", "3|open|1"]);
        (await RowsAsync(store, query with { Sort = "stage", Limit = 3 })).ShouldBe(["3|open|1", "1|won|1", "2|won|1"]);
    }

    [Fact]
    public async Task A_share_is_the_percentage_of_records_that_meet_its_condition()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        foreach (var (stage, size) in new[] { ("won", 1), ("won", 1), ("open", 1), ("open", 2) })
        {
            await store.CreateAsync("thing", $$"""{"stage": "{{stage}}", "size": {{size}}}""");
        }
        await store.CreateAsync("thing", """{"size": 3}""");
        var query = new AggregateQuery(store["thing"], [Group(store, "size")], [Of(store, """{"fn": "share", "filter": {"field": "stage", "op": "eq", "value": "won"}}"""), Count]);

        (await RowsAsync(store, query with { Sort = "-share" })).ShouldBe(["1|66.6666666667|3", "2|0|1", "3|0|1"]);
        (await RowsAsync(store, query with { Filter = ConditionReader.Read("""{"field": "size", "op": "gt", "value": 9}""", store["thing"]), GroupBy = [] })).ShouldBe(["|0"]);
    }

    /// <summary>Between moments it is time that counts, between days days; where only one is a day, the other counts as the day that it is for the person.</summary>
    [Theory]
    [InlineData("began", "ended", "2026-03-28T12:00:00Z", "2026-03-29T18:00:00Z", "1.25")]
    [InlineData("day", "until", "2026-02-27", "2026-03-01", "2")]
    [InlineData("day", "until", "2026-03-01", "2026-02-27", "-2")]
    [InlineData("began", "until", "2026-03-28T23:30:00Z", "2026-03-31", "2")]
    [InlineData("day", "ended", "1969-12-31", "1970-01-01T22:59:59.999999Z", "1")]
    public async Task Days_lie_between_two_dates_or_moments(string from, string to, string first, string last, string days)
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "day", "type": "date"}, {"name": "until", "type": "date"}, {"name": "began", "type": "dateTime"}, {"name": "ended", "type": "dateTime"}""");
        await store.CreateAsync("thing", $$"""{"{{from}}": "{{first}}", "{{to}}": "{{last}}"}""");
        await store.CreateAsync("thing", $$"""{"{{from}}": "{{first}}"}""");
        var berlin = new Actor(SequentialIds.Unknown, "Ada", null, [Actor.Everyone], null, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

        var result = await store.Store.AggregateAsync(new(store["thing"], [], [Of(store, $$"""{"fn": "days", "from": "{{from}}", "to": "{{to}}"}""")]), berlin, TestContext.Current.CancellationToken);

        Text(result.Rows[0][0]).ShouldBe(days);
    }

    [Fact]
    public async Task Every_figure_of_a_row_can_have_a_condition_of_its_own()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        foreach (var (stage, amount) in new[] { ("won", 10), ("won", 30), ("open", 5), ("open", 7), ("open", 8) })
        {
            await store.CreateAsync("thing", $$"""{"stage": "{{stage}}", "amount": {{amount}}}""");
        }

        var rows = await RowsAsync(store, [], [.. new[] { "\"count\"", "\"sum\", \"field\": \"amount\"", "\"avg\", \"field\": \"amount\"", "\"median\", \"field\": \"amount\"", "\"max\", \"field\": \"amount\"", "\"countDistinct\", \"field\": \"stage\"" }
            .Select(fn => Of(store, $$"""{"fn": {{fn}}, "filter": {"field": "stage", "op": "eq", "value": "won"} }""")), Count]);

        rows.ShouldBe(["2|40|20|20|30|1|5"]);
    }

    [Theory]
    [InlineData(new[] { 3, 1, 2 }, "2")]
    [InlineData(new[] { 4, 1, 2, 3 }, "2.5")]
    [InlineData(new[] { 7 }, "7")]
    public async Task The_median_is_the_middle_or_half_way_between_the_two_in_the_middle(int[] sizes, string median)
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        await store.CreateAsync("thing", "{}");
        foreach (var size in sizes)
        {
            await store.CreateAsync("thing", $$"""{"size": {{size}}, "amount": {{size}}}""");
        }

        (await RowsAsync(store, [], [Measured(store, MeasureFunction.Median, "size"), Measured(store, MeasureFunction.Median, "amount"), Measured(store, MeasureFunction.Median, "rate")])).ShouldBe([$"{median}|{median}|"]);
    }

    [Fact]
    public async Task More_groups_than_the_limit_are_told_and_titles_are_read_on_request()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var (a, b) = (await store.CreateAsync("thing", """{"name": "A", "stage": "won"}"""), await store.CreateAsync("thing", """{"name": "B", "stage": "open"}"""));
        foreach (var parent in new[] { a, a, b })
        {
            await store.CreateAsync("thing", $$"""{"parent": "{{parent.Id}}"}""");
        }
        var query = new AggregateQuery(store["thing"], [Group(store, "parent"), Group(store, "stage")], [Count]) { Sort = "-count", WithTitles = true };

        var (all, some) = (await store.AggregateAsync(query), await store.AggregateAsync(query with { Limit = 1 }));

        all.HasMore.ShouldBeFalse();
        (some.HasMore, some.Rows.Count).ShouldBe((true, 1));
        all.Titles["parent"].ShouldBe(new Dictionary<object, string> { [a.Id] = "A", [b.Id] = "B" }, ignoreOrder: true);
        all.Titles["stage"].ShouldBe(new Dictionary<object, string> { ["won"] = "Won", ["open"] = "Open" }, ignoreOrder: true);
    }

    /// <summary>Around both changes of the clock, around midnight and the ends of years, and in zones with odd offsets.</summary>
    [Theory]
    [InlineData("America/New_York")]
    [InlineData("Europe/Berlin")]
    [InlineData("Asia/Kathmandu")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("Pacific/Apia")]
    [InlineData("UTC")]
    public async Task Moments_fall_into_the_periods_of_the_persons_time_zone(string zoneName)
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneName);
        var actor = new Actor(SequentialIds.Unknown, "Ada", null, [Actor.Everyone], null, zone);
        DateTimeOffset[] turns = [new(2026, 3, 8, 7, 0, 0, default), new(2026, 11, 1, 6, 0, 0, default), new(2026, 3, 29, 1, 0, 0, default), new(2026, 10, 25, 1, 0, 0, default), new(2026, 4, 4, 15, 0, 0, default), new(2026, 12, 31, 23, 0, 0, default), new(2020, 12, 31, 23, 30, 0, default), new(2025, 1, 1, 0, 0, 0, default), new(1975, 6, 30, 23, 0, 0, default)];
        List<DateTimeOffset> moments = [.. turns.SelectMany(t => Enumerable.Range(-26, 53).Select(h => t.AddMinutes(h * 30))), .. turns.Select(t => t.AddMicroseconds(-1))];
        await store.WriteAsync(atomic: true, [.. moments.Select(m => store.Creation("thing", $$"""{"moment": "{{Iso8601.ToText(m)}}"}"""))]);
        foreach (var by in GroupTerm.Buckets)
        {
            var expected = moments.GroupBy(m => Bucket(TimeZoneInfo.ConvertTime(m, zone).DateTime, by)).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key}|{g.Count()}");

            var result = await store.Store.AggregateAsync(new(store["thing"], [Group(store, "moment", by)], [Count]) { Limit = 1_000 }, actor, TestContext.Current.CancellationToken);

            result.Rows.Select(r => $"{r[0]}|{r[1]}").ShouldBe(expected, $"{zoneName} by {by}");
        }
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public async Task The_database_computes_what_memory_computes_over_random_rows(int seed)
    {
        var (store, records) = await ConditionRows.FillAsync(seed, 200);
        await using var opened = store;
        var dice = new Random(seed);
        var byId = records.ToDictionary(r => r.Id);
        string[] dates = ["day", "until", "moment", "created_at", "parent.day"], conditions = ["""{"field": "stage", "op": "in", "value": ["open", "Won"]}""", """{"not": {"field": "rate", "op": "gt", "value": 1}}""", """{"field": "parent.active", "op": "eq", "value": true}""", """{"field": "name", "op": "contains", "value": "a"}"""];
        string[] dimensions = ["stage", "active", "day", "parent.stage", "parent.parent.active", "owner", "size"], numbers = ["rate", "fine", "price", "parent.rate", "share"];
        for (var round = 0; round < 40; round++)
        {
            GroupTerm[] groups = [.. dice.GetItems(dimensions, dice.Next(3)).Distinct().Select(d => Group(store, d))];
            Measure[] measures = [Count, .. dice.GetItems(numbers, 2).Distinct().SelectMany(n => new[] { MeasureFunction.Sum, MeasureFunction.Avg, MeasureFunction.Median, MeasureFunction.Min, MeasureFunction.Max, MeasureFunction.CountDistinct, MeasureFunction.Count }.Select(f => Measured(store, f, n)))];
            measures = [.. measures, .. Conditioned(dice)];
            var expected = records.GroupBy(r => string.Join('|', groups.Select(g => Text(Follow(r, g.Path)))))
                .Select(g => string.Join('|', new[] { g.Key }.Where(_ => groups.Length > 0).Concat(measures.Select(m => Text(Figure(m, [.. g]))))));

            var rows = await RowsAsync(store, new AggregateQuery(store["thing"], groups, measures) { Limit = 1_000 });

            rows.ShouldBe(expected, ignoreOrder: true, $"round {round} of seed {seed}");
        }

        object? Follow(Record record, FieldPath path)
        {
            var value = record[path.Steps[0]];
            foreach (var step in path.Steps.Skip(1))
            {
                value = value is Guid id ? byId[id][step] : null;
            }
            return value;
        }

        IEnumerable<Measure> Conditioned(Random random)
        {
            var condition = ConditionReader.Read(random.GetItems(conditions, 1)[0], store["thing"]);
            var (from, to) = (random.GetItems(dates, 1)[0], random.GetItems(dates, 1)[0]);
            yield return new(MeasureFunction.Share, null, "share") { Filter = condition };
            yield return new(MeasureFunction.Days, null, "days") { Filter = condition, From = store["thing"].Resolve(from), To = store["thing"].Resolve(to) };
            yield return Measured(store, random.GetItems(new[] { MeasureFunction.Sum, MeasureFunction.Median, MeasureFunction.Max, MeasureFunction.Count }, 1)[0], "price") with { Filter = condition, Name = "conditioned" };
        }

        object? Figure(Measure measure, List<Record> all)
        {
            var scope = Actor.Platform.ScopeAt(store.Clock.GetUtcNow());
            var rows = all.Where(r => ConditionEvaluator.Holds(measure.Filter, path => Follow(r, path), scope)).ToList();
            if (measure.Function == MeasureFunction.Share)
            {
                return all.Count == 0 ? null : decimal.Round(100m * rows.Count / all.Count, 10);
            }
            if (measure.Function == MeasureFunction.Days)
            {
                var times = rows.Select(r => Between(Follow(r, measure.From!), Follow(r, measure.To!))).OfType<decimal>().ToList();
                return times.Count == 0 ? null : decimal.Round(times.Sum() / times.Count / 86_400_000_000m, 10);
            }
            if (measure.Path is null)
            {
                return (long)rows.Count;
            }
            var values = rows.Select(r => Number(Follow(r, measure.Path))).OfType<decimal>().Order().ToList();
            return measure.Function switch
            {
                MeasureFunction.Count => (long)values.Count,
                MeasureFunction.CountDistinct => (long)values.Distinct().Count(),
                _ when values.Count == 0 => null,
                MeasureFunction.Sum => values.Sum(),
                MeasureFunction.Avg => decimal.Round(values.Sum() / values.Count, 10),
                MeasureFunction.Median => (values[(values.Count - 1) / 2] + values[values.Count / 2]) / 2,
                MeasureFunction.Min => values[0],
                _ => values[^1],
            };
        }

        static decimal? Between(object? from, object? to) => (from, to) switch
        {
            (null, _) or (_, null) => null,
            (DateTimeOffset first, DateTimeOffset last) => (last - first).Ticks / TimeSpan.TicksPerMicrosecond,
            _ => (Day(to) - Day(from)) * 86_400_000_000m,
        };

        static int Day(object value) => value is DateOnly day ? day.DayNumber : DateOnly.FromDateTime(((DateTimeOffset)value).UtcDateTime).DayNumber;

        static object? Number(object? value) => value is Money money ? money.Amount : value;
    }

    private static string Bucket(DateTime local, string by) => by switch
    {
        "day" => local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        "week" => string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(local):0000}-W{ISOWeek.GetWeekOfYear(local):00}"),
        "month" => local.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        "quarter" => string.Create(CultureInfo.InvariantCulture, $"{local:yyyy}-Q{(local.Month + 2) / 3}"),
        _ => local.ToString("yyyy", CultureInfo.InvariantCulture),
    };

    private static string Text(object? value) => value is decimal d ? ExactDecimal.Trim(d).ToString(CultureInfo.InvariantCulture) : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static Measure Count { get; } = new(MeasureFunction.Count, null, "count");

    private static Measure Measured(TestStore store, MeasureFunction function, string field) => new(function, store["thing"].Resolve(field), $"{function}_{field}".ToLowerInvariant());

    private static Measure Of(TestStore store, string json) => Measure.Of(System.Text.Json.JsonSerializer.Deserialize<MeasureDefinition>(json, MetadataFiles.Json)!, store["thing"], "measures[0]", JsonName(json));

    private static string? JsonName(string json) => json.Contains("share", StringComparison.Ordinal) ? null : "m" + json.GetHashCode(StringComparison.Ordinal);

    private static GroupTerm Group(TestStore store, string field, string? by = null) => new(store["thing"].Resolve(field)!, by);

    private static Task<string[]> RowsAsync(TestStore store, GroupTerm[] groups, Measure[] measures) => RowsAsync(store, new AggregateQuery(store["thing"], groups, measures));

    private static async Task<string[]> RowsAsync(TestStore store, AggregateQuery query) =>
        [.. (await store.AggregateAsync(query)).Rows.Select(r => string.Join('|', r.Select(Text)))];
}
