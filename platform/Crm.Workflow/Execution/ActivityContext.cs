namespace Crm.Workflow;

/// <summary>One execution of one activity in one instance. What is over is let go, so that a long-lived instance costs no more than what it has open.</summary>
public sealed partial class ActivityContext
{
    private ActivityContext? _next, _previous;

    internal ActivityContext(WorkflowRun run, ActivityNode node, ActivityContext? parent, long number)
    {
        (Run, Node, Parent, Number) = (run, node, parent, number);
        if (node.Variables.Length > 0)
        {
            Variables = node.NewVariables();
        }
    }

    public WorkflowRun Run { get; }

    public ActivityNode Node { get; }

    /// <summary>Who scheduled it and is told when it is complete; null for the workflow itself.</summary>
    public ActivityContext? Parent { get; }

    public string Id => Run.ActivityInstanceId(Number);

    public ActivityStatus Status { get; internal set; }

    public Outcomes? Outcomes { get; private set; }

    public DateTimeOffset StartedAt { get; internal set; }

    public DateTimeOffset? CompletedAt { get; internal set; }

    public Exception? Fault { get; internal set; }

    /// <summary>Faults of this activity and of all below it.</summary>
    public int FaultCount { get; internal set; }

    /// <summary>State that the activity keeps from turn to turn.</summary>
    public object? State { get; internal set; }

    /// <summary>What the parent noted when it scheduled this.</summary>
    public string? Tag { get; internal set; }

    /// <summary>What this activity tells the journal beyond inputs and outputs: records changed, who decided, which rule.</summary>
    public IReadOnlyDictionary<string, object?>? Journal => _journal;

    /// <summary>The outputs that it set.</summary>
    public IReadOnlyDictionary<string, object?>? Outputs => _outputs;

    /// <summary>Names whose values the journal does not keep, wherever they stand among inputs and outputs: those of sensitive fields.</summary>
    internal IReadOnlySet<string>? Concealed { get; set; }

    public bool HasBookmarks => BookmarkCount > 0;

    /// <summary>Whether this is the activity whose trigger started the instance, and this its execution for that.</summary>
    public bool IsTrigger { get; internal set; }

    internal long Number { get; }

    internal object?[]? Variables { get; set; }

    internal KeyValuePair<string, object?>[]? Locals { get; set; }

    internal int BookmarkCount { get; set; }

    internal int QueuedChildren { get; set; }

    internal int RunningChildren { get; private set; }

    internal int FaultedChildren { get; private set; }

    internal bool IsBreaking { get; set; }

    internal bool ByBackwardConnection { get; set; }

    internal bool IsWithdrawn { get; set; }

    internal bool IsCompleting { get; private set; }

    internal bool IsAttached { get; private set; }

    /// <summary>Outcomes that a Complete inside a composite asked for.</summary>
    internal Outcomes? CompositeOutcomes { get; set; }

    internal Bookmark? Resuming { get; set; }

    internal ActivityContext? FirstChild { get; private set; }

    internal ActivityContext? LastChild { get; private set; }

    internal ActivityContext? NextSibling => _next;

    private Dictionary<string, object?>? _journal;
    private Dictionary<string, object?>? _outputs;

    public void Note(string name, object? value) => (_journal ??= new(StringComparer.Ordinal))[name] = value;

    /// <summary>Schedules an activity below this one; without one, this one is told at once that it is complete.</summary>
    public void Schedule(ActivityNode? node, string? tag = null, params ReadOnlySpan<KeyValuePair<string, object?>> locals) =>
        Run.Schedule(this, node, tag, locals, byBackwardConnection: false);

    public void Complete() => Complete(Outcomes.Default);

    /// <summary>Ends this activity: what is still open below it is cancelled, and its parent goes on by <paramref name="outcomes"/>.</summary>
    public void Complete(Outcomes outcomes)
    {
        if (Status != ActivityStatus.Running || IsCompleting)
        {
            return;
        }
        IsCompleting = true;
        CancelChildren();
        SetStatus(ActivityStatus.Completed);
        Outcomes = outcomes;
        CompletedAt = Run.Now();
        Run.Log(this, ActivityEvent.Completed);
        Detach();
        Run.RemoveBookmarks(this);
        if (!Run.IsCut)
        {
            Run.NoteCompletion(this);
            Tell(outcomes);
        }
    }

