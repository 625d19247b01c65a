using System.Globalization;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>The spans of <c>within</c>: <c>today</c>, <c>last7days</c>, <c>next30days</c>, <c>thisQuarter</c> and their kin.</summary>
public static class RelativeTimes
{
    private static readonly string[] Units = ["Week", "Month", "Quarter", "Year"];

    /// <summary>What can be counted, and up to how many: a hundred years in each case.</summary>
    private static readonly (string Name, int Most)[] CountedUnits = [("hours", 876_000), ("days", 36_500), ("weeks", 5_200), ("months", 1_200), ("quarters", 400), ("years", 100)];

    /// <summary>Spans to offer; any number of hours, days, weeks, months, quarters or years is allowed besides.</summary>
    public static IReadOnlyList<string> Suggested { get; } =
    [
        "today", "yesterday", "tomorrow", "last7days", "last30days", "last90days", "next7days", "next30days", "next90days",
        .. Units.SelectMany(u => new[] { "this" + u, "last" + u, "next" + u }),
    ];

    /// <summary>Whether the span means something to values of the type; hours mean nothing to days.</summary>
    public static bool IsKnown(string span, bool forMoments = true) => (forMoments && Counted(span) is not null) || Resolve(span, new DateOnly(2000, 1, 1)) is not null;

    /// <summary>The first moment of the span and the one after its last; null for an unknown span.</summary>
    public static (DateTimeOffset From, DateTimeOffset Until)? Resolve(string span, ConditionScope scope)
    {
        if (Counted(span) is (var forwards, var hours, "hours"))
        {
            var now = Iso8601.ToMicroseconds(scope.Now);
            return forwards ? (now, now.AddHours(hours)) : (now.AddHours(-hours), now.AddMicroseconds(1));
        }
        return Resolve(span, scope.Today) is var (from, until) ? (scope.StartOf(from), scope.StartOf(until)) : null;
    }

    /// <summary>The first day of the span and the day after its last; null for a span that is unknown or shorter than a day. Weeks begin on Monday (ISO 8601).</summary>
    public static (DateOnly From, DateOnly Until)? Resolve(string span, DateOnly today)
    {
        switch (span)
        {
            case "today": return (today, today.AddDays(1));
            case "yesterday": return (today.AddDays(-1), today);
            case "tomorrow": return (today.AddDays(1), today.AddDays(2));
        }
        if (Counted(span) is var (forwards, count, unitName) && unitName != "hours")
        {
            // The last seven days end with today; the next seven begin with it.
            return forwards ? (today, Add(today, unitName, count)) : (Add(today, unitName, -count).AddDays(1), today.AddDays(1));
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

    /// <summary>Reads <c>last7days</c>, <c>next12hours</c> and the like.</summary>
    public static (bool Forwards, int Count, string Unit)? Counted(string span)
    {
        var unit = Array.Find(CountedUnits, u => span.EndsWith(u.Name, StringComparison.Ordinal));
        var forwards = span.StartsWith("next", StringComparison.Ordinal);
        return unit.Name is not null && (forwards || span.StartsWith("last", StringComparison.Ordinal)) && span.Length > 4 + unit.Name.Length &&
            int.TryParse(span.AsSpan(4, span.Length - 4 - unit.Name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 && count <= unit.Most
            ? (forwards, count, unit.Name)
            : null;
    }

    private static DateOnly Add(DateOnly day, string unit, int count) => unit switch
    {
        "days" => day.AddDays(count),
        "weeks" => day.AddDays(7 * count),
        "months" => day.AddMonths(count),
        "quarters" => day.AddMonths(3 * count),
        _ => day.AddYears(count),
    };

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
