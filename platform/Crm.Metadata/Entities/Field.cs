namespace Crm.Metadata;

/// <summary>A compiled field: its definition, its type with the options set, and its place in the record.</summary>
public sealed class Field
{
    internal Field(Entity entity, int ordinal, FieldDefinition definition, FieldType type, bool isSystem)
    {
        (Entity, Ordinal, Definition, Type, IsSystem) = (entity, ordinal, definition, type, isSystem);
        Label = definition.Label ?? Label.FromName(definition.Name);
        Columns = [.. type.Parts.Select(part => new Column(definition.Name + part.Suffix, part))];
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

    /// <summary>The entity that this lookup points to; null for any other field.</summary>
    public Entity? Target { get; internal set; }

    /// <summary>The collection through which records of this lookup's target own those that have it; null for a lookup between equals.</summary>
    public Field? OwnedBy { get; internal set; }

    /// <summary>Whether people and programs may give it a value.</summary>
    public bool IsWritable => !Definition.ReadOnly && !Type.IsComputed && (!IsSystem || Name is SystemFields.Owner or SystemFields.Unit);

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
        Label = new(new Dictionary<string, string> { [Label.DefaultLanguage] = en, ["zh-CN"] = zh }),
        Audit = name is Owner or Unit,
        Aliases = aliases,
        ReadOnly = name is not (Owner or Unit),
    };
}
