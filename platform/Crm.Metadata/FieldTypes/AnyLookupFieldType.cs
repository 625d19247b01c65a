using System.Collections.Frozen;
using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>Which record is meant, where it can be one of several entities.</summary>
public sealed record Reference(string Entity, Guid Id);

/// <summary>A reference to a record of one of several entities: what an activity is about, whom a note concerns.</summary>
[FieldType("anyLookup")]
public sealed class AnyLookupFieldType : ReferenceFieldType
{
    /// <summary>The column that says which entity is meant, and its place.</summary>
    public const string EntitySuffix = "$entity";

    /// <summary>The column with the entity's name.</summary>
    public const int EntityPart = 1;

    private static readonly ColumnPart[] AnyParts = [new("", ColumnKind.Uuid), new(EntitySuffix, ColumnKind.Text)];

    private FrozenDictionary<string, Entity>? _byName;

    public AnyLookupFieldType() => OnDelete = OnDelete.Clear;

    [Description("Names of the entities that may be pointed to; every entity if absent or empty.")]
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>The entities that may be pointed to; set when the Model is compiled.</summary>
    [JsonIgnore]
    public IReadOnlyList<Entity> Entities { get; internal set; } = [];

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => AnyParts;

    [JsonIgnore]
    public override Type ValueType => typeof(Reference);

    /// <summary>The entity of that name, or that had it once: histories and files may still say it.</summary>
    public Entity? Find(string name) => (_byName ??= Entities
        .SelectMany(e => (e.Definition.RenamedFrom ?? []).Select(former => (Name: former, Entity: e)))
        .Concat(Entities.Select(e => (e.Name, Entity: e)))
        .GroupBy(e => e.Name, StringComparer.Ordinal)
        .ToFrozenDictionary(g => g.Key, g => g.Last().Entity, StringComparer.Ordinal)).GetValueOrDefault(name);

    public override Parsed FromJson(JsonElement json) => json.ValueKind switch
    {
        // What the API shows, a title included, is accepted back.
        JsonValueKind.Object when json.TryGetProperty("entity", out var entity) && entity.ValueKind == JsonValueKind.String
            && json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String => Read(entity.GetString()!, id.GetString()!),
        JsonValueKind.String when json.GetString() is { Length: 0 } => Parsed.Ok(null),
        JsonValueKind.String => FromText(json.GetString()!, TextFormat.Invariant),
        _ => Parsed.Bad("value.reference"),
    };

    public override void WriteJson(Utf8JsonWriter writer, object value)
    {
        var reference = (Reference)value;
        writer.WriteStartObject();
        writer.WriteString("entity", reference.Entity);
        writer.WriteString("id", reference.Id);
        writer.WriteEndObject();
    }

    public override Parsed FromText(string text, TextFormat format)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 ? Read(text[..colon].Trim(), text[(colon + 1)..].Trim()) : Parsed.Bad("value.reference");
    }

    public override string ToText(object value, CultureInfo culture) => $"{((Reference)value).Entity}:{((Reference)value).Id:D}";

    public override Fault? Validate(object value) => Find(((Reference)value).Entity) is null
        ? new("value.referenceEntity", ((Reference)value).Entity, string.Join(", ", Entities.Take(20).Select(e => e.Name)) + (Entities.Count > 20 ? ", ..." : ""))
        : null;

    public override void ToColumns(object? value, Span<object?> columns)
    {
        var reference = (Reference?)value;
        columns[0] = reference?.Id;
        columns[EntityPart] = reference?.Entity;
    }

    /// <summary>An id without an entity is what a plain lookup left that this field was before.</summary>
    public override object? FromColumns(ReadOnlySpan<object?> columns) =>
        columns[0] is Guid id ? new Reference(columns[EntityPart] as string ?? (Entities.Count == 1 ? Entities[0].Name : ""), id) : null;

    /// <summary>In the order of the ids, whose first part is the time at which the record was made.</summary>
    public override int Compare(object left, object right) => ((Reference)left).Id.CompareTo(((Reference)right).Id);

    private Parsed Read(string entity, string id) =>
        Guid.TryParseExact(id, "D", out var parsed) && entity.Length > 0 && !entity.Contains('\0', StringComparison.Ordinal)
            ? Parsed.Ok(new Reference(Find(entity)?.Name ?? entity, parsed))
            : Parsed.Bad("value.reference");
}
