using System.Globalization;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What the values of groups are called: the labels of choices, and the titles of records that the actor may read.</summary>
internal static class AggregateTitles
{
    public static async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<object, string>>> ReadAsync(RecordStore store, AggregateResult result, Actor actor, CancellationToken cancellationToken)
    {
        var titles = new Dictionary<string, IReadOnlyDictionary<object, string>>(StringComparer.Ordinal);
        for (var i = 0; i < result.Query.GroupBy.Count; i++)
        {
            var (path, by) = result.Query.GroupBy[i];
            List<object> values = [.. result.Rows.Select(r => r[i]).OfType<object>().Distinct()];
            if (by is null && path.Field.Target is not null)
            {
                var named = new Dictionary<object, string>();
                foreach (var target in path.Field.Targets.Where(t => t.TitleField is not null && Authority.May(actor, Operation.Read, t)))
                {
                    await ReadAsync(named, store, target, values.FindAll(v => !named.ContainsKey(v)), actor, cancellationToken);
                }
                titles[path.ToString()] = named;
            }
            else if (by is null && path.Field.Type is ChoiceFieldType or BooleanFieldType)
            {
                titles[path.ToString()] = values.ToDictionary(v => v, v => path.Field.Type.ToText(v, CultureInfo.CurrentUICulture));
            }
        }
        return titles;
    }

    private static async Task ReadAsync(Dictionary<object, string> titles, RecordStore store, Entity target, List<object> ids, Actor actor, CancellationToken cancellationToken)
    {
        var title = target.TitleField!;
        foreach (var some in ids.Chunk(RecordQuery.MaxLimit))
        {
            var query = new RecordQuery(target)
            {
                Filter = new Comparison(new([target.Fields[Entity.IdOrdinal]]), ConditionOperator.In, new Constants(some)),
                Fields = [new([title])],
                Limit = some.Length,
            };
            foreach (var row in (await store.QueryAsync(query, actor, cancellationToken)).Items)
            {
                titles[row.Id] = row[0] is { } value ? title.Type.ToText(value, CultureInfo.CurrentUICulture) : "";
            }
        }
    }
}
