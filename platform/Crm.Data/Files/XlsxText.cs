using System.Globalization;
using System.Text;
using System.Xml;

namespace Crm.Data;

/// <summary>How a workbook spells texts and moments.</summary>
internal static class XlsxText
{
    /// <summary>Spreadsheets think that 1900 was a leap year, so days before its March have no number that everybody reads alike.</summary>
    public static readonly DateTime FirstSafeDay = new(1900, 3, 1, 0, 0, 0, DateTimeKind.Unspecified);

    private static readonly DateTime Epoch = new(1899, 12, 30, 0, 0, 0, DateTimeKind.Unspecified);

    /// <summary>Characters that XML cannot hold are written <c>_xHHHH_</c>, and so is an underscore that would look like the beginning of one.</summary>
    public static string Escape(string text)
    {
        StringBuilder? escaped = null;
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (isPair || (XmlConvert.IsXmlChar(text[i]) && text[i] != '\r' && !IsEscape(text, i)))
            {
                escaped?.Append(text, i, isPair ? 2 : 1);
                i += isPair ? 1 : 0;
                continue;
            }
            (escaped ??= new StringBuilder(text, 0, i, text.Length + 16)).Append(CultureInfo.InvariantCulture, $"_x{(int)text[i]:X4}_");
        }
        return escaped?.ToString() ?? text;
    }

    public static string Unescape(string text)
    {
        if (!text.Contains("_x", StringComparison.Ordinal))
        {
            return text;
        }
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (IsEscape(text, i))
            {
                plain.Append((char)int.Parse(text.AsSpan(i + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 6;
            }
            else
            {
                plain.Append(text[i]);
            }
        }
        return plain.ToString();
    }

    /// <summary>The number that stands for a moment; null where none does to the last digit.</summary>
    public static double? SerialOf(DateTime moment) =>
        moment >= FirstSafeDay && moment.Ticks % TimeSpan.TicksPerMillisecond == 0 ? (moment - Epoch).Ticks / (double)TimeSpan.TicksPerDay : null;

    /// <summary>The moment that a number stands for, to the millisecond; null for a number that stands for none.</summary>
    public static DateTime? MomentOf(double serial, bool from1904)
    {
        var days = serial + (from1904 ? 1462 : 0);
        return days is >= 0 and < 2_958_466 ? Epoch.AddTicks((long)Math.Round(days * 86_400_000) * TimeSpan.TicksPerMillisecond) : null;
    }

    private static bool IsEscape(string text, int at) =>
        text[at] == '_' && at + 6 < text.Length && text[at + 1] == 'x' && text[at + 6] == '_' && text.AsSpan(at + 2, 4).IndexOfAnyExcept(Hex) < 0;

    private static readonly System.Buffers.SearchValues<char> Hex = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");
}
