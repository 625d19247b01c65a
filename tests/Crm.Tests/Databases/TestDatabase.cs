using System.Collections.Concurrent;
using System.Text.Json;
using Crm.Data;
using Crm.Data.Postgres;
using Crm.Data.Sqlite;
using Xunit;

namespace Crm.Tests.Databases;

/// <summary>
/// A database of a test's own, on PostgreSQL where <c>CRM_TEST_POSTGRES</c> names a server and in a SQLite file otherwise. The tables of a schema
/// that is asked for again are copied, which is far quicker than making them anew for each test.
/// </summary>
internal abstract class TestDatabase : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<TestDatabase>>> Prepared = new(StringComparer.Ordinal);

    private static readonly ConcurrentDictionary<string, bool> Seen = new(StringComparer.Ordinal);

    /// <summary>A database with the tables of <paramref name="schema"/> and nothing in them.</summary>
    public static async Task<TestDatabase> CreateAsync(DatabaseSchema schema)
    {
        var text = JsonSerializer.Serialize(schema);
        if (Seen.TryAdd(text, true))
        {
            return await PrepareAsync(schema);
        }
        var prepared = await Prepared.GetOrAdd(text, _ => new(() => PrepareAsync(schema))).Value;
        return await prepared.CopyAsync();
    }

    /// <summary>A database without tables.</summary>
    public static async Task<TestDatabase> CreateAsync()
    {
        if (TestContext.Current.TestClass?.Traits.GetValueOrDefault("Database")?.Contains("none") == true)
        {
            throw new InvalidOperationException("This test opens a database: it cannot be marked with [NoDatabase].");
        }
        return PostgresServer.Current is { } server ? new PostgresTestDatabase(server, await server.CreateAsync()) : new SqliteTestDatabase();
    }

    /// <summary>Removes what was prepared for copying.</summary>
    public static async Task ForgetAsync()
    {
        foreach (var prepared in Prepared.Values.Where(p => p.IsValueCreated))
        {
            await (await prepared.Value).DisposeAsync();
        }
    }

    public abstract Task<Database> OpenAsync();

    /// <summary>What a server must be told in order to use this database.</summary>
    public abstract IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>The database file, or the connection string: where another process finds it.</summary>
    public abstract string Address { get; }

    public abstract ValueTask DisposeAsync();

    protected abstract Task<TestDatabase> CopyAsync();

    private static async Task<TestDatabase> PrepareAsync(DatabaseSchema schema)
    {
        var empty = await CreateAsync();
        await using var database = await empty.OpenAsync();
        await database.ApplyAsync(schema);
        return empty;
    }

    private sealed class SqliteTestDatabase : TestDatabase
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crm-test-");

        public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Crm:Database"] = "sqlite" };

        public override string Address => File;

        private string File => Path.Combine(_folder.FullName, "crm.db");

        public override async Task<Database> OpenAsync() => await SqliteDatabase.OpenAsync(File);

        public override ValueTask DisposeAsync()
        {
            _folder.Delete(recursive: true);
            return ValueTask.CompletedTask;
        }

        protected override Task<TestDatabase> CopyAsync()
        {
            var copy = new SqliteTestDatabase();
            System.IO.File.Copy(File, copy.File);
            return Task.FromResult<TestDatabase>(copy);
        }
    }

    private sealed class PostgresTestDatabase(PostgresServer server, string name) : TestDatabase
    {
        public override IReadOnlyDictionary<string, string> Settings { get; } =
            new Dictionary<string, string> { ["Crm:Database"] = "postgres", ["ConnectionStrings:Crm"] = server.ConnectionStringOf(name) };

        public override string Address => server.ConnectionStringOf(name);

        public override Task<Database> OpenAsync() => Task.FromResult<Database>(PostgresDatabase.Open(server.ConnectionStringOf(name)));

        public override async ValueTask DisposeAsync() => await server.DropAsync(name);

        protected override async Task<TestDatabase> CopyAsync() => new PostgresTestDatabase(server, await server.CreateAsync(name));
    }
}
