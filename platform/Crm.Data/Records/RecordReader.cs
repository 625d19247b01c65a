using System.Diagnostics;
using System.Globalization;
using System.Text;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What lies around a page.</summary>
internal readonly record struct PageEnd(string? Next, string? Previous, long? Count, bool CountIsExact);

/// <summary>Generated reads: one statement a page, only the columns that were asked for, pages by key.</summary>
internal static class RecordReader
{
    /// <summary>Counting stops here unless the exact number is asked for.</summary>
    public const int CountCap = 10_000;

    /// <summary>Reads a page as values.</summary>
    public static async Task<RecordPage> ReadAsync(Session session, RecordQuery query, SqlDialect dialect, ConditionScope scope, QueryWatch watch, CancellationToken cancellationToken)
    {
        var columns = query.Fields ?? [.. query.Entity.Fields.Where(f => f.IsStored).Select(f => new FieldPath([f]))];
        var rows = new List<RecordRow>();
        var end = await ScanAsync(session, query, columns, dialect, scope, watch, Read, cancellationToken);
        if (query.Before is not null)
        {
            rows.Reverse();
        }
        return new(query.Entity, columns, rows, end.Next, end.Count, end.CountIsExact) { Previous = end.Previous };

        void Read(Row row, int ordinal)
        {
            var values = new object?[columns.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = ReadField(row, columns[i].Field, ref ordinal);
            }
            rows.Add(new(row.Uuid(0)!.Value, values));
        }
    }

    /// <summary>
    /// Hands each row of a page to <paramref name="each"/>, with the place at which the asked-for columns begin. A page that ends at a cursor
    /// comes last row first.
    /// </summary>
    public static async Task<PageEnd> ScanAsync(
        Session session, RecordQuery query, IReadOnlyList<FieldPath> columns, SqlDialect dialect, ConditionScope scope, QueryWatch watch, Action<Row, int> each, CancellationToken cancellationToken)
    {
        var backwards = query.Before is not null;
        if (backwards && query.After is not null)
        {
            throw new ProblemException(Problem.At("before", ProblemKind.Invalid, "cursor.both"));
        }
        var start = query.Before is { } before ? Cursor.Read(before, query.Sort, "before") : query.After is { } after ? Cursor.Read(after, query.Sort, "after") : null;
        query = query with { Filter = await TextSearch.PlanAsync(session, dialect, query.Filter, cancellationToken) };
        var walk = new Walk(query.Sort, backwards);
        var limit = Math.Clamp(query.Limit, 1, RecordQuery.MaxLimit);
        var (read, plans) = (0, PagePlans.Of(query.Entity));
        Edge? head = null, tail = null;
        foreach (var range in PageRange.From(start, walk))
        {
            var (text, parameters) = plans.Statement(query, columns, dialect, scope, walk, range, limit + 1 - read);
            var began = Stopwatch.GetTimestamp();
            await session.ForEachAsync(text, parameters, Take, cancellationToken);
            watch.Note(query.Entity, query.Filter, query.Sort, text, parameters, Stopwatch.GetElapsedTime(began));
            if (read > limit)
            {
                break;
            }
        }
        var beyond = read > limit ? Cursor.Write(query.Sort, tail!.Values, tail.Id) : null;
        var back = head is not null && start is not null ? Cursor.Write(query.Sort, head.Values, head.Id)
            : start is not null ? Cursor.Write(query.Sort, start.Values, start.Id, inclusive: true)
            : null;
        var (count, exact) = await CountAsync(session, query, dialect, scope, watch, cancellationToken);
        return backwards ? new(back, beyond, count, exact) : new(beyond, back, count, exact);

        void Take(Row row)
        {
            if (++read > limit)
            {
                return;
            }
            if (read == limit)
            {
                tail = EdgeOf(row);
            }
            if (read == 1 && start is not null)
            {
                head = limit == 1 ? tail : EdgeOf(row);
            }
            each(row, query.Sort.Count + 1);
        }

        Edge EdgeOf(Row row)
        {
            var values = new object?[query.Sort.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = row.Value(i + 1, Cursor.SortColumn(query.Sort[i]));
            }
            return new(values, row.Uuid(0)!.Value, Inclusive: false);
        }
    }

    /// <summary>How many columns of a field are read: all but the folded forms.</summary>
    public static int ColumnsRead(Field field) => field.ReadParts.Count;

    public static string Where(RecordQuery query, SqlQuery sql, ConditionScope scope)
    {
        sql.IsOfBin = query.Deleted;
        var where = new StringBuilder(query.Deleted ? "t.\"deleted_at\" IS NOT NULL" : "t.\"deleted_at\" IS NULL");
        if (query.Filter != Condition.Always)
        {
            where.Append(" AND ").Append(ConditionSql.Translate(query.Filter, sql, scope));
        }
        return where.ToString();
    }

    private static async Task<(long? Count, bool Exact)> CountAsync(Session session, RecordQuery query, SqlDialect dialect, ConditionScope scope, QueryWatch watch, CancellationToken cancellationToken)
    {
        if (query.Count == CountMode.None)
        {
            return (null, false);
        }
        var sql = new SqlQuery(dialect, query.Entity);
        var where = Where(query, sql, scope);
        var text = query.Count == CountMode.Exact
            ? $"SELECT count(*) FROM {sql.From} WHERE {where}"
            : string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) FROM (SELECT 1 FROM {sql.From} WHERE {where} LIMIT {CountCap + 1}) AS capped");
        var began = Stopwatch.GetTimestamp();
        var count = await session.FirstAsync(text, sql.Parameters, row => row.Integer(0), cancellationToken) ?? 0;
        watch.Note(query.Entity, query.Filter, [], text, sql.Parameters, Stopwatch.GetElapsedTime(began));
        return query.Count == CountMode.Capped && count > CountCap ? (CountCap, false) : (count, true);
    }

    /// <summary>Puts a field's value together from its columns, the folded form apart, which is never read back.</summary>
    public static object? ReadField(Row row, Field field, ref int ordinal)
    {
        var columns = field.Columns;
        if (field.ValueIsColumn)
        {
            return row.Value(ordinal++, columns[0]);
        }
        var parts = new object?[columns.Count];
        foreach (var part in field.ReadParts)
        {
            parts[part] = row.Value(ordinal++, columns[part]);
        }
        return parts.Length == 0 || parts[0] is null ? null : field.Type.FromColumns(parts);
    }
}
