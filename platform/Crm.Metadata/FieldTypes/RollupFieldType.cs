using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>What a rollup computes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RollupFunction>))]
public enum RollupFunction
{
    [JsonStringEnumMemberName("count")] Count,
    [JsonStringEnumMemberName("countDistinct")] CountDistinct,
    [JsonStringEnumMemberName("sum")] Sum,
    [JsonStringEnumMemberName("avg")] Avg,
    [JsonStringEnumMemberName("min")] Min,
    [JsonStringEnumMemberName("max")] Max,
}

/// <summary>
/// A figure over the records that point to this one, kept with it: computed anew in the transaction that changes one of them. Its values
/// are those of the type that the function yields.
/// </summary>
[FieldType("rollup")]
public sealed class RollupFieldType : FieldType
{
    public RollupFunction Function { get; init; }

    [Description("Where the records come from: entity.lookup, the name of a field of rows or links, or, from the other side of links, entity.links.")]
    public string Source { get; init; } = "";

    [Description("The field of those records that is computed over; not needed to count.")]
    public string? Field { get; init; }

    [Description("Counts what stands further below as well: the source is then the entity's own lookup, as in a tree. For count, sum, min and max.")]
    public bool Deep { get; init; }

    [Description("Which of the records count: a condition over their own fields.")]
    public JsonElement? Filter { get; init; }

    /// <summary>The type of the result; set when the Model is compiled.</summary>
    [JsonIgnore]
    public FieldType Result { get; internal set; } = null!;

    /// <summary>The lookup through which records count; set when the Model is compiled.</summary>
    [JsonIgnore]
    public Field Through { get; internal set; } = null!;

    /// <summary>The field that is computed over; null for a plain count.</summary>
    [JsonIgnore]
    public Field? Over => Field is null ? null : Through.Entity[Field];

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => Result.Parts;

    [JsonIgnore]
    public override Type ValueType => Result.ValueType;

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => Result.Operators;

    [JsonIgnore]
    public override string Editor => Result.Editor;

    [JsonIgnore]
    public override string Cell => Result.Cell;

    [JsonIgnore]
    public override int SortPart => Result.SortPart;

    [JsonIgnore]
    public override int TextPart => Result.TextPart;

    [JsonIgnore]
    public override bool IsNumeric => Result.IsNumeric;

    [JsonIgnore]
    public override bool IsComputed => true;

    [JsonIgnore]
    public override bool ValueIsColumn => Result.ValueIsColumn;

    [JsonIgnore]
    public override int GroupPart => Result.GroupPart;

    [JsonIgnore]
    public override bool JsonIsColumn => Result.JsonIsColumn;

    public override IEnumerable<string> CheckOptions()
    {
        if (Function != RollupFunction.Count && Field is null)
        {
            yield return "this function needs a field.";
        }
        if (Deep && Function is (RollupFunction.Avg or RollupFunction.CountDistinct))
        {
            yield return "through a whole tree there are count, sum, min and max.";
        }
    }

    public override Parsed FromJson(JsonElement json) => Result.FromJson(json);

    public override void WriteJson(Utf8JsonWriter writer, object value) => Result.WriteJson(writer, value);

    public override Parsed FromText(string text, TextFormat format) => Result.FromText(text, format);

    public override string ToText(object value, CultureInfo culture) => Result.ToText(value, culture);

    public override void ToColumns(object? value, Span<object?> columns) => Result.ToColumns(value, columns);

    public override object? FromColumns(ReadOnlySpan<object?> columns) => Result.FromColumns(columns);

    public override object? FromGroup(object? column) => Result.FromGroup(column);

    public override void WriteFigure(Utf8JsonWriter writer, object figure) => Result.WriteFigure(writer, figure);

    public override bool AreEqual(object? left, object? right) => Result.AreEqual(left, right);

    public override int Compare(object left, object right) => Result.Compare(left, right);
}
