using System.Text.Json;

namespace Crm.Metadata;

/// <summary>A compiled field: its definition, its type with the options set, and its place in the record.</summary>
public sealed class Field
{
    internal Field(Entity entity, int ordinal, FieldDefinition definition, FieldType type, bool isSystem)
        : this(entity, ordinal, definition, type, isSystem, [.. type.Parts.Select(part => new Column(Identifier.Column(definition.Name + part.Suffix), part))])
    {
        Parts = [.. type.FieldParts.Select(part => new Field(this, part))];
    }

    private Field(Field whole, FieldPart part)
        : this(whole.Entity, whole.Ordinal, new() { Name = part.Name, Type = part.Type.Name, Label = part.Label, ReadOnly = true }, part.Type, isSystem: false, [.. part.Type.Parts.Select((own, i) => new Column(whole.Columns[part.Column + i].Name, own))])
    {
        (Whole, Part) = (whole, part);
    }

    private Field(Entity entity, int ordinal, FieldDefinition definition, FieldType type, bool isSystem, IReadOnlyList<Column> columns)
    {
        (Entity, Ordinal, Definition, Type, IsSystem, Columns) = (entity, ordinal, definition, type, isSystem, columns);
        Label = definition.Label ?? Label.FromName(definition.Name);
        ReadParts = [.. Enumerable.Range(0, columns.Count).Where(i => type.Parts[i].Read)];
        ValueIsColumn = columns.Count > 0 && type.ValueIsColumn;
        JsonIsColumn = columns.Count > 0 && type.JsonIsColumn;
    }

    public Entity Entity { get; }

    /// <summary>Place of the value in a <see cref="Record"/>.</summary>
    public int Ordinal { get; }

    public FieldDefinition Definition { get; }

    public FieldType Type { get; }

    public string Name => Definition.Name;

    public Label Label { get; }

    /// <summary>Every entity has it and the platform keeps it: id, version, owner, created_at and so on.</summary>
    public bool IsSystem { get; }

    public IReadOnlyList<Column> Columns { get; }

    public bool IsStored => Columns.Count > 0;

    /// <summary>The places of the columns that are read back.</summary>
    public IReadOnlyList<int> ReadParts { get; }

    /// <summary>As <see cref="FieldType.ValueIsColumn"/>, computed once: it is asked for every value of every row.</summary>
    public bool ValueIsColumn { get; }

    /// <summary>As <see cref="FieldType.JsonIsColumn"/>, computed once.</summary>
    public bool JsonIsColumn { get; }

    /// <summary>What paths can reach inside the value, such as the city of an address.</summary>
    public IReadOnlyList<Field> Parts { get; } = [];

    /// <summary>The field that this one is a part of; null for fields of their own.</summary>
    public Field? Whole { get; }

    /// <summary>Which part of <see cref="Whole"/> it is.</summary>
    public FieldPart? Part { get; }

    /// <summary>The entity that this lookup points to; null for any other field.</summary>
    public Entity? Target { get; internal set; }

    /// <summary>
    /// The second entity of a lookup that points to either of two: a team in the place of a person. A value is the id alone, which is that of one
    /// record among both; paths go on at <see cref="Target"/>, and read the <see cref="CounterpartIn"/> where the record is of this entity.
    /// </summary>
    public Entity? OtherTarget { get; internal set; }

    /// <summary>The entities whose records a value can point to; empty for a field that points nowhere.</summary>
    public IReadOnlyList<Entity> Targets => field ??= Type is AnyLookupFieldType any ? any.Entities : Target is null ? [] : OtherTarget is null ? [Target] : [Target, OtherTarget];

    /// <summary>Where values of this field stand in a tree: the lookup by which their entity points to itself; null if it does not.</summary>
    public Field? TreeField => (Name == SystemFields.Id ? Entity : Target)?.TreeField;

    /// <summary>Whether some entity's text search looks into it, which is what search indexes are kept for.</summary>
    public bool IsSearched { get; internal set; }

    /// <summary>The collection through which records of this lookup's target own those that have it; null for a lookup between equals.</summary>
    public Field? OwnedBy { get; internal set; }

    /// <summary>Whether people and programs may give it a value.</summary>
    public bool IsWritable => Whole is null && !Definition.ReadOnly && !Type.IsComputed && (!IsSystem || Name is SystemFields.Owner or SystemFields.Unit);

    /// <summary>Whether its values are kept out of whatever is noted about the work of the system.</summary>
    public bool IsSensitive => (Whole ?? this).Definition.Sensitive;

