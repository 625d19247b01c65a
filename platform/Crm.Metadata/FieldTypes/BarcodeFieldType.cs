using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>Which code the text is printed as.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BarcodeKind>))]
public enum BarcodeKind
{
    [JsonStringEnumMemberName("code128")] Code128,
    [JsonStringEnumMemberName("ean13")] Ean13,
    [JsonStringEnumMemberName("ean8")] Ean8,
    [JsonStringEnumMemberName("upca")] UpcA,
    [JsonStringEnumMemberName("qr")] Qr,
}

/// <summary>A text that scanners read; where the kind of code has a check digit, it must be right.</summary>
[FieldType("barcode")]
public sealed class BarcodeFieldType : TextualFieldType
{
    /// <summary>What fits into a code 128 that a scanner still reads, and into a QR code.</summary>
    private const int Code128Length = 80, QrLength = 1_000;

    public BarcodeFieldType() => MaxLength = Code128Length;

    [Description("code128, ean13, ean8, upca or qr.")]
    public BarcodeKind Kind { get; init; }

    private int Digits => Kind switch { BarcodeKind.Ean13 => 13, BarcodeKind.Ean8 => 8, BarcodeKind.UpcA => 12, _ => 0 };

    public override IEnumerable<string> CheckOptions()
    {
        var most = Kind == BarcodeKind.Qr ? QrLength : Code128Length;
        return MaxLength is >= 1 && MaxLength <= most ? [] : [$"maxLength must lie between 1 and {most}."];
    }

    /// <summary>The digit that ends a number of digits in the EAN and UPC codes: weights 3 and 1 from the right.</summary>
    public static int CheckDigit(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            sum += (digits[digits.Length - 1 - i] - '0') * (i % 2 == 0 ? 3 : 1);
        }
        return (10 - (sum % 10)) % 10;
    }

    /// <summary>Spaces and hyphens of printed numbers go; a number without its check digit gets it.</summary>
    protected override Parsed Normalize(string text)
    {
        if (Digits == 0)
        {
            return Kind == BarcodeKind.Code128 && !text.All(c => c is >= ' ' and <= '~') ? Parsed.Bad("value.barcode.characters") : Parsed.Ok(text);
        }
        var digits = text.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        if (!digits.All(char.IsAsciiDigit) || digits.Length < Digits - 1 || digits.Length > Digits)
        {
            return Parsed.Bad("value.barcode.digits", Digits);
        }
        var expected = (char)('0' + CheckDigit(digits.AsSpan(0, Digits - 1)));
        return digits.Length == Digits - 1 ? Parsed.Ok(digits + expected)
            : digits[^1] == expected ? Parsed.Ok(digits)
            : Parsed.Bad("value.barcode.checkDigit", digits[^1], expected);
    }
}
