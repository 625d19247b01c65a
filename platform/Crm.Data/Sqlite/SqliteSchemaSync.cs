using System.Text.Json;
using Crm.Metadata;
using Microsoft.EntityFrameworkCore;

namespace Crm.Data.Sqlite;

/// <summary>Brings the tables of a SQLite file to a schema and remembers which one it has.</summary>
internal static class SqliteSchemaSync
{
    public static async Task ApplyAsync(Session session, DatabaseSchema schema, CancellationToken cancellationToken)
    {
        await session.ExecuteOnceAsync("CREATE TABLE IF NOT EXISTS \"_schema\" (\"id\" INTEGER PRIMARY KEY CHECK (\"id\" = 1), \"definition\" TEXT NOT NULL)", cancellationToken);
        var stored = await session.FirstAsync("SELECT \"definition\" FROM \"_schema\"", [], row => row.Text(0), cancellationToken);
        var existing = stored is null ? new DatabaseSchema([]) : JsonSerializer.Deserialize<DatabaseSchema>(stored)!;
        var target = schema.Keeping(existing);
        var definition = JsonSerializer.Serialize(target);
        if (definition == stored)
        {
            return;
        }
        using var context = new DbContext(new DbContextOptionsBuilder().UseSqlite(session.Connection).Options);
        foreach (var command in new RelationalModel(context, Storage).Commands(existing, target))
        {
            // Pragmas have no effect inside a transaction; references are checked when it commits.
            if (!command.StartsWith("PRAGMA foreign_keys", StringComparison.OrdinalIgnoreCase))
            {
                await session.ExecuteOnceAsync(command, cancellationToken);
            }
        }
        await session.ExecuteAsync("INSERT INTO \"_schema\" (\"id\", \"definition\") VALUES (1, $1) ON CONFLICT (\"id\") DO UPDATE SET \"definition\" = excluded.\"definition\"", [Param.Text(definition)], cancellationToken);
        session.ForgetStatements();
    }

    private static (Type, string) Storage(ColumnSchema column) => column.Kind switch
    {
        ColumnKind.Text or ColumnKind.Date => (typeof(string), "TEXT"),
        ColumnKind.Uuid => (typeof(byte[]), "BLOB"),
        _ => (typeof(long), "INTEGER"),
    };
}
