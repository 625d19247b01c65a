using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Stamps and stores the records, each with its row in the audit trail. New records that follow each other go in together.</summary>
internal sealed class SaveStep(IdSource ids) : IWriteStep
{
    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        StandOrFallTogether(batch);
        CollectionsStep.Settle(batch);
        ReferencesStep.RefuseOrphans(batch);
        var changes = batch.Changes.Where(c => !c.Failed && !c.IsNoChange).ToList();
        var created = new List<Record>();
        foreach (var change in changes)
        {
            Stamp(batch, change);
            if (change.Kind != ChangeKind.Create || (created.Count > 0 && created[0].Entity != change.Entity))
            {
                await InsertAsync(batch, created, cancellationToken);
            }
            if (change.Kind == ChangeKind.Create)
            {
                created.Add(change.After!);
            }
            else
            {
                await UpdateAsync(batch, change, cancellationToken);
            }
        }
        await InsertAsync(batch, created, cancellationToken);
        await AuditTrail.WriteAsync(batch, ids, [.. changes.Where(c => !c.Failed && c.Entity.Definition.Audit)], cancellationToken);
    }

    /// <summary>A record is not deleted without those that go along, nor they without it.</summary>
    private static void StandOrFallTogether(WriteBatch batch)
    {
        foreach (var family in batch.Changes.GroupBy(Root).Where(f => f.Any(c => c.Failed)).ToList())
        {
            foreach (var member in family.Where(c => !c.Failed))
            {
                member.Problems.AddRange(family.First(c => c.Failed).LocatedProblems);
            }
        }
    }

    private static RecordChange Root(RecordChange change) => change.FollowsFrom is { } cause ? Root(cause) : change;

    private static void Stamp(WriteBatch batch, RecordChange change)
    {
        var (record, (at, by)) = (change.After!, change.Stamp ?? (batch.Now, batch.Request.Actor.UserId));
        record.Values[Entity.VersionOrdinal] = (change.Before?.Version ?? 0) + 1;
        record.Values[Entity.UpdatedAtOrdinal] = at;
        record.Values[Entity.UpdatedByOrdinal] = by;
        switch (change.Kind)
        {
            case ChangeKind.Create:
                record.Values[Entity.IdOrdinal] = change.Id;
                record.Values[Entity.CreatedAtOrdinal] = at;
                record.Values[Entity.CreatedByOrdinal] = by;
                break;
            case ChangeKind.Delete or ChangeKind.Restore:
                record.Values[Entity.DeletedAtOrdinal] = change.Kind == ChangeKind.Delete ? at : null;
                break;
        }
    }

    private static async Task InsertAsync(WriteBatch batch, List<Record> records, CancellationToken cancellationToken)
    {
        if (records.Count > 0)
        {
            await EntityTable.Of(records[0].Entity).InsertAsync(batch.Session, records, cancellationToken);
            records.Clear();
        }
    }

    private static async Task UpdateAsync(WriteBatch batch, RecordChange change, CancellationToken cancellationToken)
    {
        var all = change.Entity.Fields;
        var fields = new List<Field> { all[Entity.VersionOrdinal], all[Entity.UpdatedAtOrdinal], all[Entity.UpdatedByOrdinal] };
        if (change.Kind != ChangeKind.Update)
        {
            fields.Add(all[Entity.DeletedAtOrdinal]);
        }
        fields.AddRange(change.ChangedFields());
        if (await EntityTable.Of(change.Entity).UpdateAsync(batch.Session, change.After!, fields, change.Before!.Version, cancellationToken) == 0)
        {
            change.Problems.Add(Problem.Of(ProblemKind.VersionConflict, "version.unknown", change.Before.Version, change.Before.Version + 1));
        }
    }
}
