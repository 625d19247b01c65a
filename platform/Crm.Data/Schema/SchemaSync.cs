using System.Text.Json;
using Crm.Rules;
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
        await FillConvertedAsync(session, existing, target, cancellationToken);
        await session.ExecuteAsync(Remember, [Param.Text(definition)], cancellationToken);
        session.ForgetStatements();
        return true;
    }

    /// <summary>Amounts that were stored before amounts had a worth are in the organisation's currency: it was the only one.</summary>
    private static async ValueTask FillConvertedAsync(Session session, DatabaseSchema existing, DatabaseSchema target, CancellationToken cancellationToken)
    {
        const string Suffix = "$converted";
        foreach (var table in target.Tables)
        {
            var before = existing.Tables.FirstOrDefault(t => t.Name == table.Name)?.Columns.Select(c => c.Name).ToHashSet(StringComparer.Ordinal) ?? [];
            foreach (var column in table.Columns.Where(c => c.Name.EndsWith(Suffix, StringComparison.Ordinal) && !before.Contains(c.Name) && before.Contains(c.Name[..^Suffix.Length])))
            {
                var amount = SqlDialect.Quote(column.Name[..^Suffix.Length]);
                await session.ExecuteOnceAsync($"UPDATE {SqlDialect.Quote(table.Name)} SET {SqlDialect.Quote(column.Name)} = {amount} WHERE {amount} IS NOT NULL", cancellationToken);
            }
        }
    }
}
