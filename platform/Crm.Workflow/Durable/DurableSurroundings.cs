using Crm.Data;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>
/// What a burst of the durable engine finds around it. Whatever its activities ask for that goes beyond the instance is collected here and kept
/// in the transaction that keeps the instance.
/// </summary>
internal sealed class DurableSurroundings(WorkflowEngine engine) : RunSurroundings
{
    public override TimeProvider Time => engine.Time;

    public override WorkflowParts Parts => engine.Parts;

    public override int ActivityBudget => engine.Options.ActivityBudget;

    public override int MaxChain => engine.Options.MaxChain;

    public override bool IsInTransaction => Session is not null;

    /// <summary>The transaction, while the burst is in one.</summary>
    public Session? Session { get; set; }

    public WorkflowEngine Engine => engine;

    /// <summary>Workflows that were run inside this burst.</summary>
    public List<WorkflowRun> Inner { get; } = [];

    /// <summary>Workflows that are to run once this burst is kept.</summary>
    public List<WorkflowRun> Dispatched { get; } = [];

    public List<StimulusRequest> Sent { get; } = [];

    public List<string> Lines { get; } = [];

    /// <summary>What leaves the system.</summary>
    public List<OutboxEffect> Effects { get; } = [];

    public List<(WorkflowRun Run, string Id, string Name, IReadOnlyDictionary<string, object?>? Payload)> Tasks { get; } = [];

    /// <summary>An activity to which work is handed back, and who did it before.</summary>
    public (string ActivityId, Guid? DoneBy)? Returned { get; set; }

    /// <summary>Said once the burst is kept: what is thrown away says nothing.</summary>
    public override void WriteLine(string text) => Lines.Add(text);

    public override string? ReadLine() => null;

    public override Guid NewGuid() => engine.Ids.Next();

    public override ValueTask<WorkflowGraph?> FindPublishedAsync(string definitionId) => engine.Definitions.FindPublishedAsync(definitionId, Session);

    public override async ValueTask<ChildResult> ExecuteChildAsync(WorkflowRun parent, ChildStart child, CancellationToken cancellationToken)
    {
        var run = child.NewRun(parent, this);
        while (await run.ExecuteAsync(cancellationToken) != RunPause.Idle)
        {
            // It is kept with its parent, in whose transaction it is, so its own commit points are its parent's.
        }
        Inner.Add(run);
        return new(run.Id, run.Status, run.SubStatus, run.Output);
    }

    public override void Dispatch(WorkflowRun parent, ChildStart child) => Dispatched.Add(child.NewRun(parent, this));

    public override void Send(StimulusRequest request) => Sent.Add(request);

    public override void Send(string kind, string key, System.Text.Json.Nodes.JsonObject payload) => Effects.Add(new(kind, payload) { Key = kind + ":" + key });

    public override void CreateTask(WorkflowRun run, string taskId, string name, IReadOnlyDictionary<string, object?>? payload) => Tasks.Add((run, taskId, name, payload));

    public override string Say(ProblemException refusal) => string.Join(" ", refusal.Problems.Select(p => p.Message(engine.Models.Current.Texts)));

    /// <summary>Forgets what has been kept.</summary>
    public void Clear()
    {
        Inner.Clear();
        Dispatched.Clear();
        Sent.Clear();
        Effects.Clear();
        Lines.Clear();
        Tasks.Clear();
    }
}
