using System.Text.Json;
using Crm.Rules;
using Microsoft.EntityFrameworkCore;

namespace Crm.Data;

/// <summary>Brings the tables of a database to a schema and remembers which one it has; EF Core writes the ALTERs.</summary>
/// <param name="options">Which database EF Core writes for.</param>
/// <param name="storage">How the database holds a column.</param>
/// <param name="isSqlite">SQLite writes a table anew where PostgreSQL alters it, and does not name its constraints.</param>
internal sealed class SchemaSync(DbContextOptions options, Func<ColumnSchema, (Type Clr, string Store)> storage, bool isSqlite)
{
    private const string Remember =
        "INSERT INTO \"_schema\" (\"id\", \"definition\") VALUES (1, $1) ON CONFLICT (\"id\") DO UPDATE SET \"definition\" = excluded.\"definition\"";

    /// <summary>Makes the place in which the schema is remembered.</summary>
    public static async Task PrepareAsync(Session session, CancellationToken cancellationToken) => await session.ExecuteOnceAsync(
        "CREATE TABLE IF NOT EXISTS \"_schema\" (\"id\" INTEGER PRIMARY KEY CHECK (\"id\" = 1), \"definition\" TEXT NOT NULL)", cancellationToken);

    /// <summary>What would change; nothing does.</summary>
    public async Task<SchemaPlan> PlanAsync(Session session, DatabaseSchema schema, CancellationToken cancellationToken)
    {
        var (existing, _) = await ReadAsync(session, cancellationToken);
        return await new SchemaPlanner(session, Made(existing), schema, new(AllowDestructive: false, CountLeftovers: true, isSqlite), cancellationToken).PlanAsync();
    }

    /// <summary>Changes the tables, in the transaction of <paramref name="session"/>.</summary>
    /// <exception cref="ProblemException">The data does not allow it.</exception>
    public async Task<SchemaPlan> ApplyAsync(Session session, DatabaseSchema schema, bool allowDestructive, CancellationToken cancellationToken)
    {
        await PrepareAsync(session, cancellationToken);
        var (remembered, stored) = await ReadAsync(session, cancellationToken);
        var existing = Made(remembered);
        var plan = await new SchemaPlanner(session, existing, schema, new(allowDestructive, CountLeftovers: false, isSqlite), cancellationToken).PlanAsync();
        if (plan.Refusals.Count > 0)
        {
            throw new ProblemException(plan.Refusals);
        }
        var change = plan.Change!;
        var definition = JsonSerializer.Serialize(change.Target);
        if (definition == stored)
        {
            return plan;
        }
        // Statements that were prepared for the old tables do not fit the new ones.
        session.ForgetStatements();
        // A view holds the tables below it fast, so it goes first and comes back last.
        await RunAsync(session, [.. existing.Views.Select(v => $"DROP VIEW IF EXISTS {SqlDialect.Quote(v.Name)}")], cancellationToken);
        using var context = new DbContext(options);
        var relational = new RelationalModel(context, storage);
        await RunAsync(session, relational.Commands(change.Renames, change.Renamed, namesConstraints: !isSqlite), cancellationToken);
        if (change.Moves.Count > 0 && existing.Find(SystemTables.Audit) is not null)
        {
            await CountAnewAsync(session, SystemTables.Audit, cancellationToken);
        }
        foreach (var move in change.Moves)
        {
            await new NameMoves(session, change, cancellationToken).FollowAsync(move);
        }
        var between = change.Between;
        await RunAsync(session, relational.Commands(change.Renamed, between), cancellationToken);
        foreach (var table in change.Fills.Select(f => f.Table).Distinct())
        {
            await CountAnewAsync(session, table, cancellationToken);
        }
        foreach (var fill in change.Fills)
        {
            await new FillScan(session, fill, renamed: true, cancellationToken).FillAsync();
        }
        session.ForgetStatements();
        await RunAsync(session, relational.Commands(between, change.Target), cancellationToken);
        await RunAsync(session, [.. change.Target.Views.Select(v => SystemViews.Sql(v, kind => TypeOf(kind), isSqlite))], cancellationToken);
        if (isSqlite && await session.FirstAsync("SELECT \"table\", \"parent\" FROM pragma_foreign_key_check LIMIT 1", [], row => $"{row.Text(0)} to {row.Text(1)}", cancellationToken) is { } broken)
        {
            throw new InvalidOperationException($"The schema change would break a reference from {broken}.");
        }
        await FillConvertedAsync(session, existing, change.Target, cancellationToken);
        await session.ExecuteAsync(Remember, [Param.Text(definition)], cancellationToken);
        session.ForgetStatements();
        return plan;
    }

    /// <summary>What the database remembers to have, and how it is written there.</summary>
    public static async Task<(DatabaseSchema Existing, string? Stored)> ReadAsync(Session session, CancellationToken cancellationToken)
    {
        var stored = await session.FirstAsync("SELECT \"definition\" FROM \"_schema\"", [], row => row.Text(0), cancellationToken);
        return (stored is null ? new([]) : JsonSerializer.Deserialize<DatabaseSchema>(stored)!, stored);
    }

    /// <summary>Columns whose names PostgreSQL keeps for its own were asked for before that was known, and never made there.</summary>
    private DatabaseSchema Made(DatabaseSchema remembered) => isSqlite
        ? remembered
        : remembered with { Tables = [.. remembered.Tables.Select(t => t with { Columns = [.. t.Columns.Where(c => Metadata.Identifier.Column(c.Name) == c.Name)] })] };

    /// <summary>PostgreSQL reads a table over and over for each piece of a large change where it does not know how large the table is.</summary>
    private async Task CountAnewAsync(Session session, string table, CancellationToken cancellationToken)
    {
        if (!isSqlite)
        {
            await session.ExecuteOnceAsync($"ANALYZE {SqlDialect.Quote(table)}", cancellationToken);
        }
    }

    /// <summary>The type of an empty value: a collation has no place in a cast.</summary>
    private string TypeOf(Metadata.ColumnKind kind) => kind == Metadata.ColumnKind.Text ? "text" : storage(new("empty", kind)).Store;

    private static async Task RunAsync(Session session, IReadOnlyList<string> commands, CancellationToken cancellationToken)
    {
        // Pragmas have no effect inside a transaction; who runs this has switched the checking of references off before it.
        foreach (var command in commands.Where(c => !c.StartsWith("PRAGMA foreign_keys", StringComparison.OrdinalIgnoreCase)))
        {
            await session.ExecuteOnceAsync(command, cancellationToken);
        }
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
                var amount = SqlDialect.Quote(Metadata.Identifier.Column(column.Name[..^Suffix.Length]));
                await session.ExecuteOnceAsync($"UPDATE {SqlDialect.Quote(table.Name)} SET {SqlDialect.Quote(column.Name)} = {amount} WHERE {amount} IS NOT NULL", cancellationToken);
            }
        }
    }
}
