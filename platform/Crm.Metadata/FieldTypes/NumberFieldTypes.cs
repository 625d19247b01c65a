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

    public override Parsed FromJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Number when json.TryGetInt64(out var number) => Parsed.Ok(number),
        JsonValueKind.Number when json.TryGetDecimal(out var exact) && exact == decimal.Truncate(exact) && exact is >= long.MinValue and <= long.MaxValue => Parsed.Ok((long)exact),
        JsonValueKind.String => FromText(json.GetString()!, TextFormat.Invariant),
        _ => Parsed.Bad("value.integer"),
    };

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteNumberValue((long)value);

    public override Parsed FromText(string text, TextFormat format) =>
        long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowThousands, format.Culture, out var number) ? Parsed.Ok(number)
        : decimal.TryParse(text.Trim(), NumberStyles.Number, format.Culture, out var exact) && exact == decimal.Truncate(exact) && exact is >= long.MinValue and <= long.MaxValue ? Parsed.Ok((long)exact)
        : Parsed.Bad("value.integer");

    public override string ToText(object value, CultureInfo culture) => ((long)value).ToString(Grouping ? "N0" : "0", culture);

    public override Fault? Validate(object value) => Range.Check((long)value, Min, Max);
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

    public override Parsed FromJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Number when ExactDecimal.TryParse(json.GetRawText(), out var number) => Parsed.Ok(number),
        JsonValueKind.String => FromText(json.GetString()!, TextFormat.Invariant),
        _ => Parsed.Bad("value.number"),
    };

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteNumberValue(ExactDecimal.Trim((decimal)value));

    public override Parsed FromText(string text, TextFormat format) =>
        decimal.TryParse(text.Trim(), NumberStyles.Number, format.Culture, out var number) ? Parsed.Ok(number) : Parsed.Bad("value.number");

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

/// <summary>An amount with its currency.</summary>
/// <param name="Amount">Exact, at most four digits after the point.</param>
/// <param name="Currency">ISO 4217 code in upper case.</param>
public sealed record Money(decimal Amount, string Currency);

/// <summary>Money: stored as an exact amount and its currency; JSON <c>{"amount":"12.50","currency":"EUR"}</c>.</summary>
[FieldType("money")]
public sealed class MoneyFieldType : OrderedFieldType
{
    private const int AmountScale = 4;

    private static readonly ColumnPart[] MoneyParts = [new("", ColumnKind.Decimal, AmountScale), new("$currency", ColumnKind.Text)];

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    [Description("Currency of amounts that name none; the organisation's currency if absent.")]
    public string? Currency { get; set; }

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => MoneyParts;

    [JsonIgnore]
    public override Type ValueType => typeof(Money);

    [JsonIgnore]
    public override bool IsNumeric => true;

    public override Parsed FromJson(JsonElement json)
    {
        if (json.ValueKind is JsonValueKind.Number or JsonValueKind.String)
        {
            return ReadAmount(json) is { } bare ? Parsed.Ok(new Money(bare, Currency!)) : Parsed.Bad("value.money");
        }
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Parsed.Bad("value.money");
        }
        decimal? amount = null;
        var currency = Currency!;
        foreach (var member in json.EnumerateObject())
        {
            if (member.NameEquals("amount"))
            {
                amount = ReadAmount(member.Value);
            }
            else if (member.NameEquals("currency") && member.Value.ValueKind == JsonValueKind.String)
            {
                currency = member.Value.GetString()!.ToUpperInvariant();
            }
            else
            {
                return Parsed.Bad("value.money");
            }
        }
        return amount is { } found ? Parsed.Ok(new Money(found, currency)) : Parsed.Bad("value.money");
    }

    public override void WriteJson(Utf8JsonWriter writer, object value)
    {
        var money = (Money)value;
        writer.WriteStartObject();
        writer.WriteString("amount", ExactDecimal.ToMoneyText(money.Amount));
        writer.WriteString("currency", money.Currency);
        writer.WriteEndObject();
    }

    public override Parsed FromText(string text, TextFormat format)
    {
        var trimmed = text.Trim();
        var currency = Currency!;
        if (trimmed.Length > 4 && trimmed[^3..].All(char.IsAsciiLetterUpper))
        {
            (currency, trimmed) = (trimmed[^3..], trimmed[..^3].TrimEnd());
        }
        else if (trimmed.Length > 4 && trimmed[..3].All(char.IsAsciiLetterUpper))
        {
            (currency, trimmed) = (trimmed[..3], trimmed[3..].TrimStart());
        }
        trimmed = trimmed.TrimStart('$', '€', '£', '¥').Trim();
        return decimal.TryParse(trimmed, NumberStyles.Number, format.Culture, out var amount)
            ? Parsed.Ok(new Money(amount, currency))
            : Parsed.Bad("value.money");
    }

    public override string ToText(object value, CultureInfo culture)
    {
        var money = (Money)value;
        return $"{money.Amount.ToString(money.Amount == decimal.Truncate(money.Amount) ? "N0" : "N2", culture)} {money.Currency}";
    }

    public override string ToFileText(object value) => $"{ExactDecimal.ToMoneyText(((Money)value).Amount)} {((Money)value).Currency}";

    public override Fault? Validate(object value)
    {
        var money = (Money)value;
        return money.Currency != Currency
            ? new("value.currency", money.Currency, Currency!)
            : ExactDecimal.CheckScale(money.Amount, AmountScale) ?? Range.Check(money.Amount, Min, Max);
    }

    public override void ToColumns(object? value, Span<object?> columns)
    {
        var money = (Money?)value;
        columns[0] = money?.Amount;
        columns[1] = money?.Currency;
    }

    public override object? FromColumns(ReadOnlySpan<object?> columns) =>
        columns[0] is decimal amount ? new Money(amount, columns[1] as string ?? Currency!) : null;

    public override int Compare(object left, object right) => ((Money)left).Amount.CompareTo(((Money)right).Amount);

    private static decimal? ReadAmount(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Number when ExactDecimal.TryParse(json.GetRawText(), out var number) => number,
        JsonValueKind.String when decimal.TryParse(json.GetString(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };
}

/// <summary>Exact decimals: reading without rounding, writing without trailing zeros.</summary>
public static class ExactDecimal
{
    /// <summary>Largest magnitude that a column of <paramref name="scale"/> holds, a 64-bit integer of the last digit.</summary>
    public static decimal Limit(int scale) => decimal.Truncate(long.MaxValue / (decimal)Math.Pow(10, scale));

    /// <summary>Reads a JSON number; false where a decimal cannot hold all its digits.</summary>
    public static bool TryParse(string text, out decimal value)
    {
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return false;
        }
        var mantissa = text.AsSpan();
        var exponent = mantissa.IndexOfAny('e', 'E');
        var digits = 0;
        foreach (var c in exponent < 0 ? mantissa : mantissa[..exponent])
        {
            digits += char.IsAsciiDigit(c) && (digits > 0 || c != '0') ? 1 : 0;
        }
        return digits <= 28 && (value != 0 || digits == 0);
    }

    public static decimal Trim(decimal value) => value / 1.0000000000000000000000000000m;

    /// <summary>At least two digits after the point, as amounts are written.</summary>
    public static string ToMoneyText(decimal amount) => amount.ToString("0.00##", CultureInfo.InvariantCulture);

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
