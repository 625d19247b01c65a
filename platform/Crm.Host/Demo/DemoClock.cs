namespace Crm.Host.Demo;

/// <summary>The days between which the demo company's history runs, seen from the day on which somebody looks at it.</summary>
internal sealed class DemoClock(DateTimeOffset now)
{
    private static readonly double[] Seasons = [0.85, 0.92, 1.10, 1.00, 1.02, 1.12, 0.86, 0.74, 1.12, 1.14, 1.16, 0.80];

    /// <summary>The last whole day: whatever the hour, nothing lies in the future, and all of one day see the same company.</summary>
    public DateOnly Yesterday { get; } = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-1);

    /// <summary>The day from which opportunities are known.</summary>
    public DateOnly Start => Yesterday.AddYears(-2);

    /// <summary>The day on which the company began to use the system.</summary>
    public DateOnly Founding => Yesterday.AddYears(-3);

    /// <summary>The day of looking, on which and after which things are planned.</summary>
    public DateOnly Today => Yesterday.AddDays(1);

    /// <summary>First day of the quarter of <see cref="Yesterday"/>.</summary>
    public DateOnly ThisQuarter => new(Yesterday.Year, ((Yesterday.Month - 1) / 3 * 3) + 1, 1);

    /// <summary>The quarters from the beginning of the history to the one after this.</summary>
    public IReadOnlyList<(DateOnly Start, DateOnly End, string Name)> Quarters => [.. Enumerable.Range(-8, 10).Select(i => ThisQuarter.AddMonths(3 * i)).Select(q => (q, q.AddMonths(3).AddDays(-1), $"{q.Year} Q{((q.Month - 1) / 3) + 1}"))];

    /// <summary>Whether the day has been seen to its end.</summary>
    public bool IsPast(DateOnly day) => day <= Yesterday;

    /// <summary>How busy a day is: weekends rest, summer and the turn of the year are slow, and the company grows by half in two years.</summary>
    public double Busyness(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday
        ? 0
        : Seasons[day.Month - 1] * (1 + (0.5 * (day.DayNumber - Start.DayNumber) / (Yesterday.DayNumber - Start.DayNumber)));

    /// <summary>The working day on or after <paramref name="day"/>.</summary>
    public static DateOnly WorkingDay(DateOnly day) => day.DayOfWeek switch
    {
        DayOfWeek.Saturday => day.AddDays(2),
        DayOfWeek.Sunday => day.AddDays(1),
        _ => day,
    };

    public IReadOnlyList<DateOnly> Days(DateOnly from) => [.. Enumerable.Range(0, Yesterday.DayNumber - from.DayNumber + 1).Select(from.AddDays)];
}
