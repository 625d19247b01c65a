using Crm.Data.Sqlite;
using Crm.Tests.Databases;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>A database that is away for a while is said to be, and needs no restart of the server when it is back.</summary>
public sealed class DatabaseAwayTests
{
    [Fact, PostgresOnly("it can be away while the server runs")]
    public async Task Calls_answer_503_while_the_database_is_away_and_work_when_it_is_back()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        var name = new NpgsqlConnectionStringBuilder(server.Services.GetRequiredService<IConfiguration>().GetConnectionString("Crm")).Database;
        var postgres = PostgresServer.Current!;
        (await server.Admin.PostAsync("/api/records/customer", """{"name": "before"}""")).Status.ShouldBe(201);

        await postgres.ExecuteAsync($"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        await postgres.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");

        foreach (var answer in new[] { await server.Admin.ReadAsync("/api/records/customer"), await server.Admin.PostAsync("/api/records/customer", """{"name": "meanwhile"}""") })
        {
            (answer.Status, answer.Code).ShouldBe((503, "database.away"), answer.Text);
            answer.Headers.RetryAfter.ShouldNotBeNull();
        }
        var health = await server.Anonymous.ReadAsync("/health/ready");
        (health.Status, health.Json.GetProperty("reasons")[0].GetString()).ShouldBe((503, "database"));
        (await server.Anonymous.ReadAsync("/health/live")).Status.ShouldBe(200);

        await postgres.ExecuteAsync($"ALTER DATABASE {name} ALLOW_CONNECTIONS true");

        (await server.Admin.PostAsync("/api/records/customer", """{"name": "after"}""")).Status.ShouldBe(201);
        (await server.Anonymous.ReadAsync("/health/ready")).Status.ShouldBe(200);
    }

    [Theory, NoDatabase]
    [InlineData(14, true)]
    [InlineData(13, true)]
    [InlineData(10, true)]
    [InlineData(1, false)]
    [InlineData(19, false)]
    public async Task A_file_that_cannot_be_used_is_told_from_a_wrong_statement(int code, bool isAway)
    {
        var folder = Directory.CreateTempSubdirectory("crm-away-");
        await using (var database = await SqliteDatabase.OpenAsync(Path.Combine(folder.FullName, "crm.db"), TestContext.Current.CancellationToken))
        {
            database.IsAway(new SqliteException("x", code)).ShouldBe(isAway);
        }
        folder.Delete(recursive: true);
    }
}
