using System.Diagnostics;
using System.Globalization;
using Crm.Data;
using Crm.Data.Sqlite;
using Crm.Metadata;
using Crm.Workflow;

namespace Crm.Benchmarks.Workflows;

/// <summary>What a workflow costs: in memory for itself, and kept in a SQLite file, in this process.</summary>
internal static class WorkflowBenchmark
{
    private const string Nothing = """{"type": "Elsa.Start", "id": "ID"}""";

    private static readonly WorkflowParts Parts = new();
    private static readonly TimeOrderedIds Ids = new(TimeProvider.System);

    public static async Task<int> RunAsync()
    {
        await MemoryAsync();
        var folder = Directory.CreateTempSubdirectory("crm-workflows-");
        try
        {
            int[] rounds = [10, 10, 1_000];
            for (var round = 0; round < rounds.Length; round++)
            {
                // The first is for the compiler, and what it took says nothing.
                Action<string, double, string> print = round == 0 ? (_, _, _) => { } : Print;
                await DurableAsync(Path.Combine(folder.FullName, round.ToString(CultureInfo.InvariantCulture), "crm.db"), rounds[round], print);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        return 0;
    }

    private static async Task MemoryAsync()
    {
        var engine = new MemoryEngine(Parts, TimeProvider.System, Ids.Next) { ActivityBudget = int.MaxValue };
        var activities = Enumerable.Range(1, 5).Select(Step).ToList();
        await OneByOneAsync("five activities in a sequence", engine, engine.Add(Definition("sequence", Sequence(activities))));
        await OneByOneAsync("five activities in a flowchart", engine, engine.Add(Definition("flowchart", Flowchart(activities))));
        await OneByOneAsync("five activities in a flowchart, tokens", engine, engine.Add(Definition("tokens", Flowchart(activities), """ "customProperties": {"Flowchart:ExecutionMode": "TokenBased"},""")));
        foreach (var turns in (int[])[10, 10_000])
        {
            var loop = engine.Add(Definition("loop" + turns, $$"""{"type": "Elsa.For", "id": "for", "start": 1, "end": {{turns}}, "body": {{Step(1)}} }"""));
            var instances = 400_000 / turns;
            await MeasureAsync(engine, loop, instances / 4);
            var elapsed = await MeasureAsync(engine, loop, instances);
            Print($"a loop of {turns} activities", elapsed.TotalMicroseconds / instances / turns, "us an activity");
        }
    }

    private static async Task OneByOneAsync(string name, MemoryEngine engine, WorkflowGraph graph)
    {
        const int Instances = 200_000;
        await MeasureAsync(engine, graph, Instances / 2);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var elapsed = await MeasureAsync(engine, graph, Instances);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Print(name, elapsed.TotalMicroseconds / Instances, string.Create(CultureInfo.InvariantCulture, $"us an instance, {bytes / (double)Instances:N0} bytes"));
    }

    private static async Task<TimeSpan> MeasureAsync(MemoryEngine engine, WorkflowGraph graph, int instances)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < instances; i++)
        {
            await engine.StartAsync(graph);
        }
        return clock.Elapsed;
    }

