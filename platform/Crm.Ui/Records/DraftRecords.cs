using Crm.Metadata;
using Crm.Rules;

namespace Crm.Ui.Records;

/// <summary>A record in a form, with the rows and links that the form shows, over what is stored.</summary>
/// <param name="stored">The other records, as they are stored.</param>
/// <param name="record">The record as it is typed, which may go on changing.</param>
/// <param name="isNew">Whether it is not stored yet; nothing points to it then.</param>
/// <param name="unread">Rows and links that the person may not read, so that the form does not know them.</param>
internal sealed class DraftRecords(RelatedRecords stored, Record record, bool isNew, IReadOnlyCollection<Field> unread) : RecordsToBe(stored)
{
    private readonly Dictionary<Field, (object? Value, IReadOnlyList<Record>? Stored, IReadOnlyList<KnownRecord> Entries)> _entries = [];

    public KnownRecord Record => Of(record.Id, record);

    /// <summary>Entries show only part of their records; where more of them is asked for, it is read.</summary>
    public override Missing MissingFor(ChildExists question, ChildList list) =>
        CollectionOf(list) is { } field && !isNew && Stored(list) is null && !Tell((CollectionFieldType)field.Type, question.Where) ? Missing.Records : base.MissingFor(question, list);

    public override IReadOnlyCollection<Guid> LeftOut(ChildList list) => !isNew && list.Parent.Entity == record.Entity ? [record.Id] : [];

    protected override Record? Written(Entity entity, Guid id) => entity == record.Entity && id == record.Id ? record : null;

    protected override IEnumerable<KnownRecord> WrittenIn(ChildList list) => CollectionOf(list) is { } field ? EntriesOf(field, list)
        : list.Parent.Entity == record.Entity && list.Parent.PointedToBy(record[list.Parent]).Contains((list.Of, list.Id)) ? [Record]
        : [];

    protected override bool IsWhole(ChildList list) => CollectionOf(list) is not null || (isNew && IsOwn(list));

    protected override bool IsWritten(Entity entity) => entity == record.Entity || record.Entity.Collections.Any(f => ((CollectionFieldType)f.Type).Child == entity && !unread.Contains(f));

    private bool IsOwn(ChildList list) => list.Of == record.Entity && list.Id == record.Id;

    /// <summary>The field of the form that holds a list; null for any other list.</summary>
    private Field? CollectionOf(ChildList list) => IsOwn(list) ? record.Entity.Collections.FirstOrDefault(f => ((CollectionFieldType)f.Type).Parent == list.Parent && !unread.Contains(f)) : null;

    /// <summary>Asked for by every field each time that the form is drawn, so kept until the list is another.</summary>
    private IReadOnlyList<KnownRecord> EntriesOf(Field field, ChildList list)
    {
        var (value, known) = (record[field], Stored(list));
        if (!_entries.TryGetValue(field, out var kept) || !ReferenceEquals(kept.Value, value) || !ReferenceEquals(kept.Stored, known))
        {
            var type = (CollectionFieldType)field.Type;
            var byId = (known ?? []).ToDictionary(r => type.Key is null ? r.Id : (Guid)r[type.Key]!);
            kept = _entries[field] = (value, known, [.. ((value as ItemList)?.Items ?? []).Select(item => EntryOf(type, item, byId.GetValueOrDefault(item.Id)))]);
        }
        return kept.Entries;
    }

    private KnownRecord EntryOf(CollectionFieldType type, Item item, Record? known)
    {
        var entry = known?.Clone() ?? new Record(type.Child);
        entry[type.Parent] = type.Parent.ValueFor(record.Entity, record.Id);
        if (type.Key is { } key)
        {
            entry[key] = item.Id;
        }
        else if (item.Id != Guid.Empty)
        {
            entry.Values[Entity.IdOrdinal] = item.Id;
        }
        foreach (var (field, value) in item.Values)
        {
            entry[field] = value;
        }
        return Of(entry.Id, entry);
    }

    /// <summary>Whether entries say of their records all that a condition reads; whose id is that of what they link have none to be pointed to.</summary>
    private static bool Tell(CollectionFieldType type, Condition condition) =>
        condition.OwnPaths.All(p => type.ItemFields.Contains(p.Steps[0]) || p.Steps[0] == type.Parent || p.Steps[0] == type.Key) && (type.Key is null || condition.Questions.All(q => q.Path.Through is not null));
}
