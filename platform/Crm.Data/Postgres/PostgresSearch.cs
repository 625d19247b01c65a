using Crm.Rules;

namespace Crm.Data.Postgres;

/// <summary>The search indexes of PostgreSQL: GIN over the trigrams of each searched text, where the extension pg_trgm may be used.</summary>
internal static class PostgresSearch
{
    private const string Prefix = "sx";

    /// <returns>False where the extension is not there and may not be made: search then reads the tables, rightly but slowly.</returns>
    public static async Task<bool> SyncAsync(Session session, DatabaseSchema schema, CancellationToken cancellationToken)
    {
        // A refusal inside the block leaves the transaction as it was.
        await session.ExecuteOnceAsync("DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; EXCEPTION WHEN OTHERS THEN NULL; END $$", cancellationToken);
        if (await session.FirstAsync("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'", [], row => row.Integer(0), cancellationToken) == 0)
        {
            return false;
        }
        var wanted = schema.Tables
            .SelectMany(t => t.Search.Select(column => (Name: SchemaOfModel.Name(Prefix, t.Name, [column]), Table: t.Name, Column: column)))
            .ToDictionary(i => i.Name, StringComparer.Ordinal);
        var existing = await session.QueryAsync("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND starts_with(indexname::text, 'sx_')", [], row => row.Text(0)!, cancellationToken);
        foreach (var name in existing.Where(name => !wanted.Remove(name)))
        {
            await session.ExecuteOnceAsync($"DROP INDEX {SqlDialect.Quote(name)}", cancellationToken);
        }
        foreach (var (name, table, column) in wanted.Values)
        {
            await session.ExecuteOnceAsync($"CREATE INDEX {SqlDialect.Quote(name)} ON {SqlDialect.Quote(table)} USING gin ({SqlDialect.Quote(column)} gin_trgm_ops)", cancellationToken);
        }
        return true;
    }
}
