using Crm.Metadata;

namespace Crm.Data;

/// <summary>Notes which records refer to which files, so that a file lives as long as something needs it and no longer.</summary>
internal sealed class TrackFilesStep : IWriteStep
{
    public bool Concerns(Model model, Entity entity, ChangeKind kind) => entity.OwnFields.Any(f => f.Type is FileBasedFieldType);

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        // Whether each use that changes is one in the end: a record may be touched more than once.
        var uses = new Dictionary<FileUse, bool>();
        foreach (var group in batch.Pending.Where(c => !c.IsNoChange).GroupBy(c => c.Entity))
        {
            foreach (var field in group.Key.OwnFields.Where(f => f.Type is FileBasedFieldType))
            {
                foreach (var change in group)
                {
                    Note(uses, change, field);
                }
            }
        }
        if (uses.Count > 0)
        {
            await FileRows.RemoveUsesAsync(batch.Session, uses.Where(u => !u.Value).Select(u => u.Key), cancellationToken);
            await FileRows.AddUsesAsync(batch.Session, uses.Where(u => u.Value).Select(u => u.Key), cancellationToken);
            await FileRows.SetFreeAsync(batch.Session, uses.Keys.Select(u => u.File), batch.Now + FileStore.Released, cancellationToken);
        }
    }

    private static void Note(Dictionary<FileUse, bool> uses, RecordChange change, Field field)
    {
        // A record in the recycle bin holds on to nothing; what it held waits as long as the bin does.
        var before = change.Kind is ChangeKind.Create or ChangeKind.Restore ? [] : IdsOf(change.Before?[field]);
        var after = change.Kind == ChangeKind.Delete ? [] : IdsOf(change.After?[field]);
        foreach (var file in before.Except(after))
        {
            uses[new(file, change.Entity.Name, change.Id, field.Name)] = false;
        }
        foreach (var file in after.Except(before))
        {
            uses[new(file, change.Entity.Name, change.Id, field.Name)] = true;
        }
    }

    private static HashSet<Guid> IdsOf(object? value) => value is FileSet set ? [.. set.Files.Select(f => f.Id)] : [];
}
