using System.Globalization;
using System.Text.RegularExpressions;

namespace Crm.Data;

/// <summary>Finds out how the days and numbers of a file are written, from what stands in it.</summary>
internal static partial class ColumnFormats
{
    private const int Sample = 1_000;

    private static readonly string[] Days = ["M/d/yyyy", "d/M/yyyy", "d-M-yyyy", "M-d-yyyy", "d.M.yyyy", "M/d/yy", "d/M/yy", "d.M.yy", "yyyyMMdd", "d MMM yyyy", "d MMMM yyyy", "d-MMM-yyyy", "d-MMM-yy", "MMM d, yyyy", "MMMM d, yyyy", "yyyy年M月d日"];

    private static readonly string[] Times = ["", " H:mm", " H:mm:ss", " h:mm tt", " h:mm:ss tt", ", H:mm"];

    private static readonly CultureInfo Comma = WithComma();

    /// <summary>How numbers are read: with a point, or with a comma for the digits that are no longer whole.</summary>
    public static CultureInfo CultureOf(string? sign) => sign == "," ? Comma : CultureInfo.InvariantCulture;

    /// <summary>A point or a comma, whichever the numbers speak for; null where they speak for neither.</summary>
    public static string? DecimalOf(IEnumerable<string> texts)
    {
        var (points, commas) = (0, 0);
        foreach (var text in texts.Take(Sample))
        {
            var (point, comma) = (text.LastIndexOf('.'), text.LastIndexOf(','));
            if (point >= 0 && comma >= 0)
            {
                (points, commas) = point > comma ? (points + 1, commas) : (points, commas + 1);
            }
            else if (point >= 0 && !GroupedByPoint().IsMatch(text))
            {
                points++;
            }
            else if (comma >= 0 && !GroupedByComma().IsMatch(text))
            {
                commas++;
            }
        }
        return commas > points ? "," : points > 0 ? "." : null;
    }

    /// <summary>The form in which the days or moments are written, if it is one that cannot be read without being told; null otherwise.</summary>
    public static string? DateFormatOf(IEnumerable<string> texts)
    {
        var sample = texts.Take(Sample).ToList();
        // ISO 8601 says itself what is what.
        if (sample.Count == 0 || sample.TrueForAll(t => t is [_, _, _, _, '-' or '/', ..] && char.IsAsciiDigit(t[0]) && char.IsAsciiDigit(t[3])))
        {
            return null;
        }
        var best = Days.SelectMany(day => Times.Select(time => day + time))
            .Select((format, order) => (Format: format, Order: order, Fits: sample.Count(t => DateTime.TryParseExact(t, format, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out _))))
            .OrderByDescending(f => f.Fits).ThenBy(f => f.Order).First();
        // A few that do not fit are mistakes; many mean that the form is another one.
        return best.Fits * 10 >= sample.Count * 9 ? best.Format : null;
    }

    private static CultureInfo WithComma()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NumberGroupSeparator) = (",", ".");
        (culture.NumberFormat.CurrencyDecimalSeparator, culture.NumberFormat.CurrencyGroupSeparator) = (",", ".");
        (culture.NumberFormat.PercentDecimalSeparator, culture.NumberFormat.PercentGroupSeparator) = (",", ".");
        return CultureInfo.ReadOnly(culture);
    }

    /// <summary>1.234 could be either; 12.5 and 1234.567 could not.</summary>
    [GeneratedRegex(@"(^|[^0-9.])[1-9][0-9]{0,2}(\.[0-9]{3})+($|[^0-9.])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex GroupedByPoint();

    [GeneratedRegex(@"(^|[^0-9,])[1-9][0-9]{0,2}(,[0-9]{3})+($|[^0-9,])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex GroupedByComma();
}
