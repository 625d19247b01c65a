using Bunit;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Metadata;
using Crm.Ui.Calendars;
using Crm.Ui.Lists;
using Microsoft.AspNetCore.Components;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Where entries stand in a calendar, what moving them writes, and when several people have time.</summary>
public sealed class CalendarTests
{
    private static readonly DateOnly Monday = new(2026, 11, 16);

    [Fact]
    public void Entries_that_overlap_share_the_width_and_others_have_it_all()
    {
        var layer = Layer();
        var blocks = CalendarLayout.Blocks([Entry(layer, "a", 9, 11), Entry(layer, "b", 10, 12), Entry(layer, "c", 11, 12), Entry(layer, "d", 14, 15)], Monday);

        blocks.Select(b => (b.Entry.Title, b.Column, b.Columns)).ShouldBe([("a", 0, 2), ("b", 1, 2), ("c", 0, 2), ("d", 0, 1)]);
    }

    [Fact]
    public void Entries_over_several_days_lie_in_lanes_and_are_cut_at_the_week()
    {
        var layer = Layer();
        var fair = Entry(layer, "fair", Monday.AddDays(-2), Monday.AddDays(1));
        var trip = Entry(layer, "trip", Monday.AddDays(1), Monday.AddDays(9));
        var talk = Entry(layer, "talk", Monday.AddDays(2), Monday.AddDays(2));

        var bars = CalendarLayout.Bars([talk, trip, fair], Monday, 7);

        bars.Select(b => (b.Entry.Title, b.From, b.To, b.Lane, b.BeginsHere, b.EndsHere)).ShouldBe([("fair", 0, 1, 0, false, true), ("trip", 1, 6, 1, true, false), ("talk", 2, 2, 0, true, true)]);
    }

