using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>What has been written down of the demo company so far, in the order in which it will be stored.</summary>
internal sealed class DemoBook(DemoDice dice, string currency)
{
    private readonly List<DemoRecord> _records = [];
    private readonly List<DemoRecord> _later = [];

    /// <summary>
    /// New records, those of one entity together (which is how they are stored fast) and after those they point to; then what is known of
    /// them only once others exist.
    /// </summary>
    public IEnumerable<DemoRecord> Records
    {
        get
        {
            var entityOf = _records.Where(r => !r.Change).ToDictionary(r => r.Id, r => r.Entity);
            var needs = _records.GroupBy(r => r.Entity).ToDictionary(g => g.Key, g => g.SelectMany(r => r.Values.Values.Select(IdIn)).OfType<Guid>().Select(entityOf.GetValueOrDefault).OfType<string>().Where(e => e != g.Key).ToHashSet());
            var ordered = new List<string>();
            foreach (var entity in needs.Keys.ToList())
            {
                Place(entity, needs, ordered);
            }
            var byEntity = _records.ToLookup(r => r.Entity);
            return ordered.SelectMany(e => FromTheTop(byEntity[e])).Concat(_later);
        }
    }

    public Money Money(decimal amount) => new(decimal.Round(amount, 2), currency);

    /// <summary>A further record; what is empty is left out.</summary>
    /// <param name="entity">Name of the entity.</param>
    /// <param name="at">When it came about.</param>
    /// <param name="owner">Who entered it and looks after it, unless the values name another owner; null for what was there before anybody.</param>
    /// <param name="values">Names of fields with their values.</param>
    public Guid Add(string entity, DateTimeOffset at, DemoPerson? owner, params ReadOnlySpan<(string Field, object? Value)> values)
    {
        var id = dice.Id(at);
        Add(entity, id, at, owner, values);
        return id;
    }

    public void Add(string entity, Guid id, DateTimeOffset at, DemoPerson? owner, params ReadOnlySpan<(string Field, object? Value)> values)
    {
        var given = new Dictionary<string, object?>(values.Length + 2, StringComparer.Ordinal);
        foreach (var (field, value) in values)
        {
            if (value is not null)
            {
                given[field] = value;
            }
        }
        if (owner is not null)
        {
            given.TryAdd(SystemFields.Owner, owner.Id);
            given[SystemFields.Unit] = owner.Unit.Id;
        }
        _records.Add(new(entity, id, given, at, owner?.Id));
    }

    /// <summary>A link from one record to another.</summary>
    public void Link(string collection, DateTimeOffset at, DemoPerson? by, Guid source, Guid target, params ReadOnlySpan<(string Field, object? Value)> columns) =>
        Add(collection, at, by, [("source", source), ("target", target), .. columns]);

    /// <summary>Values of a record that point to what comes after it.</summary>
    public void Later(string entity, Guid id, DateTimeOffset at, DemoPerson? by, params ReadOnlySpan<(string Field, object? Value)> values) => Later(entity, id, at, by?.Id, values);

    private void Later(string entity, Guid id, DateTimeOffset at, Guid? by, ReadOnlySpan<(string Field, object? Value)> values)
    {
        var known = _later.FindIndex(r => r.Id == id);
        var given = known < 0 ? new Dictionary<string, object?>(StringComparer.Ordinal) : new(_later[known].Values, StringComparer.Ordinal);
        foreach (var (field, value) in values)
        {
            given[field] = value;
        }
        var record = new DemoRecord(entity, id, given, at, by, Change: true);
        if (known < 0)
        {
            _later.Add(record);
        }
        else
        {
            // A request changes a record once.
            _later[known] = record;
        }
    }

    /// <summary>Takes over what was written elsewhere.</summary>
    public void Join(DemoBook other)
    {
        _records.AddRange(other._records);
        foreach (var change in other._later)
        {
            Later(change.Entity, change.Id, change.At, change.By, [.. change.Values.Select(v => (v.Key, v.Value))]);
        }
    }

    private static void Place(string entity, Dictionary<string, HashSet<string>> needs, List<string> ordered)
    {
        if (!ordered.Contains(entity) && needs.Remove(entity, out var before))
        {
            foreach (var needed in before)
            {
                Place(needed, needs, ordered);
            }
            ordered.Add(entity);
        }
    }

    /// <summary>Records of one entity, those above in a tree before those below them.</summary>
    private static IEnumerable<DemoRecord> FromTheTop(IEnumerable<DemoRecord> records)
    {
        var waiting = records.ToDictionary(r => r.Id);
        foreach (var record in waiting.Values.ToList())
        {
            foreach (var next in WithThoseAbove(record))
            {
                yield return next;
            }
        }

        IEnumerable<DemoRecord> WithThoseAbove(DemoRecord record)
        {
            if (!waiting.Remove(record.Id))
            {
                return [];
            }
            var above = record.Values.Values.Select(IdIn).OfType<Guid>().Select(waiting.GetValueOrDefault).OfType<DemoRecord>();
            return [.. above.SelectMany(WithThoseAbove), record];
        }
    }

    private static Guid? IdIn(object? value) => value switch { Guid id => id, Reference reference => reference.Id, _ => null };

    public void AddRange(IEnumerable<DemoRecord> records) => _records.AddRange(records);
}
