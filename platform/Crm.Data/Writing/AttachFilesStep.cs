using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Files that a record is to refer to must be there, be the actor's to give, and fit their field. What they are and how large is taken
/// from the files and not from who asks.
/// </summary>
internal sealed class AttachFilesStep : IWriteStep
{
    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind is ChangeKind.Create or ChangeKind.Update && entity.OwnFields.Any(f => f.Type is FileBasedFieldType);

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var values = new List<(RecordChange Change, Field Field, FileSet Set)>();
        foreach (var changes in batch.Pending.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update).GroupBy(c => c.Entity))
        {
            foreach (var field in changes.Key.OwnFields.Where(f => f.Type is FileBasedFieldType))
            {
                values.AddRange(changes.Where(c => c.After![field] is FileSet set && !set.Equals(c.Before?[field])).Select(c => (c, field, (FileSet)c.After![field]!)));
            }
        }
        if (values.Count == 0)
        {
            return;
        }
        var files = await FileRows.FindAsync(batch.Session, values.SelectMany(v => v.Set.Files.Select(f => f.Id)), cancellationToken);
        var foreign = files.Values.Where(f => batch.Request.Actor.UserId is { } user && f.CreatedBy != user).Select(f => f.Id).ToList();
        var readable = foreign.Count == 0 ? [] : (await FileRows.UsesAsync(batch.Session, foreign, cancellationToken))
            .Where(u => batch.Model.Find(u.Entity) is { } entity && Authority.May(batch.Request.Actor, Operation.Read, entity)).Select(u => u.File).ToHashSet();
        foreach (var (change, field, set) in values)
        {
            var kept = (change.Before?[field] as FileSet)?.Files.Select(f => f.Id).ToHashSet() ?? [];
            var attached = new List<AttachedFile>();
            foreach (var wanted in set.Files)
            {
                if (!files.TryGetValue(wanted.Id, out var file) || (foreign.Contains(file.Id) && !kept.Contains(file.Id) && !readable.Contains(file.Id)))
                {
                    change.Problems.Add(Problem.At(field.Name, ProblemKind.Invalid, "file.unknown", wanted.Id.ToString("D")));
                    continue;
                }
                var known = new AttachedFile(file.Id, NameOf(wanted.Name, file.Name), file.Type, file.Size);
                attached.Add(known);
                if (((FileBasedFieldType)field.Type).Check(known) is { } fault)
                {
                    change.Problems.Add(Problem.At(field.Name, ProblemKind.Refused, fault.Code, fault.Arguments));
                }
            }
            change.After![field] = new FileSet(attached);
        }
    }

    /// <summary>A file may be renamed, but its ending says what it is and stays.</summary>
    private static string NameOf(string wanted, string name)
    {
        if (wanted.Length == 0)
        {
            return name;
        }
        var clean = FileStore.CleanName(wanted);
        var ending = Path.GetExtension(name);
        return clean.EndsWith(ending, StringComparison.OrdinalIgnoreCase) ? clean : clean + ending;
    }
}
