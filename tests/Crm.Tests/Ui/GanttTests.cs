using System.Globalization;
using AngleSharp.Dom;
using Bunit;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Crm.Ui.Gantt;
using Crm.Ui.Lists;
using Crm.Ui.Shell;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Records as bars on an axis of time, over a real database. The clock stands at 18 March 2026.</summary>
public sealed class GanttTests
{
    [Theory]
    [InlineData(GanttScale.Week, "2026-03-09", "2026-04-12")]
    [InlineData(GanttScale.Month, "2026-02-01", "2026-06-30")]
    [InlineData(GanttScale.Quarter, "2025-10-01", "2027-03-31")]
    [InlineData("nonsense", "2026-02-01", "2026-06-30")]
    public void The_axis_begins_and_ends_with_whole_weeks_months_or_quarters(string zoom, string first, string last)
    {
        var scale = GanttScale.Around(zoom, new(2026, 3, 18), DayOfWeek.Monday);

        (scale.First.ToString("O", CultureInfo.InvariantCulture), scale.Last.ToString("O", CultureInfo.InvariantCulture)).ShouldBe((first, last));
        scale.Below(DayOfWeek.Monday).Sum(t => t.Days).ShouldBe(scale.Days);
    }

    [Fact]
    public async Task Bars_lie_between_their_dates_and_what_does_not_touch_the_axis_is_left_out()
    {
        await using var screen = await OpenAsync();
        await CreateAsync(screen, "<b>Prepare</b>", "2026-03-10", "2026-03-19", done: 40);
        await CreateAsync(screen, "Over", "2025-01-10", "2025-03-19");
        await CreateAsync(screen, "Longer than the axis", "2025-01-10", "2027-01-01");
        await screen.Data.CreateAsync("job", """{"name": "Undated"}""");

        var gantt = Show(screen);

        Rows(gantt).ShouldBe(["Longer than the axis", "<b>Prepare</b>"]);
        gantt.FindAll(".gantt-title b").ShouldBeEmpty();
        // February has 28 days: the tenth of March is 37 days from the first of February, and the axis has 150.
        var bar = Bar(gantt, "<b>Prepare</b>");
        bar.GetAttribute("style").ShouldBe("inset-inline-start: 24.6667%; inline-size: 6.6667%");
        bar.GetAttribute("aria-label").ShouldBe($"<b>Prepare</b> · {Day(10)} – {Day(19)} · 40% done · Ada Lovelace");
        bar.QuerySelector(".gantt-done")!.GetAttribute("style").ShouldBe("inline-size: 40%");
        Bar(gantt, "Longer than the axis").ClassName!.ShouldContain("goes-before goes-on");
        gantt.Find("[data-testid=gantt-now]").ShouldNotBeNull();
        gantt.Find("[data-testid=undated]").TextContent.ShouldBe("1 without dates");
    }

    [Fact]
    public async Task A_bar_that_is_dragged_or_stretched_is_written_and_can_be_taken_back()
    {
        await using var screen = await OpenAsync();
        var job = await CreateAsync(screen, "Prepare", "2026-03-10", "2026-03-19");
        var gantt = Show(screen);

        await gantt.InvokeAsync(() => gantt.Instance.MoveAsync(job.Id, 3, 3));
        (await DatesAsync(screen, job)).ShouldBe((new(2026, 3, 13), new(2026, 3, 22)));
        await gantt.InvokeAsync(() => gantt.Instance.MoveAsync(job.Id, 0, 5));
        (await DatesAsync(screen, job)).ShouldBe((new(2026, 3, 13), new(2026, 3, 27)));
        await gantt.InvokeAsync(() => gantt.Instance.MoveAsync(job.Id, 40, 0));
        (await DatesAsync(screen, job)).ShouldBe((new(2026, 3, 27), new(2026, 3, 27)), "nothing begins after its end");

        var toast = screen.Service<Toaster>().Toasts[^1];
        toast.Message.ShouldBe($"Prepare: now {Day(27)} – {Day(27)}");
        await gantt.InvokeAsync(() => toast.Action!());

        (await DatesAsync(screen, job)).ShouldBe((new(2026, 3, 13), new(2026, 3, 27)));
    }

    [Fact]
    public async Task A_move_that_is_refused_changes_nothing_and_says_why()
    {
        await using var screen = await OpenAsync();
        var job = await CreateAsync(screen, "Prepare", "2026-03-10", "2026-03-19");
        var gantt = Show(screen);
        await screen.Data.Store.DeleteAsync(screen["job"], job.Id, screen.Person, Crm.Data.Door.Api, Xunit.TestContext.Current.CancellationToken);

        await gantt.InvokeAsync(() => gantt.Instance.MoveAsync(job.Id, 3, 3));

        screen.Service<Toaster>().Toasts.ShouldHaveSingleItem().Tone.ShouldBe(ToastTone.Problem);
        gantt.WaitForAssertion(() => gantt.FindAll("[data-testid=gantt-row]").ShouldBeEmpty());
    }

