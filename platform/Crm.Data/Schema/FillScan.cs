using System.Globalization;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Reads and writes the values of a <see cref="ColumnFill"/>, some hundred rows a statement.</summary>
internal sealed class FillScan(Session session, ColumnFill fill, bool renamed, CancellationToken cancellationToken)
{
    private const int RowsAtOnce = 500;

    /// <summary>Rows of one UPDATE: SQLite looks each parameter up by its name, so that many of them cost more than many statements.</summary>
    internal const int WrittenAtOnce = 100;

    private readonly string _table = renamed ? fill.Table : fill.TableBefore;

    /// <summary>How many rows would lose something of their value.</summary>
    public async Task<long> CountLostAsync()
    {
        var lost = 0L;
        await EachAsync(rows =>
        {
            lost += rows.Count(r => !r.Exact);
            return ValueTask.CompletedTask;
        });
        return lost;
    }

    /// <summary>Writes the converted values.</summary>
    public Task FillAsync() => EachAsync(async rows =>
    {
        foreach (var piece in rows.Chunk(WrittenAtOnce))
        {
            await WriteAsync(piece);
        }
    });

    private async Task WriteAsync(FillRow[] rows)
    {
        var width = fill.Keys.Count + fill.Written.Count;
        var parameters = new List<SqlParameter>(rows.Length * width);
        var places = fill.Written.Select(w => Enumerable.Range(0, fill.Wanted.Count).First(i => fill.Wanted[i].Name == w.Name)).ToArray();
        foreach (var row in rows)
        {
            parameters.AddRange(fill.Keys.Select((k, i) => new SqlParameter(row.Key[i], k.Kind, k.Scale)));
            parameters.AddRange(places.Select(p => new SqlParameter(row.Values[p], fill.Wanted[p].Kind, fill.Wanted[p].Scale)));
        }
        var set = string.Join(", ", fill.Written.Select((w, i) => $"{SqlDialect.Quote(w.Name)} = v.column{Text(fill.Keys.Count + i + 1)}"));
        var key = string.Join(" AND ", fill.Keys.Select((k, i) => $"{SqlDialect.Quote(_table)}.{SqlDialect.Quote(k.Name)} = v.column{Text(i + 1)}"));
        await session.ExecuteAsync($"UPDATE {SqlDialect.Quote(_table)} SET {set} FROM (VALUES {SqlList.Rows(rows.Length, width)}) AS v WHERE {key}", parameters, cancellationToken);
    }

    /// <summary>The converted values of all rows that have one, chunk by chunk.</summary>
    public async Task EachAsync(Func<IReadOnlyList<FillRow>, ValueTask> each)
    {
        var columns = fill.Keys.Select(k => k.Name).Concat(fill.Sources.Select(s => renamed ? s.Column.Name : s.Before)).Select(SqlDialect.Quote).ToList();
        var present = string.Join(" OR ", columns.Skip(fill.Keys.Count).Select(c => c + " IS NOT NULL"));
        var select = $"SELECT {string.Join(", ", columns)} FROM {SqlDialect.Quote(_table)} WHERE ({present})";
        if (fill.Keys.Count != 1)
        {
            foreach (var chunk in (await session.QueryAsync(select, [], Read, cancellationToken)).Chunk(RowsAtOnce))
            {
                await each(await KeepFoundAsync(chunk));
            }
            return;
        }
        var page = $" ORDER BY {columns[0]} LIMIT {Text(RowsAtOnce)}";
        var rows = await session.QueryAsync(select + page, [], Read, cancellationToken);
        while (rows.Count > 0)
        {
            await each(await KeepFoundAsync(rows));
            var last = new SqlParameter(rows[^1].Key[0], fill.Keys[0].Kind, fill.Keys[0].Scale);
            rows = rows.Count < RowsAtOnce ? [] : await session.QueryAsync($"{select} AND {columns[0]} > $1{page}", [last], Read, cancellationToken);
        }
    }

    private FillRow Read(Row row)
    {
        var ordinal = 0;
        var key = fill.Keys.Select(k => row.Value(ordinal++, k.Kind, k.Scale)).ToArray();
        var old = fill.Sources.Select(s => row.Value(ordinal++, s.Column.Kind, s.Column.Scale)).ToArray();
        return new(key, fill.Convert(old, out var exact), exact);
    }

    /// <summary>A reference to something that is not there is lost.</summary>
    private async Task<IReadOnlyList<FillRow>> KeepFoundAsync(IReadOnlyList<FillRow> rows)
    {
        if (fill.Target is null)
        {
            return rows;
        }
        var found = new HashSet<Guid>();
        var ids = rows.Select(r => r.Values[0]).OfType<Guid>().Distinct().ToList();
        if ((renamed ? fill.Target : fill.TargetBefore) is { } target && ids.Count > 0)
        {
            await session.ForEachAsync(
                $"SELECT \"id\" FROM {SqlDialect.Quote(target)} WHERE \"id\" IN {SqlList.Of(ids.Count)}", [.. ids.Select(id => Param.Uuid(id))], row => found.Add(row.Uuid(0)!.Value), cancellationToken);
        }
        return [.. rows.Select(r => r.Values[0] is Guid id && !found.Contains(id) ? r with { Values = new object?[r.Values.Length], Exact = false } : r)];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A row's key, its converted values, and whether nothing of them is lost.</summary>
internal sealed record FillRow(object?[] Key, object?[] Values, bool Exact);

/// <summary>Lists of parameters.</summary>
internal static class SqlList
{
    /// <summary><c>($1, $2, $3)</c>.</summary>
    public static string Of(int count, int from = 0) => "(" + string.Join(", ", Enumerable.Range(from + 1, count).Select(i => "$" + i.ToString(CultureInfo.InvariantCulture))) + ")";

    /// <summary><c>($1, $2), ($3, $4)</c>.</summary>
    public static string Rows(int rows, int width) => string.Join(", ", Enumerable.Range(0, rows).Select(r => Of(width, r * width)));
}
