namespace Crm.Ui.Fields;

/// <summary>
/// Which modules of a Code 128 are dark (ISO/IEC 15417). Pairs of digits take one symbol where that saves room; control characters are not
/// written, so that sets B and C are enough.
/// </summary>
public static class Code128
{
    private const int StartB = 104, StartC = 105, ToC = 99, ToB = 100, Stop = 106;

    /// <summary>Widths of bars and gaps of each symbol, beginning with a bar.</summary>
    private static readonly string[] Widths =
    [
        "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213", "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221",
        "223211", "221132", "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321", "232121", "111323", "131123", "131321",
        "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131",
        "311123", "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214", "112412", "122114",
        "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111", "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
        "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
    ];

    public static IReadOnlyList<bool>? Of(string? text)
    {
        if (text is not { Length: > 0 } || !text.All(c => c is >= ' ' and <= '~'))
        {
            return null;
        }
        var symbols = Symbols(text);
        var check = symbols[0];
        for (var i = 1; i < symbols.Count; i++)
        {
            check += i * symbols[i];
        }
        symbols.Add(check % 103);
        symbols.Add(Stop);
        return [.. symbols.SelectMany(s => Widths[s].SelectMany((width, i) => Enumerable.Repeat(i % 2 == 0, width - '0')))];
    }

    /// <summary>The symbols with the start, without check and stop.</summary>
    internal static List<int> Symbols(string text)
    {
        var symbols = new List<int>();
        var pairs = DigitsAt(text, 0) >= 4 || (DigitsAt(text, 0) == text.Length && text.Length == 2);
        symbols.Add(pairs ? StartC : StartB);
        for (var i = 0; i < text.Length;)
        {
            var digits = DigitsAt(text, i);
            if (pairs && digits >= 2)
            {
                symbols.Add(((text[i] - '0') * 10) + text[i + 1] - '0');
                i += 2;
            }
            else if (pairs)
            {
                symbols.Add(ToB);
                pairs = false;
            }
            else if (digits >= 6 || (digits >= 4 && i + digits == text.Length))
            {
                // An odd digit before the pairs stays where it is.
                if (digits % 2 == 1)
                {
                    symbols.Add(text[i++] - ' ');
                }
                symbols.Add(ToC);
                pairs = true;
            }
            else
            {
                symbols.Add(text[i++] - ' ');
            }
        }
        return symbols;
    }

    private static int DigitsAt(string text, int from)
    {
        var end = from;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }
        return end - from;
    }
}
