using Crm.Metadata;

namespace Crm.Rules;

/// <summary>Records to which others point, at hand so that conditions can follow paths through lookups without asking the database for each.</summary>
public sealed class RelatedRecords
{
    private readonly Dictionary<(Entity Entity, Guid Id), Record?> _records = [];

    public void Add(Entity entity, Guid id, Record? record) => _records[(entity, id)] = record;

    /// <summary>Whether it has been looked for; it may still be missing.</summary>
    public bool Knows(Entity entity, Guid id) => _records.ContainsKey((entity, id));

    /// <summary>The record, if it is at hand.</summary>
    public Record? Find(Entity entity, Guid id) => _records.GetValueOrDefault((entity, id));

    /// <summary>The record that a lookup with the value <paramref name="id"/> points to, if it is at hand.</summary>
    private Record? Find(Field lookup, Guid id) => Find(lookup.Target!, id) ?? (lookup.OtherTarget is { } other ? Find(other, id) : null);

    /// <summary>The value at the end of a path; null where a lookup on the way is empty or its record is not at hand.</summary>
    public object? Read(Record record, FieldPath path)
    {
        var (at, before) = (record, (Field?)null);
        // A step that is no lookup is a value of which the last step is a part.
        for (var i = 0; i < path.Steps.Count - 1 && path.Steps[i].Target is not null; i++)
        {
            if (Value(at, path.Steps[i], before) is not Guid id || Find(path.Steps[i], id) is not { } next)
            {
                return null;
            }
            (at, before) = (next, path.Steps[i]);
        }
        return Value(at, path.Field, before);
    }

    /// <summary>The ids at step <paramref name="step"/> of <paramref name="path"/> that were not looked for in <paramref name="target"/> yet, nor found elsewhere.</summary>
    public IEnumerable<Guid> Unknown(IEnumerable<Record> records, FieldPath path, int step, Entity target)
    {
        var lookup = path.Steps[step];
        var upTo = new FieldPath([.. path.Steps.Take(step + 1)]);
        return records.Select(r => Read(r, upTo)).OfType<Guid>().Where(id => !Knows(target, id) && Find(lookup, id) is null).Distinct();
    }

    /// <summary>The value of a field, of which a record of the other entity that the lookup before it may point to has its own form.</summary>
    private static object? Value(Record record, Field field, Field? before) =>
        before is null || record.Entity != before.OtherTarget ? record[field]
        : field.CounterpartIn(record.Entity) is { } same ? record[same] : null;
}
