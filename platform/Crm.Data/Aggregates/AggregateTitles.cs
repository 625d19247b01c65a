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
            if (by is null && path.Field.Target is { TitleField: { } title } target && Authority.May(actor, Operation.Read, target))
            {
                titles[path.ToString()] = await ReadAsync(store, target, title, values, actor, cancellationToken);
            }
            else if (by is null && path.Field.Type is ChoiceFieldType or BooleanFieldType)
            {
                titles[path.ToString()] = values.ToDictionary(v => v, v => path.Field.Type.ToText(v, CultureInfo.CurrentUICulture));
            }
        }
        return titles;
    }

    private static async Task<Dictionary<object, string>> ReadAsync(RecordStore store, Entity target, Field title, List<object> ids, Actor actor, CancellationToken cancellationToken)
    {
        var titles = new Dictionary<object, string>();
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
        return titles;
    }
}
