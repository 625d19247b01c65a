using Crm.Metadata;

namespace Crm.Data;

/// <summary>The entries of rows and links, read for many records at once.</summary>
internal static class Collections
{
    /// <summary>The live entries of each record, in their order; records without any are left out.</summary>
    public static async ValueTask<Dictionary<Guid, List<Record>>> LoadAsync(Session session, Field field, IReadOnlyCollection<Guid> owners, CancellationToken cancellationToken)
    {
        var collection = (CollectionFieldType)field.Type;
        var entries = owners.Count == 0 ? [] : await EntityTable.Of(collection.Child).LoadChildrenAsync(session, collection.Parent, owners, cancellationToken);
        return entries.GroupBy(e => (Guid)e[collection.Parent]!).ToDictionary(g => g.Key, g => InOrder(collection, g));
    }

    /// <summary>Fills in what the collections of a record hold, those apart whose entries the actor may not read.</summary>
    public static async ValueTask FillAsync(Session session, Record record, Actor actor, CancellationToken cancellationToken)
    {
        foreach (var field in record.Entity.Collections.Where(f => Authority.May(actor, Operation.Read, ((CollectionFieldType)f.Type).Child)))
        {
            record[field] = ListOf(field, (await LoadAsync(session, field, [record.Id], cancellationToken)).GetValueOrDefault(record.Id) ?? []);
        }
    }

    /// <summary>Entries as the value of the field; null if there are none.</summary>
    public static ItemList? ListOf(Field field, IReadOnlyList<Record> entries)
    {
        var collection = (CollectionFieldType)field.Type;
        return entries.Count == 0 ? null : ItemList.Whole([.. InOrder(collection, entries).Select(e => new Item(
            collection.Key is null ? e.Id : (Guid)e[collection.Key]!,
            [.. collection.ItemFields.Select(f => KeyValuePair.Create(f, e[f]))]))]);
    }

    private static List<Record> InOrder(CollectionFieldType collection, IEnumerable<Record> entries) => collection.Order is { } order
        ? [.. entries.OrderBy(e => e[order] as long? ?? long.MaxValue)]
        : [.. entries];
}
