using Crm.Data;
using Crm.Data.Sqlite;
using Crm.Metadata;
using Crm.Tests.Databases;
using Crm.Tests.Metadata;

namespace Crm.Tests.Schema;

/// <summary>An empty database that the test brings from one Model to the next, with a record store over the Model in force.</summary>
public sealed class ScratchDatabase : IAsyncDisposable
{
    private readonly TestDatabase _home;

    private ScratchDatabase(TestDatabase home, Database database)
    {
        (_home, Database) = (home, database);
        Models = new(Model);
        Store = NewStore(Models);
    }

    public Database Database { get; }

    public ModelSource Models { get; private set; }

    public Model Model { get; private set; } = Compile(_ => { });

    public RecordStore Store { get; private set; }

    public ManualTimeProvider Clock { get; } = new();

    public SequentialIds Ids { get; } = new();

    public ChangeFeed Feed { get; } = new();

    public Entity this[string entity] => Model[entity];

    public static async Task<ScratchDatabase> OpenAsync()
    {
        var home = await TestDatabase.CreateAsync();
        return new(home, await home.OpenAsync());
    }

    /// <summary>A record store over a Model that may be replaced.</summary>
    public RecordStore NewStore(ModelSource models) => new(Database, new WritePath(models, Database, Ids, Clock, Feed, new(Ids, Clock, new OutboxHandlers(new Dictionary<string, OutboxHandler>()), new Crm.Tests.Records.ReversedSecrets()), new Crm.Tests.Records.ReversedSecrets(), DataServices.WriteExtensions()), Clock);

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
        Store = NewStore(Models);
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
            await RowsAsync("SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE 'pk!_%' ESCAPE '!' AND indexname NOT LIKE 'sx!_%' ESCAPE '!' AND tablename <> '_schema'"));

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _home.DisposeAsync();
    }
}
