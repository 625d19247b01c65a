namespace Crm.Ui.Administration;

/// <summary>What became of a line.</summary>
public enum LineKind
{
    Same, Added, Removed,
    /// <summary>Lines that are the same and are left out.</summary>
    Left,
}

/// <summary>A line of a difference.</summary>
public sealed record DiffLine(LineKind Kind, string Text);

/// <summary>What differs between two texts, line by line: the longest common subsequence stays.</summary>
public static class LineDiff
{
    /// <summary>Beyond this many lines the middle is shown as replaced as a whole, so that no text keeps the server busy.</summary>
    private const int MostLines = 4_000;

    public static IReadOnlyList<DiffLine> Of(string before, string after, int context)
    {
        var (old, now) = (Lines(before), Lines(after));
        var (head, tail) = (0, 0);
        while (head < Math.Min(old.Length, now.Length) && old[head] == now[head])
        {
            head++;
        }
        while (tail < Math.Min(old.Length, now.Length) - head && old[^(tail + 1)] == now[^(tail + 1)])
        {
            tail++;
        }
        List<DiffLine> lines = [.. old[..head].Select(l => new DiffLine(LineKind.Same, l)), .. Middle(old[head..^tail], now[head..^tail]), .. old[^tail..].Select(l => new DiffLine(LineKind.Same, l))];
        return Shorten(lines, context);
    }

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    private static IEnumerable<DiffLine> Middle(string[] old, string[] now)
    {
        if (old.Length > MostLines || now.Length > MostLines || (long)old.Length * now.Length > MostLines * 1_000L)
        {
            return old.Select(l => new DiffLine(LineKind.Removed, l)).Concat(now.Select(l => new DiffLine(LineKind.Added, l)));
        }
        var common = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = now.Length - 1; j >= 0; j--)
            {
                common[i, j] = old[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }
        var (lines, o, n) = (new List<DiffLine>(), 0, 0);
        while (o < old.Length || n < now.Length)
        {
            lines.Add((o < old.Length, n < now.Length) switch
            {
                (true, true) when old[o] == now[n] => new(LineKind.Same, Both(ref o, ref n, old)),
                (true, true) when common[o + 1, n] >= common[o, n + 1] => new(LineKind.Removed, old[o++]),
                (true, false) => new(LineKind.Removed, old[o++]),
                _ => new(LineKind.Added, now[n++]),
            });
        }
        return lines;

        static string Both(ref int o, ref int n, string[] old)
        {
            n++;
            return old[o++];
        }
    }

    private static List<DiffLine> Shorten(List<DiffLine> lines, int context)
    {
        var near = new bool[lines.Count];
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Kind != LineKind.Same)
            {
                Array.Fill(near, true, Math.Max(0, i - context), Math.Min(lines.Count, i + context + 1) - Math.Max(0, i - context));
            }
        }
        var shown = new List<DiffLine>();
        for (var i = 0; i < lines.Count; i++)
        {
            if (near[i])
            {
                shown.Add(lines[i]);
            }
            else if (shown is not [.., { Kind: LineKind.Left }])
            {
                shown.Add(new(LineKind.Left, ""));
            }
        }
        return shown;
    }
}
