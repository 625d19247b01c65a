using Crm.Data;
using Crm.Data.Postgres;
using Crm.Data.Sqlite;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Npgsql;
using Xunit;

namespace Crm.Tests.Schema;

/// <summary>An empty database that the test brings from one Model to the next, with a record store over the Model in force.</summary>
public sealed class ScratchDatabase : IAsyncDisposable
{
    /// <summary>Where a PostgreSQL server may be used; its databases are made and dropped by the tests.</summary>
    private const string PostgresVariable = "CRM_TEST_POSTGRES";

    private readonly Func<ValueTask> _drop;

    private ScratchDatabase(Database database, Func<ValueTask> drop)
    {
        (Database, _drop) = (database, drop);
        Models = new(Model);
        Store = new(database, new WritePath(Models, database, Ids, Clock, Feed, new(Ids, Clock, new OutboxHandlers(new Dictionary<string, OutboxHandler>()))), Clock);
    }

    public static TheoryData<string> Engines => ["sqlite", "postgres"];

    public Database Database { get; }

    public ModelSource Models { get; private set; }

    public Model Model { get; private set; } = Compile(_ => { });

    public RecordStore Store { get; private set; }

    public ManualTimeProvider Clock { get; } = new();

    public SequentialIds Ids { get; } = new();

    public ChangeFeed Feed { get; } = new();

    public Entity this[string entity] => Model[entity];

    /// <summary>Opens a database of its own; a test over PostgreSQL is skipped where there is no server for it.</summary>
    public static async Task<ScratchDatabase> OpenAsync(string engine)
    {
        if (engine == "sqlite")
        {
            var folder = Directory.CreateTempSubdirectory("crm-schema-");
            return new(await SqliteDatabase.OpenAsync(Path.Combine(folder.FullName, "crm.db")), () =>
            {
                folder.Delete(recursive: true);
                return ValueTask.CompletedTask;
            });
        }
        var server = Environment.GetEnvironmentVariable(PostgresVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(server), $"needs a PostgreSQL server, named by {PostgresVariable}");
        var name = "crm_schema_" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(6));
        await RunAsync(server!, $"CREATE DATABASE {name}");
        return new(PostgresDatabase.Open(new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString), async () => await RunAsync(server!, $"DROP DATABASE {name} WITH (FORCE)"));
    }

    /// <summary>A Model of what <paramref name="write"/> puts into a folder, with users and units.</summary>
    public static Model Compile(Action<MetadataFolder> write)
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("user", """{"name":"name","type":"text"}""").WithEntity("unit", """{"name":"name","type":"text"}""");
        write(folder);
        var model = folder.Compile();
        return model.Problems.Count == 0 ? model : throw new InvalidOperationException(string.Join('\n', model.Problems));
    }

    /// <summary>Brings the database to a Model.</summary>
    public async Task<SchemaPlan> ApplyAsync(Model model, bool allowDestructive = false)
    {
        var plan = await Database.ApplyAsync(SchemaOfModel.Derive(model), allowDestructive);
        Model = model;
        Models = new(model);
        Store = new(Database, new WritePath(Models, Database, Ids, Clock, Feed, new(Ids, Clock, new OutboxHandlers(new Dictionary<string, OutboxHandler>()))), Clock);
        return plan;
    }

    public Task<SchemaPlan> ApplyAsync(Action<MetadataFolder> write, bool allowDestructive = false) => ApplyAsync(Compile(write), allowDestructive);

    /// <summary>Brings the database to users, units and one further entity.</summary>
    public Task<SchemaPlan> ApplyAsync(string entity, string fields, string more = "", bool allowDestructive = false) => ApplyAsync(f => f.WithEntity(entity, fields, more), allowDestructive);

    public Task<SchemaPlan> PlanAsync(Model? model = null) => Database.PlanAsync(SchemaOfModel.Derive(model ?? Model));

    public Task<Record> CreateAsync(string entity, params (string Field, object? Value)[] values) =>
        Store.CreateAsync(this[entity], [.. values.Select(v => new FieldValue(this[entity][v.Field], v.Value))], Actor.Platform, Door.Api);

    public Task<Record> GetAsync(string entity, Guid id) => Store.GetAsync(this[entity], id, Actor.Platform);

    /// <summary>The rows of a query, each value as text.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(string sql)
    {
        await using var session = await Database.ReadAsync();
        return await session.QueryAsync(sql, [], row => row.Text(0) ?? "");
    }

    /// <summary>What the database itself says that it has: <c>table.column</c>, and the names of indexes.</summary>
    public async Task<(IReadOnlyList<string> Columns, IReadOnlyList<string> Indexes)> CatalogAsync() => Database is SqliteDatabase
        ? (await RowsAsync("SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name <> '_schema'"),
            await RowsAsync("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
        : (await RowsAsync("SELECT (table_name || '.' || column_name)::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_schema'"),
            await RowsAsync("SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE 'pk!_%' ESCAPE '!' AND tablename <> '_schema'"));

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _drop();
    }

    private static async Task RunAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
