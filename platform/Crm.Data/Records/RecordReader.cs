using System.Globalization;
using System.Text;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What follows a page.</summary>
internal readonly record struct PageEnd(string? Next, long? Count, bool CountIsExact);

/// <summary>Generated reads: one statement a page, only the columns that were asked for, pages by key.</summary>
internal static class RecordReader
{
    /// <summary>Counting stops here unless the exact number is asked for.</summary>
    public const int CountCap = 10_000;

    /// <summary>Reads a page as values.</summary>
    public static async Task<RecordPage> ReadAsync(Session session, RecordQuery query, SqlDialect dialect, ConditionScope scope, CancellationToken cancellationToken)
    {
        var columns = query.Fields ?? [.. query.Entity.Fields.Where(f => f.IsStored).Select(f => new FieldPath([f]))];
        var rows = new List<RecordRow>();
        var end = await ScanAsync(session, query, columns, dialect, scope, Read, cancellationToken);
        return new(query.Entity, columns, rows, end.Next, end.Count, end.CountIsExact);

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

    /// <summary>Hands each row of a page to <paramref name="each"/>, with the place at which the asked-for columns begin.</summary>
    public static async Task<PageEnd> ScanAsync(
        Session session, RecordQuery query, IReadOnlyList<FieldPath> columns, SqlDialect dialect, ConditionScope scope, Action<Row, int> each, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(query.Limit, 1, RecordQuery.MaxLimit);
        var first = query.Sort.Count + 1;
        var (read, next) = (0, (string?)null);
        var keys = new object?[query.Sort.Count];
        var last = Guid.Empty;
        var start = query.After is null ? null : (Seek?)new Seek(Cursor.Read(query.After, query.Sort));
        // A page that begins inside a run of equal keys is put together from ranges, each of which walks an index.
        foreach (var range in Ranges(query.Sort, start))
        {
            var (text, parameters) = Statement(query, columns, dialect, scope, range, limit + 1 - read);
            await session.ForEachAsync(text, parameters, Take, cancellationToken);
            if (read > limit)
            {
                break;
            }
        }
        var (count, exact) = await CountAsync(session, query, dialect, scope, cancellationToken);
        return new(next, count, exact);

        void Take(Row row)
        {
            if (++read > limit)
            {
                next = Cursor.Write(query.Sort, keys, last);
                return;
            }
            if (read == limit)
            {
                last = row.Uuid(0)!.Value;
                for (var i = 0; i < keys.Length; i++)
                {
                    keys[i] = row.Value(i + 1, Cursor.SortColumn(query.Sort[i]));
                }
            }
            each(row, first);
        }
    }

    /// <summary>How many columns of a field are read: all but the folded forms.</summary>
    public static int ColumnsRead(Field field) => field.ReadParts.Count;

    public static string Where(RecordQuery query, SqlQuery sql, ConditionScope scope)
    {
        var where = new StringBuilder("t.\"deleted_at\" IS NULL");
        if (query.Filter != Condition.Always)
        {
            where.Append(" AND ").Append(ConditionSql.Translate(query.Filter, sql, scope));
        }
        return where.ToString();
    }

    private static async Task<(long? Count, bool Exact)> CountAsync(Session session, RecordQuery query, SqlDialect dialect, ConditionScope scope, CancellationToken cancellationToken)
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
        var count = await session.FirstAsync(text, sql.Parameters, row => row.Integer(0), cancellationToken) ?? 0;
        return query.Count == CountMode.Capped && count > CountCap ? (CountCap, false) : (count, true);
    }

    private static (string Text, IReadOnlyList<SqlParameter> Parameters) Statement(
        RecordQuery query, IReadOnlyList<FieldPath> columns, SqlDialect dialect, ConditionScope scope, Range range, int limit)
    {
        var sql = new SqlQuery(dialect, query.Entity);
        var select = new StringBuilder("SELECT t.\"id\"");
        foreach (var term in query.Sort)
        {
            select.Append(", ").Append(sql.Column(term.Path, term.Path.Field.Type.SortPart));
        }
        foreach (var path in columns)
        {
            foreach (var part in path.Field.ReadParts)
            {
                select.Append(", ").Append(sql.Column(path, part));
            }
        }
        var where = Where(query, sql, scope) + range.Condition(sql, query.Sort);
        var order = string.Join(", ", query.Sort.Select(t => $"{sql.Column(t.Path, t.Path.Field.Type.SortPart)} {(t.Descending ? "DESC NULLS FIRST" : "ASC NULLS LAST")}")
            .Append(query.Sort.Count == 0 || query.Sort[^1].Descending ? "t.\"id\" DESC" : "t.\"id\""));
        var text = $"{select} FROM {sql.From} WHERE {where} ORDER BY {order} LIMIT {sql.Parameter(Param.Integer(limit))}";
        return (text, sql.Parameters);
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
        return parts[0] is null ? null : field.Type.FromColumns(parts);
    }

    private static IEnumerable<Range> Ranges(IReadOnlyList<SortTerm> sort, Seek? start)
    {
        if (start is not { } seek)
        {
            yield return new(null, 0, RangeKind.All);
            yield break;
        }
        yield return new(seek, sort.Count, RangeKind.Id);
        for (var equal = sort.Count - 1; equal >= 0; equal--)
        {
            var isEmpty = seek.Position.Values[equal] is null;
            if (sort[equal].Descending)
            {
                yield return new(seek, equal, isEmpty ? RangeKind.NotEmpty : RangeKind.Beyond);
            }
            else if (!isEmpty)
            {
                yield return new(seek, equal, RangeKind.Beyond);
                yield return new(seek, equal, RangeKind.Empty);
            }
        }
    }

    private enum RangeKind
    {
        All, Id, Beyond, Empty, NotEmpty,
    }

    private readonly record struct Seek((IReadOnlyList<object?> Values, Guid Id) Position);

    /// <summary>Records whose first sort values equal the cursor's and whose next one lies beyond it.</summary>
    private sealed record Range(Seek? Start, int Equal, RangeKind Kind)
    {
        public string Condition(SqlQuery sql, IReadOnlyList<SortTerm> sort)
        {
            if (Start is not { } seek)
            {
                return "";
            }
            var condition = new StringBuilder();
            for (var i = 0; i < Equal; i++)
            {
                var value = seek.Position.Values[i];
                condition.Append(" AND ").Append(ColumnOf(sort[i])).Append(value is null ? " IS NULL" : " = " + sql.Parameter(Cursor.SortColumn(sort[i]), value));
            }
            condition.Append(" AND ").Append(Kind switch
            {
                RangeKind.Id => $"t.\"id\" {(sort.Count == 0 || sort[^1].Descending ? "<" : ">")} {sql.Parameter(Param.Uuid(seek.Position.Id))}",
                RangeKind.Beyond => $"{ColumnOf(sort[Equal])} {(sort[Equal].Descending ? "<" : ">")} {sql.Parameter(Cursor.SortColumn(sort[Equal]), seek.Position.Values[Equal])}",
                RangeKind.Empty => ColumnOf(sort[Equal]) + " IS NULL",
                _ => ColumnOf(sort[Equal]) + " IS NOT NULL",
            });
            return condition.ToString();

            string ColumnOf(SortTerm term) => sql.Column(term.Path, term.Path.Field.Type.SortPart);
        }
    }
}
