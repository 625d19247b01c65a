using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>What ordered, countable values have in common.</summary>
public abstract class OrderedFieldType : FieldType
{
    private static readonly ConditionOperator[] OrderedOperators =
    [
        ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.Ge, ConditionOperator.Le, ConditionOperator.Gt, ConditionOperator.Lt,
        ConditionOperator.Between, ConditionOperator.In, ConditionOperator.NotIn, ConditionOperator.IsNull, ConditionOperator.NotNull,
    ];

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => OrderedOperators;
}

/// <summary>A whole number of 64 bits.</summary>
[FieldType("integer")]
public sealed class IntegerFieldType : OrderedFieldType
{
    private static readonly ColumnPart[] IntegerParts = [new("", ColumnKind.Integer)];

    public long? Min { get; init; }

    public long? Max { get; init; }

    [Description("Whether thousands are separated when the number is shown; years and codes are not.")]
    public bool Grouping { get; init; } = true;

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => IntegerParts;

    [JsonIgnore]
    public override Type ValueType => typeof(long);

    [JsonIgnore]
    public override bool IsNumeric => true;

    public override Parsed FromJson(JsonElement json) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out var number) ? Parsed.Ok(number) : Whole(ExactDecimal.Read(json));

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteNumberValue((long)value);

    public override Parsed FromText(string text, TextFormat format) => Whole(ExactDecimal.Read(text.Trim(), format.Culture));

    public override string ToText(object value, CultureInfo culture) => ((long)value).ToString(Grouping ? "N0" : "0", culture);

    public override Fault? Validate(object value) => Range.Check((long)value, Min, Max);

    private static Parsed Whole(decimal? read) =>
        read is { } exact && exact == decimal.Truncate(exact) && exact is >= long.MinValue and <= long.MaxValue ? Parsed.Ok((long)exact) : Parsed.Bad("value.integer");
}

/// <summary>An exact decimal with a fixed number of digits after the point.</summary>
[FieldType("decimal")]
public class DecimalFieldType : OrderedFieldType
{
    [Description("Digits kept after the point, 0 to 9; a value with more is refused, not rounded.")]
    public int Scale { get; init; } = 6;

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => field ??= [new("", ColumnKind.Decimal, Scale)];

    [JsonIgnore]
    public override Type ValueType => typeof(decimal);

    [JsonIgnore]
    public override bool IsNumeric => true;

    public override IEnumerable<string> CheckOptions()
    {
        if (Scale is < 0 or > 9)
        {
            yield return "scale must lie between 0 and 9.";
        }
    }

    public override Parsed FromJson(JsonElement json) => ExactDecimal.Read(json) is { } number ? Parsed.Ok(number) : Parsed.Bad("value.number");

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteNumberValue(ExactDecimal.Trim((decimal)value));

    public override Parsed FromText(string text, TextFormat format) =>
        ExactDecimal.Read(text.Trim(), format.Culture) is { } number ? Parsed.Ok(number) : Parsed.Bad("value.number");

    public override string ToText(object value, CultureInfo culture) => ((decimal)value).ToString("#,##0.######", culture);

    public override Fault? Validate(object value) => ExactDecimal.CheckScale((decimal)value, Scale) ?? Range.Check((decimal)value, Min, Max);

    public override bool AreEqual(object? left, object? right) => left is decimal l && right is decimal r ? l == r : left is null && right is null;
}

/// <summary>A share of a hundred: 25 is 25 %.</summary>
[FieldType("percent")]
public sealed class PercentFieldType : DecimalFieldType
{
    public PercentFieldType() => Scale = 4;

    public override Parsed FromText(string text, TextFormat format) => base.FromText(text.Replace("%", "", StringComparison.Ordinal), format);

    public override string ToText(object value, CultureInfo culture) => ((decimal)value).ToString("#,##0.##", culture) + " %";
}

/// <summary>Exact decimals: reading without rounding, writing without trailing zeros.</summary>
public static class ExactDecimal
{
    /// <summary>Largest magnitude that a column of <paramref name="scale"/> holds, a 64-bit integer of the last digit.</summary>
    public static decimal Limit(int scale) => decimal.Truncate(long.MaxValue / (decimal)Math.Pow(10, scale));

    /// <summary>Reads a JSON number, or a text with the digits of one; null where it is neither, or a decimal cannot hold all its digits.</summary>
    public static decimal? Read(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Number => ReadDigits(json.GetRawText()),
        JsonValueKind.String => ReadDigits(json.GetString()!),
        _ => null,
    };

    /// <summary>Reads a number as people and files write it. Signs of groups stand only where the culture's groups end: 1,5 is no fifteen.</summary>
    public static decimal? Read(string text, CultureInfo culture) =>
        decimal.TryParse(text, NumberStyles.Number, culture, out var number) && IsGrouped(text, number, culture.NumberFormat) ? number : null;

    private static decimal? ReadDigits(string text)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value))
        {
            return null;
        }
        var mantissa = text.AsSpan();
        var exponent = mantissa.IndexOfAny('e', 'E');
        var digits = 0;
        foreach (var c in exponent < 0 ? mantissa : mantissa[..exponent])
        {
            digits += char.IsAsciiDigit(c) && (digits > 0 || c != '0') ? 1 : 0;
        }
        return digits <= 28 && (value != 0 || digits == 0) ? value : null;
    }

    private static bool IsGrouped(string text, decimal number, NumberFormatInfo format)
    {
        var point = text.IndexOf(format.NumberDecimalSeparator, StringComparison.Ordinal);
        var whole = text.AsSpan(0, point < 0 ? text.Length : point);
        var first = whole.IndexOfAnyInRange('0', '9');
        if (first < 0)
        {
            return true;
        }
        whole = whole[first..(whole.LastIndexOfAnyInRange('0', '9') + 1)];
        // A blank may be typed for the narrow one that some cultures group with.
        return !whole.ContainsAnyExceptInRange('0', '9')
            || whole.ToString().Replace(" ", format.NumberGroupSeparator, StringComparison.Ordinal) == decimal.Truncate(Math.Abs(number)).ToString("N0", format);
    }

    public static decimal Trim(decimal value) => value / 1.0000000000000000000000000000m;

    /// <summary>At least two digits after the point, as amounts are written.</summary>
    public static string ToMoneyText(decimal amount) => ToMoneyText(amount, 2);

    /// <summary>At least as many digits after the point as the currency has.</summary>
    public static string ToMoneyText(decimal amount, int digits) =>
        amount.ToString(digits switch { 0 => "0.####", 3 => "0.000#", 4 => "0.0000", _ => "0.00##" }, CultureInfo.InvariantCulture);

    public static Fault? CheckScale(decimal value, int scale) =>
        Math.Abs(value) > Limit(scale) ? new("value.tooLarge", Limit(scale))
        : decimal.Round(value, scale) != value ? new("value.scale", scale)
        : null;
}

internal static class Range
{
    public static Fault? Check<T>(T value, T? min, T? max) where T : struct, IComparable<T> =>
        min is { } low && value.CompareTo(low) < 0 ? new("value.tooSmall", low)
        : max is { } high && value.CompareTo(high) > 0 ? new("value.tooLarge", high)
        : null;
}
