using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Fetches what paths lead to, one statement for each step and not one for each record.</summary>
internal static class RelatedReader
{
    /// <summary>Fetches all that the rules of the records' fields look at beyond the records.</summary>
    public static async ValueTask AddAsync(Session session, RelatedRecords related, IReadOnlyList<Record> records, FieldRules rules, CancellationToken cancellationToken)
    {
        await AddAsync(session, related, records, rules.Paths, cancellationToken);
        await ClimbAsync(session, related, records, rules.Climbed, cancellationToken);
    }

    public static async ValueTask AddAsync(Session session, RelatedRecords related, IReadOnlyList<Record> records, IReadOnlyList<FieldPath> paths, CancellationToken cancellationToken)
    {
        foreach (var path in paths)
        {
            for (var step = 0; step < path.Steps.Count - 1; step++)
            {
                foreach (var target in path.Steps[step].Targets)
                {
                    await FetchAsync(session, related, target, [.. related.Unknown(records, path, step, target)], cancellationToken);
                }
            }
        }
    }

    /// <summary>Fetches what stands above the values at the ends of paths in their trees, one statement for each level; a circle ends where it began.</summary>
    public static async ValueTask ClimbAsync(Session session, RelatedRecords related, IReadOnlyList<Record> records, IReadOnlyList<FieldPath> paths, CancellationToken cancellationToken)
    {
        foreach (var path in paths)
        {
            var (parent, seen) = (path.Field.TreeField!, new HashSet<Guid>());
            List<Guid> level = [.. records.Select(r => related.Read(r, path)).OfType<Guid>().Where(seen.Add)];
            while (level.Count > 0)
            {
                await FetchAsync(session, related, parent.Entity, [.. level.Where(id => !related.Knows(parent.Entity, id))], cancellationToken);
                level = [.. level.Select(id => related.Find(parent.Entity, id)?[parent]).OfType<Guid>().Where(seen.Add)];
            }
        }
    }

    private static async ValueTask FetchAsync(Session session, RelatedRecords related, Entity entity, List<Guid> ids, CancellationToken cancellationToken)
    {
        if (ids.Count > 0)
        {
            var found = await EntityTable.Of(entity).LoadAsync(session, ids, cancellationToken);
            ids.ForEach(id => related.Add(entity, id, found.GetValueOrDefault(id)));
        }
    }
}