    /// <summary>Where its definition stands in the file of its entity, such as <c>fields[2]</c> or, for a column of links, <c>fields[2].columns[0]</c>.</summary>
    public string DefinedAt => Entity.LinkOf is { } link ? $"{link.DefinedAt}.columns[{DefinitionIndex - LinksFieldType.ImpliedFields}]" : $"fields[{DefinitionIndex}]";

    // Not the ordinal: faulty fields before it were left out of the entity, but not of the file.
    private int DefinitionIndex => Entity.Definition.Fields.Index().First(f => ReferenceEquals(f.Item, Definition)).Index;

    /// <summary>The field of the same name and kind in another entity, which stands for this one where a path leads to either; null if there is none.</summary>
    public Field? CounterpartIn(Entity other) =>
        Whole is { } whole ? whole.CounterpartIn(other)?.Parts.FirstOrDefault(p => p.Name == Name)
        : other.Find(Name) is { IsStored: true } same && same.Target == Target && same.Type.ValueType == Type.ValueType && same.Columns.Select(c => c.Part).SequenceEqual(Columns.Select(c => c.Part))
            ? same : null;

    /// <summary>
    /// The record that a value points to; null for a value that points nowhere, or to an entity that is gone. Where there is an
    /// <see cref="OtherTarget"/> the value does not say of which of the two it is: see <see cref="PointedToBy"/>.
    /// </summary>
    public (Entity Entity, Guid Id)? PointedTo(object? value) => value switch
    {
        Guid id when Target is { } target => (target, id),
        Reference reference when Type is AnyLookupFieldType any && any.Find(reference.Entity) is { } entity => (entity, reference.Id),
        _ => null,
    };

    /// <summary>Every record that a value can point to: one for a reference, or one of each of two entities; those of all its entries for rows and links.</summary>
    public IEnumerable<(Entity Entity, Guid Id)> PointedToBy(object? value) => value is Guid either && OtherTarget is not null ? Targets.Select(t => (t, either))
        : value is ItemList list && Type is CollectionFieldType collection ? list.Items.SelectMany(item => item.Values.SelectMany(v => v.Key.PointedToBy(v.Value))
            .Concat(collection.Key?.Target is { } linked ? [(linked, item.Id)] : Enumerable.Empty<(Entity, Guid)>()))
        : PointedTo(value) is { } one ? [one] : [];

    /// <summary>The value that points to a record of one of the <see cref="Targets"/>.</summary>
    public object ValueFor(Entity target, Guid id) => Type is AnyLookupFieldType ? new Reference(target.Name, id) : id;

    public override string ToString() => $"{Entity.Name}.{Name}";
}

/// <summary>A column of an entity's table.</summary>
public sealed record Column(string Name, ColumnPart Part)
{
    public ColumnKind Kind => Part.Kind;
}

/// <summary>The fields that every entity has.</summary>
public static class SystemFields
{
    public const string Id = "id";
    public const string Version = "version";
    public const string Owner = "owner";
    public const string Unit = "unit";
    public const string CreatedAt = "created_at";
    public const string CreatedBy = "created_by";
    public const string UpdatedAt = "updated_at";
    public const string UpdatedBy = "updated_by";
    public const string DeletedAt = "deleted_at";

    internal static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        Id, Version, Owner, Unit, CreatedAt, CreatedBy, UpdatedAt, UpdatedBy, DeletedAt,
    };

    internal static readonly FieldDefinition[] Definitions =
    [
        Define(Id, "lookup", "ID", "编号"),
        Define(Version, "integer", "Version", "版本"),
        Define(Owner, "user", "Owner", "负责人", "sales_agent", "salesperson", "assigned to", "responsible"),
        Define(Unit, "lookup", "Unit", "部门", "regional_office", "department", "business unit"),
        Define(CreatedAt, "dateTime", "Created", "创建时间"),
        Define(CreatedBy, "user", "Created by", "创建人"),
        Define(UpdatedAt, "dateTime", "Changed", "修改时间"),
        Define(UpdatedBy, "user", "Changed by", "修改人"),
        Define(DeletedAt, "dateTime", "Deleted", "删除时间"),
    ];

    private static FieldDefinition Define(string name, string type, string en, string zh, params string[] aliases) => new()
    {
        Name = name,
        Type = type,
        Label = Label.Of(en, zh),
        Audit = name is Owner or Unit,
        Aliases = aliases,
        ReadOnly = name is not (Owner or Unit),
        Options = name == Owner ? new Dictionary<string, JsonElement> { ["teams"] = JsonElement.Parse("true") } : [],
    };
}
