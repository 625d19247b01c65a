using Crm.Metadata;

namespace Crm.Data;

/// <summary>Notes which records refer to which files, so that a file lives as long as something needs it and no longer.</summary>
internal sealed class TrackFilesStep : IWriteStep
{
    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var touched = new HashSet<Guid>();
        foreach (var group in batch.Pending.Where(c => !c.IsNoChange).GroupBy(c => c.Entity))
        {
            foreach (var field in group.Key.OwnFields.Where(f => f.Type is FileBasedFieldType))
            {
                foreach (var change in group)
                {
                    await TrackAsync(batch.Session, change, field, touched, cancellationToken);
                }
            }
        }
        if (touched.Count > 0)
        {
            await FileRows.SetFreeAsync(batch.Session, touched, batch.Now + FileStore.Released, cancellationToken);
        }
    }

    private static async Task TrackAsync(Session session, RecordChange change, Field field, HashSet<Guid> touched, CancellationToken cancellationToken)
    {
        // A record in the recycle bin holds on to nothing; what it held waits as long as the bin does.
        var before = change.Kind is ChangeKind.Create or ChangeKind.Restore ? [] : IdsOf(change.Before?[field]);
        var after = change.Kind == ChangeKind.Delete ? [] : IdsOf(change.After?[field]);
        foreach (var file in before.Except(after))
        {
            await FileRows.RemoveUseAsync(session, file, change.Entity.Name, change.Id, field.Name, cancellationToken);
            touched.Add(file);
        }
        foreach (var file in after.Except(before))
        {
            await FileRows.AddUseAsync(session, file, change.Entity.Name, change.Id, field.Name, cancellationToken);
            touched.Add(file);
        }
    }

    private static HashSet<Guid> IdsOf(object? value) => value is FileSet set ? [.. set.Files.Select(f => f.Id)] : [];
}
