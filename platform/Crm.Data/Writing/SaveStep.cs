using Crm.Metadata;

namespace Crm.Data;

/// <summary>Stamps and stores the records. New records that follow each other go in together.</summary>
internal sealed class SaveStep : IWriteStep
{
    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        StandOrFallTogether(batch);
        CollectionsStep.Settle(batch);
        ReferencesStep.RefuseOrphans(batch);
        var created = new List<Record>();
        foreach (var change in batch.Changes.Where(c => !c.Failed && !c.IsNoChange).ToList())
        {
            // Neighbours of one kind go in together; whatever points to a record comes after it.
            if (created.Count > 0 && (change.Kind != ChangeKind.Create || change.Entity != created[0].Entity))
            {
                await InsertAsync(batch, created, cancellationToken);
            }
            if (change.Kind == ChangeKind.Create)
            {
                Stamp(batch, change);
                created.Add(change.After!);
            }
            else
            {
                await UpdateAsync(batch, change, cancellationToken);
            }
        }
        await InsertAsync(batch, created, cancellationToken);
    }

    /// <summary>A record is not deleted without those that go along, nor they without it.</summary>
    private static void StandOrFallTogether(WriteBatch batch)
    {
        if (batch.Changes.TrueForAll(c => !c.Failed))
        {
            return;
        }
        foreach (var family in batch.Changes.GroupBy(Root).Where(f => f.Any(c => c.Failed)).ToList())
        {
            foreach (var member in family.Where(c => !c.Failed))
            {
                member.Problems.AddRange(family.First(c => c.Failed).LocatedProblems);
            }
        }
    }

    private static RecordChange Root(RecordChange change) => change.FollowsFrom is { } cause ? Root(cause) : change;

    /// <summary>Stamps and stores a record that is there already and was read for this.</summary>
    public static ValueTask UpdateAsync(WriteBatch batch, RecordChange change, CancellationToken cancellationToken)
    {
        Stamp(batch, change);
        return EntityTable.Of(change.Entity).UpdateAsync(batch.Session, change.After!, Written(change), change.Before!.Version, cancellationToken);
    }

    private static async ValueTask InsertAsync(WriteBatch batch, List<Record> records, CancellationToken cancellationToken)
    {
        if (records.Count > 0)
        {
            await EntityTable.Of(records[0].Entity).InsertAsync(batch.Session, records, cancellationToken);
            records.Clear();
        }
    }

    private static void Stamp(WriteBatch batch, RecordChange change)
    {
        var (values, (at, by)) = (change.After!.Values, change.Stamp ?? (batch.Now, batch.Request.Actor.UserId));
        values[Entity.VersionOrdinal] = (change.Before?.Version ?? 0) + 1;
        values[Entity.UpdatedAtOrdinal] = at;
        values[Entity.UpdatedByOrdinal] = by;
        switch (change.Kind)
        {
            case ChangeKind.Create:
                (values[Entity.IdOrdinal], values[Entity.CreatedAtOrdinal], values[Entity.CreatedByOrdinal]) = (change.Id, at, by);
                break;
            case ChangeKind.Delete or ChangeKind.Restore:
                values[Entity.DeletedAtOrdinal] = change.Kind == ChangeKind.Delete ? at : null;
                break;
        }
    }

    private static List<Field> Written(RecordChange change)
    {
        var all = change.Entity.Fields;
        List<Field> fields = [all[Entity.VersionOrdinal], all[Entity.UpdatedAtOrdinal], all[Entity.UpdatedByOrdinal], .. change.ChangedFields()];
        if (change.Kind != ChangeKind.Update)
        {
            fields.Add(all[Entity.DeletedAtOrdinal]);
        }
        return fields;
    }
}
