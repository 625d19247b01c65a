using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// What a record's rows and links are to be becomes changes of their own, which go the rest of the way with it: entries that are new, those
/// that changed, those that are gone.
/// </summary>
internal sealed class CollectionsStep(IdSource ids) : IWriteStep
{
    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind is ChangeKind.Create or ChangeKind.Update && entity.Collections.Count > 0;

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var named = batch.Changes.Where(c => c.Kind != ChangeKind.Create).Select(c => (c.Entity, c.Id)).ToHashSet();
        var wave = batch.Pending.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update).ToList();
        while (wave.Count > 0)
        {
            var next = new List<RecordChange>();
            foreach (var group in wave.GroupBy(c => c.Entity).Where(g => g.Key.Collections.Count > 0))
            {
                foreach (var field in group.Key.Collections)
                {
                    var changes = group.Where(c => c.Values.Any(v => v.Field == field)).ToList();
                    if (changes.Count > 0)
                    {
                        var entries = await Collections.LoadAsync(batch.Session, field, [.. changes.Where(c => c.Before is not null).Select(c => c.Id)], cancellationToken);
                        changes.ForEach(change => Compare(batch, change, field, entries.GetValueOrDefault(change.Id) ?? [], next));
                    }
                }
            }
            // One that the request also changes by itself would be changed by two that do not know of each other.
            foreach (var entry in next.Where(c => c.Kind != ChangeKind.Create && !named.Add((c.Entity, c.Id))))
            {
                entry.Problems.Add(Problem.Of(ProblemKind.Refused, "record.twice"));
            }
            batch.Changes.AddRange(next);
            wave = [.. next.Where(c => !c.Failed && c.Kind is ChangeKind.Create or ChangeKind.Update)];
        }
    }

    /// <summary>Notes with the record what its collections hold, now that defaults and numbers of new entries are known.</summary>
    public static void Settle(WriteBatch batch)
    {
        foreach (var change in batch.Changes.Where(c => c.Entries.Count > 0))
        {
            foreach (var (field, entries) in change.Entries)
            {
                change.After!.Values[field.Ordinal] = Collections.ListOf(field, entries);
            }
        }
    }

    private void Compare(WriteBatch batch, RecordChange change, Field field, List<Record> existing, List<RecordChange> next)
    {
        var collection = (CollectionFieldType)field.Type;
        var wanted = (ItemList?)change.Values.Last(v => v.Field == field).Value ?? ItemList.Whole([]);
        var byId = existing.ToDictionary(r => collection.Key is null ? r.Id : (Guid)r[collection.Key]!);
        var gone = wanted.IsWhole ? byId.Keys.Except(wanted.Items.Select(i => i.Id)).ToHashSet() : [.. wanted.Removed.Where(byId.ContainsKey)];
        var after = new List<Record>();
        // Entries that are taken away first: what replaces them may have to be the only one of its kind.
        foreach (var id in gone)
        {
            var removal = RecordChange.Following(change, ChangeKind.Delete, collection.Child, byId[id].Id, [], field.Name);
            removal.LayOver(byId[id]);
            Add(batch, removal, next);
        }
        var named = new Dictionary<Guid, Record>();
        var made = new List<Record>();
        for (var i = 0; i < wanted.Items.Count; i++)
        {
            var entry = Write(batch, change, field, wanted.Items[i], byId, PlaceOf(i), $"{field.Name}[{i}]", next);
            if (byId.ContainsKey(wanted.Items[i].Id))
            {
                named[wanted.Items[i].Id] = entry;
            }
            else
            {
                made.Add(entry);
            }
        }
        after.AddRange(byId.Where(e => !gone.Contains(e.Key)).Select(e => named.GetValueOrDefault(e.Key, e.Value)).Concat(made));
        change.Before?.Values[field.Ordinal] = Collections.ListOf(field, existing);
        change.After!.Values[field.Ordinal] = Collections.ListOf(field, after);
        change.Entries[field] = after;

        // In the whole list the place says the order; entries that are added to it come last.
        long? PlaceOf(int index) => wanted.IsWhole ? index + 1
            : byId.ContainsKey(wanted.Items[index].Id) || collection.Order is not { } order ? null
            : existing.Select(r => r[order] as long? ?? 0).DefaultIfEmpty().Max() + index + 1;
    }

    private Record Write(WriteBatch batch, RecordChange change, Field field, Item item, Dictionary<Guid, Record> existing, long? place, string path, List<RecordChange> next)
    {
        var collection = (CollectionFieldType)field.Type;
        List<FieldValue> values = [.. item.Values.Select(v => new FieldValue(v.Key, v.Value))];
        if (collection.Order is { } order && place is { } position && values.TrueForAll(v => v.Field != order))
        {
            values.Add(new(order, position));
        }
        if (existing.TryGetValue(item.Id, out var before))
        {
            var update = RecordChange.Following(change, ChangeKind.Update, collection.Child, before.Id, values, path);
            update.LayOver(before);
            if (update.Values.Any(v => v.Field.Type is CollectionFieldType) || !update.IsNoChange)
            {
                Add(batch, update, next);
            }
            return update.After!;
        }
        values.Add(new(collection.Parent, change.Id));
        if (collection.Key is { } key)
        {
            values.Add(new(key, item.Id));
        }
        else if (item.Id != Guid.Empty)
        {
            change.Problems.Add(Problem.At(path + ".id", ProblemKind.Invalid, "collection.unknown"));
        }
        var creation = RecordChange.Following(change, ChangeKind.Create, collection.Child, ids.Next(), values, path);
        creation.LayOver(null);
        creation.After!.Values[Entity.IdOrdinal] = creation.Id;
        Add(batch, creation, next);
        return creation.After;
    }

    private static void Add(WriteBatch batch, RecordChange change, List<RecordChange> next)
    {
        AuthoriseStep.Check(batch, change);
        next.Add(change);
    }
}