    [Theory]
    [InlineData(CalendarSpan.Month, "2026-11-22", "2026-11-01", "2026-12-05")]
    [InlineData(CalendarSpan.Week, "2026-11-22", "2026-11-22", "2026-11-28")]
    [InlineData(CalendarSpan.Day, "2026-11-22", "2026-11-22", "2026-11-22")]
    public void The_days_of_a_period_are_whole_weeks_where_weeks_are_drawn(string span, string on, string first, string last) =>
        CalendarSpan.Days(span, DateOnly.Parse(on, System.Globalization.CultureInfo.InvariantCulture), DayOfWeek.Sunday)
            .ShouldBe((DateOnly.Parse(first, System.Globalization.CultureInfo.InvariantCulture), DateOnly.Parse(last, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void Free_time_lies_in_working_hours_of_working_days_and_in_nobodys_way()
    {
        var friday = new DateTime(2026, 11, 20, 15, 10, 0);
        (DateTime, DateTime)[] busy = [(friday.Date.AddHours(16), friday.Date.AddHours(17)), (friday.Date.AddDays(3).AddHours(9.5), friday.Date.AddDays(3).AddHours(12))];

        FreeTime.Find(busy, friday, days: 5, minutes: 60, most: 3).ShouldBe([friday.Date.AddHours(17), friday.Date.AddDays(3).AddHours(12), friday.Date.AddDays(3).AddHours(13)]);
    }

    [Fact]
    public async Task An_entry_that_is_dragged_to_another_day_keeps_its_hours_in_the_persons_zone()
    {
        await using var screen = await OpenAsync();
        var meeting = await screen.Data.CreateAsync("event", """{"name": "<script>Demo</script>", "start": "2026-11-18T14:00:00Z", "end": "2026-11-18T15:30:00Z"}""", screen.Person);
        var calendar = Show(screen, new DateOnly(2026, 11, 18));
        calendar.WaitForElement("[data-testid=entry]").TextContent.ShouldContain("<script>Demo");
        var view = calendar.FindComponent<CalendarView>();

        await view.InvokeAsync(() => view.Instance.DropAsync($"event/{meeting.Id:D}", false, "2026-11-18", "2026-11-20", -1));

        var moved = await screen.Data.GetAsync(meeting);
        (moved["start"], moved["end"]).ShouldBe((new DateTimeOffset(2026, 11, 20, 14, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 11, 20, 15, 30, 0, TimeSpan.Zero)));
        calendar.WaitForAssertion(() => calendar.Find("[data-testid=entry]").GetAttribute("data-from").ShouldBe("2026-11-20"));
    }

    [Fact]
    public async Task Among_the_hours_an_entry_is_moved_and_stretched_by_minutes()
    {
        await using var screen = await OpenAsync();
        var meeting = await screen.Data.CreateAsync("event", """{"name": "Demo", "start": "2026-11-18T14:00:00Z", "end": "2026-11-18T15:00:00Z"}""", screen.Person);
        var calendar = Show(screen, new DateOnly(2026, 11, 18), CalendarSpan.Week);
        calendar.WaitForElement("[data-testid=entry]");
        var view = calendar.FindComponent<CalendarView>();
        var key = $"event/{meeting.Id:D}";

        await view.InvokeAsync(() => view.Instance.DropAsync(key, false, "2026-11-18", "2026-11-19", 9 * 60));
        await view.InvokeAsync(() => view.Instance.DropAsync(key, true, "2026-11-19", "2026-11-19", 11 * 60));
        await view.InvokeAsync(() => view.Instance.NudgeAsync(key, 15, false));

        var moved = await screen.Data.GetAsync(meeting);
        (moved["start"], moved["end"]).ShouldBe((new DateTimeOffset(2026, 11, 19, 9, 15, 0, TimeSpan.Zero), new DateTimeOffset(2026, 11, 19, 11, 15, 0, TimeSpan.Zero)));
    }

    [Fact]
    public async Task What_began_before_the_period_and_lasts_into_it_is_there_and_what_is_over_is_not()
    {
        await using var screen = await OpenAsync();
        await screen.Data.CreateAsync("event", """{"name": "Fair", "start": "2026-11-10T08:00:00Z", "end": "2026-11-18T12:00:00Z"}""", screen.Person);
        await screen.Data.CreateAsync("event", """{"name": "Over", "start": "2026-11-10T08:00:00Z", "end": "2026-11-11T12:00:00Z"}""", screen.Person);
        var layer = new CalendarLayer(screen["event"], screen["event"].Views[0]);

        var found = await screen.Service<CalendarSource>().ReadAsync(layer, new(2026, 11, 16), new(2026, 11, 22), Condition.Always, null, Xunit.TestContext.Current.CancellationToken);

        found.ShouldHaveSingleItem().Title.ShouldBe("Fair");
    }

    [Fact]
    public async Task Any_day_can_be_asked_for_and_one_that_has_no_neighbours_is_the_nearest_that_has()
    {
        await using var screen = await OpenAsync();
        foreach (var (on, span) in new[] { DateOnly.MinValue, DateOnly.MaxValue }.SelectMany(on => CalendarSpan.All.Select(span => (on, span))))
        {
            var calendar = Show(screen, on, span);
            calendar.WaitForElement("[aria-busy=false]");
            calendar.FindAll("[role=alert]").ShouldBeEmpty($"{span} {on}");
            await calendar.InvokeAsync(() => calendar.Find("[data-testid=calendar-forward]").Click());
            await calendar.InvokeAsync(() => calendar.Find("[data-testid=calendar-back]").Click());
        }
    }

    [Theory]
    [InlineData("0001-01-01")]
    [InlineData("9999-12-31")]
    public async Task The_calendar_of_a_person_opens_on_any_day_that_an_address_asks_for(string day)
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        screen.Service<NavigationManager>().NavigateTo($"/calendar?on={day}");

        var page = screen.Render<CalendarPage>(_ => { });

        page.WaitForElement(".calendar-frame[aria-busy=false] [data-testid=calendar]");
        page.FindAll("[role=alert]").ShouldBeEmpty();
    }

    private static async Task<Screen> OpenAsync()
    {
        Screen.Speak("en");
        using var folder = new MetadataFolder();
        folder.WithEntity("event", """{"name": "name", "type": "text"}, {"name": "start", "type": "dateTime"}, {"name": "end", "type": "dateTime"}, {"name": "all_day", "type": "boolean"}""",
            "\"titleField\": \"name\", \"views\": [{\"name\": \"calendar\", \"kind\": \"calendar\", \"start\": \"start\", \"end\": \"end\", \"allDay\": \"all_day\"}]");
        return await Screen.OpenAsync(Shipped.Compile(Repository.File("metadata"), folder.Path));
    }

    private static IRenderedComponent<CalendarBody> Show(Screen screen, DateOnly on, string span = CalendarSpan.Month) =>
        screen.Render<CalendarBody>(p => p.Add(c => c.Entity, screen["event"]).Add(c => c.View, screen["event"].Views[0]).Add(c => c.State, ListState.Empty with { On = on, Span = span }));

    private static CalendarLayer Layer()
    {
        using var folder = new MetadataFolder();
        var entity = folder.WithEntity("event", """{"name": "start", "type": "dateTime"}""").WithEntity("user", """{"name": "name", "type": "text"}""").Compile()["event"];
        return new(entity, new() { Name = "calendar", Kind = ViewKinds.Calendar, Start = "start" });
    }

    private static CalendarEntry Entry(CalendarLayer layer, string title, int from, int to) =>
        new(layer, Guid.Empty, title, Monday.ToDateTime(new(from, 0)), Monday.ToDateTime(new(to, 0)), IsAllDay: false, HasEnd: true);

    private static CalendarEntry Entry(CalendarLayer layer, string title, DateOnly from, DateOnly to) =>
        new(layer, Guid.Empty, title, from.ToDateTime(TimeOnly.MinValue), to.ToDateTime(new(12, 0)), IsAllDay: true, HasEnd: true);
}
