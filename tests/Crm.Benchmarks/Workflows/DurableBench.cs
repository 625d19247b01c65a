using System.Collections.Concurrent;
using System.Globalization;
using Crm.Data;
using Crm.Data.Sqlite;
using Crm.Metadata;
using Crm.Workflow;

namespace Crm.Benchmarks.Workflows;

/// <summary>An engine over a SQLite file in this process, with records to change.</summary>
internal sealed class DurableBench : IAsyncDisposable
{
    private const int Records = 1_000;

    private static readonly WorkflowParts Parts = new();
    private static readonly TimeOrderedIds Ids = new(TimeProvider.System);

    private readonly SqliteDatabase _database;
    private IReadOnlyList<string> _records = [];

    private DurableBench(SqliteDatabase database, WorkflowEngine engine) => (_database, Engine) = (database, engine);

    public WorkflowEngine Engine { get; }

    /// <param name="folder">An empty folder, for the database and the definitions.</param>
    /// <param name="count">How many definitions there are beside those that are measured.</param>
    public static async Task<DurableBench> OpenAsync(string folder, int count)
    {
        var metadata = Directory.CreateDirectory(Path.Combine(folder, "metadata", "entities")).FullName;
        foreach (var (entity, fields) in ((string, string)[])[("user", """{"name": "name", "type": "text"}, {"name": "email", "type": "email"}"""), ("unit", """{"name": "name", "type": "text"}"""), ("thing", """{"name": "name", "type": "text"}, {"name": "count", "type": "integer"}""")])
        {
            await File.WriteAllTextAsync(Path.Combine(metadata, entity + ".json"), $$"""{"name": "{{entity}}", "fields": [{{fields}}]}""");
        }
        var workflows = Directory.CreateDirectory(Path.Combine(folder, "workflows")).FullName;
        var nothing = WorkflowTexts.Sequence([.. Enumerable.Range(1, 4).Select(WorkflowTexts.Step)]);
        for (var i = 0; i < count; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(workflows, $"other{i}.json"), WorkflowTexts.Definition("other" + i.ToString(CultureInfo.InvariantCulture), nothing));
        }
        foreach (var (id, root) in WorkflowTexts.Durable)
        {
            await File.WriteAllTextAsync(Path.Combine(workflows, id + ".json"), WorkflowTexts.Definition(id, root, WorkflowTexts.Variables));
        }

        var database = await SqliteDatabase.OpenAsync(Path.Combine(folder, "crm.db"));
        var model = Model.Compile(MetadataFiles.Read(Path.Combine(folder, "metadata")), Registry<FieldTypeAttribute, FieldType>.Scan(typeof(FieldType).Assembly));
        await database.ApplyAsync(SchemaOfModel.Derive(model, previous: null, WorkflowTables.All));
        var models = new ModelSource(model);
        var outbox = new Outbox(Ids, TimeProvider.System, OutboxHandlers.None, new NoSecrets());
        var store = new RecordStore(database, new WritePath(models, database, Ids, TimeProvider.System, new ChangeFeed(), outbox, new NoSecrets(), DataServices.WriteExtensions()), TimeProvider.System);
        var definitions = new DefinitionStore(database, Parts, Ids, TimeProvider.System);
        var engine = new WorkflowEngine(database, definitions, models, store, outbox, Parts, Ids, TimeProvider.System, new());
        await definitions.LoadAsync([workflows]);
        var bench = new DurableBench(database, engine);
        await bench.StartManyAsync("make", Records);
        await using var session = await database.ReadAsync();
        bench._records = await session.QueryAsync("SELECT \"id\" FROM \"thing\"", [], r => r.Uuid(0)!.Value.ToString("D"));
        return bench;
    }

    /// <summary>Instances that ended long ago, as if they had been run: rows, each with a row of its journal.</summary>
    public async Task SeedFinishedAsync(int count)
    {
        const int AtOnce = 100_000;
        for (var from = 0; from < count; from += AtOnce)
        {
            var (first, last) = (from + 1, Math.Min(from + AtOnce, count));
            await _database.WriteAsync(async session =>
            {
                var numbers = string.Create(CultureInfo.InvariantCulture, $"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})");
                await session.ExecuteAsync(
                    $"""
                    INSERT INTO "_workflow_instance" ("id", "definition_id", "version_id", "version", "status", "sub_status", "incidents", "revision", "bursts", "created_at", "updated_at", "finished_at")
                    {numbers} SELECT printf('%016x', i * 2654435761), CASE i % 2 WHEN 0 THEN 'steps' ELSE 'waits' END, CASE i % 2 WHEN 0 THEN 'steps-1' ELSE 'waits-1' END, 1, 'Finished', 'Finished', 0, 1, 1, $1 + i, $1 + i, $1 + i FROM n
                    """,
                    [Param.Timestamp(TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(20))], default);
                await session.ExecuteAsync(
                    $"""INSERT INTO "_workflow_journal" ("instance_id", "number", "at", "entries") {numbers} SELECT printf('%016x', i * 2654435761), 1, $1 + i, '[]' FROM n""",
                    [Param.Timestamp(TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(20))], default);
                return 0;
            });
        }
    }

    /// <summary>Starts instances, many at once as requests come; gives the bookmarks at which they wait.</summary>
    public async Task<IReadOnlyList<string>> StartManyAsync(string definition, int count)
    {
        var bookmarks = new ConcurrentBag<string>();
        await EachAsync(Enumerable.Range(0, count), async i =>
        {
            var run = await Engine.StartAsync(definition, new() { Input = _records.Count == 0 ? [] : new Dictionary<string, object?> { ["Record"] = _records[i % _records.Count] } });
            if (run!.Incidents.Count > 0)
            {
                throw new InvalidOperationException(run.Incidents[0].Message);
            }
            foreach (var bookmark in run.Bookmarks)
            {
                bookmarks.Add(bookmark.Id);
            }
        });
        return [.. bookmarks];
    }

    public Task ResumeManyAsync(IEnumerable<string> bookmarks) => EachAsync(bookmarks, bookmark => Engine.ResumeAsync(bookmark));

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> work) =>
        System.Threading.Tasks.Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (item, _) => await work(item));

    /// <summary>No field here keeps a secret.</summary>
    private sealed class NoSecrets : ISecretProtector
    {
        public string Protect(string plain) => throw new NotSupportedException();

        public string Unprotect(string cipher) => throw new NotSupportedException();
    }
}
