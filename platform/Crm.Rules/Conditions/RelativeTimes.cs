using System.Globalization;

namespace Crm.Rules;

/// <summary>The spans of <c>within</c>: <c>today</c>, <c>last7days</c>, <c>next30days</c>, <c>thisQuarter</c> and their kin.</summary>
public static class RelativeTimes
{
    private static readonly string[] Units = ["Week", "Month", "Quarter", "Year"];

    /// <summary>Spans to offer; any number of days is allowed besides.</summary>
    public static IReadOnlyList<string> Suggested { get; } =
    [
        "today", "yesterday", "tomorrow", "last7days", "last30days", "last90days", "next7days", "next30days", "next90days",
        .. Units.SelectMany(u => new[] { "this" + u, "last" + u, "next" + u }),
    ];

    public static bool IsKnown(string span) => Resolve(span, new DateOnly(2000, 1, 1)) is not null;

    /// <summary>The first day of the span and the day after its last; null for an unknown span. Weeks begin on Monday (ISO 8601).</summary>
    public static (DateOnly From, DateOnly Until)? Resolve(string span, DateOnly today)
    {
        switch (span)
        {
            case "today": return (today, today.AddDays(1));
            case "yesterday": return (today.AddDays(-1), today);
            case "tomorrow": return (today.AddDays(1), today.AddDays(2));
        }
        if (span.EndsWith("days", StringComparison.Ordinal) && span.Length > 8 &&
            int.TryParse(span.AsSpan(4, span.Length - 8), NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= 36_500)
        {
            // The last seven days end with today; the next seven begin with it.
            return span.StartsWith("last", StringComparison.Ordinal) ? (today.AddDays(1 - days), today.AddDays(1))
                : span.StartsWith("next", StringComparison.Ordinal) ? (today, today.AddDays(days))
                : null;
        }
        foreach (var unit in Units)
        {
            if (span.Length == 4 + unit.Length && span.EndsWith(unit, StringComparison.Ordinal))
            {
                var offset = span[..4] switch { "this" => 0, "last" => -1, "next" => 1, _ => int.MinValue };
                return offset == int.MinValue ? null : UnitAt(unit, today, offset);
            }
        }
        return null;
    }

    private static (DateOnly, DateOnly) UnitAt(string unit, DateOnly today, int offset)
    {
        var (start, months) = unit switch
        {
            "Week" => (today.AddDays(-(((int)today.DayOfWeek + 6) % 7)), 0),
            "Month" => (new DateOnly(today.Year, today.Month, 1), 1),
            "Quarter" => (new DateOnly(today.Year, ((today.Month - 1) / 3 * 3) + 1, 1), 3),
            _ => (new DateOnly(today.Year, 1, 1), 12),
        };
        return months == 0
            ? (start.AddDays(7 * offset), start.AddDays(7 * (offset + 1)))
            : (start.AddMonths(months * offset), start.AddMonths(months * (offset + 1)));
    }
}
