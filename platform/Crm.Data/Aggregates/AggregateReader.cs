using System.Diagnostics;
using System.Text;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Groups and figures in one statement.</summary>
internal static class AggregateReader
{
    public static async Task<AggregateResult> ReadAsync(Session session, AggregateQuery query, SqlDialect dialect, ConditionScope scope, CancellationToken cancellationToken, QueryWatch? watch = null)
    {
        query = query with { Filter = await TextSearch.PlanAsync(session, dialect, query.Filter, cancellationToken) };
        var sql = new SqlQuery(dialect, query.Entity);
        var limit = Math.Clamp(query.Limit, 1, AggregateQuery.MaxLimit);
        var groups = query.GroupBy.Select(g => Group(g, sql, scope.TimeZone)).ToList();
        var measures = query.Measures.Select(m => MeasureSql.Of(m, sql, scope)).ToList();
        // A reference to one of several entities is the same value only where both its columns are.
        var kinds = query.GroupBy.Where(g => g.Path.Field.Type is AnyLookupFieldType).Select(g => sql.Column(g.Path, AnyLookupFieldType.EntityPart)).ToList();
        var where = RecordReader.Where(new RecordQuery(query.Entity) { Filter = query.Filter }, sql, scope);
        var text = new StringBuilder("SELECT ").AppendJoin(", ", groups.Concat(measures.SelectMany(m => m.Selected)).Concat(kinds));
        text.Append(" FROM ").Append(sql.From).Append(" WHERE ").Append(where);
        if (groups.Count > 0)
        {
            text.Append(" GROUP BY ").AppendJoin(", ", groups.Concat(kinds));
        }
        text.Append(Order(query, groups, measures)).Append(" LIMIT ").Append(sql.Parameter(Param.Integer(limit + 1)));
        var began = Stopwatch.GetTimestamp();
        var rows = await session.QueryAsync(text.ToString(), sql.Parameters, row => Read(row, query, measures), cancellationToken);
        watch?.Note(query.Entity, query.Filter, [], text.ToString(), sql.Parameters, Stopwatch.GetElapsedTime(began));
        var hasMore = rows.Count > limit;
        return new(query, hasMore ? rows[..limit] : rows) { HasMore = hasMore };
    }

    private static string Group(GroupTerm term, SqlQuery sql, TimeZoneInfo zone)
    {
        var column = sql.Column(term.Path, term.Path.Field.Type.GroupPart);
        return term.By is null ? column
            : term.Path.Field.Type is DateFieldType ? sql.Dialect.DateBucket(column, term.By)
            : sql.Dialect.TimestampBucket(sql, column, term.By, zone);
    }

    /// <summary>What is equal in the figure or group that was asked for comes in the order of all groups, so that a limit cuts off the same everywhere.</summary>
    private static string Order(AggregateQuery query, List<string> groups, List<MeasureSql> measures)
    {
        const string Ascending = " ASC NULLS LAST";
        var terms = groups.ConvertAll(g => g + Ascending);
        if (query.Sort is { } sort)
        {
            var (name, direction) = sort.StartsWith('-') ? (sort[1..], " DESC NULLS FIRST") : (sort, Ascending);
            var measure = query.Measures.Select(m => m.Name).ToList().IndexOf(name);
            var group = query.GroupBy.Select(g => g.Path.ToString()).ToList().IndexOf(name);
            if (measure >= 0)
            {
                terms.InsertRange(0, measures[measure].Order.Select(o => o + direction));
            }
            else if (group >= 0)
            {
                terms.RemoveAt(group);
                terms.Insert(0, groups[group] + direction);
            }
            else
            {
                throw new ProblemException(Problem.At("sort", ProblemKind.Invalid, "sort.field", name, query.Entity.Name));
            }
        }
        return terms.Count == 0 ? "" : " ORDER BY " + string.Join(", ", terms);
    }

    private static object?[] Read(Row row, AggregateQuery query, List<MeasureSql> measures)
    {
        var values = new object?[query.GroupBy.Count + query.Measures.Count];
        var ordinal = 0;
        for (var i = 0; i < query.GroupBy.Count; i++)
        {
            var term = query.GroupBy[i];
            values[i] = term.By is null ? term.Path.Field.Type.FromGroup(row.Value(ordinal++, term.Path.Field.Columns[term.Path.Field.Type.GroupPart])) : row.Text(ordinal++);
        }
        for (var i = 0; i < query.Measures.Count; i++)
        {
            values[query.GroupBy.Count + i] = measures[i].Read(row, ordinal);
            ordinal += measures[i].Selected.Count;
        }
        for (var i = 0; i < query.GroupBy.Count; i++)
        {
            if (query.GroupBy[i].Path.Field.Type is AnyLookupFieldType any)
            {
                values[i] = any.FromColumns([values[i], row.Text(ordinal++)]);
            }
        }
        return values;
    }
}
