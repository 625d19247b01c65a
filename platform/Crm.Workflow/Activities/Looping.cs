namespace Crm.Workflow;

/// <summary>As long as a condition holds.</summary>
[Activity("Elsa.While", "Looping", "Execute an activity while a given condition evaluates to true.")]
public sealed class While : Activity
{
    [Input("The condition to evaluate.", IsLazy = true)]
    public Input<bool> Condition { get; set; } = null!;

    [Port]
    public ActivityNode? Body { get; set; }

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        Turn(context);
        return ValueTask.CompletedTask;
    }

    protected internal override void ChildCompleted(ActivityContext context, ActivityContext child, Outcomes outcomes) => Turn(context);

    protected internal override bool TakesBreak(ActivityContext context) => true;

    private void Turn(ActivityContext context)
    {
        if (context.IsBreaking || !Condition.Again(context))
        {
            context.Complete();
        }
        else if (Body is null)
        {
            throw new WorkflowException("loop.empty", "The loop has nothing to do and its condition holds.") { Advice = "Put an activity into the loop." };
        }
        else
        {
            context.Schedule(Body);
        }
    }
}

/// <summary>From one number to another.</summary>
[Activity("Elsa.For", "Looping", "Iterate over a sequence of steps between a start and an end number.")]
public sealed class For : StatefulActivity<For.Reached>
{
    [Input("The start step.")]
    public Input<int> Start { get; set; } = null!;

    [Input("The end step.")]
    public Input<int> End { get; set; } = null!;

    [Input("The step size. To count down, enter a negative number.", Default = 1)]
    public Input<int> Step { get; set; } = null!;

    [Input("Controls whether the end step is inclusive.", UiHint = "checkbox", Default = true)]
    public Input<bool> OuterBoundInclusive { get; set; } = null!;

    [Port]
    public ActivityNode? Body { get; set; }

    [Output]
    public Output CurrentValue { get; set; } = null!;

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        Turn(context);
        return ValueTask.CompletedTask;
    }

    protected internal override void ChildCompleted(ActivityContext context, ActivityContext child, Outcomes outcomes) => Turn(context);

    protected internal override bool TakesBreak(ActivityContext context) => true;

    private void Turn(ActivityContext context)
    {
        var state = StateOf(context);
        var step = Step.Get(context);
        var value = state.Current is { } current ? current + step : Start.Get(context);
        var (end, inclusive) = (End.Get(context), OuterBoundInclusive.Get(context));
        var goesOn = step >= 0 ? inclusive ? value <= end : value < end : inclusive ? value >= end : value > end;
        if (context.IsBreaking || !goesOn || Body is null)
        {
            context.Complete();
            return;
        }
        if (step == 0)
        {
            throw new WorkflowException("loop.step", "A loop with a step of 0 never ends.") { Advice = "Give it a step that leads to its end." };
        }
        state.Current = value;
        context.Set(CurrentValue, value);
        context.Schedule(Body, null, new KeyValuePair<string, object?>("CurrentValue", value));
    }

    /// <summary>How far it is.</summary>
    public sealed class Reached
    {
        public long? Current { get; set; }
    }
}

/// <summary>Once for each item, one after the other; the list is read again each turn.</summary>
[Activity("Elsa.ForEach", "Looping", "Iterate over a set of values.")]
public sealed class ForEach : StatefulActivity<ForEach.Position>
{
    [Input("The set of values to iterate.", UiHint = "dropdown")]
    public Input<List<object?>> Items { get; set; } = null!;

    [Port]
    public ActivityNode? Body { get; set; }

    [Output("Assign the current value to the specified variable.")]
    public Output CurrentValue { get; set; } = null!;

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        Turn(context);
        return ValueTask.CompletedTask;
    }

    protected internal override void ChildCompleted(ActivityContext context, ActivityContext child, Outcomes outcomes) => Turn(context);

    protected internal override bool TakesBreak(ActivityContext context) => true;

    private void Turn(ActivityContext context)
    {
        if (context.IsBreaking)
        {
            context.Complete();
            return;
        }
        var items = (List<object?>?)(Items.Expression is null ? Items.Get(context) : context.Turn(Items))
            ?? throw new WorkflowException("items.missing", "There is nothing to iterate over.") { Advice = "Give the activity a list; an empty one is fine." };
        var state = StateOf(context);
        if (state.Index >= items.Count || Body is null)
        {
            context.Complete();
            return;
        }
        var (index, value) = (state.Index++, items[state.Index - 1]);
        context.Set(CurrentValue, value);
        context.Schedule(Body, null, new KeyValuePair<string, object?>("CurrentIndex", index), new KeyValuePair<string, object?>("CurrentValue", value));
    }

    public sealed class Position
    {
        public int Index { get; set; }
    }
}

/// <summary>Once for each item, all at once.</summary>
[Activity("Elsa.ParallelForEach", "Looping", "Schedule an activity for each item in parallel.", DisplayName = "Parallel for Each")]
public sealed class ParallelForEach : StatefulActivity<ParallelForEach.Remaining>
{
    [Input("The items to iterate through.")]
    public Input<object> Items { get; set; } = null!;

    [Port]
    public ActivityNode? Body { get; set; }

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        var items = Values.ToList(Items.Get(context));
        if (items.Count == 0 || Body is null)
        {
            context.Complete();
            return ValueTask.CompletedTask;
        }
        StateOf(context).Count = items.Count;
        for (var i = 0; i < items.Count; i++)
        {
            context.Schedule(Body, null, new KeyValuePair<string, object?>("CurrentValue", items[i]), new KeyValuePair<string, object?>("CurrentIndex", i));
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

/// <summary>Ends the loop around it.</summary>
[Activity("Elsa.Break", "Looping", "Break out of a loop.", IsTerminal = true)]
public sealed class Break : CodeActivity
{
    protected override void Execute(ActivityContext context)
    {
        for (var scope = context.Parent; scope is not null; scope = scope.Parent)
        {
            scope.IsBreaking = true;
            if (scope.Node.Activity.TakesBreak(scope))
            {
                break;
            }
        }
    }
}
