using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Fetches what paths lead to, one statement for each step and not one for each record.</summary>
internal static class RelatedReader
{
    public static async ValueTask AddAsync(Session session, RelatedRecords related, IReadOnlyList<Record> records, IReadOnlyList<FieldPath> paths, CancellationToken cancellationToken)
    {
        foreach (var path in paths)
        {
            for (var step = 0; step < path.Steps.Count - 1; step++)
            {
                var target = path.Steps[step].Target!;
                List<Guid> ids = [.. related.Unknown(records, path, step)];
                if (ids.Count == 0)
                {
                    continue;
                }
                var found = await EntityTable.Of(target).LoadAsync(session, ids, cancellationToken);
                ids.ForEach(id => related.Add(target, id, found.GetValueOrDefault(id)));
            }
        }
    }
}