    [Fact]
    public async Task What_waits_for_another_is_tied_to_it_and_one_that_begins_too_early_stands_out()
    {
        await using var screen = await OpenAsync();
        var first = await CreateAsync(screen, "First", "2026-03-01", "2026-03-10");
        await CreateAsync(screen, "Second", "2026-03-20", "2026-03-25", after: first);
        await CreateAsync(screen, "Too early", "2026-03-09", "2026-03-12", after: first);

        var gantt = Show(screen);

        gantt.FindAll(".gantt-link").Count.ShouldBe(2);
        gantt.FindAll(".gantt-link.is-broken").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Groups_are_named_and_pages_are_read_one_after_the_other()
    {
        await using var screen = await OpenAsync();
        for (var i = 0; i < 60; i++)
        {
            await CreateAsync(screen, $"Job {i}", "2026-03-01", "2026-03-10", kind: i % 2 == 0 ? "a" : "b");
        }
        var gantt = Show(screen, groupBy: "kind");
        gantt.FindAll("[data-testid=gantt-row]").Count.ShouldBe(50);
        gantt.FindAll(".gantt-group").Select(g => g.TextContent).ShouldBe(["A", "B"]);

        await gantt.InvokeAsync(() => gantt.Find(".load-more button").Click());

        gantt.WaitForAssertion(() => gantt.FindAll("[data-testid=gantt-row]").Count.ShouldBe(60));
        gantt.FindAll(".gantt-group").Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_others_change_moves_here_too()
    {
        await using var screen = await OpenAsync();
        var job = await CreateAsync(screen, "Prepare", "2026-03-10", "2026-03-19");
        var gantt = Show(screen);

        await screen.Data.UpdateAsync(job, """{"name": "Renamed"}""");
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));

        gantt.WaitForAssertion(() => Rows(gantt).ShouldBe(["Renamed"]));
    }

    private static string Day(int day) => new DateOnly(2026, 3, day).ToString("d", CultureInfo.CurrentCulture);

    private static async Task<Screen> OpenAsync()
    {
        Screen.Speak("en-US");
        using var folder = new MetadataFolder();
        folder.WithEntity("job", """{"name": "name", "type": "text"}, {"name": "from", "type": "date"}, {"name": "to", "type": "date"}, {"name": "done", "type": "percent"}, {"name": "kind", "type": "choice", "options": [{"value": "a"}, {"value": "b"}]}, {"name": "before", "type": "lookup", "target": "job"}""", "\"titleField\": \"name\"");
        return await Screen.OpenAsync(Shipped.Compile(Repository.File("metadata"), folder.Path));
    }

    private static Task<Record> CreateAsync(Screen screen, string name, string from, string to, int? done = null, string? kind = null, Record? after = null) =>
        screen.Data.CreateAsync("job", System.Text.Json.JsonSerializer.Serialize(new { name, from, to, done, kind, before = after?.Id }), screen.Person);

    private static IRenderedComponent<GanttBody> Show(Screen screen, string? groupBy = null)
    {
        var view = new ViewDefinition { Name = "plan", Kind = ViewKinds.Gantt, Columns = [new("name"), new("kind")], Start = "from", End = "to", Progress = "done", DependsOn = "before", GroupBy = groupBy };
        var gantt = screen.Render<GanttBody>(p => p.Add(b => b.Entity, screen["job"]).Add(b => b.View, view).Add(b => b.State, ListState.Empty));
        gantt.WaitForElement("[data-testid=gantt][aria-busy=false]");
        return gantt;
    }

    private static string[] Rows(IRenderedComponent<GanttBody> gantt) => [.. gantt.FindAll(".gantt-title").Select(t => t.TextContent)];

    private static IElement Bar(IRenderedComponent<GanttBody> gantt, string title) => gantt.FindAll("[data-testid=gantt-row]").First(r => r.QuerySelector(".gantt-title")!.TextContent == title).QuerySelector("[data-testid=gantt-bar]")!;

    private static async Task<(DateOnly?, DateOnly?)> DatesAsync(Screen screen, Record job)
    {
        var now = await screen.Data.GetAsync(job);
        return (now["from"] as DateOnly?, now["to"] as DateOnly?);
    }
}
