using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>What has been written down of the demo company so far, in the order in which it will be stored.</summary>
internal sealed class DemoBook(DemoDice dice, string currency)
{
    private readonly List<DemoRecord> _records = [];
    private readonly List<DemoRecord> _later = [];

    /// <summary>New records first, then what is known of them only once others exist.</summary>
    public IEnumerable<DemoRecord> Records => _records.Concat(_later);

    public Money Money(decimal amount) => new(decimal.Round(amount, 2), currency);

    /// <summary>A further record; what is empty is left out.</summary>
    /// <param name="entity">Name of the entity.</param>
    /// <param name="at">When it came about.</param>
    /// <param name="owner">Who entered it and looks after it; null for what was there before anybody.</param>
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
            given[SystemFields.Owner] = owner.Id;
            given[SystemFields.Unit] = owner.Unit.Id;
        }
        _records.Add(new(entity, id, given, at, owner?.Id));
    }

    /// <summary>A link from one record to another.</summary>
    public void Link(string collection, DateTimeOffset at, DemoPerson? by, Guid source, Guid target, params ReadOnlySpan<(string Field, object? Value)> columns) =>
        Add(collection, at, by, [("source", source), ("target", target), .. columns]);

    /// <summary>Values of a record that point to what comes after it.</summary>
    public void Later(string entity, Guid id, DateTimeOffset at, DemoPerson? by, params ReadOnlySpan<(string Field, object? Value)> values)
    {
        var given = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (field, value) in values)
        {
            given[field] = value;
        }
        _later.Add(new(entity, id, given, at, by?.Id, Change: true));
    }

    public void AddRange(IEnumerable<DemoRecord> records) => _records.AddRange(records);
}
