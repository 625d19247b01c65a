using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Crm.Metadata;

/// <summary>A telephone number that was understood.</summary>
/// <param name="Plan">The numbering plan that it follows; of countries that share a code, the one that was asked for or the first.</param>
/// <param name="National">The digits after the calling code.</param>
/// <param name="Extension">Digits to dial after the connection; null if there are none.</param>
public sealed partial record PhoneNumber(PhoneRegion Plan, string National, string? Extension)
{
    /// <summary>The way it is dialled inside its country.</summary>
    public string Dialled => (Plan.Trunk == "1" ? "" : Plan.Trunk) + National;

    /// <summary>Reads a number as people write it; null if it is not one that can be dialled from anywhere.</summary>
    /// <param name="text">The number.</param>
    /// <param name="region">ISO 3166 code of the country of a number without a calling code; null if there is none to assume.</param>
    public static PhoneNumber? TryParse(string text, string? region)
    {
        var (main, extension) = Split(Latin(text));
        if (main.Length is 0 or > 40 || !Shape().IsMatch(main))
        {
            return null;
        }
        var home = region is null ? null : PhoneRegions.Find(region);
        // The trunk prefix that people put in brackets, as in +44 (0)20, is not dialled from abroad.
        var international = main.StartsWith('+');
        var digits = string.Concat((international ? main.Replace("(0)", "", StringComparison.Ordinal) : main).Where(char.IsAsciiDigit));
        if (!international && digits.StartsWith("00", StringComparison.Ordinal) && home is not { Code: "1" })
        {
            (international, digits) = (true, digits[2..]);
        }
        else if (!international && digits.StartsWith("011", StringComparison.Ordinal) && home is { Code: "1" })
        {
            (international, digits) = (true, digits[3..]);
        }
        return international ? International(digits, home, extension) : home is null ? null : AtHome(digits, home, extension);
    }

    public string ToE164() => "+" + Plan.Code + National + (Extension is null ? "" : ";ext=" + Extension);

    /// <summary>For people: as at home in <paramref name="region"/>, from elsewhere with its calling code.</summary>
    public string ToText(string? region)
    {
        var isHome = region is not null && PhoneRegions.Find(region)?.Code == Plan.Code;
        var text = !isHome ? $"+{Plan.Code} {Grouped(National)}"
            : Plan.Code == "1" && National.Length == 10 ? $"({National[..3]}) {National[3..6]}-{National[6..]}"
            : Plan.Trunk is "0" ? Plan.Trunk + Grouped(National)
            : Plan.Trunk.Length > 0 ? $"{Plan.Trunk} {Grouped(National)}"
            : Grouped(National);
        // What one reads must be what one can type in again.
        text = TryParse(text, region) is { } again && again.ToE164() == ToE164()[..(Plan.Code.Length + National.Length + 1)] ? text : $"+{Plan.Code} {Grouped(National)}";
        return Extension is null ? text : $"{text} ext. {Extension}";
    }

    private static PhoneNumber? International(string digits, PhoneRegion? home, string? extension)
    {
        var plans = PhoneRegions.ByPrefix(digits);
        if (plans.Count == 0)
        {
            return null;
        }
        var plan = home is not null && plans.Contains(home) ? home : plans[0];
        var national = digits[plan.Code.Length..];
        return Fits(national, plans) ? new(plan, national, extension)
            : plan.Trunk.Length > 0 && national.StartsWith(plan.Trunk, StringComparison.Ordinal) && Fits(national[plan.Trunk.Length..], plans) ? new(plan, national[plan.Trunk.Length..], extension)
            : null;
    }

    private static PhoneNumber? AtHome(string digits, PhoneRegion home, string? extension)
    {
        if (home.Trunk.Length > 0 && digits.StartsWith(home.Trunk, StringComparison.Ordinal) && home.Lengths.Contains(digits.Length - home.Trunk.Length))
        {
            return new(home, AfterTrunk(digits[home.Trunk.Length..], home), extension);
        }
        if (home.Region == "AR" && Mobile15(digits) is { } mobile)
        {
            return new(home, mobile, extension);
        }
        // A number that begins with the trunk prefix is dialled with it: without one it would be another number.
        if (home.Lengths.Contains(digits.Length) && (home.Trunk == "0" ? digits.Length >= 8 && digits[0] != '0' : digits.Length >= 4))
        {
            return new(home, digits, extension);
        }
        return digits.StartsWith(home.Code, StringComparison.Ordinal) && home.Lengths.Contains(digits.Length - home.Code.Length) ? new(home, digits[home.Code.Length..], extension) : null;
    }

    /// <summary>Where eight is dialled for a line, the nought that follows it is dialled too and is no part of the number (Belarus).</summary>
    private static string AfterTrunk(string digits, PhoneRegion home) =>
        home.Trunk == "8" && digits.StartsWith('0') && home.Lengths.Contains(digits.Length - 1) ? digits[1..] : digits;

    /// <summary>Inside Argentina a mobile number is 0, area, 15, number; from abroad it is 9, area, number.</summary>
    private static string? Mobile15(string digits)
    {
        if (digits.Length != 13 || digits[0] != '0')
        {
            return null;
        }
        var area = Enumerable.Range(2, 3).FirstOrDefault(length => digits.AsSpan(1 + length, 2) is "15" && (length != 2 || digits.AsSpan(1, 2) is "11"));
        return area == 0 ? null : string.Concat("9", digits.AsSpan(1, area), digits.AsSpan(area + 3));
    }

    private static bool Fits(string national, IReadOnlyList<PhoneRegion> plans) => national.Length >= 4 && plans.Any(p => p.Lengths.Contains(national.Length));

    private string Grouped(string digits)
    {
        IReadOnlyList<int> groups = Plan.Groups.Sum() == digits.Length ? Plan.Groups : digits.Length switch
        {
            <= 4 => [digits.Length],
            5 => [2, 3],
            6 => [3, 3],
            7 => [3, 4],
            8 => [4, 4],
            9 => [3, 3, 3],
            10 => [3, 3, 4],
            11 => [3, 4, 4],
            _ => [4, 4, digits.Length - 8],
        };
        var text = new StringBuilder();
        var at = 0;
        foreach (var group in groups)
        {
            text.Append(at > 0 ? " " : "").Append(digits, at, group);
            at += group;
        }
        return text.ToString();
    }

    private static (string Main, string? Extension) Split(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.StartsWith("tel:", StringComparison.OrdinalIgnoreCase))
        {
            trimmed = trimmed[4..];
        }
        var match = Ending().Match(trimmed);
        return match.Success ? (trimmed[..match.Index].Trim(), match.Groups["digits"].Value) : (trimmed, null);
    }

    /// <summary>Digits of any script, and brackets and signs as full-width keyboards type them.</summary>
    private static string Latin(string text) => string.Concat(text.Normalize(NormalizationForm.FormKC).EnumerateRunes().Select(rune => Rune.GetNumericValue(rune) is >= 0 and <= 9 and var digit && Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber
        ? ((int)digit).ToString(CultureInfo.InvariantCulture)
        : Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format ? "" : rune.ToString()));

    [GeneratedRegex(@"^\+?[\d\s().\-/‐‑–]+$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Shape();

    [GeneratedRegex(@"\s*(?:;ext=|,\s*|\s+ext(?:ension)?\.?\s*|\s+extn\.?\s*|\s*\bx\s*|\s*#\s*|\s+доб\.?\s*|\s*转\s*)(?<digits>\d{1,9})#?$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Ending();
}
