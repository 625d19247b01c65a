using System.Globalization;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>How many records each of several questions finds, in one statement: what tabs and tiles show beside their names.</summary>
internal static class RecordCounts
{
    public static async Task<IReadOnlyList<long>> ReadAsync(Session session, IReadOnlyList<(Entity Entity, Condition Filter)> questions, SqlDialect dialect, ConditionScope scope, CancellationToken cancellationToken)
    {
        if (questions.Count == 0)
        {
            return [];
        }
        var (outer, parts) = (new SqlQuery(dialect, questions[0].Entity), new List<string>(questions.Count));
        for (var i = 0; i < questions.Count; i++)
        {
            var (entity, filter) = questions[i];
            // Parameters are counted through the whole statement, each part has tables of its own.
            var sql = outer.Inner(entity);
            var live = sql.Column(new([entity.Fields[Entity.DeletedAtOrdinal]])) + " IS NULL";
            var where = filter == Condition.Always ? live : $"{live} AND {ConditionSql.Translate(filter, sql, scope)}";
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"SELECT {i}, count(*) FROM (SELECT 1 AS one FROM {sql.From} WHERE {where} LIMIT {RecordReader.CountCap + 1}) AS p{i}"));
        }
        var counts = new long[questions.Count];
        foreach (var (place, count) in await session.QueryAsync(string.Join(" UNION ALL ", parts), outer.Parameters, row => (row.Integer(0)!.Value, row.Integer(1) ?? 0), cancellationToken))
        {
            counts[place] = count;
        }
        return counts;
    }
}
