using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Crm.Workflow;

namespace Crm.Tests.Workflow;

/// <summary>
/// Hundreds of instances with timers, tasks, record changes and requests to another server, run by a process that may die at any instruction: what another left is taken up, and
/// what is there already is not begun again.
/// </summary>
internal sealed class KillWorkload
{
    public const int Instances = 300;

    private readonly Database _database;
    private readonly DefinitionStore _definitions;
    private readonly WorkflowEngine _engine;
    private readonly OutboxQueue _queue;
    private readonly OutboxDispatcher _dispatcher;
    private readonly string _receiver;

    /// <param name="database">Where it works.</param>
    /// <param name="receiver">Address of a server that is told about each instance once.</param>
    public KillWorkload(Database database, string receiver)
    {
        (_database, _receiver) = (database, receiver);
        Model = CompileModel();
        var ids = new TimeOrderedIds(TimeProvider.System);
        var models = new ModelSource(Model);
        var late = new Late();
        var outbox = new Outbox(ids, TimeProvider.System, new OutboxHandlers(new Dictionary<string, OutboxHandler> { ["workflow.records"] = new RecordListener(late), ["workflow.http"] = new HttpDelivery(late) }), new Crm.Tests.Records.ReversedSecrets());
        Store = new(database, new WritePath(models, database, ids, TimeProvider.System, new ChangeFeed(), outbox, new Crm.Tests.Records.ReversedSecrets(), DataServices.WriteExtensions()), TimeProvider.System);
        _definitions = new(database, Bench.Parts, ids, TimeProvider.System);
        _engine = new(database, _definitions, models, Store, outbox, Bench.Parts, ids, TimeProvider.System, new() { CutOff = TimeSpan.FromSeconds(1) });
        late.Engine = _engine;
        _queue = new(database, ids, TimeProvider.System);
        _dispatcher = new(database, outbox, _queue, TimeProvider.System);
    }

    public Model Model { get; }

    public RecordStore Store { get; }

    public WorkflowEngine Engine => _engine;

