using System.Data.Common;
using System.Globalization;

namespace Crm.Workflow;

/// <summary>Why a run came back.</summary>
public enum RunPause
{
    /// <summary>Nothing is left to do for now.</summary>
    Idle,
    /// <summary>The definition wants what happened so far to be kept before the next activity.</summary>
    Commit,
    /// <summary>The next activity needs the database's transaction, and the run is not in one.</summary>
    Transaction,
}

/// <summary>
/// One instance of a workflow in memory, from a start or resume up to the next wait. It knows nothing of databases: its surroundings give it time,
/// ids and neighbours, and read its state when it pauses.
/// </summary>
public sealed partial class WorkflowRun
{
    /// <summary>The property that holds <see cref="Chain"/>, and the input under which an event carries it on.</summary>
    internal const string ChainKey = "crm:chain";

    /// <summary>The property that holds the change set of what the instance does to records.</summary>
    internal const string ChangeSetKey = "crm:changeSet";

    private static readonly IReadOnlyDictionary<string, object?> Nothing = new Dictionary<string, object?>();

    private readonly Queue<ActivityContext> _queue = new();
    private readonly ulong _seed;
    private Dictionary<string, int>? _touched;
    private bool? _isTokenBased;
    private int _executed;

    public WorkflowRun(WorkflowGraph graph, string id, RunSurroundings surroundings)
    {
        (Graph, Id, Surroundings) = (graph, id, surroundings);
        _seed = ExecutionIds.Seed(id);
    }

    public WorkflowGraph Graph { get; }

    public string Id { get; }

    public RunSurroundings Surroundings { get; }

    public WorkflowStatus Status { get; internal set; }

    public WorkflowSubStatus SubStatus { get; internal set; }

    public string? CorrelationId { get; set; }

    public string? Name { get; set; }

    public string? ParentInstanceId { get; init; }

    /// <summary>What the burst was given; an activity that was resumed finds there what came.</summary>
    public IReadOnlyDictionary<string, object?> Input { get; set; } = Nothing;

    /// <summary>What the instance was started with.</summary>
    public IReadOnlyDictionary<string, object?> StartInput { get; internal set; } = Nothing;

    public Dictionary<string, object?> Output => field ??= new(StringComparer.Ordinal);

    public Dictionary<string, object?> Properties => field ??= new(StringComparer.Ordinal);

    /// <summary>What this burst wants an open request to be answered with; null if it said nothing.</summary>
    public HttpResponseWish? Response { get; internal set; }

    /// <summary>The activity whose trigger started it.</summary>
    public string? TriggerActivityId { get; internal set; }

    /// <summary>True during the first burst.</summary>
    public bool IsStarting { get; internal set; }

    public List<Bookmark> Bookmarks { get; } = [];

    public List<Incident> Incidents { get; } = [];

    /// <summary>What happened since the journal was last taken.</summary>
    public List<JournalEntry> Journal { get; } = new(16);

    /// <summary>What an expression is given besides, while it is evaluated.</summary>
    internal IReadOnlyDictionary<string, object?>? Arguments { get; set; }

    /// <summary>Ends the burst that is under way.</summary>
    internal CancellationToken Cancellation { get; private set; }

    /// <summary>Outcomes that a script asked for.</summary>
    internal List<string>? ScriptOutcomes { get; set; }

    public object? LastResult => Outputs.LastResult;

    /// <summary>The workflow's own context; null before the start and once it is over.</summary>
    public ActivityContext? Root { get; internal set; }

    public bool IsTokenBased => _isTokenBased ??= Graph.Definition.IsTokenBased || (Properties.TryGetValue(Flowchart.ExecutionMode, out var mode) && "TokenBased".Equals(mode as string, StringComparison.OrdinalIgnoreCase));

    /// <summary>What the workflow's variables held when it ended.</summary>
    internal IReadOnlyList<VariableValue> EndVariables { get; private set; } = [];

    /// <summary>How many workflows have started each other up to this one.</summary>
    public int Chain => Properties.TryGetValue(ChainKey, out var known) ? Convert.ToInt32(known, CultureInfo.InvariantCulture) : 0;

    /// <summary>Whether something is left to do at once.</summary>
    public bool HasWork => _queue.Count > 0;

    internal long LastNumber { get; set; }

    internal int VariablesVersion { get; set; }

    /// <summary>Finished by Finish or cancelled from outside: nothing that was scheduled happens any more.</summary>
    internal bool IsCut { get; private set; }

    internal IEnumerable<ActivityContext> Queue => _queue.Where(c => !c.IsWithdrawn);

    internal OutputRegister Outputs => field ??= new(Graph);

    public DateTimeOffset Now() => Surroundings.Time.GetUtcNow();

    public string ActivityInstanceId(long number) => ExecutionIds.Of(_seed, number);

