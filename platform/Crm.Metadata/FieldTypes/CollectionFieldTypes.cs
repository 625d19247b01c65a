using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>
/// Records that belong to one record: rows that it owns, or links to others. Each is a record of the <see cref="Child"/> entity whose
/// <see cref="Parent"/> points back, so that what holds for records (conditions, history, rights, undo) holds for them too.
/// </summary>
public abstract class CollectionFieldType : FieldType
{
    private static readonly ConditionOperator[] CollectionOperators =
        [ConditionOperator.Exists, ConditionOperator.NotExists, ConditionOperator.IsNull, ConditionOperator.NotNull];

    [Description("Name of the entity whose records are held.")]
    public string Target { get; init; } = "";

    [Description("Fewest entries; a record with less is refused.")]
    public int? Min { get; init; }

    [Description("Most entries.")]
    public int? Max { get; init; }

    /// <summary>The entity of the rows, or of the links; set when the Model is compiled.</summary>
    [JsonIgnore]
    public Entity Child { get; internal set; } = null!;

    /// <summary>The child's lookup that points back.</summary>
    [JsonIgnore]
    public Field Parent { get; internal set; } = null!;

    [JsonIgnore]
    public override Type ValueType => typeof(ItemList);

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => CollectionOperators;

    /// <summary>The fields of a child that an entry shows and sets, in order.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<Field> ItemFields { get; }

    /// <summary>What an entry's <c>id</c> is: null for the child's own id, otherwise the lookup that holds it.</summary>
    [JsonIgnore]
    public virtual Field? Key => null;

    /// <summary>The child's field that keeps the order; null for the order in which entries were made.</summary>
    [JsonIgnore]
    public virtual Field? Order => null;

    public override IEnumerable<string> CheckOptions()
    {
        if (Target.Length == 0)
        {
            yield return "a target is needed: the name of an entity.";
        }
        if (Min < 0 || Max < Math.Max(1, Min ?? 0))
        {
            yield return "min must not be negative, and max neither below it nor below 1.";
        }
    }

    /// <summary>
    /// Reads the whole list, <c>[{"id", ...}]</c>, or what changes about it, <c>{"set": [...], "remove": ["id"]}</c>. Entries of the whole
    /// list that are there already keep the values that are not named.
    /// </summary>
    public override Parsed FromJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => ItemList.Read(this, whole: true, json, []),
        JsonValueKind.Object => ReadDifference(json),
        _ => Parsed.Bad("value.list"),
    };

    public override void WriteJson(Utf8JsonWriter writer, object value)
    {
        writer.WriteStartArray();
        foreach (var item in ((ItemList)value).Items)
        {
            writer.WriteStartObject();
            writer.WriteString("id", item.Id);
            foreach (var (field, held) in item.Values)
            {
                writer.WritePropertyName(field.Name);
                if (held is null)
                {
                    writer.WriteNullValue();
                }
                else
                {
                    field.Type.WriteJson(writer, held);
                }
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    public override Parsed FromText(string text, TextFormat format)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return FromJson(document.RootElement);
        }
        catch (JsonException)
        {
            return Parsed.Bad("value.list");
        }
    }

    public override void ToColumns(object? value, Span<object?> columns)
    {
        // Entries are stored as records of their own.
    }

    public override object? FromColumns(ReadOnlySpan<object?> columns) => null;

    public override string ToText(object value, System.Globalization.CultureInfo culture)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            WriteJson(writer, value);
        }
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    public override Fault? Validate(object value)
    {
        var count = ((ItemList)value).Items.Count;
        return count < Min ? new("value.tooFew", Min) : count > Max ? new("value.tooMany", Max) : null;
    }

    private Parsed ReadDifference(JsonElement json)
    {
        JsonElement? set = null;
        var removed = new List<Guid>();
        foreach (var member in json.EnumerateObject())
        {
            switch (member.Name)
            {
                case "set" when member.Value.ValueKind == JsonValueKind.Array:
                    set = member.Value;
                    break;
                case "remove" when member.Value.ValueKind == JsonValueKind.Array:
                    foreach (var id in member.Value.EnumerateArray())
                    {
                        if (id.ValueKind != JsonValueKind.String || !Guid.TryParseExact(id.GetString(), "D", out var parsed))
                        {
                            return Parsed.Bad("value.list");
                        }
                        removed.Add(parsed);
                    }
                    break;
                default:
                    return Parsed.Bad("value.list");
            }
        }
        return ItemList.Read(this, whole: false, set, removed);
    }
}

/// <summary>Rows that the record owns: they are made, changed and deleted with it.</summary>
[FieldType("rows")]
public sealed class RowsFieldType : CollectionFieldType
{
    /// <summary>What fields of rows that log are called, where they have them.</summary>
    public const string EnteredAt = "entered_at", LeftAt = "left_at", Days = "days", By = "by", Next = "next_";

    [Description("The lookup of the target that points back; needed only where there are several.")]
    public string? Via { get; init; }

    [Description("A whole-number field of the target that keeps the order of the rows.")]
    public string? Position { get; init; }

    [Description("A field of the record: each time it changes, a row notes the value that was left, in its field of the same name. If the rows have them, entered_at, left_at, days, by and next_<field> tell the rest, and fields that the record has as well take what it held.")]
    public string? Logs { get; init; }

    [JsonIgnore]
    public override Field? Order => Position is null ? null : Child[Position];

    [JsonIgnore]
    public override IReadOnlyList<Field> ItemFields => field ??= [.. Child.OwnFields.Where(f => f != Parent && f.Type is not CollectionFieldType)];
}

/// <summary>Links to records that stand on their own, with columns that say what the link means.</summary>
[FieldType("links")]
public sealed class LinksFieldType : CollectionFieldType
{
    /// <summary>Names of the two lookups of a link.</summary>
    public const string SourceName = "source", TargetName = "target";

    /// <summary>How many fields of a link come before its columns: the two lookups.</summary>
    internal const int ImpliedFields = 2;

    [Description("What is noted about each link: fields like those of an entity.")]
    public IReadOnlyList<FieldDefinition> Columns { get; init; } = [];

    [Description("Whose list offers to add what is selected: 'source' to records of the target, 'target' to records of this entity; neither if absent.")]
    [AllowedValues(SourceName, TargetName)]
    public string? AddFrom { get; init; }

    [JsonIgnore]
    public override IReadOnlyList<Field> ItemFields => field ??= [.. Child.OwnFields.Where(f => f.Name is not (SourceName or TargetName))];

    [JsonIgnore]
    public override Field? Key => Child[TargetName];

    public override IEnumerable<string> CheckOptions() => base.CheckOptions()
        .Concat(Columns.Where(c => c.Name is SourceName or TargetName).Select(c => $"a column of a link cannot be called '{c.Name}'."))
        .Concat(AddFrom is null or SourceName or TargetName ? [] : [$"addFrom is '{SourceName}' or '{TargetName}'."]);
}
