using System.Diagnostics;
using System.Text;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What is computed over a group.</summary>
public enum MeasureFunction
{
    Count, CountDistinct, Sum, Avg, Min, Max, Median,
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

    /// <summary>Whether to read what the values of choices and lookups are called.</summary>
    public bool WithTitles { get; init; }
}

/// <summary>The groups with their figures: first the values of the groups in order, then those of the measures.</summary>
public sealed record AggregateResult(AggregateQuery Query, IReadOnlyList<object?[]> Rows)
{
    /// <summary>Whether there are further groups beyond the limit.</summary>
    public bool HasMore { get; init; }

    /// <summary>By the path of a group: what its values are called, where they have a name besides themselves.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<object, string>> Titles { get; init; } = new Dictionary<string, IReadOnlyDictionary<object, string>>();
}

internal static class AggregateReader
{
    public static async Task<AggregateResult> ReadAsync(Session session, AggregateQuery query, SqlDialect dialect, ConditionScope scope, CancellationToken cancellationToken, QueryWatch? watch = null)
    {
        query = query with { Filter = await TextSearch.PlanAsync(session, dialect, query.Filter, cancellationToken) };
        var sql = new SqlQuery(dialect, query.Entity);
        var limit = Math.Clamp(query.Limit, 1, AggregateQuery.MaxLimit);
        var groups = query.GroupBy.Select(g => Group(g, sql, scope.TimeZone)).ToList();
        var measures = query.Measures.Select(m => Expressions(m, sql)).ToList();
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

    /// <summary>An average comes as its sum and count, so that the division is exact on both databases.</summary>
    private static Figure Expressions(Measure measure, SqlQuery sql)
    {
        if (measure.Path is not { } path)
        {
            return new(["count(*)"]);
        }
        var figure = path.Field.Columns[path.Field.Type.SortPart];
        var column = sql.Column(path, measure.Function is MeasureFunction.Count or MeasureFunction.CountDistinct ? path.Field.Type.GroupPart : path.Field.Type.SortPart);
        return measure.Function switch
        {
            MeasureFunction.Count => new([$"count({column})"]),
            MeasureFunction.CountDistinct => new([$"count(DISTINCT {column})"]),
            MeasureFunction.Sum => new(sql.Dialect.Sum(column, figure.Kind)),
            MeasureFunction.Avg => new([.. sql.Dialect.Sum(column, figure.Kind), $"count({column})"], [$"avg({column})"]),
            MeasureFunction.Median => new(sql.Dialect.Median(column), [string.Join(" / 2.0 + ", sql.Dialect.Median(column)) + " / 2.0"]),
            MeasureFunction.Min => new([$"min({column})"]),
            _ => new([$"max({column})"]),
        };
    }

    private static string Order(AggregateQuery query, List<string> groups, List<Figure> measures)
    {
        if (query.Sort is { } sort)
        {
            var (name, direction) = sort.StartsWith('-') ? (sort[1..], " DESC NULLS FIRST") : (sort, " ASC NULLS LAST");
            for (var i = 0; i < measures.Count; i++)
            {
                if (query.Measures[i].Name == name)
                {
                    return " ORDER BY " + string.Join(", ", measures[i].Order.Select(o => o + direction).Concat(groups));
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

    private static object?[] Read(Row row, AggregateQuery query, List<Figure> measures)
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
            values[query.GroupBy.Count + i] = ReadMeasure(row, query.Measures[i], ordinal, measures[i].Selected.Count);
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

    private static object? ReadMeasure(Row row, Measure measure, int ordinal, int columns)
    {
        if (measure.Path is null || measure.Function is MeasureFunction.Count or MeasureFunction.CountDistinct)
        {
            return row.Integer(ordinal) ?? 0;
        }
        var column = measure.Path.Field.Columns[measure.Path.Field.Type.SortPart];
        switch (measure.Function)
        {
            case MeasureFunction.Sum:
                var sum = ReadSum(row, column, ordinal, columns);
                return sum is { } whole && column.Kind == ColumnKind.Integer && whole is >= long.MinValue and <= long.MaxValue ? (long)whole : sum;
            case MeasureFunction.Avg:
                return ReadSum(row, column, ordinal, columns - 1) is { } total ? decimal.Round(total / row.Integer(ordinal + columns - 1)!.Value, 10) : null;
            case MeasureFunction.Median:
                return row.Value(ordinal, column) is { } low && row.Value(ordinal + 1, column) is { } high ? (ToDecimal(low) + ToDecimal(high)) / 2 : null;
            default:
                return measure.Path.Field.Type.FromGroup(row.Value(ordinal, column));
        }
    }

    private static decimal ToDecimal(object number) => Convert.ToDecimal(number, System.Globalization.CultureInfo.InvariantCulture);

    private static decimal? ReadSum(Row row, Column column, int ordinal, int parts)
    {
        decimal? sum = null;
        for (var i = 0; i < parts && row.Value(ordinal + i, column) is { } part; i++)
        {
            sum = ((sum ?? 0) * (1L << 32)) + ToDecimal(part);
        }
        return sum;
    }

    /// <summary>The expressions that make up a measure, and those that order by it.</summary>
    private sealed record Figure(IReadOnlyList<string> Selected, IReadOnlyList<string>? OrderedBy = null)
    {
        public IReadOnlyList<string> Order => OrderedBy ?? Selected;
    }
}