    /// <summary>Begins: the workflow itself is the first thing to do.</summary>
    public void Start(IReadOnlyDictionary<string, object?>? input = null, string? triggerActivityId = null)
    {
        StartInput = Input = input ?? Input;
        TriggerActivityId = triggerActivityId;
        IsStarting = true;
        Root = new(this, Graph.Root, null, ++LastNumber);
        _queue.Enqueue(Root);
    }

    /// <summary>Wakes up what waits at <paramref name="bookmark"/>.</summary>
    /// <returns>False if nothing waits there.</returns>
    public bool Resume(Bookmark bookmark, IReadOnlyDictionary<string, object?>? input = null)
    {
        if (Status != WorkflowStatus.Running || Find(bookmark.ActivityNumber) is not { } context || context.Status != ActivityStatus.Running)
        {
            return false;
        }
        Input = input ?? Nothing;
        IsStarting = false;
        context.Resuming = bookmark;
        _queue.Enqueue(context);
        return true;
    }

    /// <summary>Goes on until nothing is left to do, or until something has to happen first.</summary>
    public async ValueTask<RunPause> ExecuteAsync(CancellationToken cancellationToken = default)
    {
        Cancellation = cancellationToken;
        SubStatus = Status == WorkflowStatus.Running ? WorkflowSubStatus.Executing : SubStatus;
        var commits = Graph.CommitsPerActivity;
        while (_queue.TryPeek(out var context))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (context.IsWithdrawn)
            {
                _queue.Dequeue();
                continue;
            }
            if (context.Node.NeedsTransaction && !Surroundings.IsInTransaction)
            {
                return RunPause.Transaction;
            }
            _queue.Dequeue();
            if (++_executed > Surroundings.ActivityBudget)
            {
                Overrun(context);
                continue;
            }
            await InvokeAsync(context);
            if (commits && _queue.Count > 0 && context.Node.CommitsAfter)
            {
                return RunPause.Commit;
            }
        }
        if (Status == WorkflowStatus.Running)
        {
            if (Root is null)
            {
                End(WorkflowSubStatus.Finished);
            }
            else
            {
                SubStatus = WorkflowSubStatus.Suspended;
            }
        }
        return RunPause.Idle;
    }

    /// <summary>Ends the instance from outside, also one that failed and might go on.</summary>
    /// <returns>False if it is over.</returns>
    public bool Cancel()
    {
        if (Status != WorkflowStatus.Running && SubStatus != WorkflowSubStatus.Faulted)
        {
            return false;
        }
        Cut();
        EndVariables = VariablesNow();
        Root?.Cancel();
        Root = null;
        End(WorkflowSubStatus.Cancelled);
        return true;
    }

    /// <summary>Takes what was noted since the last time.</summary>
    public List<JournalEntry> TakeJournal()
    {
        var taken = new List<JournalEntry>(Journal);
        Journal.Clear();
        return taken;
    }

    /// <summary>An output of an activity by its id or name; the only one or "Result" where none is named.</summary>
    public object? OutputOf(string idOrName, string? output) => Outputs.OutputOf(idOrName, output);

    internal void SetOutput(string name, object? value) => Output[name] = value;

    /// <summary>Notes that a variable changed.</summary>
    internal void Touch(string variable) => (_touched ??= new(StringComparer.Ordinal))[variable] = ++VariablesVersion;

    /// <summary>Whether one of the variables changed since, or any where it is not known which ones count.</summary>
    internal bool HasChanged(IReadOnlyList<string>? variables, int since)
    {
        if (variables is null)
        {
            return VariablesVersion != since;
        }
        foreach (var variable in variables)
        {
            if (_touched is not null && _touched.TryGetValue(variable, out var at) && at > since)
            {
                return true;
            }
        }
        return false;
    }

    internal void Schedule(ActivityContext owner, ActivityNode? node, string? tag, ReadOnlySpan<KeyValuePair<string, object?>> locals, bool byBackwardConnection)
    {
        if (IsCut)
        {
            return;
        }
        if (node is null)
        {
            if (++_executed > Surroundings.ActivityBudget)
            {
                throw Budget();
            }
            owner.Node.Activity.ChildCompleted(owner, owner, Outcomes.Default);
            return;
        }
        var context = new ActivityContext(this, node, owner, ++LastNumber) { Tag = tag, ByBackwardConnection = byBackwardConnection };
        if (locals.Length > 0)
        {
            context.Locals = locals.ToArray();
        }
        owner.QueuedChildren++;
        _queue.Enqueue(context);
    }

    internal bool IsScheduled(ActivityContext owner, ActivityNode node) =>
        owner.QueuedChildren > 0 && _queue.Any(c => !c.IsWithdrawn && !c.IsAttached && ReferenceEquals(c.Parent, owner) && ReferenceEquals(c.Node, node));

    internal void Withdraw(ActivityContext context)
    {
        if (!context.IsAttached)
        {
            context.IsWithdrawn = true;
            if (context.Parent is { } parent)
            {
                parent.QueuedChildren--;
            }
        }
        else if (context.Resuming is not null)
        {
            context.IsWithdrawn = true;
        }
    }

    internal void WithdrawChildren(ActivityContext owner)
    {
        foreach (var queued in _queue)
        {
            if (!queued.IsWithdrawn && !queued.IsAttached && ReferenceEquals(queued.Parent, owner))
            {
                queued.IsWithdrawn = true;
            }
        }
        owner.QueuedChildren = 0;
    }

    internal void Log(ActivityContext context, ActivityEvent happened) => Journal.Add(new(context, happened, context.CompletedAt ?? Now()));

    /// <summary>The workflow itself is complete.</summary>
    internal void NoteCompletion(ActivityContext context)
    {
        if (ReferenceEquals(context, Root))
        {
            EndVariables = VariablesNow();
            Root = null;
        }
    }

    /// <summary>Finish: whatever is scheduled or waits is dropped.</summary>
    internal void Finish()
    {
        Cut();
        EndVariables = VariablesNow();
        End(WorkflowSubStatus.Finished);
    }

    /// <summary>The workflow's variables that are kept with it, as they are.</summary>
    public IReadOnlyList<VariableValue> VariablesNow() => Root is { Variables: { } values } root
        ? [.. root.Node.Variables.Select((v, i) => (Variable: v, Value: values[i])).Where(v => v.Variable.IsKept).Select(v => new VariableValue(v.Variable.Id, v.Variable.Name, v.Value))]
        : EndVariables;

    internal ActivityContext? Find(long number) => Open.FirstOrDefault(c => c.Number == number);

    internal ActivityContext? Find(string activityInstanceId) => Open.FirstOrDefault(c => c.Id == activityInstanceId);

    /// <summary>Everything that has begun and is not over, from the workflow itself downwards.</summary>
    public IEnumerable<ActivityContext> Open
    {
        get
        {
            if (Root is not { IsAttached: true } root)
            {
                yield break;
            }
            var open = new Stack<ActivityContext>();
            open.Push(root);
            while (open.TryPop(out var context))
            {
                yield return context;
                for (var child = context.FirstChild; child is not null; child = child.NextSibling)
                {
                    open.Push(child);
                }
            }
        }
    }

    /// <summary>Takes a context over from stored state.</summary>
    internal void Restore(ActivityContext context, bool isQueued)
    {
        if (isQueued)
        {
            if (context.Parent is { } parent)
            {
                parent.QueuedChildren++;
            }
            else
            {
                Root = context;
            }
            _queue.Enqueue(context);
            return;
        }
        context.Attach();
    }

    internal void Enqueue(ActivityContext context) => _queue.Enqueue(context);

    private async ValueTask InvokeAsync(ActivityContext context)
    {
        var bookmark = context.Resuming;
        try
        {
            if (!context.IsAttached)
            {
                if (context.Parent is { } parent)
                {
                    parent.QueuedChildren--;
                }
                context.Attach();
                context.IsTrigger = IsStarting && TriggerActivityId == context.Node.Id;
                context.StartedAt = Now();
                Journal.Add(new(context, ActivityEvent.Started, context.StartedAt));
            }
            else
            {
                Journal.Add(new(context, bookmark is null ? ActivityEvent.Started : ActivityEvent.Resumed, Now()));
            }
            context.EvaluateInputs();
            var activity = context.Node.Activity;
            if (bookmark is null && !activity.CanExecute(context))
            {
                Journal.Add(new(context, ActivityEvent.PreconditionFailed, Now()));
                return;
            }
            context.SetStatus(ActivityStatus.Running);
            context.Resuming = null;
            var task = bookmark is null ? activity.ExecuteAsync(context) : activity.ResumeAsync(context, bookmark);
            if (!task.IsCompletedSuccessfully)
            {
                await task;
            }
            if (bookmark is { AutoBurn: true })
            {
                RemoveBookmark(bookmark);
            }
            if (context.HasBookmarks && context.Status == ActivityStatus.Running)
            {
                Journal.Add(new(context, ActivityEvent.Suspended, Now()));
            }
        }
#pragma warning disable CA1031 // Whatever an activity throws is an incident of this instance and nobody else's; the database's own troubles are the transaction's.
        catch (Exception e) when (e is not (OperationCanceledException or DbException))
#pragma warning restore CA1031
        {
            context.Resuming = null;
            if (bookmark is { AutoBurn: true })
            {
                RemoveBookmark(bookmark);
            }
            Faulted(context, e);
        }
    }

    private void End(WorkflowSubStatus status)
    {
        Status = WorkflowStatus.Finished;
        SubStatus = status;
    }

    private void Cut()
    {
        IsCut = true;
        foreach (var queued in _queue)
        {
            queued.IsWithdrawn = true;
        }
        _queue.Clear();
        WithdrawTasks(_ => true);
        Bookmarks.Clear();
    }

}
