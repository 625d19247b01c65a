using System.Collections.Frozen;

namespace Crm.Metadata;

/// <summary>A compiled entity. Its system fields come first in <see cref="Fields"/>, at the places that the constants name.</summary>
public sealed class Entity
{
    /// <summary>Places of the system fields in every record.</summary>
    public const int IdOrdinal = 0, VersionOrdinal = 1, OwnerOrdinal = 2, UnitOrdinal = 3, CreatedAtOrdinal = 4, CreatedByOrdinal = 5,
        UpdatedAtOrdinal = 6, UpdatedByOrdinal = 7, DeletedAtOrdinal = 8;

    private readonly FrozenDictionary<string, Field> _byName;

    internal Entity(EntityDefinition definition, Func<Entity, IReadOnlyList<Field>> fields)
    {
        Definition = definition;
        Label = definition.Label ?? Label.FromName(definition.Name);
        PluralLabel = definition.PluralLabel ?? Label;
        Fields = fields(this);
        _byName = Fields.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);
        TitleField = definition.TitleField is { } title ? _byName.GetValueOrDefault(title) : Fields.FirstOrDefault(f => !f.IsSystem && f.Type is TextualFieldType);
        OwnFields = [.. Fields.Where(f => !f.IsSystem)];
        Collections = [.. OwnFields.Where(f => f.Type is CollectionFieldType)];
        Form = definition.Form ?? new FormDefinition { Sections = [new() { Name = "details", Fields = [.. OwnFields.Select(f => f.Name)] }] };
    }

    public EntityDefinition Definition { get; }

    public string Name => Definition.Name;

    /// <summary>The table that holds the records.</summary>
    public string Table => field ??= Identifier.Fit(Name);

    /// <summary>Whether the platform alone writes its records.</summary>
    public bool IsSystem => Definition.Storage == EntityStorage.System;

    /// <summary>The collection whose links these records are; null for an entity that metadata defines itself.</summary>
    public Field? LinkOf { get; internal set; }

    /// <summary>Entities whose records may stand where a lookup points to one of this entity: teams in the place of users.</summary>
    public IReadOnlyList<Entity> InPlace { get; internal set; } = [];

    /// <summary>All entities of the Model, this one included.</summary>
    internal IReadOnlyDictionary<string, Entity> Others { get; set; } = FrozenDictionary<string, Entity>.Empty;

    public Label Label { get; }

    public Label PluralLabel { get; }

    public string Icon => Definition.Icon ?? "table_rows";

    /// <summary>All fields, system fields first.</summary>
    public IReadOnlyList<Field> Fields { get; }

    /// <summary>The fields that metadata defines.</summary>
    public IReadOnlyList<Field> OwnFields { get; }

    /// <summary>The fields whose values are records of their own.</summary>
    public IReadOnlyList<Field> Collections { get; }

    /// <summary>What stands for a record where there is room for one line; null where an entity has no text at all.</summary>
    public Field? TitleField { get; }

    /// <summary>The lookup to the same entity that makes its records a tree: the one called parent, else the first; null if there is none.</summary>
    public Field? TreeField => OwnFields.Where(f => f.Target == this).OrderByDescending(f => f.Name == "parent").FirstOrDefault();

    /// <summary>The texts that search looks into: those that metadata names, else the title.</summary>
    public IReadOnlyList<FieldPath> SearchPaths { get; internal set; } = [];

    public FormDefinition Form { get; }

    /// <summary>Lines: the lookup to the record that they belong to, whose rights hold for them; null for any other entity.</summary>
    public Field? Parent => Definition.Template == EntityTemplate.Line ? OwnFields.FirstOrDefault(f => f.Target is not null && f.Target != this && f.Type is LookupFieldType { OnDelete: OnDelete.Cascade }) : null;

    /// <summary>The views of its own file, then those of files of their own.</summary>
    public IReadOnlyList<ViewDefinition> Views { get => field ??= Definition.Views; internal set; }

    public Field? Find(string name) => _byName.GetValueOrDefault(name);

    public Field this[string name] => _byName.TryGetValue(name, out var field) ? field : throw new KeyNotFoundException($"Entity '{Name}' has no field '{name}'.");

    /// <summary>
    /// Follows <paramref name="path"/> (<c>amount</c>, <c>customer.name</c>, <c>owner.unit.name</c>) through lookups.
    /// Null if a step does not exist or leads through something that is no lookup.
    /// </summary>
    public FieldPath? Resolve(string path)
    {
        var steps = path.Split('.');
        if (steps.Length > FieldPath.MaxSteps)
        {
            return null;
        }
        // A path that leaves a link by something that is no column of it goes on at the linked record.
        if (LinkOf is not null && Find(steps[0]) is null && steps[0] != LinksFieldType.TargetName)
        {
            return Resolve(LinksFieldType.TargetName + "." + path);
        }
        var fields = new Field[steps.Length];
        var entity = this;
        for (var i = 0; i < steps.Length; i++)
        {
            if ((entity is null ? fields[i - 1].Parts.FirstOrDefault(p => p.Name == steps[i]) : entity.Find(steps[i])) is not { } field)
            {
                return null;
            }
            fields[i] = field;
            entity = field.Target;
        }
        return new(fields);
    }

    public override string ToString() => Name;
}

/// <summary>A field reached from an entity, directly or through lookups.</summary>
public sealed class FieldPath(IReadOnlyList<Field> steps) : IEquatable<FieldPath>
{
    /// <summary>More joins than this are a mistake or an attack.</summary>
    public const int MaxSteps = 6;

    private string? _text;

    public IReadOnlyList<Field> Steps { get; } = steps;

    /// <summary>The field at the end.</summary>
    public Field Field => Steps[^1];

    public bool IsDirect => Steps.Count == 1;

    public override string ToString() => _text ??= Steps.Count == 1 ? Steps[0].Name : string.Join('.', Steps.Select(s => s.Name));

    public bool Equals(FieldPath? other) => other is not null && Steps.SequenceEqual(other.Steps);

    public override bool Equals(object? obj) => Equals(obj as FieldPath);

    public override int GetHashCode() => Steps.Aggregate(Steps[0].Entity.GetHashCode(), HashCode.Combine);
}