    public static Model CompileModel()
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("user", """{"name":"name","type":"text"},{"name":"email","type":"email"}""").WithEntity("unit", """{"name":"name","type":"text"}""")
            .WithEntity("thing", """{"name": "name", "type": "text"}, {"name": "count", "type": "integer"}""");
        return folder.Compile();
    }

    /// <summary>Works until everything is done, or until the process is killed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _definitions.LoadAsync([], cancellationToken);
        if (_definitions.Published("work") is null)
        {
            await _definitions.SaveAsync(Bench.Parts.Reader.Read(Definition), publish: true, Actor.Platform, cancellationToken);
        }
        // Nobody else works here, so what a killed process had in its hands is nobody's.
        await _queue.ReleaseAllAsync(cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(part => Task.Run(() => StartAsync(part, cancellationToken), cancellationToken)));
        while (await OpenAsync(cancellationToken) > 0)
        {
            await _engine.RunDueAsync(cancellationToken);
            await CompleteTasksAsync(cancellationToken);
            await _dispatcher.RunDueAsync(cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>How much has been done, whatever it was.</summary>
    public async Task<long> BurstsAsync(CancellationToken cancellationToken)
    {
        await using var session = await _database.ReadAsync(cancellationToken);
        return await session.FirstAsync("SELECT count(*) FROM \"_workflow_journal\"", [], r => r.Integer(0)!.Value, cancellationToken);
    }

    public async Task<long> OpenAsync(CancellationToken cancellationToken)
    {
        await using var session = await _database.ReadAsync(cancellationToken);
        return Instances - await session.FirstAsync("SELECT count(*) FROM \"_workflow_instance\" WHERE \"sub_status\" = 'Finished'", [], r => r.Integer(0)!.Value, cancellationToken);
    }

    /// <summary>How many tasks there are, and how many of them are open.</summary>
    public async Task<(long All, long Open)> TasksAsync(CancellationToken cancellationToken)
    {
        await using var session = await _database.ReadAsync(cancellationToken);
        return await session.FirstAsync(
            "SELECT count(*), sum(CASE WHEN \"completed_at\" IS NULL THEN 1 ELSE 0 END) FROM \"_workflow_task\"", [], r => (r.Integer(0)!.Value, r.Integer(1) ?? 0), cancellationToken);
    }

    private async Task StartAsync(int part, CancellationToken cancellationToken)
    {
        for (var i = part; i < Instances; i += 4)
        {
            var name = "work" + i.ToString("d4", CultureInfo.InvariantCulture);
            await _engine.StartAsync("work", new() { InstanceId = name, Input = new Dictionary<string, object?> { ["Name"] = name, ["Pause"] = 20 + (i * 37 % 1500), ["Url"] = _receiver } }, cancellationToken);
        }
    }

    /// <summary>Does every open task, and every other one twice at once.</summary>
    private async Task CompleteTasksAsync(CancellationToken cancellationToken)
    {
        List<string> tasks;
        await using (var session = await _database.ReadAsync(cancellationToken))
        {
            tasks = await session.QueryAsync("SELECT \"id\" FROM \"_workflow_task\" WHERE \"completed_at\" IS NULL LIMIT 50", [], r => r.Text(0)!, cancellationToken);
        }
        await Task.WhenAll(tasks.Concat(tasks.Where((_, i) => i % 2 == 0)).Select(t => _engine.CompleteTaskAsync(t, 1, cancellationToken)));
    }

    /// <summary>Creates a record and counts it up between a timer, a task, a request to another server and another timer.</summary>
    private static string Definition
    {
        get
        {
            var delay = """{"type": "Elsa.Delay", "id": "ID", "timeSpan": """ + Bench.Js("TimeSpan", "getPause()") + "}";
            var count = Bench.Sequence(
                """{"type": "Crm.GetRecord", "id": "gID", "name": "NowID", "entity": "thing", "recordId": """ + Bench.Js("String", "getRecord()") + "}",
                """{"type": "Crm.UpdateRecord", "id": "uID", "entity": "thing", "recordId": """ + Bench.Js("String", "getRecord()") + ", \"fieldValues\": " + Bench.Js("ObjectDictionary", "({count: getResultFromNowID().count + 1})") + "}");
            var create = """{"type": "Crm.CreateRecord", "id": "c", "entity": "thing", "fieldValues": """ + Bench.Js("ObjectDictionary", "({name: getName(), count: 0})") + """, "recordId": {"typeName": "String", "memoryReference": {"id": "Record"} } }""";
            var tell = """{"type": "Elsa.SendHttpRequest", "id": "h", "method": "POST", "url": """ + Bench.Js("String", "getUrl()") + ", \"content\": " + Bench.Js("Object", "getName()") + "}";
            var root = Bench.Sequence(
                create, delay.Replace("ID", "d1", StringComparison.Ordinal), Count("1"), """{"type": "Elsa.RunTask", "id": "t", "taskName": "ask"}""", Count("2"), tell, delay.Replace("ID", "d2", StringComparison.Ordinal), Count("3"));
            return Bench.Json(root, $"\"variables\": [{Bench.Variable("Record", "String", "")}], \"inputs\": [{{\"name\": \"Name\", \"type\": \"String\"}}, {{\"name\": \"Pause\", \"type\": \"Int32\"}}, {{\"name\": \"Url\", \"type\": \"String\"}}],", "work");

            string Count(string number) => count.Replace("ID", number, StringComparison.Ordinal).Replace("\"id\": \"sequence", "\"id\": \"s" + number, StringComparison.Ordinal);
        }
    }

    private sealed class Late : IServiceProvider
    {
        public WorkflowEngine? Engine { get; set; }

        public object? GetService(Type serviceType) => serviceType == typeof(WorkflowEngine) ? Engine : null;
    }
}
