using System.Globalization;

namespace Crm.Ui.Calendars;

/// <summary>How much a calendar shows at once.</summary>
public static class CalendarSpan
{
    public const string Month = "month", Week = "week", Day = "day", Agenda = "agenda";

    private const int AgendaDays = 14;

    public static IReadOnlyList<string> All { get; } = [Month, Week, Day, Agenda];

    /// <summary>The first day that is shown: an address can ask for any, and around those before it there is no room for their neighbours.</summary>
    public static DateOnly Earliest { get; } = new(3, 1, 1);

    /// <summary>The last day that is shown.</summary>
    public static DateOnly Latest { get; } = new(9990, 1, 1);

    /// <summary>The day itself, or the first or the last that is shown.</summary>
    public static DateOnly Clamp(DateOnly on) => on < Earliest ? Earliest : on > Latest ? Latest : on;

    /// <summary>The days that are drawn, the last one included.</summary>
    public static (DateOnly First, DateOnly Last) Days(string span, DateOnly on, DayOfWeek weekBegins)
    {
        var week = on.AddDays(-(((int)on.DayOfWeek - (int)weekBegins + 7) % 7));
        var month = new DateOnly(on.Year, on.Month, 1);
        var monthGrid = month.AddDays(-(((int)month.DayOfWeek - (int)weekBegins + 7) % 7));
        return span switch
        {
            Week => (week, week.AddDays(6)),
            Day => (on, on),
            Agenda => (on, on.AddDays(AgendaDays - 1)),
            _ => (monthGrid, monthGrid.AddDays(((month.AddMonths(1).DayNumber - monthGrid.DayNumber + 6) / 7 * 7) - 1)),
        };
    }

    public static DateOnly Step(string span, DateOnly on, int step) => span switch
    {
        Week => on.AddDays(7 * step),
        Day => on.AddDays(step),
        Agenda => on.AddDays(AgendaDays * step),
        _ => new DateOnly(on.Year, on.Month, 1).AddMonths(step),
    };

    public static string TitleOf(string span, DateOnly on, DayOfWeek weekBegins)
    {
        var (first, last) = Days(span, on, weekBegins);
        return span switch
        {
            Month => on.ToString("Y", CultureInfo.CurrentCulture),
            Day => on.ToString("D", CultureInfo.CurrentCulture),
            _ => $"{first.ToString("M", CultureInfo.CurrentCulture)} – {last.ToString("M", CultureInfo.CurrentCulture)} {last.Year}",
        };
    }
}
