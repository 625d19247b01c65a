using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>An amount with its currency. What it was worth in the organisation's currency when it was saved goes along but does not make it another amount.</summary>
/// <param name="Amount">Exact, at most four digits after the point.</param>
/// <param name="Currency">ISO 4217 code in upper case.</param>
public sealed record Money(decimal Amount, string Currency)
{
    /// <summary>In the organisation's currency, at the rate of the day on which it was saved; null while that is not known.</summary>
    public decimal? Converted { get; init; }

    public bool Equals(Money? other) => other is not null && Amount == other.Amount && Currency == other.Currency;

    public override int GetHashCode() => HashCode.Combine(Amount, Currency);
}

/// <summary>
/// Money: stored as an exact amount, its currency and the amount in the organisation's currency, which orders, sums and averages use; JSON
/// <c>{"amount":"12.50","currency":"EUR"}</c>, with <c>converted</c> where the currency is another one.
/// </summary>
[FieldType("money")]
public sealed class MoneyFieldType : OrderedFieldType
{
    private const int AmountScale = 4, ConvertedPart = 2;

    private static readonly ColumnPart[] MoneyParts =
    [
        new("", ColumnKind.Decimal, AmountScale), new("$currency", ColumnKind.Text), new("$converted", ColumnKind.Decimal, AmountScale) { Compared = false },
    ];

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    [Description("Currency of amounts that name none; the organisation's currency if absent.")]
    public string? Currency { get; set; }

    [Description("Digits after the point; if absent four, of which a currency without cents allows none.")]
    public int? Scale { get; init; }

    /// <summary>The organisation's currency.</summary>
    [JsonIgnore]
    public string BaseCurrency { get; private set; } = "";

    /// <summary>Every currency in which an amount may be entered, the field's own first.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Currencies { get; private set; } = [];

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => MoneyParts;

    [JsonIgnore]
    public override Type ValueType => typeof(Money);

    [JsonIgnore]
    public override bool IsNumeric => true;

    [JsonIgnore]
    public override int SortPart => ConvertedPart;

    [JsonIgnore]
    public override int GroupPart => ConvertedPart;

    [JsonIgnore]
    public override IReadOnlyList<FieldPart> FieldParts => field ??=
    [
        Part("currency", "Currency", "币种", new CurrencyCodeFieldType(), 1, money => money.Currency),
        Part("converted", "Converted amount", "折算金额", new DecimalFieldType { Scale = AmountScale }, ConvertedPart, money => money.Converted),
    ];

    public override FieldType Bind(OrganisationDefinition organisation)
    {
        BaseCurrency = organisation.Currency;
        Currency ??= organisation.Currency;
        Currencies = [.. organisation.Currencies.Prepend(organisation.Currency).Prepend(Currency).Distinct(StringComparer.Ordinal)];
        return this;
    }

    public override IEnumerable<string> CheckOptions()
    {
        if (Scale is < 0 or > AmountScale)
        {
            yield return "scale must lie between 0 and 4.";
        }
        if (Currencies.FirstOrDefault(c => !Metadata.Currencies.IsCode(c)) is { } stray)
        {
            yield return $"'{stray}' is no ISO 4217 currency code.";
        }
    }

