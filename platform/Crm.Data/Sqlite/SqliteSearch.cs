using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data.Sqlite;

/// <summary>
/// The search index of one table: FTS5 over trigrams of its folded texts, keyed by row, without texts, positions or deletions of its own.
/// It says where a word may occur; the texts themselves say whether it does. So what was changed need not be taken out, only put in, and rows
/// wait until enough of them go into the index at once: one by one costs five times as much. New rows wait behind a mark, which costs their
/// insert nothing; changed ones are on a short list. Every search reads both.
/// </summary>
internal sealed record SqliteSearch(string Table, IReadOnlyList<string> Columns)
{
    /// <summary>Not <c>rowid</c>, which a field could be called.</summary>
    public const string RowKey = "_rowid_";

    /// <summary>Rows that may wait before they go into the index.</summary>
    public const int MaxWaiting = 1_000;

    /// <summary>Rows that go into the index at once, so that the write lane is never held up for long.</summary>
    public const int MaxTaken = 20_000;

    /// <summary>More hardly make the candidates fewer, and each that nearly all rows have, such as the beginning of a number, costs a walk over all of them.</summary>
    private const int MaxTrigrams = 6;

    /// <summary>What stands in most texts, the commonest first; what is not here is rare.</summary>
    private const string Commonest = " -etaoinsrhldcumfpgwybvkjxqz";

    /// <summary>No stored text holds it: it ends each, so that the last characters too begin a trigram.</summary>
    private const string End = "char(2, 2)";

    private string Index => IndexOf(Table);

    private string Waiting => SqlDialect.Quote(Index + "w");

    private string Terms => SqlDialect.Quote(Index + "t");

    /// <summary>One row: up to which row new ones are in the index.</summary>
    private string Mark => SqlDialect.Quote(Index + "m");

    private string DeleteTrigger => Index + "d";

    private string UpdateTrigger => Index + "u";

    private string Texts(string row) => string.Join(", ", Columns.Select(c => $"{row}.{SqlDialect.Quote(c)} || {End}"));

    private string LastRow => $"(SELECT coalesce(max({RowKey}), 0) FROM {SqlDialect.Quote(Table)})";

    /// <summary>The next new row may get the key of the last one once that is gone: it must lie behind the mark again.</summary>
    private string DeleteTriggerSql => $"CREATE TRIGGER {SqlDialect.Quote(DeleteTrigger)} AFTER DELETE ON {SqlDialect.Quote(Table)} BEGIN UPDATE {Mark} SET id = {LastRow} WHERE id > {LastRow}; END";

    private string UpdateTriggerSql =>
        $"CREATE TRIGGER {SqlDialect.Quote(UpdateTrigger)} AFTER UPDATE OF {string.Join(", ", Columns.Select(SqlDialect.Quote))} ON {SqlDialect.Quote(Table)} " +
        $"WHEN new.{RowKey} <= (SELECT id FROM {Mark}) BEGIN INSERT OR IGNORE INTO {Waiting} VALUES (new.{RowKey}); END";

    /// <summary>Brings indexes to what the tables want. A table that was rebuilt has lost its triggers, which is how that is noticed.</summary>
    public static async Task<bool> SyncAsync(Session session, DatabaseSchema schema, CancellationToken cancellationToken)
    {
        var changed = false;
        var wanted = schema.Tables.Where(t => t.Search.Count > 0).Select(t => new SqliteSearch(t.Name, t.Search)).ToList();
        var triggers = await session.QueryAsync("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '\\_search\\_%' ESCAPE '\\'", [], row => row.Text(0)!, cancellationToken);
        foreach (var index in await LoadAsync(session, cancellationToken))
        {
            var keeper = wanted.Find(w => w.Table == index.Table);
            if (keeper is null || !triggers.Contains(keeper.DeleteTriggerSql) || !triggers.Contains(keeper.UpdateTriggerSql))
            {
                await index.DropAsync(session, cancellationToken);
                changed = true;
            }
            else
            {
                wanted.Remove(keeper);
            }
        }
        foreach (var index in wanted)
        {
            await index.CreateAsync(session, cancellationToken);
            changed = true;
        }
        return changed;
    }

    /// <summary>The indexes that there are.</summary>
    public static async Task<IReadOnlyList<SqliteSearch>> LoadAsync(Session session, CancellationToken cancellationToken)
    {
        const string Sql =
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name LIKE '\\_search\\_%$' ESCAPE '\\' ORDER BY m.name, c.cid";
        var columns = await session.QueryAsync(Sql, [], row => (Index: row.Text(0)!, Column: row.Text(1)!), cancellationToken);
        return [.. columns.GroupBy(c => c.Index).Select(g => new SqliteSearch(g.Key["_search_".Length..^1], [.. g.Select(c => c.Column)]))];
    }

