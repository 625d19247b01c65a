using System.Globalization;
using Crm.Rules;
using Crm.Ui.Fields;
using Crm.Ui.Records;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Crm.Ui.Calendars;

public sealed partial class CalendarView
{
    private ElementReference _element;
    private ElementScript<CalendarView> _script = default!;
    private DateOnly _first, _last;
    private DateTime _now;
    private string? _drawn;

    [Parameter, EditorRequired]
    public string Span { get; set; } = CalendarSpan.Month;

    [Parameter, EditorRequired]
    public DateOnly On { get; set; }

    [Parameter, EditorRequired]
    public IReadOnlyList<CalendarEntry> Entries { get; set; } = [];

    /// <summary>Another span or day is asked for.</summary>
    [Parameter]
    public EventCallback<(string Span, DateOnly On)> Changed { get; set; }

    /// <summary>An entry was chosen, to be looked at.</summary>
    [Parameter]
    public EventCallback<CalendarEntry> Chosen { get; set; }

    /// <summary>An entry has other times now, or should be shown where it was.</summary>
    [Parameter]
    public EventCallback Moved { get; set; }

    /// <summary>A new entry is wanted for this time.</summary>
    [Parameter]
    public EventCallback<(DateTime Start, DateTime End, bool AllDay)> Wanted { get; set; }

    [Inject]
    private CalendarSource Source { get; set; } = default!;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private Toaster Toaster { get; set; } = default!;

    [Inject]
    private UndoToast Undoing { get; set; } = default!;

    [Inject]
    private FieldText Words { get; set; } = default!;

    public static DayOfWeek WeekBegins => CultureInfo.CurrentCulture.DateTimeFormat.FirstDayOfWeek;

    private DateOnly Today => DateOnly.FromDateTime(_now);

    public ValueTask DisposeAsync() => _script.DisposeAsync();

    [JSInvokable]
    public Task OpenAsync(string key) => Find(key) is { } entry ? Chosen.InvokeAsync(entry) : Task.CompletedTask;

    /// <summary>An entry was dragged: to another day, or to a minute of it; or its end was.</summary>
    [JSInvokable]
    public async Task DropAsync(string key, bool stretches, string fromDay, string toDay, int minute)
    {
        if (Find(key) is not { } entry || !TryDay(fromDay, out var from) || !TryDay(toDay, out var to))
        {
            return;
        }
        var target = to.ToDateTime(TimeOnly.MinValue).AddMinutes(Math.Clamp(minute, 0, 24 * 60));
        if (stretches)
        {
            var end = minute < 0 ? entry.End.AddDays(to.DayNumber - entry.LastDay.DayNumber) : target;
            await MoveAsync(entry, entry.Start, end > entry.Start || entry.Layer.IsByDay ? end : entry.Start.AddMinutes(15), entry.IsAllDay);
        }
        else if (minute < 0)
        {
            var days = to.DayNumber - from.DayNumber;
            await MoveAsync(entry, entry.Start.AddDays(days), entry.End.AddDays(days), entry.IsAllDay);
        }
        else
        {
            var isFromAbove = entry.IsAllDay && entry.Layer.AllDay is not null;
            await MoveAsync(entry, target, isFromAbove ? target.AddHours(1) : target + (entry.End - entry.Start), !isFromAbove && entry.IsAllDay);
        }
    }

    /// <summary>The same by key: so many minutes on or back, for the whole or for the end alone.</summary>
    [JSInvokable]
    public Task NudgeAsync(string key, int minutes, bool stretches) => Find(key) is not { } entry ? Task.CompletedTask
        : entry.IsAllDay && minutes % (24 * 60) != 0 ? Task.CompletedTask
        : stretches ? entry.End.AddMinutes(minutes) >= entry.Start ? MoveAsync(entry, entry.Start, entry.End.AddMinutes(minutes), entry.IsAllDay) : Task.CompletedTask
        : MoveAsync(entry, entry.Start.AddMinutes(minutes), entry.End.AddMinutes(minutes), entry.IsAllDay);

    protected override void OnInitialized() => _script = new(Browser, "crmCalendar");

    protected override void OnParametersSet()
    {
        _now = Words.Local(Time.GetUtcNow());
        (_first, _last) = CalendarSpan.Days(Span, On, WeekBegins);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        await _script.AttachAsync(_element, this);
        if (_drawn != Span)
        {
            _drawn = Span;
            await _script.CallAsync("toMorning");
        }
    }

    private CalendarEntry? Find(string key) => Entries.FirstOrDefault(e => e.Key == key);

    private Task Go(DateOnly on) => Changed.InvokeAsync((Span, on));

    private Task ShowDay(DateOnly day) => Changed.InvokeAsync((CalendarSpan.Day, day));

    private Task Pick((DateTime Start, DateTime End, bool AllDay) time) => Wanted.InvokeAsync(time);

    private async Task MoveAsync(CalendarEntry entry, DateTime start, DateTime end, bool allDay)
    {
        if ((start, end, allDay) == (entry.Start, entry.End, entry.IsAllDay))
        {
            return;
        }
        try
        {
            var changeSet = await Source.MoveAsync(entry, start, end, allDay);
            Undoing.Show(T["calendar.moved", entry.Title, entry.Layer.IsByDay ? start.ToString("d", CultureInfo.CurrentCulture) : start.ToString("g", CultureInfo.CurrentCulture)], changeSet);
        }
        catch (ProblemException e)
        {
            Toaster.ShowProblem(e.Problems[0].Message(Model.Texts));
        }
        await Moved.InvokeAsync();
    }

    private static bool TryDay(string text, out DateOnly day) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
}
