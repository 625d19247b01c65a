using Crm.Metadata;

namespace Crm.Data;

/// <summary>A restored record brings back what went along with it when it was deleted, and the references that others lost by that.</summary>
internal sealed class ReviveStep : IWriteStep
{
    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Request.IsUndo)
        {
            return;
        }
        foreach (var restored in batch.Pending.Where(c => c.Kind == ChangeKind.Restore).ToList())
        {
            // Nothing happens to a record in the recycle bin, so its deletion is the row of its present version.
            if (await AuditTrail.FindAsync(batch.Session, restored.Id, restored.Before!.Version, cancellationToken) is { Kind: ChangeKind.Delete } deletion)
            {
                var rows = await AuditTrail.ReadSetAsync(batch.Session, batch.Model, deletion.ChangeSet, CascadeStep.MaxFollowers, cancellationToken);
                await ReviveAsync(batch, restored, rows, cancellationToken);
            }
        }
    }

    private static async Task ReviveAsync(WriteBatch batch, RecordChange restored, IReadOnlyList<ChangeRow> rows, CancellationToken cancellationToken)
    {
        var known = batch.Changes.Select(c => c.Id).ToHashSet();
        var current = new Dictionary<Guid, Record>();
        foreach (var group in rows.Where(r => !known.Contains(r.RecordId)).GroupBy(r => r.Entity).OrderBy(g => g.Key.Name, StringComparer.Ordinal))
        {
            foreach (var (id, record) in await EntityTable.Of(group.Key).LoadAsync(batch.Session, [.. group.Select(r => r.RecordId)], cancellationToken, batch.Dialect.LockRows))
            {
                current[id] = record;
            }
        }
        var back = new Dictionary<Guid, RecordChange> { [restored.Id] = restored };
        // What went along hangs on what it went along with, so each round brings back one generation.
        for (var found = true; found;)
        {
            found = false;
            foreach (var row in rows.Where(r => r.Kind == ChangeKind.Delete && !back.ContainsKey(r.RecordId)))
            {
                if (current.TryGetValue(row.RecordId, out var record) && record.Version == row.Version && ParentOf(record, back) is { } parent)
                {
                    Add(batch, back, RecordChange.Following(parent, ChangeKind.Restore, record.Entity, record.Id, []), record);
                    found = true;
                }
            }
        }
        foreach (var row in rows.Where(r => r.Kind == ChangeKind.Update && current.ContainsKey(r.RecordId)))
        {
            var record = back.TryGetValue(row.RecordId, out var revived) ? revived.After! : current[row.RecordId];
            foreach (var lost in row.Changes.Where(c => c.After is null && c.Field.PointedTo(c.Before) is { } target && back.ContainsKey(target.Id) && record[c.Field] is null))
            {
                if (revived is not null)
                {
                    revived.After![lost.Field] = lost.Before;
                }
                else if (record.Values[Entity.DeletedAtOrdinal] is null)
                {
                    Add(batch, null, RecordChange.Following(back[lost.Field.PointedTo(lost.Before)!.Value.Id], ChangeKind.Update, record.Entity, record.Id, [new(lost.Field, lost.Before)]), record);
                    current[row.RecordId] = batch.Changes[^1].After!;
                }
            }
        }
    }

    private static RecordChange? ParentOf(Record record, Dictionary<Guid, RecordChange> back) => record.Entity.OwnFields
        .Where(f => f.Type is ReferenceFieldType { OnDelete: OnDelete.Cascade })
        .Select(f => f.PointedTo(record[f]) is var (_, id) ? back.GetValueOrDefault(id) : null)
        .FirstOrDefault(c => c is not null);

    private static void Add(WriteBatch batch, Dictionary<Guid, RecordChange>? back, RecordChange change, Record before)
    {
        change.Before = before;
        change.After = before.Clone();
        foreach (var (field, value) in change.Values)
        {
            change.After[field] = value;
        }
        batch.Changes.Add(change);
        back?.Add(change.Id, change);
    }
}