    public override Parsed FromJson(JsonElement json)
    {
        if (json.ValueKind is JsonValueKind.Number or JsonValueKind.String)
        {
            return ExactDecimal.Read(json) is { } bare ? Parsed.Ok(new Money(bare, Currency!)) : Parsed.Bad("value.money");
        }
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Parsed.Bad("value.money");
        }
        decimal? amount = null, converted = null;
        var currency = Currency!;
        foreach (var member in json.EnumerateObject())
        {
            if (member.NameEquals("amount"))
            {
                amount = ExactDecimal.Read(member.Value);
            }
            else if (member.NameEquals("currency") && member.Value.ValueKind == JsonValueKind.String)
            {
                currency = member.Value.GetString()!.ToUpperInvariant();
                if (IsUnstorable(currency))
                {
                    return Parsed.Bad("value.controlCharacters");
                }
            }
            else if (member.NameEquals("converted"))
            {
                // Shown, so it comes back; what counts is computed anew when a changed amount is saved.
                converted = ExactDecimal.Read(member.Value);
            }
            else
            {
                return Parsed.Bad("value.money");
            }
        }
        return amount is { } found ? Parsed.Ok(new Money(found, currency) { Converted = converted }) : Parsed.Bad("value.money");
    }

    public override void WriteJson(Utf8JsonWriter writer, object value)
    {
        var money = (Money)value;
        writer.WriteStartObject();
        writer.WriteString("amount", ExactDecimal.ToMoneyText(money.Amount, Metadata.Currencies.DigitsOf(money.Currency)));
        writer.WriteString("currency", money.Currency);
        if (money.Currency != BaseCurrency && money.Converted is { } converted)
        {
            writer.WriteString("converted", ExactDecimal.ToMoneyText(converted, Metadata.Currencies.DigitsOf(BaseCurrency)));
        }
        writer.WriteEndObject();
    }

    /// <summary>Amounts are texts with their exact digits, in the organisation's currency.</summary>
    public override void WriteFigure(Utf8JsonWriter writer, object figure) => writer.WriteStringValue(ExactDecimal.ToMoneyText(decimal.Round((decimal)figure, AmountScale)));

    public override string ToFileText(object value) => $"{ExactDecimal.ToMoneyText(((Money)value).Amount)} {((Money)value).Currency}";

    /// <summary>A number, with the code of its currency before or after it, or its sign: <c>12.50 EUR</c>, <c>€12.50</c>.</summary>
    public override Parsed FromText(string text, TextFormat format)
    {
        var (currency, rest) = (format.Currency ?? Currency!, text.Trim());
        if (rest.Length > 3 && IsLetters(rest[^3..]))
        {
            (currency, rest) = (rest[^3..].ToUpperInvariant(), rest[..^3].TrimEnd());
        }
        else if (rest.Length > 3 && IsLetters(rest[..3]))
        {
            (currency, rest) = (rest[..3].ToUpperInvariant(), rest[3..].TrimStart());
        }
        else if (rest.IndexOfAny(Metadata.Currencies.Signs) is >= 0 and var at)
        {
            var codes = Metadata.Currencies.Of(rest[at]);
            if (WhichOf(codes, currency) is not { } meant)
            {
                return Parsed.Bad("value.currency.sign", rest[at].ToString(), string.Join(", ", codes), codes[0]);
            }
            (currency, rest) = (meant, WithoutSign(rest, at));
        }
        return ExactDecimal.Read(rest, format.Culture) is { } amount ? Parsed.Ok(new Money(amount, currency)) : Parsed.Bad("value.money");
    }

    private static bool IsLetters(string text) => text.All(char.IsAsciiLetter);

    /// <summary>The sign stands before the number or after it, with the minus on either side; elsewhere it stays and is no number.</summary>
    private static string WithoutSign(string text, int at) =>
        at == text.Length - 1 ? text[..^1].TrimEnd()
        : text[..at].Trim() is "" or "-" or "\u2212" ? text[..at].Trim() + text[(at + 1)..].TrimStart()
        : text;

    /// <summary>Which currency a sign stands for here: the assumed one, else the only one of them that amounts may be in, else the only one there is.</summary>
    private string? WhichOf(IReadOnlyList<string> codes, string assumed)
    {
        string[] known = [.. codes.Where(Currencies.Contains)];
        return codes.Contains(assumed) ? assumed : known.Length == 1 ? known[0] : codes.Count == 1 ? codes[0] : null;
    }

    [JsonIgnore]
    public override bool SpreadsInFiles => true;

    /// <summary>An amount and beside it its currency; what it is worth in another one is computed anew.</summary>
    public override Parsed FromParts(IReadOnlyDictionary<string, string> texts, TextFormat format)
    {
        if (!texts.TryGetValue("currency", out var code))
        {
            return base.FromParts(texts, format);
        }
        if (IsUnstorable(code))
        {
            return Parsed.Bad("value.controlCharacters");
        }
        var currency = code.Trim().ToUpperInvariant();
        var parsed = base.FromParts(texts, format with { Currency = currency });
        return parsed.Value is Money money ? Parsed.Ok(new Money(money.Amount, currency)) : parsed;
    }

    public override string ToText(object value, CultureInfo culture)
    {
        var money = (Money)value;
        return $"{AmountText(money, culture)} {money.Currency}";
    }

    /// <summary>The amount without its currency, with the digits that the currency has; none where there is nothing to say.</summary>
    public static string AmountText(Money money, CultureInfo culture) =>
        money.Amount.ToString(money.Amount == decimal.Truncate(money.Amount) ? "N0" : "N" + Metadata.Currencies.DigitsOf(money.Currency).ToString(CultureInfo.InvariantCulture), culture);

    /// <summary>
    /// Limits are in the field's own currency: an amount in another one is measured by what it is worth, which saving finds out.
    /// </summary>
    public override Fault? Validate(object value)
    {
        var money = (Money)value;
        return !Currencies.Contains(money.Currency) ? new("value.currency", money.Currency, string.Join(", ", Currencies))
            : ExactDecimal.CheckScale(money.Amount, Scale ?? (Metadata.Currencies.DigitsOf(money.Currency) == 0 ? 0 : AmountScale))
            ?? (money.Currency == Currency ? Range.Check(money.Amount, Min, Max)
                : Currency == BaseCurrency && money.Converted is { } converted ? Range.Check(converted, Min, Max)
                : money.Amount < 0 && Min >= 0 ? new Fault("value.tooSmall", Min)
                : null);
    }

    /// <summary>An order of amounts is one of what they are worth; the worth of a condition's amount is known only in the organisation's currency.</summary>
    public override Parsed ReadOperand(ConditionOperator op, JsonElement json)
    {
        var parsed = FromJson(json);
        if (parsed.Value is not Money money || op is ConditionOperator.Eq or ConditionOperator.Ne or ConditionOperator.In or ConditionOperator.NotIn)
        {
            return parsed;
        }
        // A bare number is compared with what is summed.
        return json.ValueKind != JsonValueKind.Object || money.Currency == BaseCurrency ? Parsed.Ok(new Money(money.Amount, BaseCurrency)) : Parsed.Bad("value.currency.order", BaseCurrency);
    }

    public override void ToColumns(object? value, Span<object?> columns)
    {
        var money = (Money?)value;
        columns[0] = money?.Amount;
        columns[1] = money?.Currency;
        columns[ConvertedPart] = WorthOf(money);
    }

    public override object? FromColumns(ReadOnlySpan<object?> columns) =>
        columns[0] is decimal amount ? new Money(amount, columns[1] as string ?? Currency!) { Converted = columns[ConvertedPart] as decimal? } : null;

    public override int Compare(object left, object right) => Nullable.Compare(WorthOf((Money)left), WorthOf((Money)right));

    /// <summary>What an amount is worth in the organisation's currency; null while that is not known.</summary>
    public decimal? WorthOf(Money? money) => money is null ? null : money.Currency == BaseCurrency ? money.Amount : money.Converted;

    private static FieldPart Part(string name, string en, string zh, FieldType type, int column, Func<Money, object?> read)
    {
        type.Name = type is DecimalFieldType ? "decimal" : "text";
        return new(name, Label.Of(en, zh), type, column, value => read((Money)value));
    }
}

