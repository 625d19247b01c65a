using System.Globalization;

namespace Crm.Ui.Dashboards;

/// <summary>A stretch of time that a chart sums up: the name that the database gives it, and its days.</summary>
/// <param name="Key">Such as 2026-01, 2026-Q1 or 2026-W03.</param>
/// <param name="From">The first day.</param>
/// <param name="Until">The day after the last.</param>
public sealed record TimeBucket(string Key, DateOnly From, DateOnly Until);

/// <summary>Days, weeks, months, quarters and years in a row, those in which nothing happened included.</summary>
public static class TimeBuckets
{
    /// <summary>More than these are no picture any more.</summary>
    public const int Most = 400;

    /// <summary>Into what a period is best divided.</summary>
    public static string Fitting(DateOnly from, DateOnly until) => (until.DayNumber - from.DayNumber) switch
    {
        <= 31 => "day",
        <= 100 => "week",
        <= 800 => "month",
        <= 2_000 => "quarter",
        _ => "year",
    };

    /// <summary>All that lie in the days, wholly or in part.</summary>
    public static IReadOnlyList<TimeBucket> In(DateOnly from, DateOnly until, string by)
    {
        var buckets = new List<TimeBucket>();
        for (var bucket = At(from, by); bucket.From < until && buckets.Count < Most; bucket = At(bucket.Until, by))
        {
            buckets.Add(bucket);
        }
        return buckets;
    }

    /// <summary>The one that holds a day.</summary>
    public static TimeBucket At(DateOnly day, string by)
    {
        switch (by)
        {
            case "day":
                return new(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), day, day.AddDays(1));
            case "week":
                var monday = day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
                var moment = monday.ToDateTime(TimeOnly.MinValue);
                return new(string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(moment):0000}-W{ISOWeek.GetWeekOfYear(moment):00}"), monday, monday.AddDays(7));
            case "month":
                var month = new DateOnly(day.Year, day.Month, 1);
                return new(month.ToString("yyyy-MM", CultureInfo.InvariantCulture), month, month.AddMonths(1));
            case "quarter":
                var quarter = new DateOnly(day.Year, ((day.Month - 1) / 3 * 3) + 1, 1);
                return new(string.Create(CultureInfo.InvariantCulture, $"{quarter:yyyy}-Q{(quarter.Month + 2) / 3}"), quarter, quarter.AddMonths(3));
            default:
                var year = new DateOnly(day.Year, 1, 1);
                return new(year.ToString("yyyy", CultureInfo.InvariantCulture), year, year.AddYears(1));
        }
    }

    /// <summary>The one that the database calls so.</summary>
    public static TimeBucket? Read(string key, string by)
    {
        DateOnly? day = by switch
        {
            "day" => Exact(key, "yyyy-MM-dd"),
            "week" => key.Split("-W") is [var year, var week] && Number(year) is { } y && Number(week) is { } w ? DateOnly.FromDateTime(ISOWeek.ToDateTime(y, w, DayOfWeek.Monday)) : null,
            "month" => Exact(key, "yyyy-MM"),
            "quarter" => key.Split("-Q") is [var year, var quarter] && Number(year) is { } y && Number(quarter) is { } q ? new DateOnly(y, (q * 3) - 2, 1) : null,
            _ => Number(key) is { } y ? new DateOnly(y, 1, 1) : null,
        };
        return day is { } found ? At(found, by) : null;
    }

    /// <summary>As it stands under an axis.</summary>
    public static string Label(TimeBucket bucket, string by)
    {
        var culture = CultureInfo.CurrentCulture;
        return by switch
        {
            "day" or "week" => bucket.From.ToString(culture.DateTimeFormat.MonthDayPattern.Replace("MMMM", "MMM", StringComparison.Ordinal), culture),
            "month" => bucket.From.Month == 1 ? bucket.From.ToString(culture.DateTimeFormat.YearMonthPattern.Replace("MMMM", "MMM", StringComparison.Ordinal), culture) : bucket.From.ToString("MMM", culture),
            "quarter" => bucket.Key.Replace("-", " ", StringComparison.Ordinal),
            _ => bucket.Key,
        };
    }

    private static DateOnly? Exact(string text, string format) => DateOnly.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 10_000 ? number : null;
}
