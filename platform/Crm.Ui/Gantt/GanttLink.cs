using System.Globalization;

namespace Crm.Ui.Gantt;

/// <summary>The way from the end of one bar to the beginning of the one that waits for it.</summary>
/// <param name="Path">What is drawn: days across, pixels down.</param>
/// <param name="IsBroken">The one that waits begins before the other is over.</param>
public sealed record GanttLink(string Path, bool IsBroken)
{
    /// <summary>The links between lines that are shown.</summary>
    public static IReadOnlyList<GanttLink> Between(IReadOnlyList<GanttLine> lines, GanttScale scale, int lineHeight)
    {
        var places = lines.Select((line, at) => (line, at)).Where(l => l.line.Entry is not null).ToDictionary(l => l.line.Entry!.Id, l => l.at);
        var links = new List<GanttLink>();
        foreach (var (line, at) in lines.Select((line, at) => (line, at)))
        {
            if (line is { Entry: { } entry, After: { } after } && after != entry.Id && places.TryGetValue(after, out var before))
            {
                links.Add(Of(scale, scale.At(lines[before].Until), before, scale.At(entry.Start), at, lineHeight, lines[before].Until > entry.Start));
            }
        }
        return links;
    }

    private static GanttLink Of(GanttScale scale, double from, int before, double to, int at, int height, bool isBroken)
    {
        var gap = scale.Days / 120.0;
        var (y1, y2) = ((before + 0.5) * height, (at + 0.5) * height);
        var between = (at > before ? at : at + 1) * (double)height;
        return new(to - from >= 2 * gap
            ? string.Create(CultureInfo.InvariantCulture, $"M{from:0.###} {y1} H{to - gap:0.###} V{y2} H{to:0.###}")
            : string.Create(CultureInfo.InvariantCulture, $"M{from:0.###} {y1} H{from + gap:0.###} V{between} H{to - gap:0.###} V{y2} H{to:0.###}"), isBroken);
    }
}
