using System.Globalization;
using System.Text;

namespace Crm.Metadata;

/// <summary>
/// The form of a text in which case and accents do not count. It is computed once, when a value is written, and stored beside it,
/// so that both databases and the evaluation in memory agree by construction: they compare these forms by code point.
/// </summary>
public static class Folding
{
    /// <summary>Compatibility decomposition, marks removed, lower case, composed again; "Müller" and "MULLER" fold alike.</summary>
    public static string Fold(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }
        var decomposed = Readable(text).Normalize(NormalizationForm.FormKD);
        var folded = new StringBuilder(decomposed.Length);
        foreach (var rune in decomposed.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark)
            {
                continue;
            }
            if (rune.Value is 0xDF or 0x1E9E)
            {
                folded.Append("ss");
                continue;
            }
            folded.Append(Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).ToString());
        }
        return folded.ToString().Normalize(NormalizationForm.FormC);
    }

    /// <summary>Order by Unicode code point, which is the order of UTF-8 bytes and so that of both databases.</summary>
    public static int CompareByCodePoint(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            if (left[i] != right[i])
            {
                // Surrogates encode code points above the whole BMP, yet their units lie below U+E000.
                var l = char.IsSurrogate(left[i]) ? left[i] + 0x10000 : left[i];
                var r = char.IsSurrogate(right[i]) ? right[i] + 0x10000 : right[i];
                return l.CompareTo(r);
            }
        }
        return left.Length.CompareTo(right.Length);
    }

    /// <summary>Half a surrogate pair and U+FFFE, which is no character either, cannot be normalized.</summary>
    private static string Readable(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(rune.Value == 0xFFFE ? "\uFFFD" : rune.ToString());
        }
        return clean.ToString();
    }
}