    /// <summary>Ends this activity and everything below it without outcome.</summary>
    public void Cancel()
    {
        if (Status is ActivityStatus.Completed or ActivityStatus.Canceled)
        {
            return;
        }
        Run.Withdraw(this);
        CancelChildren();
        SetStatus(ActivityStatus.Canceled);
        CompletedAt = Run.Now();
        Run.RemoveBookmarks(this);
        Run.Log(this, ActivityEvent.Canceled);
        Detach();
        if (Parent is { Status: ActivityStatus.Running, IsCompleting: false } parent && !Run.IsCut)
        {
            parent.Node.Activity.ChildCancelled(parent, this);
        }
    }

    /// <summary>Waits for <paramref name="stimulus"/>.</summary>
    public Bookmark Wait(Stimulus stimulus, bool perActivity = true, bool autoBurn = true) => Run.AddBookmark(this, stimulus, perActivity, autoBurn);

    /// <summary>Sets an output: for the journal, for expressions that ask for it, and where the definition binds it.</summary>
    public void Set(Output output, object? value)
    {
        (_outputs ??= new(StringComparer.Ordinal))[output.Name] = value;
        Run.Outputs.RecordOutput(Node, output.Name, value);
        if (output.Target is { } target && Parent is not null)
        {
            Parent.Bind(target, value);
        }
    }

    internal void SetStatus(ActivityStatus status)
    {
        if (IsAttached && Parent is not null)
        {
            Parent.Count(Status, -1);
            Parent.Count(status, 1);
        }
        Status = status;
    }

    internal void Attach()
    {
        if (IsAttached)
        {
            return;
        }
        IsAttached = true;
        if (Parent is not { } parent)
        {
            return;
        }
        parent.Count(Status, 1);
        _previous = parent.LastChild;
        if (_previous is null)
        {
            parent.FirstChild = this;
        }
        else
        {
            _previous._next = this;
        }
        parent.LastChild = this;
    }

    internal void Detach()
    {
        if (!IsAttached)
        {
            return;
        }
        IsAttached = false;
        if (Parent is not { } parent)
        {
            return;
        }
        parent.Count(Status, -1);
        if (_previous is null)
        {
            parent.FirstChild = _next;
        }
        else
        {
            _previous._next = _next;
        }
        if (_next is null)
        {
            parent.LastChild = _previous;
        }
        else
        {
            _next._previous = _previous;
        }
        (_next, _previous) = (null, null);
    }

    internal IEnumerable<ActivityContext> Children()
    {
        for (var child = FirstChild; child is not null;)
        {
            // The one at hand may leave while it is looked at.
            var next = child._next;
            yield return child;
            child = next;
        }
    }

    /// <summary>Tells the parent; what goes wrong there is the parent's fault, not that of the activity that is complete.</summary>
    private void Tell(Outcomes outcomes)
    {
        if (Parent is not { } parent)
        {
            return;
        }
        try
        {
            parent.Node.Activity.ChildCompleted(parent, this, outcomes);
        }
#pragma warning disable CA1031 // See WorkflowRun.InvokeAsync.
        catch (Exception e) when (e is not (OperationCanceledException or System.Data.Common.DbException) && parent.Status == ActivityStatus.Running)
#pragma warning restore CA1031
        {
            Run.Faulted(parent, e);
        }
    }

    private void CancelChildren()
    {
        if (QueuedChildren > 0)
        {
            Run.WithdrawChildren(this);
        }
        while (FirstChild is { } child)
        {
            child.Cancel();
            if (ReferenceEquals(FirstChild, child))
            {
                child.Detach();
            }
        }
    }

    private void Count(ActivityStatus status, int by)
    {
        switch (status)
        {
            case ActivityStatus.Running: RunningChildren += by; break;
            case ActivityStatus.Faulted: FaultedChildren += by; break;
        }
    }
}
