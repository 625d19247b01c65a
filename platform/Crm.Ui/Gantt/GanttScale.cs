using System.Globalization;
using Crm.Ui.Calendars;
using Crm.Ui.Shell;

namespace Crm.Ui.Gantt;

/// <summary>A stretch of the time axis with its name.</summary>
/// <param name="Label">Its name; empty where there is no room for one.</param>
/// <param name="From">Days from the beginning of the axis.</param>
/// <param name="Days">How many days it takes.</param>
public readonly record struct GanttTick(string Label, int From, int Days);

/// <summary>The time axis of a gantt: which days it shows and what is written over them.</summary>
public sealed class GanttScale
{
    public const string Week = "week", Month = "month", Quarter = "quarter";

    private GanttScale(string zoom, DateOnly first, DateOnly end, int dayWidth) => (Zoom, First, Days, DayWidth) = (zoom, first, end.DayNumber - first.DayNumber, dayWidth);

    public static IReadOnlyList<string> All { get; } = [Week, Month, Quarter];

    public string Zoom { get; }

    public DateOnly First { get; }

    public int Days { get; }

    public DateOnly Last => First.AddDays(Days - 1);

    /// <summary>Least pixels of a day; a wide screen gives it more.</summary>
    public int DayWidth { get; }

    /// <summary>The axis around a day: what was a little before it, and more of what comes.</summary>
    public static GanttScale Around(string? zoom, DateOnly on, DayOfWeek weekBegins)
    {
        on = CalendarSpan.Clamp(on);
        var week = on.AddDays(-(((int)on.DayOfWeek - (int)weekBegins + 7) % 7));
        var month = new DateOnly(on.Year, on.Month, 1);
        var quarter = new DateOnly(on.Year, (on.Month - 1) / 3 * 3 + 1, 1);
        return zoom switch
        {
            Week => new(Week, week.AddDays(-7), week.AddDays(28), 30),
            Quarter => new(Quarter, quarter.AddMonths(-3), quarter.AddMonths(15), 2),
            _ => new(Month, month.AddMonths(-1), month.AddMonths(4), 7),
        };
    }

    public DateOnly Step(DateOnly on, int step) => Zoom switch
    {
        Week => on.AddDays(7 * step),
        Quarter => on.AddMonths(3 * step),
        _ => on.AddMonths(step),
    };

    /// <summary>Where a moment stands, in days from the beginning; beyond the ends of the axis at them.</summary>
    public double At(DateTime time) => Math.Clamp((time - First.ToDateTime(TimeOnly.MinValue)).TotalDays, 0, Days);

    public string Percent(double days) => string.Create(CultureInfo.InvariantCulture, $"{100 * days / Days:0.####}%");

    /// <summary>The coarse names: months, or years where quarters are below.</summary>
    public IReadOnlyList<GanttTick> Above(UiText texts) => Zoom == Quarter
        ? Ticks(d => new(d.Year, (d.Month - 1) / 3 * 3 + 1, 1), d => d.AddMonths(3), 1, d => texts["gantt.quarter", (d.Month + 2) / 3, d.Year])
        : Ticks(d => new(d.Year, d.Month, 1), d => d.AddMonths(1), 4, d => d.ToString("Y", CultureInfo.CurrentCulture));

    /// <summary>The fine ones: days, weeks by the day on which they begin, or months.</summary>
    public IReadOnlyList<GanttTick> Below(DayOfWeek weekBegins) => Zoom switch
    {
        Week => Ticks(d => d, d => d.AddDays(1), 1, d => d.Day.ToString(CultureInfo.CurrentCulture)),
        Quarter => Ticks(d => new(d.Year, d.Month, 1), d => d.AddMonths(1), 1, d => d.ToString("MMM", CultureInfo.CurrentCulture)),
        _ => Ticks(d => d.AddDays(-(((int)d.DayOfWeek - (int)weekBegins + 7) % 7)), d => d.AddDays(7), 4, d => d.Day.ToString(CultureInfo.CurrentCulture)),
    };

    /// <summary>Saturdays and Sundays, where days are wide enough to be told apart.</summary>
    public IEnumerable<int> RestDays => Zoom == Week ? Enumerable.Range(0, Days).Where(d => First.AddDays(d).DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) : [];

    private List<GanttTick> Ticks(Func<DateOnly, DateOnly> beginning, Func<DateOnly, DateOnly> next, int least, Func<DateOnly, string> name)
    {
        var ticks = new List<GanttTick>();
        for (var begin = beginning(First); begin <= Last; begin = next(begin))
        {
            var (from, until) = (Math.Max(0, begin.DayNumber - First.DayNumber), Math.Min(Days, next(begin).DayNumber - First.DayNumber));
            ticks.Add(new(until - from < least ? "" : name(begin), from, until - from));
        }
        return ticks;
    }
}
