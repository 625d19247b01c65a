using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Stamps and stores the records, each with its row in the audit trail.</summary>
internal sealed class SaveStep(IdSource ids) : IWriteStep
{
    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        StandOrFallTogether(batch);
        CollectionsStep.Settle(batch);
        ReferencesStep.RefuseOrphans(batch);
        var created = new List<Record>();
        var history = new List<SqlParameter>();
        foreach (var change in batch.Changes.Where(c => !c.Failed && !c.IsNoChange))
        {
            var (at, by) = change.Stamp ?? (batch.Now, batch.Request.Actor.UserId);
            Stamp(change, at, by);
            // Neighbours of one kind go in together; whatever points to a record comes after it.
            if (created.Count > 0 && (change.Kind != ChangeKind.Create || change.Entity != created[0].Entity))
            {
                await InsertAsync(batch, created, cancellationToken);
            }
            if (change.Kind == ChangeKind.Create)
            {
                created.Add(change.After!);
            }
            else
            {
                await EntityTable.Of(change.Entity).UpdateAsync(batch.Session, change.After!, Written(change), change.Before!.Version, cancellationToken);
            }
            if (change.Entity.Definition.Audit)
            {
                history.AddRange(AuditTrail.Row(ids.Next(), change, at, by, batch.Request.Door, batch.ChangeSet, batch.Request.Cause));
            }
        }
        await InsertAsync(batch, created, cancellationToken);
        await AuditTrail.WriteAsync(batch.Session, history, cancellationToken);
    }

    private static async ValueTask InsertAsync(WriteBatch batch, List<Record> records, CancellationToken cancellationToken)
    {
        if (records.Count > 0)
        {
            await EntityTable.Of(records[0].Entity).InsertAsync(batch.Session, records, cancellationToken);
            records.Clear();
        }
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

    private static void Stamp(RecordChange change, DateTimeOffset at, Guid? by)
    {
        var values = change.After!.Values;
        values[Entity.VersionOrdinal] = (change.Before?.Version ?? 0) + 1;
        values[Entity.UpdatedAtOrdinal] = at;
        values[Entity.UpdatedByOrdinal] = by;
        switch (change.Kind)
        {
            case ChangeKind.Create:
                (values[Entity.IdOrdinal], values[Entity.CreatedAtOrdinal], values[Entity.CreatedByOrdinal]) = (change.Id, at, by);
                break;
            case ChangeKind.Delete:
                values[Entity.DeletedAtOrdinal] = at;
                break;
            case ChangeKind.Restore:
                values[Entity.DeletedAtOrdinal] = null;
                break;
        }
    }

    private static List<Field> Written(RecordChange change)
    {
        var fields = change.Entity.Fields;
        return
        [
            fields[Entity.VersionOrdinal], fields[Entity.UpdatedAtOrdinal], fields[Entity.UpdatedByOrdinal],
            .. change.Kind == ChangeKind.Update ? change.ChangedFields() : [fields[Entity.DeletedAtOrdinal]],
        ];
    }
}
