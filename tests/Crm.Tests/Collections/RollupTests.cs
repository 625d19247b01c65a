using System.Threading.Channels;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Crm.Tests.Records;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Crm.Tests.Collections;

/// <summary>Figures over other records are right after every change, in the same transaction.</summary>
public sealed class RollupTests
{
    private const string Lines = """
        {"name": "deal", "type": "lookup", "target": "deal", "onDelete": "cascade"}, {"name": "amount", "type": "money"}, {"name": "size", "type": "integer"}, {"name": "day", "type": "date"},
        {"name": "kind", "type": "choice", "options": [{"value": "cost"}, {"value": "gain"}]}
        """;

    private const string Deals = """
        {"name": "name", "type": "text"}, {"name": "campaign", "type": "lookup", "target": "campaign", "onDelete": "clear"},
        {"name": "lines", "type": "rows", "target": "line"},
        {"name": "entries", "type": "rollup", "function": "count", "source": "line.deal"},
        {"name": "cost", "type": "rollup", "function": "sum", "source": "lines", "field": "amount", "filter": {"field": "kind", "op": "eq", "value": "cost"}},
        {"name": "mean", "type": "rollup", "function": "avg", "source": "line.deal", "field": "size"},
        {"name": "first", "type": "rollup", "function": "min", "source": "line.deal", "field": "day"},
        {"name": "largest", "type": "rollup", "function": "max", "source": "line.deal", "field": "size"},
        {"name": "kinds", "type": "rollup", "function": "countDistinct", "source": "line.deal", "field": "kind"}
        """;

    private const string Campaigns = """
        {"name": "name", "type": "text"}, {"name": "parent", "type": "lookup", "target": "campaign", "onDelete": "clear"},
        {"name": "own", "type": "rollup", "function": "sum", "source": "deal.campaign", "field": "cost"},
        {"name": "children", "type": "rollup", "function": "count", "source": "campaign.parent"},
        {"name": "below", "type": "rollup", "function": "sum", "source": "campaign.parent", "field": "own", "deep": true},
        {"name": "all", "type": "rollup", "function": "count", "source": "campaign.parent", "deep": true},
        {"name": "costly", "type": "rollup", "function": "count", "source": "campaign.parent", "deep": true, "filter": {"field": "own", "op": "gt", "value": 5}}
        """;

    [Fact]
    public async Task What_follows_from_loaded_history_has_its_time_and_never_goes_back()
    {
        await using var store = await OpenAsync();
        var (founded, early, late) = (Moment(1), Moment(2), Moment(5));
        var campaign = await CreateAsync("campaign", founded);
        var deal = await CreateAsync("deal", founded, new FieldValue(store["deal"]["campaign"], campaign));

        await CreateAsync("line", late, Line());
        await CreateAsync("line", early, Line());

        var history = (await store.Store.HistoryAsync(store["deal"], deal, Actor.Platform, cancellationToken: TestContext.Current.CancellationToken)).Items;
        history.Select(h => h.At).ShouldBe([late, late, founded]);
        history[0].Changes.Select(c => c.Field.Name).ShouldBe(["lines", "entries", "cost"], ignoreOrder: true);
        (await store.Store.HistoryAsync(store["campaign"], campaign, Actor.Platform, cancellationToken: TestContext.Current.CancellationToken)).Items[0].At.ShouldBe(late);

        FieldValue[] Line() => [new(store["line"]["deal"], deal), new(store["line"]["amount"], new Money(5, "USD")), new(store["line"]["kind"], "cost")];

        async Task<Guid> CreateAsync(string entity, DateTimeOffset at, params FieldValue[] values) =>
            (await store.Store.WriteAsync(new(Actor.Platform, Door.Platform, [RecordChange.Create(store[entity], values, null, (at, null))]), TestContext.Current.CancellationToken))[0].Id;

        static DateTimeOffset Moment(int day) => new(2026, 3, day, 9, 0, 0, TimeSpan.Zero);
    }

