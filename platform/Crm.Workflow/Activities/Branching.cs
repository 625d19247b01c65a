namespace Crm.Workflow;

/// <summary>One of two ways, by ports.</summary>
[Activity("Elsa.FlowDecision", "Branching", "Evaluate a Boolean condition to determine which path to execute next.", DisplayName = "Decision", Outcomes = "True,False")]
public sealed class FlowDecision : Activity
{
    private static readonly Outcomes True = Outcomes.Of("True"), False = Outcomes.Of("False");

    [Input("The condition to evaluate.")]
    public Input<bool> Condition { get; set; } = null!;

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        context.Complete(Condition.Get(context) ? True : False);
        return ValueTask.CompletedTask;
    }
}

public enum SwitchMode
{
    MatchFirst, MatchAny,
}

/// <summary>The ways whose conditions hold, by ports.</summary>
[Activity("Elsa.FlowSwitch", "Branching", "Evaluate a set of case conditions and schedule the activity for a matching case.", DisplayName = "Switch (flow)", Outcomes = "Default")]
public sealed class FlowSwitch : Activity
{
    [Input("The cases to evaluate.", UiHint = "flow-switch-editor", TypeName = "UnregisteredClrType:System.Collections.Generic.ICollection`1[[Elsa.Workflows.Activities.Flowchart.Models.FlowSwitchCase, Elsa.Workflows.Core]], System.Private.CoreLib")]
    public IReadOnlyList<SwitchCase> Cases { get; set; } = [];

    [Input("The switch mode determines whether the first match should be scheduled, or all matches.", UiHint = "dropdown", Options = "MatchFirst,MatchAny", TypeName = Switch.ModeTypeName)]
    public Input<SwitchMode> Mode { get; set; } = null!;

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        var labels = Switch.Matching(Cases, Mode.Get(context), context).Select(c => c.Label).ToArray();
        context.Complete(labels.Length == 0 ? Outcomes.Of("Default") : Outcomes.Of(labels));
        return ValueTask.CompletedTask;
    }
}

/// <summary>The activities whose conditions hold.</summary>
[Activity("Elsa.Switch", "Branching", "Evaluate a set of case conditions and schedule the activity for a matching case.")]
public sealed class Switch : StatefulActivity<Switch.Scheduled>
{
    internal const string ModeTypeName = "UnregisteredClrType:Elsa.Workflows.SwitchMode, Elsa.Workflows.Core";

    [Input("The cases to evaluate.", UiHint = "switch-editor", TypeName = "UnregisteredClrType:System.Collections.Generic.ICollection`1[[Elsa.Workflows.Activities.SwitchCase, Elsa.Workflows.Core]], System.Private.CoreLib")]
    public IReadOnlyList<SwitchCase> Cases { get; set; } = [];

    [Input("The switch mode determines whether the first match should be scheduled, or all matches.", UiHint = "dropdown", Options = "MatchFirst,MatchAny", TypeName = ModeTypeName)]
    public Input<SwitchMode> Mode { get; set; } = null!;

    [Port]
    public ActivityNode? Default { get; set; }

    [Output]
    public Output Output { get; set; } = null!;

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        var scheduled = StateOf(context);
        var matching = Matching(Cases, Mode.Get(context), context).ToList();
        var activities = matching.Count > 0 ? matching.Select(c => c.Activity) : [Default];
        foreach (var activity in activities.OfType<ActivityNode>())
        {
            scheduled.Count++;
            context.Schedule(activity);
        }
        if (scheduled.Count == 0)
        {
            context.Complete();
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

    internal static IEnumerable<SwitchCase> Matching(IReadOnlyList<SwitchCase> cases, SwitchMode mode, ActivityContext context)
    {
        foreach (var item in cases)
        {
            if (item.Condition.Again(context))
            {
                yield return item;
                if (mode == SwitchMode.MatchFirst)
                {
                    yield break;
                }
            }
        }
    }

    public sealed class Scheduled
    {
        public int Count { get; set; }
    }
}

/// <summary>One of two activities.</summary>
[Activity("Elsa.If", "Branching", "Evaluate a Boolean condition to determine which activity to execute next.")]
public sealed class If : Activity
{
    [Input("The condition to evaluate.")]
    public Input<bool> Condition { get; set; } = null!;

    [Port]
    public ActivityNode? Then { get; set; }

    [Port]
    public ActivityNode? Else { get; set; }

    [Output(type: typeof(bool))]
    public Output Result { get; set; } = null!;

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        var result = Condition.Get(context);
        context.Set(Result, result);
        if ((result ? Then : Else) is { } next)
        {
            context.Schedule(next);
        }
        else
        {
            context.Complete();
        }
        return ValueTask.CompletedTask;
    }
}

/// <summary>Several ways at once, by ports.</summary>
[Activity("Elsa.FlowFork", "Branching", "Branch execution into multiple branches.", DisplayName = "Fork (flow)")]
public sealed class FlowFork : Activity
{
    [Input("A list of expected outcomes to handle.", UiHint = "dynamic-outcomes")]
    public Input<List<string>> Branches { get; set; } = null!;

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        context.Complete(Branches.Get(context) is { Count: > 0 } branches ? Outcomes.Of([.. branches]) : Outcomes.Of("Done"));
        return ValueTask.CompletedTask;
    }
}

public enum FlowJoinMode
{
    WaitAny, WaitAll, WaitAllActive,
}

/// <summary>Several ways become one; how it waits is the flowchart's business.</summary>
[Activity("Elsa.FlowJoin", "Branching", "Explicitly merge multiple branches into a single branch of execution.", DisplayName = "Join")]
public sealed class FlowJoin : Activity
{
    [Input("Whether to go on with the first branch that arrives (WaitAny), with all (WaitAll), or with all that were taken (WaitAllActive).", UiHint = "dropdown", Options = "WaitAll,WaitAllActive,WaitAny", Default = FlowJoinMode.WaitAny)]
    public Input<FlowJoinMode> Mode { get; set; } = null!;

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        if (context.Parent is { Node.Activity: Flowchart flowchart } parent)
        {
            flowchart.CancelAncestors(parent, Node);
        }
        context.Complete();
        return ValueTask.CompletedTask;
    }
}
