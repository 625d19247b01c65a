using System.Text;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What is computed over a group.</summary>
public enum MeasureFunction
{
    Count, CountDistinct, Sum, Avg, Min, Max,
}

/// <summary>A dimension: a field, or the day, week, month, quarter or year of a day or moment.</summary>
public sealed record GroupTerm(FieldPath Path, string? By)
{
    public static readonly IReadOnlyList<string> Buckets = ["day", "week", "month", "quarter", "year"];
}

/// <summary>A figure; <paramref name="Path"/> is null only for a plain count.</summary>
public sealed record Measure(MeasureFunction Function, FieldPath? Path, string Name);

/// <summary>Groups and measures over the records of an entity.</summary>
public sealed record AggregateQuery(Entity Entity, IReadOnlyList<GroupTerm> GroupBy, IReadOnlyList<Measure> Measures)
{
    public const int MaxLimit = 10_000;

    public Condition Filter { get; init; } = Condition.Always;

    /// <summary>Name of a measure or the path of a group, a minus before it sorts downwards; null sorts by the groups.</summary>
    public string? Sort { get; init; }

    public int Limit { get; init; } = 100;
}

/// <summary>The groups with their figures: first the values of the groups in order, then those of the measures.</summary>
public sealed record AggregateResult(AggregateQuery Query, IReadOnlyList<object?[]> Rows);

internal static class AggregateReader
{
    public static async Task<AggregateResult> ReadAsync(Session session, AggregateQuery query, SqlDialect dialect, ConditionScope scope, CancellationToken cancellationToken)
    {
        var sql = new SqlQuery(dialect, query.Entity);
        var groups = query.GroupBy.Select(g => Group(g, sql)).ToList();
        var measures = query.Measures.Select(m => Expression(m, sql)).ToList();
        var where = RecordReader.Where(new RecordQuery(query.Entity) { Filter = query.Filter }, sql, scope);
        var text = new StringBuilder("SELECT ").AppendJoin(", ", groups.Concat(measures.SelectMany(m => m)));
        text.Append(" FROM ").Append(sql.From).Append(" WHERE ").Append(where);
        if (groups.Count > 0)
        {
            text.Append(" GROUP BY ").AppendJoin(", ", groups);
        }
        text.Append(Order(query, groups, measures)).Append(" LIMIT ").Append(sql.Parameter(Param.Integer(Math.Clamp(query.Limit, 1, AggregateQuery.MaxLimit))));
        var rows = await session.QueryAsync(text.ToString(), sql.Parameters, row => Read(row, query), cancellationToken);
        return new(query, rows);
    }

    private static string Group(GroupTerm term, SqlQuery sql)
    {
        var column = sql.Column(term.Path);
        return term.By is null ? column
            : term.Path.Field.Type is DateFieldType ? sql.Dialect.DateBucket(column, term.By)
            : sql.Dialect.TimestampBucket(column, term.By);
    }

    /// <summary>An average comes as its sum and count, so that the division is exact on both databases.</summary>
    private static IReadOnlyList<string> Expression(Measure measure, SqlQuery sql)
    {
        if (measure.Path is not { } path)
        {
            return ["count(*)"];
        }
        var column = sql.Column(path);
        return measure.Function switch
        {
            MeasureFunction.Count => [$"count({column})"],
            MeasureFunction.CountDistinct => [$"count(DISTINCT {column})"],
            MeasureFunction.Sum => [Sum(column, path)],
            MeasureFunction.Avg => [Sum(column, path), $"count({column})"],
            MeasureFunction.Min => [$"min({column})"],
            _ => [$"max({column})"],
        };
    }

    /// <summary>Whole numbers add up to a whole number on both databases.</summary>
    private static string Sum(string column, FieldPath path) => path.Field.Columns[0].Kind == ColumnKind.Integer ? $"CAST(sum({column}) AS bigint)" : $"sum({column})";

    private static string Order(AggregateQuery query, List<string> groups, List<IReadOnlyList<string>> measures)
    {
        if (query.Sort is { } sort)
        {
            var (name, direction) = sort.StartsWith('-') ? (sort[1..], " DESC NULLS FIRST") : (sort, " ASC NULLS LAST");
            for (var i = 0; i < measures.Count; i++)
            {
                if (query.Measures[i].Name == name)
                {
                    var expression = measures[i].Count == 2 ? $"(1.0 * {measures[i][0]} / {measures[i][1]})" : measures[i][0];
                    return " ORDER BY " + string.Join(", ", groups.Prepend(expression + direction));
                }
            }
            for (var i = 0; i < groups.Count; i++)
            {
                if (query.GroupBy[i].Path.ToString() == name)
                {
                    return " ORDER BY " + groups[i] + direction;
                }
            }
            throw new ProblemException(Problem.At("sort", ProblemKind.Invalid, "sort.field", name, query.Entity.Name));
        }
        return groups.Count == 0 ? "" : " ORDER BY " + string.Join(", ", groups.Select(g => g + " ASC NULLS LAST"));
    }

    private static object?[] Read(Row row, AggregateQuery query)
    {
        var values = new object?[query.GroupBy.Count + query.Measures.Count];
        var ordinal = 0;
        for (var i = 0; i < query.GroupBy.Count; i++)
        {
            var term = query.GroupBy[i];
            values[i] = term.By is null ? row.Value(ordinal++, term.Path.Field.Columns[0]) : row.Text(ordinal++);
        }
        for (var i = 0; i < query.Measures.Count; i++)
        {
            values[query.GroupBy.Count + i] = ReadMeasure(row, query.Measures[i], ref ordinal);
        }
        return values;
    }

    private static object? ReadMeasure(Row row, Measure measure, ref int ordinal)
    {
        if (measure.Path is null || measure.Function is MeasureFunction.Count or MeasureFunction.CountDistinct)
        {
            return row.Integer(ordinal++) ?? 0;
        }
        var column = measure.Path.Field.Columns[0];
        var value = row.Value(ordinal++, column);
        if (measure.Function != MeasureFunction.Avg)
        {
            return value;
        }
        var count = row.Integer(ordinal++) ?? 0;
        return value is null || count == 0 ? null : decimal.Round(Convert.ToDecimal(value, System.Globalization.CultureInfo.InvariantCulture) / count, 10);
    }
}
