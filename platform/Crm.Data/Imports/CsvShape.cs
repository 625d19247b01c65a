using System.Buffers;
using System.Globalization;

namespace Crm.Data;

/// <summary>Finds out how a file of separated values is laid out: what separates them, and whether its first row is a heading.</summary>
internal static class CsvShape
{
    private const int Sample = 50;

    private static readonly SearchValues<char> Figures = SearchValues.Create("0123456789+-.,%$€£¥ ");

    private static readonly char[] Delimiters = [',', ';', '\t', '|'];

    /// <summary>The delimiter that cuts the first rows into the same number of values, and into most.</summary>
    public static string DelimiterOf(string text)
    {
        var counts = Delimiters.ToDictionary(d => d, _ => new List<int>());
        var (current, quoted, row) = (new int[Delimiters.Length], false, 0);
        for (var i = 0; i < text.Length && row < Sample; i++)
        {
            var c = text[i];
            quoted ^= c == '"';
            if (quoted)
            {
                continue;
            }
            if (c is '\n' or '\r')
            {
                End(i > 0 && text[i - 1] is not ('\n' or '\r'));
            }
            else if (Array.IndexOf(Delimiters, c) is >= 0 and var which)
            {
                current[which]++;
            }
        }
        End(row < Sample);
        return Delimiters.MaxBy(d => Score(counts[d])).ToString();

        void End(bool isRow)
        {
            if (isRow)
            {
                for (var d = 0; d < Delimiters.Length; d++)
                {
                    counts[Delimiters[d]].Add(current[d]);
                }
                row++;
            }
            Array.Clear(current);
        }
    }

    /// <summary>The heading counts for most: rows below it may be cut short or hold texts with anything in them.</summary>
    private static double Score(List<int> counts) =>
        counts.Count == 0 || counts[0] == 0 ? 0 : counts[0] * (1 + (10.0 * counts.Count(c => c == counts[0]) / counts.Count));

    /// <summary>Whether the first row names the columns: it does not if, column by column, it holds the same kind of thing as what is below.</summary>
    public static bool HasHeading(IReadOnlyList<string[]> rows)
    {
        if (rows.Count < 2)
        {
            return true;
        }
        var (like, unlike) = (0, 0);
        for (var column = 0; column < rows[0].Length; column++)
        {
            var kinds = rows.Skip(1).Where(r => column < r.Length && r[column].Trim().Length > 0).Take(Sample).Select(r => KindOf(r[column])).Distinct().ToList();
            if (kinds is not [not Kind.Text and var kind] || rows[0][column].Trim().Length == 0)
            {
                continue;
            }
            if (KindOf(rows[0][column]) == kind)
            {
                like++;
            }
            else
            {
                unlike++;
            }
        }
        return like == 0 || unlike > 0 || rows[0].Any(string.IsNullOrWhiteSpace);
    }

    private static Kind KindOf(string text)
    {
        var trimmed = text.AsSpan().Trim();
        return trimmed.Length > 0 && !trimmed.ContainsAnyExcept(Figures) ? Kind.Number
            : trimmed.Contains('@') && trimmed.LastIndexOf('.') > trimmed.IndexOf('@') ? Kind.Address
            : trimmed is [>= '0' and <= '9', ..] && DateTime.TryParse(trimmed, CultureInfo.InvariantCulture, out _) ? Kind.Moment
            : Kind.Text;
    }

    private enum Kind
    {
        Text, Number, Moment, Address,
    }
}