    private static async Task DurableAsync(string file, int count, Action<string, double, string> print)
    {
        const int Instances = 12_000, Timers = 10_000;
        await using var database = await SqliteDatabase.OpenAsync(file);
        var model = Model.Compile(MetadataFiles.Read(Array.Empty<MetadataLayer>()), Registry<FieldTypeAttribute, FieldType>.Scan(typeof(FieldType).Assembly));
        await database.ApplyAsync(SchemaOfModel.Derive(model, previous: null, WorkflowTables.All));
        var models = new ModelSource(model);
        var outbox = new Outbox(Ids, TimeProvider.System, OutboxHandlers.None);
        var store = new RecordStore(database, new WritePath(models, database, Ids, TimeProvider.System, new ChangeFeed(), outbox, new NoSecrets(), DataServices.WriteExtensions()), TimeProvider.System);
        var definitions = new DefinitionStore(database, Parts, Ids, TimeProvider.System);
        var engine = new WorkflowEngine(database, definitions, models, store, outbox, Parts, Ids, TimeProvider.System, new());
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(file)!, "workflows")).FullName;
        for (var i = 0; i < count; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"steps{i}.json"), Definition("steps" + i.ToString(CultureInfo.InvariantCulture), Sequence([.. Enumerable.Range(1, 4).Select(Step)])));
        }
        await File.WriteAllTextAsync(Path.Combine(folder, "waits.json"), Definition("waits", Sequence([Step(1), """{"type": "Elsa.Event", "id": "wait", "eventName": "go"}""", Step(2)])));
        await File.WriteAllTextAsync(Path.Combine(folder, "timers.json"), Definition("timers", Sequence(["""{"type": "Elsa.Delay", "id": "delay", "timeSpan": "00:00:00.001"}""", Step(2)])));
        await definitions.LoadAsync([folder]);

        await StartManyAsync(engine, "steps1", Instances / 4);
        var finished = await TimedAsync(() => StartManyAsync(engine, "steps1", Instances));
        print($"{count} definitions: four steps, finished", Instances / finished.TotalSeconds, "instances a second");
        IReadOnlyList<string> waiting = [];
        var started = await TimedAsync(async () => waiting = await StartManyAsync(engine, "waits", Instances));
        print($"{count} definitions: started up to a wait", Instances / started.TotalSeconds, "instances a second");
        var resumed = await TimedAsync(() => EachAsync(waiting, bookmark => engine.ResumeAsync(bookmark)));
        print($"{count} definitions: resumed to the end", Instances / resumed.TotalSeconds, "instances a second");
        await StartManyAsync(engine, "timers", Timers);
        var swept = await TimedAsync(() => engine.RunDueAsync());
        print($"{count} definitions: {Timers} timers due at once", swept.TotalSeconds, "seconds until the last was resumed");
    }

    /// <summary>Starts instances, many at once as requests come; gives the bookmarks at which they wait.</summary>
    private static async Task<IReadOnlyList<string>> StartManyAsync(WorkflowEngine engine, string definition, int count)
    {
        var bookmarks = new System.Collections.Concurrent.ConcurrentBag<string>();
        await EachAsync(Enumerable.Range(0, count), async _ =>
        {
            var run = await engine.StartAsync(definition);
            foreach (var bookmark in run!.Bookmarks)
            {
                bookmarks.Add(bookmark.Id);
            }
        });
        return [.. bookmarks];
    }

    private static Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> work) =>
        System.Threading.Tasks.Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (item, _) => await work(item));

    private static async Task<TimeSpan> TimedAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed;
    }

    private static string Step(int number) => Nothing.Replace("ID", "a" + number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static string Sequence(IReadOnlyList<string> activities) => $$"""{"type": "Elsa.Sequence", "id": "sequence", "activities": [{{string.Join(',', activities)}}]}""";

    private static string Flowchart(IReadOnlyList<string> activities) =>
        $$"""{"type": "Elsa.Flowchart", "id": "flow", "activities": [{{string.Join(',', activities)}}], "connections": [{{string.Join(',', Enumerable.Range(1, activities.Count - 1).Select(i => $"{{\"source\": \"a{i}\", \"target\": \"a{i + 1}\", \"sourcePort\": \"Done\"}}"))}}]}""";

    private static string Definition(string id, string root, string more = "") => $$"""{"id": "{{id}}-1", "definitionId": "{{id}}", "name": "{{id}}", "version": 1, {{more}} "root": {{root}} }""";

    private static void Print(string name, double value, string unit) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-48} {value,10:N2} {unit}"));

    /// <summary>No field here keeps a secret.</summary>
    private sealed class NoSecrets : ISecretProtector
    {
        public string Protect(string plain) => throw new NotSupportedException();

        public string Unprotect(string cipher) => throw new NotSupportedException();
    }
}
