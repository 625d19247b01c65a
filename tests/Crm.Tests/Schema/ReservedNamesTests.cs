using Crm.Data.Sqlite;
using Shouldly;
using Xunit;

namespace Crm.Tests.Schema;

/// <summary>Tables from before it was known which names the databases keep for themselves: they get others, with what is in them.</summary>
public sealed class ReservedNamesTests
{
    private const string Name = """{"name": "name", "type": "text"}""";

    [Fact]
    public async Task A_column_that_bears_a_name_of_the_database_gets_another()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync("thing", $$"""{{Name}}, {"name": "ctid", "type": "text"}, {"name": "xmin", "type": "integer"}""");
        var thing = await database.CreateAsync("thing", ("name", "a"), ("ctid", "mine"), ("xmin", 7L));
        // PostgreSQL was asked for such columns and made none.
        var wasMade = database.Database is SqliteDatabase;
        foreach (var column in new[] { "ctid", "xmin" })
        {
            await ForgetAsync(database, column, wasMade ? $"ALTER TABLE \"thing\" RENAME COLUMN \"{column}$\" TO \"{column}\"" : $"ALTER TABLE \"thing\" DROP COLUMN \"{column}$\"");
        }

        await database.ApplyAsync(database.Model);

        var there = await database.GetAsync("thing", thing.Id);
        (there["name"], there["ctid"], there["xmin"]).ShouldBe(("a", wasMade ? "mine" : null, wasMade ? (object)7L : null));
        var another = await database.CreateAsync("thing", ("ctid", "new"), ("xmin", 8L));
        (await database.GetAsync("thing", another.Id))["ctid"].ShouldBe("new");
        (await database.PlanAsync()).Steps.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_table_that_begins_like_those_of_the_database_gets_another_name()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync("pg_rating", Name);
        var rating = await database.CreateAsync("pg_rating", ("name", "a"));
        await ForgetAsync(database, "pg_rating", "ALTER TABLE \"pg$rating\" RENAME TO \"pg_rating\"", "pg$rating");
        if (database.Database is not SqliteDatabase)
        {
            await ForgetAsync(database, "pg_rating", "ALTER TABLE \"pg_rating\" RENAME CONSTRAINT \"pk_pg$rating\" TO \"pk_pg_rating\"");
        }

        await database.ApplyAsync(database.Model);

        (await database.GetAsync("pg_rating", rating.Id))["name"].ShouldBe("a");
        (await database.CatalogAsync()).Columns.ShouldContain("pg$rating.name");
        (await database.PlanAsync()).Steps.ShouldBeEmpty();
    }

    /// <summary>Brings the database, and what it remembers of itself, back to a name that it had before.</summary>
    private static Task<int> ForgetAsync(ScratchDatabase database, string former, string sql, string? present = null) => database.Database.WriteAsync(
        async session =>
        {
            await session.ExecuteOnceAsync(sql, TestContext.Current.CancellationToken);
            await session.ExecuteOnceAsync($"UPDATE \"_schema\" SET \"definition\" = replace(\"definition\", '\"{present ?? former + "$"}\"', '\"{former}\"')", TestContext.Current.CancellationToken);
            return 0;
        },
        TestContext.Current.CancellationToken);
}
