using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Which stored records the rows of a piece mean, by the key of the plan: one statement for many rows.</summary>
internal static class ImportKeys
{
    public static string KeyOf(ImportPlan plan, ImportRow row) =>
        ValueKey.Of(plan.Key, field => row.Values.Find(v => v.Field == field).Value);

    public static async Task<Dictionary<ImportRow, Guid>> FindAsync(RecordStore store, ImportPlan plan, IReadOnlyList<ImportRow> rows, Actor actor, CancellationToken cancellationToken)
    {
        var found = new Dictionary<ImportRow, Guid>();
        var paths = plan.Key.Select(f => new FieldPath([f])).ToList();
        foreach (var chunk in rows.Chunk(200))
        {
            var byKey = chunk.ToDictionary(r => KeyOf(plan, r), StringComparer.Ordinal);
            var values = chunk.Select(r => r.Values.Find(v => v.Field == plan.Key[0]).Value).Distinct().ToList();
            var query = new RecordQuery(plan.Entity) { Filter = new Comparison(paths[0], ConditionOperator.In, new Constants(values)), Fields = paths, Limit = RecordQuery.MaxLimit };
            do
            {
                var page = await store.QueryAsync(query, actor, cancellationToken);
                foreach (var item in page.Items)
                {
                    var key = ValueKey.Of(plan.Key, field => item[paths.FindIndex(p => p.Field == field)]);
                    if (byKey.TryGetValue(key, out var row))
                    {
                        found[row] = item.Id;
                    }
                }
                query = query with { After = page.Next };
            }
            while (query.After is not null);
        }
        return found;
    }
}
