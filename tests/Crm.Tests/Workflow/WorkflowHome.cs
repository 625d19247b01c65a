using Crm.Data;
using Crm.Tests.Records;
using Crm.Workflow;

namespace Crm.Tests.Workflow;

/// <summary>A durable engine on a database of its own, with the clock in the test's hand; nothing runs by itself.</summary>
internal sealed class WorkflowHome : IAsyncDisposable
{
    private WorkflowHome(TestStore store)
    {
        Store = store;
        (Definitions, Engine) = Restart();
    }

    public TestStore Store { get; }

    public DefinitionStore Definitions { get; private set; }

    public WorkflowEngine Engine { get; private set; }

    public ManualTimeProvider Clock => Store.Clock;

    public List<string> Lines { get; } = [];

    public static async Task<WorkflowHome> OpenAsync(string fields = """{"name": "name", "type": "text"}, {"name": "count", "type": "integer"}""")
    {
        // The listener needs the engine, which needs the store, which needs the listener.
        var late = new LateServices();
        return await OpenAsync(late, await TestStore.OpenAsync(folder => folder.WithEntity("thing", fields), Handlers(late), WorkflowTables.All), []);
    }

    /// <summary>The entities and workflows that the product brings.</summary>
    public static async Task<WorkflowHome> OpenShippedAsync()
    {
        var late = new LateServices();
        return await OpenAsync(late, await TestStore.OpenAsync(Metadata.Shipped.Model, Handlers(late), WorkflowTables.All), [Repository.File("workflows")]);
    }

    /// <summary>Another process over the same database: nothing that was only in memory is left.</summary>
    public (DefinitionStore Definitions, WorkflowEngine Engine) Restart()
    {
        var options = new WorkflowOptions { Output = line => { lock (Lines) { Lines.Add(line); } }, Failed = (what, e) => throw new InvalidOperationException(what, e) };
        Definitions = new(Store.Database, Bench.Parts, Store.Ids, Clock);
        Engine = new(Store.Database, Definitions, new ModelSource(Store.Model), Store.Store, Store.Outbox, Bench.Parts, Store.Ids, Clock, options);
        return (Definitions, Engine);
    }

    public async Task RestartAsync()
    {
        Restart();
        await Definitions.LoadAsync([]);
    }

    public async Task<string> PublishAsync(string root, string more = "", string id = "test") =>
        (await Definitions.SaveAsync(Bench.Parts.Reader.Read(Bench.Json(root, more, id)), publish: true, Actor.Platform)).Id;

    /// <summary>Starts an instance and gives its id.</summary>
    public async Task<string> StartAsync(string definitionId = "test", StartOptions? options = null) => (await Engine.StartAsync(definitionId, options))!.Id;

    public async Task<WorkflowInstance> FindAsync(string id) => (await Engine.FindAsync(id))!;

    /// <summary>Lets everything happen that follows from what was written, and from what that wrote.</summary>
    public async Task SettleAsync()
    {
        for (var round = 0; round < 6; round++)
        {
            await Store.RunOutboxAsync();
            await Engine.RunDueAsync();
        }
    }

    /// <summary>Lets time pass and everything due happen.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        Clock.Advance(time);
        await Engine.RunDueAsync();
    }

    private static Dictionary<string, OutboxHandler> Handlers(LateServices late) => new() { ["workflow.records"] = new RecordListener(late), ["workflow.http"] = new HttpDelivery(late) };

    private static async Task<WorkflowHome> OpenAsync(LateServices late, TestStore store, IReadOnlyList<string> folders)
    {
        var home = new WorkflowHome(store);
        late.Home = home;
        await home.Definitions.LoadAsync(folders);
        return home;
    }

    public async ValueTask DisposeAsync() => await Store.DisposeAsync();

    private sealed class LateServices : IServiceProvider
    {
        public WorkflowHome? Home { get; set; }

        public object? GetService(Type serviceType) => serviceType == typeof(WorkflowEngine) ? Home!.Engine : null;
    }
}
