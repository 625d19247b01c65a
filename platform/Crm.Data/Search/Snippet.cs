using System.Globalization;
using System.Text;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>The part of a text in which words were found, and where in it they stand.</summary>
/// <param name="Text">As it is written, cut where it is long.</param>
/// <param name="Marks">Beginning and length of each word found, in UTF-16 units of <paramref name="Text"/>.</param>
public sealed record Snippet(string Text, IReadOnlyList<(int Start, int Length)> Marks)
{
    private const int Longest = 160, Before = 40;

    /// <param name="text">The whole text.</param>
    /// <param name="words">Folded words.</param>
    public static Snippet Of(string text, IReadOnlyList<string> words)
    {
        // Folding changes lengths, so each folded character remembers which piece of the text it came from.
        var folded = new StringBuilder();
        var origin = new List<(int Start, int End)>();
        var pieces = StringInfo.GetTextElementEnumerator(text);
        while (pieces.MoveNext())
        {
            var piece = pieces.GetTextElement();
            var plain = Folding.Fold(piece);
            folded.Append(plain);
            origin.AddRange(Enumerable.Repeat((pieces.ElementIndex, pieces.ElementIndex + piece.Length), plain.Length));
        }
        var found = Find(folded.ToString(), words, origin);
        var (from, until) = Window(text, found.Count > 0 ? found[0].Start : 0);
        var lead = from > 0 ? "…" : "";
        return new(
            lead + text[from..until] + (until < text.Length ? "…" : ""),
            [.. found.Where(m => m.Start >= from && m.End <= until).Select(m => (m.Start - from + lead.Length, m.End - m.Start))]);
    }

    private static List<(int Start, int End)> Find(string folded, IReadOnlyList<string> words, List<(int Start, int End)> origin)
    {
        var found = new List<(int Start, int End)>();
        foreach (var word in words)
        {
            for (var at = folded.IndexOf(word, StringComparison.Ordinal); at >= 0; at = folded.IndexOf(word, at + word.Length, StringComparison.Ordinal))
            {
                found.Add((origin[at].Start, origin[at + word.Length - 1].End));
            }
        }
        // Marks that touch or overlap are one.
        var merged = new List<(int Start, int End)>();
        foreach (var mark in found.Order())
        {
            if (merged.Count > 0 && mark.Start <= merged[^1].End)
            {
                merged[^1] = (merged[^1].Start, Math.Max(merged[^1].End, mark.End));
            }
            else
            {
                merged.Add(mark);
            }
        }
        return merged;
    }

    private static (int From, int Until) Window(string text, int first)
    {
        if (text.Length <= Longest)
        {
            return (0, text.Length);
        }
        var from = Math.Max(0, Math.Min(first - Before, text.Length - Longest));
        var until = Math.Min(text.Length, from + Longest);
        // Never through the middle of a character.
        return (from > 0 && char.IsLowSurrogate(text[from]) ? from - 1 : from, until < text.Length && char.IsLowSurrogate(text[until]) ? until - 1 : until);
    }
}