    /// <summary>Puts waiting rows into the index, in the transaction that wrote the last of them.</summary>
    public async Task TakeAsync(Session session, CancellationToken cancellationToken)
    {
        var (mark, lastNew, lastChanged) = (await session.FirstAsync(
            $"SELECT m.id, (SELECT max(id) FROM (SELECT {RowKey} AS id FROM {SqlDialect.Quote(Table)} WHERE {RowKey} > m.id ORDER BY {RowKey} LIMIT {MaxTaken})), " +
            $"(SELECT max(id) FROM (SELECT id FROM {Waiting} ORDER BY id LIMIT {MaxTaken})) FROM {Mark} m",
            [],
            row => (row.Integer(0)!.Value, row.Integer(1), row.Integer(2)),
            cancellationToken))!;
        if (lastChanged is not null)
        {
            await session.ExecuteAsync(
                $"{Into()} SELECT w.id, {Texts("t")} FROM {Waiting} w CROSS JOIN {SqlDialect.Quote(Table)} t ON t.{RowKey} = w.id WHERE w.id <= $1 ORDER BY w.id", [Param.Integer(lastChanged)], cancellationToken);
            await session.ExecuteAsync($"DELETE FROM {Waiting} WHERE id <= $1", [Param.Integer(lastChanged)], cancellationToken);
        }
        if (lastNew is not null)
        {
            await session.ExecuteAsync(
                $"{Into()} SELECT t.{RowKey}, {Texts("t")} FROM {SqlDialect.Quote(Table)} t WHERE t.{RowKey} > $1 AND t.{RowKey} <= $2 ORDER BY t.{RowKey}", [Param.Integer(mark), Param.Integer(lastNew)], cancellationToken);
            await session.ExecuteAsync($"UPDATE {Mark} SET id = $1", [Param.Integer(lastNew)], cancellationToken);
        }
    }

    public async Task<int> CountWaitingAsync(Session session, CancellationToken cancellationToken) =>
        (int)(await session.FirstAsync(
            $"SELECT (SELECT count(*) FROM (SELECT 1 FROM {Waiting} LIMIT {MaxTaken + 1})) + (SELECT count(*) FROM (SELECT 1 FROM {SqlDialect.Quote(Table)} WHERE {RowKey} > (SELECT id FROM {Mark}) LIMIT {MaxTaken + 1}))",
            [],
            row => row.Integer(0),
            cancellationToken))!.Value;

    /// <summary>Rows in which all words may occur: by their trigrams, or where all are shorter by the trigrams that begin with the longest.</summary>
    public static string Candidates(SqlQuery query, Entity entity, IReadOnlyList<string> words)
    {
        var index = IndexOf(entity.Table);
        var trigrams = words.SelectMany(Trigrams).Distinct(StringComparer.Ordinal).OrderByDescending(Rarity).Take(MaxTrigrams).ToList();
        string found;
        if (trigrams.Count > 0)
        {
            var all = string.Join(" AND ", trigrams.Select(t => "\"" + t.Replace("\"", "\"\"", StringComparison.Ordinal) + "\""));
            found = $"SELECT rowid FROM {SqlDialect.Quote(index)} WHERE {SqlDialect.Quote(index)} MATCH {query.Parameter(Param.Text(all))}";
        }
        else
        {
            var word = words.MaxBy(w => w.Length)!;
            found = $"SELECT doc FROM {SqlDialect.Quote(index + "t")} WHERE term >= {query.Parameter(Param.Text(word))} AND term < {query.Parameter(Param.Text(word + "\U0010FFFF"))}";
        }
        return $"{found} UNION ALL SELECT id FROM {SqlDialect.Quote(index + "w")} UNION ALL SELECT {RowKey} FROM {SqlDialect.Quote(entity.Table)} WHERE {RowKey} > (SELECT id FROM {SqlDialect.Quote(index + "m")})";
    }

    private static IEnumerable<string> Trigrams(string word)
    {
        var runes = word.EnumerateRunes().ToArray();
        return Enumerable.Range(0, Math.Max(0, runes.Length - 2)).Select(i => $"{runes[i]}{runes[i + 1]}{runes[i + 2]}");
    }

    private static int Rarity(string trigram) => trigram.Sum(c => Commonest.IndexOf(c, StringComparison.Ordinal) is >= 0 and var at ? at : Commonest.Length);

    /// <summary>FTS5 names its own tables after this one with an underscore behind the dollar sign, which ends no entity's name.</summary>
    private static string IndexOf(string table) => $"_search_{table}$";

    private string Into() => $"INSERT INTO {SqlDialect.Quote(Index)} (rowid, {string.Join(", ", Columns.Select(SqlDialect.Quote))})";

    private async Task CreateAsync(Session session, CancellationToken cancellationToken)
    {
        var columns = string.Join(", ", Columns.Select(SqlDialect.Quote));
        await session.ExecuteOnceAsync($"CREATE VIRTUAL TABLE {SqlDialect.Quote(Index)} USING fts5({columns}, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1')", cancellationToken);
        await session.ExecuteOnceAsync($"CREATE VIRTUAL TABLE {Terms} USING fts5vocab('{Index}', 'instance')", cancellationToken);
        await session.ExecuteOnceAsync($"CREATE TABLE {Waiting} (id INTEGER PRIMARY KEY)", cancellationToken);
        await session.ExecuteOnceAsync($"{Into()} SELECT t.{RowKey}, {Texts("t")} FROM {SqlDialect.Quote(Table)} t ORDER BY t.{RowKey}", cancellationToken);
        await session.ExecuteOnceAsync($"CREATE TABLE {Mark} (id INTEGER NOT NULL)", cancellationToken);
        await session.ExecuteOnceAsync($"INSERT INTO {Mark} VALUES ({LastRow})", cancellationToken);
        await session.ExecuteOnceAsync(DeleteTriggerSql, cancellationToken);
        await session.ExecuteOnceAsync(UpdateTriggerSql, cancellationToken);
    }

    private async Task DropAsync(Session session, CancellationToken cancellationToken)
    {
        // The insert trigger is one of files from before there was a mark.
        foreach (var trigger in new[] { DeleteTrigger, UpdateTrigger, Index + "i" })
        {
            await session.ExecuteOnceAsync($"DROP TRIGGER IF EXISTS {SqlDialect.Quote(trigger)}", cancellationToken);
        }
        foreach (var table in new[] { Terms, SqlDialect.Quote(Index), Waiting, Mark })
        {
            await session.ExecuteOnceAsync($"DROP TABLE IF EXISTS {table}", cancellationToken);
        }
    }
}
