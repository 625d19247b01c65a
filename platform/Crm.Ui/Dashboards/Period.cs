using System.Globalization;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Calendars;

namespace Crm.Ui.Dashboards;

/// <summary>The time that a dashboard looks at: a span relative to today, days that somebody chose, or all time.</summary>
/// <param name="Span">Such as <c>thisQuarter</c>; null for chosen days and all time.</param>
/// <param name="First">The first chosen day.</param>
/// <param name="Last">The last chosen day.</param>
public sealed record Period(string? Span, DateOnly? First = null, DateOnly? Last = null)
{
    private const string AllTime = "all", Between = "..";

    public static Period All { get; } = new(Span: null);

    /// <summary>What is offered; any other span that conditions know works in an address.</summary>
    public static IReadOnlyList<string> Presets { get; } =
        ["today", "thisWeek", "thisMonth", "thisQuarter", "thisYear", "lastWeek", "lastMonth", "lastQuarter", "lastYear", "last30days", "last90days", "next30days"];

    public bool IsCustom => First is not null;

    /// <summary>As it stands in an address.</summary>
    public string Text => Span ?? (First is { } first && Last is { } last ? Day(first) + Between + Day(last) : AllTime);

    /// <summary>Reads what stands in an address; nothing there, or nothing that can be understood, is the page's own period.</summary>
    public static Period Read(string? text, string? usual)
    {
        if (text == AllTime)
        {
            return All;
        }
        if (text is not null && RelativeTimes.IsKnown(text, forMoments: false))
        {
            return new(text);
        }
        if (text?.Split(Between) is [var from, var to] && ReadDay(from) is { } first && ReadDay(to) is { } last && first <= last)
        {
            return new(null, first, last);
        }
        return usual is null ? All : new(usual);
    }

    /// <summary>The first day and the day after the last; null for all time.</summary>
    public (DateOnly From, DateOnly Until)? Resolve(DateOnly today) => Span is not null ? RelativeTimes.Resolve(Span, today)
        : First is { } first && Last is { } last ? (first, last.AddDays(1))
        : null;

    /// <summary>Whether a record's date lies in it; null where any does.</summary>
    public Condition? On(FieldPath path, ConditionScope scope) => Span is not null ? new Comparison(path, ConditionOperator.Within, new RelativeTime(Span))
        : First is { } first && Last is { } last ? Days(path, first, last.AddDays(1), scope)
        : null;

    /// <summary>Whether a date lies in some days.</summary>
    /// <param name="path">The date.</param>
    /// <param name="from">The first day.</param>
    /// <param name="until">The day after the last.</param>
    /// <param name="scope">Whose time zone it is.</param>
    public static Condition Days(FieldPath path, DateOnly from, DateOnly until, ConditionScope scope) => path.Field.Type is DateFieldType
        ? new Comparison(path, ConditionOperator.Between, new Constants([from, until.AddDays(-1)]))
        : new AllOf([new Comparison(path, ConditionOperator.Ge, new Constants([scope.StartOf(from)])), new Comparison(path, ConditionOperator.Lt, new Constants([scope.StartOf(until)]))]);

    /// <summary>
    /// The days to compare with. A period that is not over is compared with as much of the earlier one as has gone by of this one; otherwise
    /// every quarter would look bad until its last day.
    /// </summary>
    /// <returns>The first day and the day after the last; null for all time.</returns>
    public (DateOnly From, DateOnly Until)? Before(WidgetComparison comparison, DateOnly today)
    {
        if (Resolve(today) is not var (from, until))
        {
            return null;
        }
        var (earlier, end) = comparison == WidgetComparison.PreviousYear ? (from.AddYears(-1), until.AddYears(-1)) : (Earlier(from, until), from);
        if (today < from || today >= until)
        {
            return (earlier, end);
        }
        var gone = earlier.AddDays(today.DayNumber - from.DayNumber + 1);
        return (earlier, gone < end ? gone : end);
    }

    private DateOnly Earlier(DateOnly from, DateOnly until) => Span?[4..] switch
    {
        "Month" => from.AddMonths(-1),
        "Quarter" => from.AddMonths(-3),
        "Year" => from.AddYears(-1),
        // Of a time so long that there was none before it, what there was.
        _ => from.AddDays(Math.Max(from.DayNumber - until.DayNumber, CalendarSpan.Earliest.DayNumber - from.DayNumber)),
    };

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Reads a day; one before or after which there is nothing to compare with is none.</summary>
    internal static DateOnly? ReadDay(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day == CalendarSpan.Clamp(day) ? day : null;
}
