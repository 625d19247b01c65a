namespace Crm.Workflow;

/// <summary>Children one after the other.</summary>
[Activity("Elsa.Sequence", "Workflows", "Execute a set of activities in sequence.", IsBrowsable = false, IsContainer = true)]
public sealed class Sequence : StatefulActivity<Sequence.Turn>
{
    [Port]
    public IReadOnlyList<ActivityNode> Activities { get; set; } = [];

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        Next(context);
        return ValueTask.CompletedTask;
    }

    protected internal override void ChildCompleted(ActivityContext context, ActivityContext child, Outcomes outcomes)
    {
        if (context.IsBreaking || child.Node.IsTerminal)
        {
            context.Complete();
        }
        else
        {
            GoOnAfter(context, child.Node);
            Next(context);
        }
    }

    /// <summary>What was begun again from an earlier place goes on from there.</summary>
    private void GoOnAfter(ActivityContext context, ActivityNode child)
    {
        var turn = StateOf(context);
        for (var i = 0; i < Activities.Count && !ReferenceEquals(Activities[Math.Max(0, turn.Index - 1)], child); i++)
        {
            turn.Index = ReferenceEquals(Activities[i], child) ? i + 1 : turn.Index;
        }
    }

    private void Next(ActivityContext context)
    {
        var turn = StateOf(context);
        if (turn.Index >= Activities.Count)
        {
            context.Complete();
        }
        else
        {
            context.Schedule(Activities[turn.Index++]);
        }
    }

    public sealed class Turn
    {
        public int Index { get; set; }
    }
}

/// <summary>All children at once; complete when all are.</summary>
[Activity("Elsa.Parallel", "Workflows", "Execute a set of activities in parallel.", IsBrowsable = false, IsContainer = true)]
public sealed class Parallel : StatefulActivity<Parallel.Remaining>
{
    [Port]
    public IReadOnlyList<ActivityNode> Activities { get; set; } = [];

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        if (Activities.Count == 0)
        {
            context.Complete();
            return ValueTask.CompletedTask;
        }
        StateOf(context).Count = Activities.Count;
        foreach (var activity in Activities)
        {
            context.Schedule(activity);
        }
        return ValueTask.CompletedTask;
    }

    protected internal override void ChildCompleted(ActivityContext context, ActivityContext child, Outcomes outcomes)
    {
        if (--StateOf(context).Count == 0)
        {
            context.Complete();
        }
    }

    public sealed class Remaining
    {
        public int Count { get; set; }
    }
}

/// <summary>Branches at once; complete when all are, or when the first is.</summary>
[Activity("Elsa.Fork", "Control Flow", "Branch execution into multiple branches.", IsBrowsable = false)]
public sealed class Fork : StatefulActivity<Fork.Done>
{
    [Input("Controls when this activity yields control back to its parent activity.", UiHint = "dropdown", Options = "WaitAll,WaitAny", TypeName = "UnregisteredClrType:Elsa.Workflows.ForkJoinMode, Elsa.Workflows.Core")]
    public ForkJoinMode JoinMode { get; set; }

    [Port]
    public IReadOnlyList<ActivityNode> Branches { get; set; } = [];

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        if (Branches.Count == 0)
        {
            context.Complete();
        }
        foreach (var branch in Branches)
        {
            context.Schedule(branch);
        }
        return ValueTask.CompletedTask;
    }

    protected internal override void ChildCompleted(ActivityContext context, ActivityContext child, Outcomes outcomes)
    {
        var done = StateOf(context);
        done.Ids.Add(child.Node.Id);
        if (context.IsBreaking || JoinMode == ForkJoinMode.WaitAny || Branches.All(b => done.Ids.Contains(b.Id)))
        {
            context.Complete();
        }
    }

    public sealed class Done
    {
        public HashSet<string> Ids { get; set; } = new(StringComparer.Ordinal);
    }
}

public enum ForkJoinMode
{
    WaitAll, WaitAny,
}

/// <summary>One activity in a box.</summary>
[Activity("Elsa.FlowNode", "Flow", "A simple container that executes the specified activity.", DisplayName = "Container")]
public sealed class FlowNode : Activity
{
    [Port]
    public ActivityNode? Body { get; set; }

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        context.Schedule(Body);
        return ValueTask.CompletedTask;
    }
}
