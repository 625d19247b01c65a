using System.Buffers;
using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>Any JSON value in its canonical text: members in order of their names, no spaces.</summary>
public sealed record JsonContent(string Text)
{
    private static readonly JsonSerializerOptions Wide = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonContent Of(JsonElement json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            Write(writer, json);
        }
        return new(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <summary>With line breaks and indentation, for people.</summary>
    public string Indented()
    {
        using var document = JsonDocument.Parse(Text);
        return JsonSerializer.Serialize(document.RootElement, Wide);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in json.EnumerateObject().OrderBy(m => m.Name, Comparer<string>.Create(Folding.CompareByCodePoint)))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray())
                {
                    Write(writer, item);
                }
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(json.GetRawText(), skipInputValidation: true);
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }
}

/// <summary>Any JSON value; other programs keep what they need with a record.</summary>
[FieldType("json")]
public sealed class JsonFieldType : FieldType
{
    private const int Deepest = 32;

    private static readonly ColumnPart[] JsonParts = [new("", ColumnKind.Text)];

    private static readonly ConditionOperator[] JsonOperators = [ConditionOperator.IsNull, ConditionOperator.NotNull, ConditionOperator.Eq, ConditionOperator.Ne];

    [Description("Longest canonical text, in characters.")]
    public int MaxLength { get; init; } = 65_536;

    [Description("The value is a condition over the records of this entity.")]
    public string? ConditionOver { get; init; }

    [Description("The value is a condition over the records of the entity that this choice field names.")]
    public string? ConditionOverField { get; init; }

    [JsonIgnore]
    public bool IsCondition => ConditionOver is not null || ConditionOverField is not null;

    [JsonIgnore]
    public override string Editor => IsCondition ? "condition" : base.Editor;

    [JsonIgnore]
    public override string Cell => IsCondition ? "condition" : base.Cell;

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => JsonParts;

    [JsonIgnore]
    public override Type ValueType => typeof(JsonContent);

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => JsonOperators;

    [JsonIgnore]
    public override bool IsSortable => false;

    [JsonIgnore]
    public override bool ValueIsColumn => false;

    [JsonIgnore]
    public override bool ComparesWithFields => false;

    public override IEnumerable<string> CheckOptions()
    {
        if (MaxLength is < 2 or > 1_000_000)
        {
            yield return "maxLength must lie between 2 and 1,000,000.";
        }
        if (ConditionOver is not null && ConditionOverField is not null)
        {
            yield return "conditionOver and conditionOverField cannot both be given.";
        }
    }

    public override Parsed FromJson(JsonElement json)
    {
        if (DepthOf(json) > Deepest)
        {
            return Parsed.Bad("value.json.depth", Deepest);
        }
        var content = JsonContent.Of(json);
        return content.Text.Contains("\\u0000", StringComparison.Ordinal) ? Parsed.Bad("value.controlCharacters") : Parsed.Ok(content);
    }

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteRawValue(((JsonContent)value).Text, skipInputValidation: true);

    public override Parsed FromText(string text, TextFormat format)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = Deepest + 1 });
            return document.RootElement.ValueKind == JsonValueKind.Null ? Parsed.Ok(null) : FromJson(document.RootElement);
        }
        catch (JsonException e)
        {
            return Parsed.Bad("value.json", (e.LineNumber ?? 0) + 1, (e.BytePositionInLine ?? 0) + 1);
        }
        catch (InvalidOperationException)
        {
            return Parsed.Bad("value.brokenUnicode");
        }
    }

    public override string ToText(object value, CultureInfo culture) => ((JsonContent)value).Text;

    public override string ToFileText(object value) => ((JsonContent)value).Text;

    public override Fault? Validate(object value) => ((JsonContent)value).Text.Length is var length && length > MaxLength ? new("value.tooLong", MaxLength, length) : null;

    public override void ToColumns(object? value, Span<object?> columns) => columns[0] = (value as JsonContent)?.Text;

    public override object? FromColumns(ReadOnlySpan<object?> columns) => FromGroup(columns[0]);

    public override object? FromGroup(object? column) => column is string text ? new JsonContent(text) : null;

    public override void WriteOperand(Utf8JsonWriter writer, ConditionOperator op, object value) => WriteJson(writer, value);

    private static int DepthOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => 1 + json.EnumerateObject().Select(m => DepthOf(m.Value)).DefaultIfEmpty().Max(),
        JsonValueKind.Array => 1 + json.EnumerateArray().Select(DepthOf).DefaultIfEmpty().Max(),
        _ => 0,
    };
}
