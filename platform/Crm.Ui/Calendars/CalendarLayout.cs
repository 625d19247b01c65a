namespace Crm.Ui.Calendars;

/// <summary>A bar in a row of days: from which column to which, in which lane.</summary>
public sealed record CalendarBar(CalendarEntry Entry, int From, int To, int Lane, bool BeginsHere, bool EndsHere);

/// <summary>An entry among the hours of a day: how many run beside each other, and which of these it is.</summary>
public sealed record CalendarBlock(CalendarEntry Entry, int Minute, int Minutes, int Column, int Columns);

/// <summary>Where entries stand, so that none covers another.</summary>
public static class CalendarLayout
{
    /// <summary>The shortest that can still be read and grabbed.</summary>
    private const int LeastMinutes = 30;

    /// <summary>Entries as bars over the days from <paramref name="first"/>; what begins earlier and lasts longer comes higher.</summary>
    public static IReadOnlyList<CalendarBar> Bars(IEnumerable<CalendarEntry> entries, DateOnly first, int days)
    {
        var last = first.AddDays(days - 1);
        var lanes = new List<int>();
        var bars = new List<CalendarBar>();
        foreach (var entry in entries.Where(e => e.FirstDay <= last && e.LastDay >= first)
            .OrderBy(e => e.FirstDay < first ? first : e.FirstDay).ThenByDescending(e => e.LastDay.DayNumber - e.FirstDay.DayNumber).ThenByDescending(e => e.IsBar).ThenBy(e => e.Start).ThenBy(e => e.Id))
        {
            var from = Math.Max(0, entry.FirstDay.DayNumber - first.DayNumber);
            var to = Math.Min(days - 1, entry.LastDay.DayNumber - first.DayNumber);
            var lane = lanes.FindIndex(end => end < from);
            if (lane < 0)
            {
                (lane, _) = (lanes.Count, 0);
                lanes.Add(to);
            }
            else
            {
                lanes[lane] = to;
            }
            bars.Add(new(entry, from, to, lane, entry.FirstDay >= first, entry.LastDay <= last));
        }
        return bars;
    }

    /// <summary>The entries of one day among its hours; those that overlap share the width.</summary>
    public static IReadOnlyList<CalendarBlock> Blocks(IEnumerable<CalendarEntry> entries, DateOnly day)
    {
        var blocks = new List<CalendarBlock>();
        var cluster = new List<(CalendarEntry Entry, int From, int To, int Column)>();
        var reach = -1;
        foreach (var entry in entries.Where(e => !e.IsBar && e.FirstDay == day).OrderBy(e => e.Start).ThenByDescending(e => e.End).ThenBy(e => e.Id))
        {
            var from = (int)entry.Start.TimeOfDay.TotalMinutes;
            var to = Math.Min(24 * 60, from + Math.Max(LeastMinutes, (int)(entry.End - entry.Start).TotalMinutes));
            if (from >= reach)
            {
                Close();
            }
            var column = Enumerable.Range(0, cluster.Count + 1).First(c => cluster.All(o => o.Column != c || o.To <= from));
            cluster.Add((entry, from, to, column));
            reach = Math.Max(reach, to);
        }
        Close();
        return blocks;

        void Close()
        {
            var columns = cluster.Count == 0 ? 0 : cluster.Max(c => c.Column) + 1;
            blocks.AddRange(cluster.Select(c => new CalendarBlock(c.Entry, c.From, c.To - c.From, c.Column, columns)));
            cluster.Clear();
        }
    }
}