    [Fact]
    public async Task Figures_follow_what_is_created_changed_moved_deleted_and_restored()
    {
        await using var store = await OpenAsync();
        var (one, two) = (await store.CreateAsync("deal", """{"name": "one"}"""), await store.CreateAsync("deal", """{"name": "two"}"""));
        (await FiguresAsync(store, one)).ShouldBe("0, 0.00, , , , 0");

        var line = await store.CreateAsync("line", $$"""{"deal": "{{one.Id}}", "amount": 10.5, "size": 3, "day": "2026-03-01", "kind": "cost"}""");
        await store.CreateAsync("line", $$"""{"deal": "{{one.Id}}", "amount": 1, "size": 4, "day": "2026-02-01", "kind": "gain"}""");
        (await FiguresAsync(store, one)).ShouldBe("2, 10.50, 3.5, 2026-02-01, 4, 2");

        await store.UpdateAsync(line, """{"amount": 20, "size": 9}""");
        (await FiguresAsync(store, one)).ShouldBe("2, 20.00, 6.5, 2026-02-01, 9, 2");

        await store.UpdateAsync(line, $$"""{"deal": "{{two.Id}}"}""");
        (await FiguresAsync(store, one)).ShouldBe("1, 0.00, 4, 2026-02-01, 4, 1");
        (await FiguresAsync(store, two)).ShouldBe("1, 20.00, 9, 2026-03-01, 9, 1");

        await store.DeleteAsync(line);
        (await FiguresAsync(store, two)).ShouldBe("0, 0.00, , , , 0");
        await store.RestoreAsync(line);
        (await FiguresAsync(store, two)).ShouldBe("1, 20.00, 9, 2026-03-01, 9, 1");
    }

    [Theory]
    [InlineData("avg", 5_400)]
    [InlineData("min", 3_600)]
    [InlineData("max", 7_200)]
    public async Task Every_figure_over_durations_is_a_duration(string function, int seconds)
    {
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("job", $$"""{"name": "hours", "type": "rollup", "function": "{{function}}", "source": "part.job", "field": "hours"}""")
            .WithEntity("part", """{"name": "job", "type": "lookup", "target": "job", "onDelete": "cascade"}, {"name": "hours", "type": "duration"}"""));
        var job = await store.CreateAsync("job", "{}");

        await store.CreateAsync("part", $$"""{"job": "{{job.Id}}", "hours": "PT1H"}""");
        await store.CreateAsync("part", $$"""{"job": "{{job.Id}}", "hours": "PT2H"}""");

        (await store.GetAsync(job))["hours"].ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task Whole_numbers_and_durations_sum_up_to_their_own_kind()
    {
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("job", """
                {"name": "name", "type": "text"},
                {"name": "pieces", "type": "rollup", "function": "sum", "source": "part.job", "field": "pieces"},
                {"name": "hours", "type": "rollup", "function": "sum", "source": "part.job", "field": "hours"}
                """)
            .WithEntity("part", """{"name": "job", "type": "lookup", "target": "job", "onDelete": "cascade"}, {"name": "pieces", "type": "integer"}, {"name": "hours", "type": "duration"}"""));
        var job = await store.CreateAsync("job", """{"name": "one"}""");

        await store.CreateAsync("part", $$"""{"job": "{{job.Id}}", "pieces": 3, "hours": "PT1H30M"}""");
        await store.CreateAsync("part", $$"""{"job": "{{job.Id}}", "pieces": 4, "hours": "PT45M"}""");

