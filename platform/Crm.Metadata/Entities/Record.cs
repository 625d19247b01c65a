namespace Crm.Metadata;

/// <summary>The values of one record, in the order of <see cref="Entity.Fields"/>; null is empty.</summary>
public sealed class Record(Entity entity, object?[] values)
{
    public Record(Entity entity) : this(entity, new object?[entity.Fields.Count])
    {
    }

    public Entity Entity { get; } = entity;

    public object?[] Values { get; } = values;

    public Guid Id => Values[Entity.IdOrdinal] is Guid id ? id : Guid.Empty;

    public long Version => Values[Entity.VersionOrdinal] is long version ? version : 0;

    /// <summary>What stands for the record on one line; empty if its title is.</summary>
    public string Title => Entity.TitleField is { } title && Values[title.Ordinal] is { } value
        ? title.Type.ToText(value, System.Globalization.CultureInfo.CurrentCulture)
        : "";

    public object? this[string name]
    {
        get => Values[Entity[name].Ordinal];
        set => Values[Entity[name].Ordinal] = value;
    }

    public object? this[Field of]
    {
        get => of.Part is { } part ? Values[of.Ordinal] is { } whole ? part.Of(whole) : null : Values[of.Ordinal];
        set => Values[of.Ordinal] = value;
    }

    public Record Clone() => new(Entity, (object?[])Values.Clone());
}
