using System.Net;
using System.Net.Sockets;
using Crm.Data;
using Crm.Data.Postgres;
using Crm.Tests.Records;
using Npgsql;
using Shouldly;
using Xunit;

namespace Crm.Tests.Databases;

/// <summary>What a server across a network may do to us: go away, come back, be changed by another node.</summary>
public sealed class PostgresDatabaseTests
{
    private const string Fields = """{"name": "name", "type": "text"}, {"name": "size", "type": "integer"}""";

    [Fact, PostgresOnly("connections can be lost")]
    public async Task Lost_connections_are_replaced_without_anybody_noticing()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var record = await store.CreateAsync("thing", """{"name": "before"}""");
        // Several idle connections with prepared statements.
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => store.NamesAsync("thing")));

        await CutAsync(store);
        (await store.NamesAsync("thing")).ShouldBe(["before"]);
        await CutAsync(store);
        await store.UpdateAsync(record, """{"name": "after"}""");
        await CutAsync(store);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => store.CreateAsync("thing", $$"""{"name": "{{i}}"}""")));

        (await store.CountAsync("thing")).ShouldBe(13);
        (await store.GetAsync(record))["name"].ShouldBe("after");
        (await store.HistoryAsync(record)).Count.ShouldBe(2);
    }

    [Fact, PostgresOnly("a connection can be lost in the middle of a write")]
    public async Task A_write_that_loses_its_connection_before_the_commit_is_made_once()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var attempts = 0;

        await store.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("INSERT INTO \"thing\" (\"id\", \"version\", \"size\") VALUES ($1, 1, 1)", [Param.Uuid(store.Ids.Next())], TestContext.Current.CancellationToken);
                if (++attempts == 1)
                {
                    await CutAsync(store);
                }
                return await session.ExecuteAsync("UPDATE \"thing\" SET \"size\" = 2", [], TestContext.Current.CancellationToken);
            },
            TestContext.Current.CancellationToken);

        attempts.ShouldBe(2);
        (await store.CountAsync("thing")).ShouldBe(1);
    }

    [Fact, PostgresOnly("a connection can be lost while a write travels")]
    public async Task A_write_that_is_cut_off_as_it_travels_is_made_once_or_not_at_all_and_holds_up_nobody()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => store.CountAsync("thing")));

        var fault = await Xunit.Record.ExceptionAsync(() => store.Database.WriteAsync(
            async session =>
            {
                await session.InsertAsync(new("thing", ["id", "version"]), [Param.Uuid(store.Ids.Next()), Param.Integer(1)], TestContext.Current.CancellationToken);
                await CutAsync(store);
                return true;
            },
            TestContext.Current.CancellationToken));

        (await store.CountAsync("thing")).ShouldBe(fault is null ? 1 : 0);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => store.CreateAsync("thing", "{}")));
    }

    [Fact, PostgresOnly("statements are prepared on the server")]
    public async Task Tables_that_another_node_changed_are_read_and_written_at_once()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var record = await store.CreateAsync("thing", """{"name": "a", "size": 1}""");
        for (var i = 0; i < 10; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => store.GetAsync(record)));
            record = await store.UpdateAsync(record, $$"""{"size": {{i}}}""");
        }

        // A column in the middle of what statements return gets another type, and back.
        await using (var other = NpgsqlDataSource.Create(ConnectionString(store)))
        {
            await using var change = other.CreateCommand("ALTER TABLE thing ALTER COLUMN size TYPE numeric(28,0); ALTER TABLE thing ALTER COLUMN name TYPE varchar(90) COLLATE \"C\"");
            await change.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        (await store.UpdateAsync(record, """{"name": "b"}"""))["name"].ShouldBe("b");
        (await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => store.GetAsync(record)))).ShouldAllBe(r => Equals(r["name"], "b"));
    }

    [Fact, PostgresOnly("a server is not waited for as long as it likes")]
    public async Task Work_on_whole_tables_takes_the_time_that_it_needs_and_a_question_does_not()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        await using var hurried = PostgresDatabase.Open(ConnectionString(store) + ";Command Timeout=1");
        var token = TestContext.Current.CancellationToken;

        await Task.WhenAll(
            hurried.ChangeAsync(SchemaOfModel.Derive(store.Model), allowDestructive: false, (session, _) => LongAsync(session), token),
            hurried.WriteAsync(
                async session =>
                {
                    await session.ExecuteOnceAsync("SELECT pg_sleep(1.3)", token);
                    return true;
                },
                token),
            Should.ThrowAsync<NpgsqlException>(async () =>
            {
                await using var session = await hurried.ReadAsync(token);
                await LongAsync(session);
            }));

        async Task<bool> LongAsync(Session session) => await session.FirstAsync("SELECT 1 FROM pg_sleep(1.3)", [], _ => true, token);
    }

    [Fact, NoDatabase]
    public async Task A_server_that_is_not_there_is_named_with_the_setting_that_names_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await using var database = PostgresDatabase.Open($"Host=127.0.0.1;Port={port};Username=nobody;Password=hidden;Database=crm");

        var fault = await Should.ThrowAsync<InvalidOperationException>(() => database.DemandAnswerAsync(TestContext.Current.CancellationToken));

        fault.Message.ShouldContain($"127.0.0.1:{port}");
        fault.Message.ShouldContain("ConnectionStrings__Crm");
        fault.Message.ShouldNotContain("hidden");
    }

    [Fact, PostgresOnly("it knows infinity")]
    public async Task The_first_and_the_last_day_are_days()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "day", "type": "date"}""");
        await store.CreateAsync("thing", """{"day": "0001-01-01"}""");
        await store.WriteAsync(atomic: true, store.Creation("thing", """{"day": "9999-12-31"}"""), store.Creation("thing", """{"day": "2026-03-18"}"""));

        await using var other = NpgsqlDataSource.Create(ConnectionString(store));
        await using var command = other.CreateCommand("SELECT string_agg(CAST(day AS text), ' ' ORDER BY day) FROM thing");

        (await command.ExecuteScalarAsync(TestContext.Current.CancellationToken)).ShouldBe("0001-01-01 2026-03-18 9999-12-31");
    }

    private static string ConnectionString(TestStore store) => store.Home.Settings["ConnectionStrings:Crm"];

    /// <summary>Ends all connections to the store's database, as a restart of the server does.</summary>
    private static Task CutAsync(TestStore store) =>
        PostgresServer.Current!.ExecuteAsync($"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{new NpgsqlConnectionStringBuilder(ConnectionString(store)).Database}'");
}
