using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>A number of stars.</summary>
[FieldType("rating")]
public sealed class RatingFieldType : OrderedFieldType
{
    private static readonly ColumnPart[] RatingParts = [new("", ColumnKind.Integer)];

    [Description("Most stars, 1 to 10.")]
    public int Max { get; init; } = 5;

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => RatingParts;

    [JsonIgnore]
    public override Type ValueType => typeof(long);

    [JsonIgnore]
    public override bool IsNumeric => true;

    public override IEnumerable<string> CheckOptions()
    {
        if (Max is < 1 or > 10)
        {
            yield return "max must lie between 1 and 10.";
        }
    }

    public override Parsed FromJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Number when json.TryGetInt64(out var number) => Parsed.Ok(number),
        JsonValueKind.String => FromText(json.GetString()!, TextFormat.Invariant),
        _ => Parsed.Bad("value.integer"),
    };

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteNumberValue((long)value);

    /// <summary>A number, a number out of the most (3/5), or stars.</summary>
    public override Parsed FromText(string text, TextFormat format)
    {
        var trimmed = text.Trim();
        if (trimmed.All(c => c is '★' or '☆' or '⭐'))
        {
            return Parsed.Ok((long)trimmed.Count(c => c is '★' or '⭐'));
        }
        var suffix = string.Create(CultureInfo.InvariantCulture, $"/{Max}");
        return long.TryParse(trimmed.EndsWith(suffix, StringComparison.Ordinal) ? trimmed[..^suffix.Length] : trimmed, NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number)
            ? Parsed.Ok(number)
            : Parsed.Bad("value.integer");
    }

    public override string ToText(object value, CultureInfo culture) => ((long)value).ToString(culture);

    public override Fault? Validate(object value) => Range.Check((long)value, 1, Max);
}

/// <summary>A colour, #rrggbb.</summary>
[FieldType("color")]
public sealed class ColorFieldType : FieldType
{
    private static readonly ColumnPart[] ColorParts = [new("", ColumnKind.Text)];

    private static readonly ConditionOperator[] ColorOperators =
    [
        ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.In, ConditionOperator.NotIn, ConditionOperator.IsNull, ConditionOperator.NotNull,
    ];

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => ColorParts;

    [JsonIgnore]
    public override Type ValueType => typeof(string);

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => ColorOperators;

    public override Parsed FromJson(JsonElement json) => json.ValueKind == JsonValueKind.String ? FromText(json.GetString()!, TextFormat.Invariant) : Parsed.Bad("value.color");

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteStringValue((string)value);

    public override Parsed FromText(string text, TextFormat format)
    {
        var digits = text.Trim().TrimStart('#').ToLowerInvariant();
        if (digits.Length == 0)
        {
            return Parsed.Ok(null);
        }
        return !digits.All(char.IsAsciiHexDigitLower) ? Parsed.Bad("value.color")
            : digits.Length == 6 ? Parsed.Ok("#" + digits)
            : digits.Length == 3 ? Parsed.Ok(string.Create(CultureInfo.InvariantCulture, $"#{digits[0]}{digits[0]}{digits[1]}{digits[1]}{digits[2]}{digits[2]}"))
            : Parsed.Bad("value.color");
    }

    public override string ToText(object value, CultureInfo culture) => (string)value;

    public override int Compare(object left, object right) => Folding.CompareByCodePoint((string)left, (string)right);
}
