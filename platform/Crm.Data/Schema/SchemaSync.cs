using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Crm.Data;

/// <summary>Brings the tables of a database to a schema and remembers which one it has; EF Core writes the ALTERs.</summary>
internal sealed class SchemaSync(DbContextOptions options, Func<ColumnSchema, (Type Clr, string Store)> storage)
{
    private const string Remember =
        "INSERT INTO \"_schema\" (\"id\", \"definition\") VALUES (1, $1) ON CONFLICT (\"id\") DO UPDATE SET \"definition\" = excluded.\"definition\"";

    /// <returns>True if something changed.</returns>
    public async Task<bool> ApplyAsync(Session session, DatabaseSchema schema, CancellationToken cancellationToken)
    {
        await session.ExecuteOnceAsync("CREATE TABLE IF NOT EXISTS \"_schema\" (\"id\" INTEGER PRIMARY KEY CHECK (\"id\" = 1), \"definition\" TEXT NOT NULL)", cancellationToken);
        var stored = await session.FirstAsync("SELECT \"definition\" FROM \"_schema\"", [], row => row.Text(0), cancellationToken);
        var existing = stored is null ? new DatabaseSchema([]) : JsonSerializer.Deserialize<DatabaseSchema>(stored)!;
        var target = schema.Keeping(existing);
        var definition = JsonSerializer.Serialize(target);
        if (definition == stored)
        {
            return false;
        }
        using var context = new DbContext(options);
        foreach (var command in new RelationalModel(context, storage).Commands(existing, target))
        {
            // Pragmas have no effect inside a transaction; references are checked when it commits.
            if (!command.StartsWith("PRAGMA foreign_keys", StringComparison.OrdinalIgnoreCase))
            {
                await session.ExecuteOnceAsync(command, cancellationToken);
            }
        }
        await session.ExecuteAsync(Remember, [Param.Text(definition)], cancellationToken);
        session.ForgetStatements();
        return true;
    }
}