        var after = await store.GetAsync(job);
        (after["pieces"], after["hours"]).ShouldBe((7L, TimeSpan.FromMinutes(135)));
        (await store.HistoryAsync(job)).SelectMany(h => h.Changes).ShouldContain(c => c.Field.Name == "hours");
    }

    [Fact]
    public async Task A_record_that_is_created_with_its_rows_has_its_figures_at_once_in_one_version()
    {
        await using var store = await OpenAsync();

        var deal = await store.CreateAsync("deal", """{"name": "one", "lines": [{"amount": 1, "kind": "cost"}, {"amount": 2.25, "kind": "cost"}]}""");

        (deal.Version, deal["entries"], deal["cost"]).ShouldBe((1, 2L, new Money(3.25m, "USD")));
        (await store.GetAsync(deal))["cost"].ShouldBe(new Money(3.25m, "USD"));
        (await store.HistoryAsync(deal)).ShouldHaveSingleItem().Changes.ShouldContain(c => c.Field.Name == "cost");
    }

    [Fact]
    public async Task Figures_over_figures_reach_the_top_and_trees_are_counted()
    {
        await using var store = await OpenAsync();
        var top = await store.CreateAsync("campaign", """{"name": "top"}""");
        var below = await store.CreateAsync("campaign", $$"""{"name": "below", "parent": "{{top.Id}}"}""");
        var deal = await store.CreateAsync("deal", $$"""{"campaign": "{{below.Id}}"}""");

        await store.CreateAsync("line", $$"""{"deal": "{{deal.Id}}", "amount": 7, "kind": "cost"}""");

        ((await store.GetAsync(below))["own"], (await store.GetAsync(top))["children"]).ShouldBe((new Money(7, "USD"), 1L));
        (await store.HistoryAsync(below))[0].Changes.ShouldHaveSingleItem().Field.Name.ShouldBe("own");
    }

    [Fact]
    public async Task Figures_of_a_tree_hold_what_stands_on_all_levels_below_wherever_a_branch_moves()
    {
        await using var store = await OpenAsync();
        var (top, other) = (await store.CreateAsync("campaign", """{"name": "plan"}"""), await store.CreateAsync("campaign", """{"name": "other plan"}"""));
        var middle = await store.CreateAsync("campaign", $$"""{"name": "programme", "parent": "{{top.Id}}"}""");
        var leaf = await store.CreateAsync("campaign", $$"""{"name": "wave", "parent": "{{middle.Id}}"}""");
        foreach (var (campaign, amount) in new[] { (top, 100), (middle, 4), (leaf, 6) })
        {
            var deal = await store.CreateAsync("deal", $$"""{"campaign": "{{campaign.Id}}"}""");
            await store.CreateAsync("line", $$"""{"deal": "{{deal.Id}}", "amount": {{amount}}, "kind": "cost"}""");
        }
        (await TreeAsync(top)).ShouldBe("10 of 2, 1 costly");
        (await TreeAsync(middle)).ShouldBe("6 of 1, 1 costly");
        (await TreeAsync(leaf)).ShouldBe("0 of 0, 0 costly");

        await store.UpdateAsync(await store.GetAsync(middle), $$"""{"parent": "{{other.Id}}"}""");
        (await TreeAsync(top)).ShouldBe("0 of 0, 0 costly");
        (await TreeAsync(other)).ShouldBe("10 of 2, 1 costly");

        await store.DeleteAsync(await store.GetAsync(leaf));
        (await TreeAsync(other)).ShouldBe("4 of 1, 0 costly");
        await store.RestoreAsync(leaf);
        (await store.GetAsync(other))["all"].ShouldBe(2L);

        async Task<string> TreeAsync(Record campaign)
        {
            var now = await store.GetAsync(campaign);
            return $"{ExactDecimal.Trim(((Money)now["below"]!).Amount)} of {now["all"]}, {now["costly"]} costly";
        }
    }

    [Fact]
    public async Task Figures_of_a_tree_are_computed_for_the_records_there_are_whatever_their_order()
    {
        await using var store = await OpenAsync();
        var top = await store.CreateAsync("campaign", """{"name": "plan"}""");
        var middle = await store.CreateAsync("campaign", $$"""{"name": "programme", "parent": "{{top.Id}}"}""");
        var deal = await store.CreateAsync("deal", $$"""{"campaign": "{{(await store.CreateAsync("campaign", $$"""{"name": "wave", "parent": "{{middle.Id}}"}""")).Id}}"}""");
        await store.CreateAsync("line", $$"""{"deal": "{{deal.Id}}", "amount": 3, "kind": "gain"}""");
        await store.Refresh.RunAsync(cancellationToken: TestContext.Current.CancellationToken);
        (await store.GetAsync(top))["below"].ShouldBe(new Money(0, "USD"));

        var renewed = await new ModelRefresh(store.Database, new(Compile(Deals.Replace("\"value\": \"cost\"", "\"value\": \"gain\"", StringComparison.Ordinal))), store.Clock).RunAsync(cancellationToken: TestContext.Current.CancellationToken);

        renewed.ShouldBe(["deal.cost", "campaign.own", "campaign.below", "campaign.costly"]);
        ((await store.GetAsync(top))["below"], (await store.GetAsync(middle))["below"]).ShouldBe((new Money(3, "USD"), new Money(3, "USD")));
    }

    [Fact]
    public async Task Several_figures_over_the_same_records_change_a_record_once()
    {
        await using var store = await OpenAsync();
        var deal = await store.CreateAsync("deal", "{}");

        await store.CreateAsync("line", $$"""{"deal": "{{deal.Id}}", "amount": 7, "size": 2, "kind": "gain"}""");

        var change = (await store.HistoryAsync(deal))[0];
        (change.Version, string.Join(' ', change.Changes.Select(c => c.Field.Name).Order())).ShouldBe((2, "entries kinds largest lines mean"));
        (await FiguresAsync(store, deal)).ShouldBe("1, 0.00, 2, , 2, 1");
    }

    [Fact]
    public async Task A_sum_of_whole_numbers_is_one_and_stays_at_the_largest_that_there_is()
    {
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("line", """{"name": "deal", "type": "lookup", "target": "deal"}, {"name": "size", "type": "integer"}""")
            .WithEntity("deal", """{"name": "total", "type": "rollup", "function": "sum", "source": "line.deal", "field": "size"}"""));
        var deal = await store.CreateAsync("deal", "{}");

        foreach (var (size, total) in new[] { (3L, 3L), (4L, 7L), (long.MaxValue, long.MaxValue) })
        {
            await store.CreateAsync("line", $$"""{"deal": "{{deal.Id}}", "size": {{size}}}""");
            (await store.GetAsync(deal))["total"].ShouldBe(total);
        }
    }

    [Fact]
    public async Task Links_are_counted_from_the_other_side_too()
    {
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("segment", """{"name": "name", "type": "text"}, {"name": "size", "type": "rollup", "function": "count", "source": "client.segments"}, {"name": "sure", "type": "rollup", "function": "sum", "source": "client.segments", "field": "points", "filter": {"field": "points", "op": "gt", "value": 1}}""")
            .WithEntity("client", """{"name": "name", "type": "text"}, {"name": "segments", "type": "links", "target": "segment", "columns": [{"name": "points", "type": "integer"}]}"""));
        var segment = await store.CreateAsync("segment", """{"name": "loyal"}""");
        var client = await store.CreateAsync("client", $$"""{"name": "one", "segments": [{"id": "{{segment.Id}}", "points": 3}]}""");
        await store.CreateAsync("client", $$"""{"name": "two", "segments": [{"id": "{{segment.Id}}", "points": 1}]}""");
        (await FiguresAsync()).ShouldBe((2L, 3L));

        await store.UpdateAsync(client, """{"segments": []}""");
        (await FiguresAsync()).ShouldBe((1L, 0L));

        async Task<(object?, object?)> FiguresAsync()
        {
            var now = await store.GetAsync(segment);
            return (now["size"], now["sure"]);
        }
    }

    [Fact]
    public async Task A_refused_change_leaves_the_figures_alone()
    {
        await using var store = await OpenAsync();
        var deal = await store.CreateAsync("deal", "{}");

        var changes = await store.WriteAsync(
            atomic: false,
            store.Creation("line", $$"""{"deal": "{{deal.Id}}", "kind": "cost", "amount": 5}"""),
            store.Creation("line", $$"""{"deal": "{{deal.Id}}", "kind": "nothing", "amount": 50}"""));

        changes.Select(c => c.Failed).ShouldBe([false, true]);
        (await FiguresAsync(store, deal)).ShouldBe("1, 5.00, , , , 1");
    }

    [Fact]
    public async Task A_thousand_lines_of_one_write_are_counted_once_and_right()
    {
        await using var store = await OpenAsync();
        var deals = new List<Record>();
        for (var i = 0; i < 5; i++)
        {
            deals.Add(await store.CreateAsync("deal", "{}"));
        }

        await store.WriteAsync(atomic: true, [.. Enumerable.Range(0, 1000).Select(i => store.Creation("line", $$"""{"deal": "{{deals[i % 5].Id}}", "size": {{i}}, "amount": {{i}}, "kind": "cost"}"""))]);

        foreach (var (index, deal) in deals.Index())
        {
            var now = await store.GetAsync(deal);
            (now.Version, now["entries"], now["largest"], now["cost"]).ShouldBe((2, 200L, 995L + index, new Money(Enumerable.Range(0, 1000).Where(i => i % 5 == index).Sum(), "USD")));
        }
    }

    [Fact]
    public async Task A_figure_that_is_new_or_means_something_else_is_computed_for_the_records_there_are()
    {
        await using var store = await OpenAsync();
        var campaign = await store.CreateAsync("campaign", "{}");
        var deal = await store.CreateAsync("deal", $$"""{"campaign": "{{campaign.Id}}"}""");
        await store.CreateAsync("line", $$"""{"deal": "{{deal.Id}}", "amount": 3, "kind": "gain"}""");
        await store.Refresh.RunAsync(cancellationToken: TestContext.Current.CancellationToken);
        var other = Compile(Deals.Replace("\"value\": \"cost\"", "\"value\": \"gain\"", StringComparison.Ordinal));

        var renewed = await new ModelRefresh(store.Database, new(other), store.Clock).RunAsync(cancellationToken: TestContext.Current.CancellationToken);

        // What is made from it is made anew after it.
        renewed.ShouldBe(["deal.cost", "campaign.own", "campaign.below", "campaign.costly"]);
        (await store.GetAsync(deal))["cost"].ShouldBe(new Money(3, "USD"));
        (await store.GetAsync(campaign))["own"].ShouldBe(new Money(3, "USD"));
        (await new ModelRefresh(store.Database, new(other), store.Clock).IsNeededAsync(TestContext.Current.CancellationToken)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_figure_that_was_taken_away_and_came_back_is_computed_anew()
    {
        await using var store = await OpenAsync();
        await store.Refresh.RunAsync(cancellationToken: TestContext.Current.CancellationToken);
        var without = Compile(Deals.Replace("\"name\": \"entries\"", "\"name\": \"others\"", StringComparison.Ordinal));
        var deal = await store.CreateAsync("deal", "{}");

        (await new ModelRefresh(store.Database, new(without), store.Clock).IsNeededAsync(TestContext.Current.CancellationToken)).ShouldBeTrue("there is a deal, and a figure it does not have");

        (await store.Refresh.RunAsync(cancellationToken: TestContext.Current.CancellationToken)).ShouldContain("deal.entries");
        (await store.GetAsync(deal))["entries"].ShouldBe(0L);
    }

    [Theory]
    [InlineData("""{"name": "x", "type": "rollup", "function": "sum", "source": "line.deal"}""", "this function needs a field.")]
    [InlineData("""{"name": "x", "type": "rollup", "function": "sum", "source": "nothing.deal", "field": "amount"}""", "'nothing.deal' is no source")]
    [InlineData("""{"name": "x", "type": "rollup", "function": "sum", "source": "line.deal", "field": "nothing"}""", "the source has no field 'nothing'.")]
    [InlineData("""{"name": "x", "type": "rollup", "function": "sum", "source": "line.deal", "field": "kind"}""", "'kind' has no sum.")]
    [InlineData("""{"name": "x", "type": "rollup", "function": "max", "source": "line.deal", "field": "kind"}""", "'kind' has no order.")]
    [InlineData("""{"name": "x", "type": "rollup", "function": "count", "source": "deal.campaign"}""", "is no lookup that points to 'deal'")]
    [InlineData("""{"name": "x", "type": "rollup", "function": "sum", "source": "deal.campaign", "field": "x"}""", "'x' has no sum.")]
    [InlineData("""{"name": "x", "type": "rollup", "function": "sum", "source": "line.deal", "field": "size", "deep": true}""", "'line.deal' makes no tree of 'deal'.")]
    [InlineData("""{"name": "x", "type": "rollup", "function": "avg", "source": "line.deal", "field": "size", "deep": true}""", "through a whole tree there are")]
    public void A_figure_that_cannot_be_computed_is_a_fault_of_the_metadata_and_the_rest_stands(string field, string problem)
    {
        var model = Build(Deals + "," + field);

        model.Problems.ShouldHaveSingleItem().Message.ShouldContain(problem);
        model["deal"].Find("x").ShouldBeNull();
        model["deal"].Find("cost").ShouldNotBeNull();
    }

    [Theory]
    [InlineData("""{"field": "gone", "op": "eq", "value": 1}""")]
    [InlineData("""{"field": "deal.name", "op": "isNull"}""")]
    public async Task A_figure_whose_filter_is_faulty_counts_nothing_and_keeps_nobody_from_writing(string filter)
    {
        var model = Build(Deals + $$""", {"name": "x", "type": "rollup", "function": "count", "source": "line.deal", "filter": {{filter}}}""");
        model.Problems.ShouldHaveSingleItem().Path.ShouldBe("fields[9].filter");
        await using var store = await TestStore.OpenAsync(model, mayHaveProblems: true);
        var deal = await store.CreateAsync("deal", "{}");

        await store.CreateAsync("line", $$"""{"deal": "{{deal.Id}}"}""");
        (await store.Refresh.RunAsync(cancellationToken: TestContext.Current.CancellationToken)).ShouldContain("deal.x");

        var now = await store.GetAsync(deal);
        (now["entries"], now["x"]).ShouldBe((1L, 0L));
    }

    [Fact]
    public async Task A_figure_whose_filter_came_right_by_a_new_field_is_computed_for_the_records_there_are()
    {
        const string Counting = Deals + """, {"name": "x", "type": "rollup", "function": "count", "source": "line.deal", "filter": {"field": "gone", "op": "isNull"}}""";
        await using var store = await TestStore.OpenAsync(Build(Counting), mayHaveProblems: true);
        var deal = await store.CreateAsync("deal", "{}");
        await store.CreateAsync("line", $$"""{"deal": "{{deal.Id}}"}""");
        await store.Refresh.RunAsync(cancellationToken: TestContext.Current.CancellationToken);
        var mended = Build(Counting, Lines + """, {"name": "gone", "type": "integer"}""");
        await store.Database.ApplyAsync(SchemaOfModel.Derive(mended), cancellationToken: TestContext.Current.CancellationToken);

        var renewed = await new ModelRefresh(store.Database, new(mended), store.Clock).RunAsync(cancellationToken: TestContext.Current.CancellationToken);

        renewed.ShouldBe(["deal.x"]);
        (await store.GetAsync(deal))["x"].ShouldBe(1L);
    }

    [Fact]
    public async Task A_fault_in_finding_out_what_follows_from_a_Model_is_logged_and_the_server_goes_on()
    {
        var (models, clock, log) = (new ModelSource(Compile(Deals)), new ManualTimeProvider(), new Journal());
        using var starter = new ModelRefreshStarter(new(null!, models, clock), models, null!, clock, log);
        await starter.StartAsync(TestContext.Current.CancellationToken);

        (await log.Written.Reader.ReadAsync(TestContext.Current.CancellationToken)).ShouldBe(LogLevel.Error);
        models.Replace(models.Current);
        (await log.Written.Reader.ReadAsync(TestContext.Current.CancellationToken)).ShouldBe(LogLevel.Error);

        await starter.StopAsync(TestContext.Current.CancellationToken);
        starter.ExecuteTask!.IsFaulted.ShouldBeFalse();
    }

    private static Model Compile(string deals)
    {
        var model = Build(deals);
        return model.Problems.Count == 0 ? model : throw new InvalidOperationException(string.Join('\n', model.Problems));
    }

    private static Model Build(string deals, string lines = Lines)
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("user", """{"name":"name","type":"text"},{"name":"email","type":"email"}""").WithEntity("unit", """{"name":"name","type":"text"}""");
        folder.WithEntity("line", lines).WithEntity("deal", deals).WithEntity("campaign", Campaigns);
        return folder.Compile();
    }

    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(Compile(Deals));

    private static async Task<string> FiguresAsync(TestStore store, Record record)
    {
        var now = await store.GetAsync(record);
        return string.Join(", ", new[] { "entries", "cost", "mean", "first", "largest", "kinds" }.Select(f => now[f] switch
        {
            Money money => ExactDecimal.ToMoneyText(money.Amount),
            DateOnly day => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            decimal number => ExactDecimal.Trim(number).ToString(System.Globalization.CultureInfo.InvariantCulture),
            { } other => other.ToString(),
            null => "",
        }));
    }

    /// <summary>What is logged, by its level.</summary>
    private sealed class Journal : ILogger<ModelRefreshStarter>
    {
        public Channel<LogLevel> Written { get; } = Channel.CreateUnbounded<LogLevel>();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Written.Writer.TryWrite(logLevel);
    }
}
