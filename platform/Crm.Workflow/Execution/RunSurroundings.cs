using Crm.Rules;

namespace Crm.Workflow;

/// <summary>What a run finds around it. The engine in memory and the durable one give it different ones; the activities notice no difference.</summary>
public abstract class RunSurroundings
{
    public abstract TimeProvider Time { get; }

    public abstract WorkflowParts Parts { get; }

    /// <summary>Activities that one burst may run before it is taken for a loop without end.</summary>
    public virtual int ActivityBudget => 100_000;

    /// <summary>So many workflows may start each other one after the other.</summary>
    public virtual int MaxChain => 12;

    /// <summary>Whether what activities write is part of the transaction that keeps the instance.</summary>
    public virtual bool IsInTransaction => true;

    /// <summary>Where WriteLine writes.</summary>
    public virtual void WriteLine(string text) => Console.Out.WriteLine(text);

    /// <summary>Where ReadLine reads.</summary>
    public virtual string? ReadLine() => Console.In.ReadLine();

    public abstract Guid NewGuid();

    /// <summary>64 bits in hexadecimal, as instances and tasks are called.</summary>
    public string NewId() => NewGuid().ToString("N")[16..];

    /// <summary>The published version of a definition.</summary>
    public abstract ValueTask<WorkflowGraph?> FindPublishedAsync(string definitionId);

    /// <summary>Runs another workflow inside this burst.</summary>
    public abstract ValueTask<ChildResult> ExecuteChildAsync(WorkflowRun parent, ChildStart child, CancellationToken cancellationToken);

    /// <summary>Has another workflow run after this burst is kept.</summary>
    public abstract void Dispatch(WorkflowRun parent, ChildStart child);

    /// <summary>Wakes up, once this burst is kept, whoever waits for what the request says.</summary>
    public abstract void Send(StimulusRequest request);

    /// <summary>Has an effect outside the database carried out once this burst is kept.</summary>
    /// <param name="kind">Name of the outbox's handler.</param>
    /// <param name="key">The same for each attempt and for nothing else.</param>
    /// <param name="payload">What the handler needs.</param>
    public virtual void Send(string kind, string key, System.Text.Json.Nodes.JsonObject payload) =>
        throw new WorkflowException("outside.none", "Nothing leaves the system where a workflow is only tried out.");

    /// <summary>Hands a task to whoever does tasks.</summary>
    public abstract void CreateTask(WorkflowRun run, string taskId, string name, IReadOnlyDictionary<string, object?>? payload);

    /// <summary>A refusal of the record store in words.</summary>
    public virtual string Say(ProblemException refusal) => refusal.Message;
}

/// <summary>A workflow to be started by another.</summary>
/// <param name="AwaitedBy">The type of the activity that waits for its end; null if none does.</param>
/// <param name="Chain">How many workflows have started each other up to this one.</param>
public sealed record ChildStart(string InstanceId, WorkflowGraph Graph, IReadOnlyDictionary<string, object?> Input, string? CorrelationId, string? AwaitedBy, int Chain)
{
    /// <summary>The instance, about to begin.</summary>
    internal WorkflowRun NewRun(WorkflowRun parent, RunSurroundings surroundings)
    {
        var run = new WorkflowRun(Graph, InstanceId, surroundings) { CorrelationId = CorrelationId, ParentInstanceId = parent.Id };
        run.Properties[Children.ParentKey] = parent.Id;
        run.Properties[WorkflowRun.ChainKey] = Chain;
        if (AwaitedBy is not null)
        {
            run.Properties[ChildEnd.AwaitedKey] = AwaitedBy;
        }
        run.Start(Input);
        return run;
    }
}

/// <summary>How a workflow that was run inside another ended, or that it waits.</summary>
public sealed record ChildResult(string InstanceId, WorkflowStatus Status, WorkflowSubStatus SubStatus, IReadOnlyDictionary<string, object?> Output)
{
    public Dictionary<string, object?> ToMap() => new(StringComparer.Ordinal)
    {
        ["workflowInstanceId"] = InstanceId,
        ["status"] = Status.ToString(),
        ["subStatus"] = SubStatus.ToString(),
        ["output"] = new Dictionary<string, object?>(Output, StringComparer.Ordinal),
    };
}

/// <summary>Something that happened and may wake or start workflows.</summary>
/// <param name="Stimulus">What happened.</param>
/// <param name="Input">What those who are woken are given.</param>
/// <param name="CorrelationId">Only those with this correlation.</param>
/// <param name="InstanceId">Only this instance; then nothing is started.</param>
/// <param name="MayStart">Whether workflows that begin with it are started.</param>
/// <param name="IsKept">Whether it waits for somebody to wait for it, where nobody does yet.</param>
public sealed record StimulusRequest(
    Stimulus Stimulus, IReadOnlyDictionary<string, object?> Input, string? CorrelationId = null, string? InstanceId = null, bool MayStart = true, bool IsKept = false);
