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
        var created = batch.Pending.Where(c => c.Kind == ChangeKind.Create).Select(c => c.Id).ToHashSet();
        var existing = new Dictionary<Entity, HashSet<Guid>>();
        foreach (var (target, ids) in wanted)
        {
            existing[target] = await EntityTable.Of(target).ExistingAsync(batch.Session, ids, cancellationToken);
        }
        foreach (var (change, field, id) in references.Where(r => !existing[r.Field.Target!].Contains(r.Id) && !created.Contains(r.Id)))
        {
            change.Problems.Add(Problem.At(field.Name, ProblemKind.Invalid, "lookup.missing", field.Target!.Label, id.ToString("D")));
        }
    }
}