/// <summary>A short code that is a part of another value; it has no folded form of its own.</summary>
public sealed class CurrencyCodeFieldType : FieldType
{
    private static readonly ColumnPart[] CodeParts = [new("", ColumnKind.Text)];

    private static readonly ConditionOperator[] CodeOperators =
    [
        ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.In, ConditionOperator.NotIn, ConditionOperator.IsNull, ConditionOperator.NotNull,
    ];

    public override IReadOnlyList<ColumnPart> Parts => CodeParts;

    public override Type ValueType => typeof(string);

    public override IReadOnlyList<ConditionOperator> Operators => CodeOperators;

    public override Parsed FromJson(JsonElement json) => json.ValueKind == JsonValueKind.String ? FromText(json.GetString()!, TextFormat.Invariant) : Parsed.Bad("value.text");

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteStringValue((string)value);

    public override Parsed FromText(string text, TextFormat format) =>
        IsUnstorable(text) ? Parsed.Bad("value.controlCharacters") : Parsed.Ok(text.Trim() is { Length: > 0 } code ? code.ToUpperInvariant() : null);

    public override int Compare(object left, object right) => Folding.CompareByCodePoint((string)left, (string)right);
}

/// <summary>What ISO 4217 says about currencies.</summary>
public static class Currencies
{
    private static readonly Dictionary<int, HashSet<string>> ByDigits = new()
    {
        [0] = ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"],
        [3] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"],
        [4] = ["CLF", "UYW"],
    };

    /// <summary>Digits of the smallest unit; two for all but a few.</summary>
    public static int DigitsOf(string currency)
    {
        foreach (var (digits, codes) in ByDigits)
        {
            if (codes.Contains(currency))
            {
                return digits;
            }
        }
        return 2;
    }

    private static readonly Dictionary<char, string[]> BySign = new()
    {
        ['$'] = ["USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD"], ['€'] = ["EUR"], ['£'] = ["GBP"], ['¥'] = ["CNY", "JPY"], ['￥'] = ["CNY", "JPY"], ['₩'] = ["KRW"], ['₹'] = ["INR"],
    };

    /// <summary>The signs that amounts are written with.</summary>
    internal static char[] Signs { get; } = [.. BySign.Keys];

    /// <summary>The currencies that a sign stands for.</summary>
    internal static IReadOnlyList<string> Of(char sign) => BySign[sign];

    public static bool IsCode(string text) => text.Length == 3 && text.All(char.IsAsciiLetterUpper);
}
