namespace Crm.Ui.Calendars;

/// <summary>Finds when several people have time: working days from nine to six in which nobody has anything.</summary>
public static class FreeTime
{
    private const int Step = 30;

    private static readonly TimeSpan Opens = TimeSpan.FromHours(9), Closes = TimeSpan.FromHours(18);

    /// <param name="busy">When any of them is occupied.</param>
    /// <param name="after">Nothing earlier is of use.</param>
    /// <param name="days">How many days to look ahead.</param>
    /// <param name="minutes">How long it takes.</param>
    /// <param name="most">How many proposals.</param>
    public static IEnumerable<DateTime> Find(IReadOnlyCollection<(DateTime From, DateTime To)> busy, DateTime after, int days, int minutes, int most)
    {
        var found = 0;
        for (var day = after.Date; day < after.Date.AddDays(days) && found < most; day = day.AddDays(1))
        {
            if (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)
            {
                continue;
            }
            for (var start = day + Opens; start.AddMinutes(minutes) <= day + Closes && found < most;)
            {
                var end = start.AddMinutes(minutes);
                var inTheWay = busy.Where(b => b.From < end && b.To > start).Select(b => (DateTime?)b.To).Max();
                if (start >= after && inTheWay is null)
                {
                    found++;
                    yield return start;
                    // The next proposal is another one, not the same half an hour later.
                    start = end;
                }
                else
                {
                    start = start.AddMinutes(Step);
                }
            }
        }
    }
}
