using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Reads the records as they are and lays the wanted values over them. Where somebody else changed the record meanwhile, changes of
/// different fields are merged and changes of the same field are a conflict that shows all three values.
/// </summary>
internal sealed class LoadStep(IdSource ids) : IWriteStep
{
    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        RefuseRepeated(batch);
        foreach (var group in batch.Pending.Where(c => c.Kind != ChangeKind.Create).GroupBy(c => c.Entity).ToList())
        {
            var records = await LoadAloneAsync(batch, cancellationToken)
                ?? await EntityTable.Of(group.Key).LoadAsync(batch.Session, [.. group.Select(c => c.Id)], cancellationToken, group.Any(c => c.Kind == ChangeKind.Delete) ? batch.Dialect.LockRowsToDelete : batch.Dialect.LockRows);
            foreach (var change in group)
            {
                await LoadAsync(batch, change, records.GetValueOrDefault(change.Id), cancellationToken);
            }
        }
        foreach (var change in batch.Pending.Where(c => c.Kind == ChangeKind.Create))
        {
            if (change.Id == Guid.Empty)
            {
                change.Id = ids.Next();
            }
            change.LayOver(null);
        }
    }

    /// <summary>A change of one record alone finds out by its version whether somebody was faster; what it reads need not be locked.</summary>
    /// <returns>Null where it has to be locked all the same: it holds further records, or others changed it before and their changes are to be merged.</returns>
    private static async ValueTask<Dictionary<Guid, Record>?> LoadAloneAsync(WriteBatch batch, CancellationToken cancellationToken) =>
        batch.Changes is [{ Kind: ChangeKind.Update } change] && change.Entity.Collections.Count == 0
        && await EntityTable.Of(change.Entity).LoadAheadAsync(batch.Session, change.Id, cancellationToken) is { } records
        && (change.ExpectedVersion is not { } expected || !records.TryGetValue(change.Id, out var record) || record.Version == expected)
            ? records
            : null;

    /// <summary>A request changes a record once: a second change would not know what the first makes of it.</summary>
    private static void RefuseRepeated(WriteBatch batch)
    {
        var seen = new HashSet<(Entity, Guid)>();
        foreach (var change in batch.Pending.Where(c => c.Kind != ChangeKind.Create && !seen.Add((c.Entity, c.Id))))
        {
            change.Problems.Add(Problem.Of(ProblemKind.Refused, "record.twice"));
        }
    }

    private static async Task LoadAsync(WriteBatch batch, RecordChange change, Record? before, CancellationToken cancellationToken)
    {
        var isDeleted = before?.Values[Entity.DeletedAtOrdinal] is not null;
        if (before is null || isDeleted != (change.Kind == ChangeKind.Restore))
        {
            change.Problems.Add(Problem.Of(ProblemKind.NotFound, "notFound", change.Entity.Label, change.Id.ToString("D")));
            return;
        }
        change.LayOver(before);
        if (change.ExpectedVersion is { } expected && expected != before.Version)
        {
            await MergeAsync(batch, change, expected, cancellationToken);
        }
    }

    private static async Task MergeAsync(WriteBatch batch, RecordChange change, long expected, CancellationToken cancellationToken)
    {
        var current = change.Before!;
        // Whoever deletes a record means all of it; and where no history is kept, nothing can say whether the same fields were changed.
        if (change.Kind == ChangeKind.Delete || expected > current.Version || expected < 1 || !change.Entity.Definition.Audit)
        {
            change.Problems.Add(Problem.Of(ProblemKind.VersionConflict, "version.unknown", expected, current.Version));
            return;
        }
        var since = await AuditTrail.ChangedSinceAsync(batch.Session, change.Entity, change.Id, expected, cancellationToken);
        foreach (var (field, yours) in change.Values)
        {
            // Of a field without history nobody can say that it was left alone.
            if (!since.TryGetValue(field, out var changes) && field.Definition.Audit)
            {
                continue;
            }
            var before = changes?[0].Before;
            if (field.Type is CollectionFieldType && changes is not null)
            {
                if (!((ItemList?)yours ?? ItemList.Whole([])).Meets(changes.Select(c => ((ItemList?)c.Before, (ItemList?)c.After))))
                {
                    continue;
                }
                var now = Collections.ListOf(field, (await Collections.LoadAsync(batch.Session, field, [change.Id], cancellationToken)).GetValueOrDefault(change.Id) ?? []);
                current.Values[field.Ordinal] = now;
                // Changes of single entries say only what those were: the whole list as it was comes from going back.
                before = Enumerable.Reverse(changes).Aggregate(now, (list, c) => ItemList.Undo(list, (ItemList?)c.Before, (ItemList?)c.After));
            }
            if (!field.Type.AreEqual(yours, current.Values[field.Ordinal]))
            {
                change.Conflicts.Add(new(field, before, yours, current.Values[field.Ordinal]));
                change.Problems.Add(Problem.At(field.Name, ProblemKind.VersionConflict, "version.conflict", field.Label));
            }
        }
    }
}
