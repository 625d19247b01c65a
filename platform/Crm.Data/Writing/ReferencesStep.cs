using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Lookups must point to records that are there; one statement for each entity that is pointed to.</summary>
internal sealed class ReferencesStep : IWriteStep
{
    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var wanted = new Dictionary<Entity, HashSet<Guid>>();
        var references = new List<(RecordChange Change, Field Field, Guid Id)>();
        foreach (var change in batch.Pending.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update))
        {
            foreach (var field in change.Entity.Fields)
            {
                if (field.Target is { } target && field.Ordinal != Entity.IdOrdinal && change.After!.Values[field.Ordinal] is Guid id && !Equals(id, change.Before?.Values[field.Ordinal]))
                {
                    (wanted.TryGetValue(target, out var set) ? set : wanted[target] = []).Add(id);
                    references.Add((change, field, id));
                }
            }
        }
        // What is created earlier in the same request is there too, unless something refuses it after all.
        var order = batch.Changes.Index().ToDictionary(c => c.Item, c => c.Index);
        var created = batch.Pending.Where(c => c.Kind == ChangeKind.Create).ToDictionary(c => (c.Entity, c.Id));
        var existing = new Dictionary<Entity, HashSet<Guid>>();
        foreach (var (target, ids) in wanted)
        {
            existing[target] = await EntityTable.Of(target).ExistingAsync(batch.Session, ids, cancellationToken, batch.Dialect.KeepRows);
        }
        foreach (var (change, field, id) in references.Where(r => !existing[r.Field.Target!].Contains(r.Id)))
        {
            if (created.TryGetValue((field.Target!, id), out var needed) && order[needed] <= order[change])
            {
                batch.References.Add((change, field, needed));
            }
            else
            {
                Refuse(change, field, id);
            }
        }
    }

    /// <summary>Refuses changes that point to records which were to be created with them and are not.</summary>
    public static void RefuseOrphans(WriteBatch batch)
    {
        foreach (var (change, field, needed) in batch.References.Where(r => r.Needed.Failed && !r.Change.Failed))
        {
            Refuse(change, field, needed.Id);
        }
    }

    private static void Refuse(RecordChange change, Field field, Guid id) =>
        change.Problems.Add(Problem.At(field.Name, ProblemKind.Invalid, "lookup.missing", field.Target!.Label, id.ToString("D")));
}
