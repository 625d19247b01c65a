using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Lookups must point to records that are there; one statement for each entity that is pointed to.</summary>
internal sealed class ReferencesStep : IWriteStep
{
    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var wanted = new Dictionary<Entity, HashSet<Guid>>();
        var references = new List<(RecordChange Change, Field Field, Entity Target, Guid Id)>();
        foreach (var change in batch.Pending.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update))
        {
            foreach (var field in change.Entity.Fields)
            {
                if (field.Ordinal != Entity.IdOrdinal && field.PointedTo(change.After!.Values[field.Ordinal]) is var (target, id) && !Equals(change.After.Values[field.Ordinal], change.Before?.Values[field.Ordinal]))
                {
                    (wanted.TryGetValue(target, out var set) ? set : wanted[target] = []).Add(id);
                    references.Add((change, field, target, id));
                }
            }
        }
        // What is created earlier in the same request is there too, unless something refuses it after all.
        var order = batch.Changes.Index().ToDictionary(c => c.Item, c => c.Index);
        var created = batch.Pending.Where(c => c.Kind == ChangeKind.Create).ToDictionary(c => (c.Entity, c.Id));
        var existing = new Dictionary<Entity, HashSet<Guid>>();
        foreach (var (target, ids) in wanted)
        {
            existing[target] = await EntityTable.Of(target).ExistingAsync(batch.Session, ids, cancellationToken);
        }
        foreach (var (change, field, target, id) in references.Where(r => !existing[r.Target].Contains(r.Id)))
        {
            if (created.TryGetValue((target, id), out var needed) && order[needed] <= order[change])
            {
                batch.References.Add((change, field, needed));
            }
            else
            {
                Refuse(change, field, target, id);
            }
        }
    }

    /// <summary>Refuses changes that point to records which were to be created with them and are not.</summary>
    public static void RefuseOrphans(WriteBatch batch)
    {
        foreach (var (change, field, needed) in batch.References.Where(r => r.Needed.Failed && !r.Change.Failed))
        {
            Refuse(change, field, needed.Entity, needed.Id);
        }
    }

    private static void Refuse(RecordChange change, Field field, Entity target, Guid id) =>
        change.Problems.Add(Problem.At(field.Name, ProblemKind.Invalid, "lookup.missing", target.Label, id.ToString("D")));
}
