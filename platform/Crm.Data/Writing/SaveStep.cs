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
        foreach (var change in batch.Changes.Where(c => !c.Failed && !c.IsNoChange))
        {
            var (at, by) = change.Stamp ?? (batch.Now, batch.Request.Actor.UserId);
            await SaveAsync(batch, change, at, by, cancellationToken);
            if (!change.Failed && change.Entity.Definition.Audit)
            {
                await AuditTrail.WriteAsync(batch.Session, ids.Next(), change, at, by, batch.Request.Door, batch.ChangeSet, batch.Request.Cause, cancellationToken);
            }
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

    private static async Task SaveAsync(WriteBatch batch, RecordChange change, DateTimeOffset at, Guid? by, CancellationToken cancellationToken)
    {
        var record = change.After!;
        var entity = change.Entity;
        record.Values[Entity.VersionOrdinal] = (change.Before?.Version ?? 0) + 1;
        record.Values[Entity.UpdatedAtOrdinal] = at;
        record.Values[Entity.UpdatedByOrdinal] = by;
        if (change.Kind == ChangeKind.Create)
        {
            record.Values[Entity.IdOrdinal] = change.Id;
            record.Values[Entity.CreatedAtOrdinal] = at;
            record.Values[Entity.CreatedByOrdinal] = by;
            await EntityTable.Of(entity).InsertAsync(batch.Session, record, cancellationToken);
            return;
        }
        var fields = new List<Field> { entity.Fields[Entity.VersionOrdinal], entity.Fields[Entity.UpdatedAtOrdinal], entity.Fields[Entity.UpdatedByOrdinal] };
        if (change.Kind == ChangeKind.Update)
        {
            fields.AddRange(change.ChangedFields());
        }
        else
        {
            record.Values[Entity.DeletedAtOrdinal] = change.Kind == ChangeKind.Delete ? at : null;
            fields.Add(entity.Fields[Entity.DeletedAtOrdinal]);
        }
        if (await EntityTable.Of(entity).UpdateAsync(batch.Session, record, fields, change.Before!.Version, cancellationToken) == 0)
        {
            change.Problems.Add(Problem.Of(ProblemKind.VersionConflict, "version.unknown", change.Before.Version, change.Before.Version + 1));
        }
    }
}
