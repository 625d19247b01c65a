using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>Yes or no.</summary>
[FieldType("boolean")]
public sealed class BooleanFieldType : FieldType
{
    private static readonly ColumnPart[] BooleanParts = [new("", ColumnKind.Boolean)];

    private static readonly ConditionOperator[] BooleanOperators = [ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.IsNull, ConditionOperator.NotNull];

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => BooleanParts;

    [JsonIgnore]
    public override Type ValueType => typeof(bool);

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => BooleanOperators;

    public override Parsed FromJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => Parsed.Ok(true),
        JsonValueKind.False => Parsed.Ok(false),
        _ => Parsed.Bad("value.boolean"),
    };

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteBooleanValue((bool)value);

    public override Parsed FromText(string text, TextFormat format) => text.Trim().ToLowerInvariant() switch
    {
        "true" or "yes" or "y" or "1" or "x" or "on" or "是" => Parsed.Ok(true),
        "false" or "no" or "n" or "0" or "off" or "否" => Parsed.Ok(false),
        _ => Parsed.Bad("value.boolean"),
    };

    public override string ToText(object value, CultureInfo culture) => (bool)value ? "true" : "false";
}

/// <summary>One of the values that a choice offers.</summary>
public sealed record ChoiceOption
{
    public required string Value { get; init; }

    public Label? Label { get; init; }

    [Description("#rrggbb")]
    public string? Color { get; init; }

    [Description("Other words for it in files that are imported.")]
    public IReadOnlyList<string> Aliases { get; init; } = [];

    [Description("With dependsOn: the values of the other field for which this one is offered; always if empty.")]
    public IReadOnlyList<string> For { get; init; } = [];

    [Description("For how many days a record usually has this value; on a board, one that has had it for longer turns amber, and red after twice as long.")]
    public int? Days { get; init; }

    [JsonIgnore]
    public Label Text => Label ?? Metadata.Label.FromName(Value);
}

/// <summary>A type whose values come out of a list.</summary>
public interface IHasOptions
{
    IReadOnlyList<ChoiceOption> Options { get; }

    ChoiceOption? Find(string value);
}

/// <summary>One value out of a list.</summary>
[FieldType("choice")]
public sealed class ChoiceFieldType : FieldType, IHasOptions
{
    private static readonly ColumnPart[] ChoiceParts = [new("", ColumnKind.Text)];

    private static readonly ConditionOperator[] ChoiceOperators =
    [
        ConditionOperator.In, ConditionOperator.NotIn, ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.IsNull, ConditionOperator.NotNull,
    ];

    private Dictionary<string, ChoiceOption>? _byValue;

    public IReadOnlyList<ChoiceOption> Options { get; init; } = [];

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => ChoiceParts;

    [JsonIgnore]
    public override Type ValueType => typeof(string);

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => ChoiceOperators;

    public ChoiceOption? Find(string value) => (_byValue ??= Options.ToDictionary(o => o.Value)).GetValueOrDefault(value);

    public override IEnumerable<string> CheckOptions()
    {
        if (Options.Count == 0)
        {
            yield return "a choice needs options.";
        }
        foreach (var twice in Options.GroupBy(o => o.Value).Where(g => g.Count() > 1))
        {
            yield return $"option '{twice.Key}' occurs twice.";
        }
    }

    public override Parsed FromJson(JsonElement json) => ReadText(json);

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteStringValue((string)value);

    public override Parsed FromText(string text, TextFormat format)
    {
        var wanted = Folding.Fold(text.Trim());
        var option = Find(text.Trim()) ?? Options.FirstOrDefault(o =>
            Folding.Fold(o.Value) == wanted || o.Text.ByLanguage.Values.Any(l => Folding.Fold(l) == wanted) || o.Aliases.Any(a => Folding.Fold(a) == wanted));
        return option is null ? Parsed.Bad("value.choice", text.Trim(), Offer()) : Parsed.Ok(option.Value);
    }

    public override string ToText(object value, CultureInfo culture) => Find((string)value)?.Text.In(culture.Name) ?? (string)value;

    public override Fault? Validate(object value) => Find((string)value) is null ? new("value.choice", value, Offer()) : null;

    public override int Compare(object left, object right) => Folding.CompareByCodePoint((string)left, (string)right);

    private string Offer() => string.Join(", ", Options.Take(20).Select(o => o.Value)) + (Options.Count > 20 ? ", ..." : "");
}
