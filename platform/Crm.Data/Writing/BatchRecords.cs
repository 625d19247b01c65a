using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Records as they will be once a request is written, with rows, links and whatever else it writes; what it deletes is in no list any more.</summary>
internal sealed class BatchRecords : RecordsToBe
{
    private readonly Dictionary<(Entity Entity, Guid Id), Fate> _written = [];
    private readonly HashSet<Entity> _entities = [];
    private readonly Dictionary<Field, (ILookup<ChildList, KnownRecord> Will, ILookup<ChildList, Guid> Was)> _lists = [];

    public BatchRecords(WriteBatch batch, RelatedRecords stored) : base(stored)
    {
        foreach (var change in batch.Pending.Where(c => c.After is not null))
        {
            // One that is changed step by step was what its first change found and will be what its last one leaves.
            var before = _written.TryGetValue((change.Entity, change.Id), out var earlier) ? earlier.Before : change.Before;
            _written[(change.Entity, change.Id)] = new(before, WithId(change), change.Kind == ChangeKind.Delete);
            _entities.Add(change.Entity);
        }
    }

    public override IReadOnlyCollection<Guid> LeftOut(ChildList list) => [.. ListsBy(list.Parent).Was[list]];

    protected override Record? Written(Entity entity, Guid id) => _written.TryGetValue((entity, id), out var fate) ? fate.After : null;

    protected override IEnumerable<KnownRecord> WrittenIn(ChildList list) => ListsBy(list.Parent).Will[list];

    /// <summary>Nothing that is stored points to a record that is only being made.</summary>
    protected override bool IsWhole(ChildList list) => _written.TryGetValue((list.Of, list.Id), out var fate) && fate.Before is null;

    protected override bool IsWritten(Entity entity) => _entities.Contains(entity);

    private (ILookup<ChildList, KnownRecord> Will, ILookup<ChildList, Guid> Was) ListsBy(Field parent)
    {
        if (!_lists.TryGetValue(parent, out var lists))
        {
            var written = _written.Where(w => w.Key.Entity == parent.Entity).ToList();
            lists = _lists[parent] = (
                written.Where(w => !w.Value.IsDeleted).SelectMany(w => ListsOf(w.Value.After), (w, list) => (List: list, Record: Of(w.Key.Id, w.Value.After))).ToLookup(w => w.List, w => w.Record),
                written.Where(w => w.Value.Before is not null).SelectMany(w => ListsOf(w.Value.Before!), (w, list) => (List: list, w.Key.Id)).ToLookup(w => w.List, w => w.Id));
        }
        return lists;

        IEnumerable<ChildList> ListsOf(Record record) => parent.PointedToBy(record[parent]).Select(to => new ChildList(parent, to.Entity, to.Id));
    }

    /// <summary>What is not stored yet has no id among its values, which others could ask for.</summary>
    private static Record WithId(RecordChange change)
    {
        if (change.After!.Id == change.Id)
        {
            return change.After;
        }
        var record = change.After.Clone();
        record.Values[Entity.IdOrdinal] = change.Id;
        return record;
    }

    /// <summary>What becomes of a record.</summary>
    private readonly record struct Fate(Record? Before, Record After, bool IsDeleted);
}
