namespace Crm.Workflow;

/// <summary>The workflow itself: what all else is below.</summary>
[Activity(TypeName, "Workflows", "A workflow is an activity that executes its Root activity.", IsBrowsable = false)]
public sealed class WorkflowRoot : Activity
{
    public const string TypeName = "Elsa.Workflow";

    [Port]
    public ActivityNode? Root { get; set; }

    [Output]
    public Output Result { get; set; } = null!;

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        context.Schedule(Root);
        return ValueTask.CompletedTask;
    }

    protected internal override void ChildCompleted(ActivityContext context, ActivityContext child, Outcomes outcomes) => context.Complete(context.CompositeOutcomes ?? Outcomes.Default);
}

/// <summary>A workflow that another uses as an activity: its inputs and outputs are variables of its scope, and it leaves by the outcomes that it says.</summary>
public sealed class WorkflowActivity(WorkflowDefinition used) : Activity
{
    public WorkflowDefinition Used { get; } = used;

    [Port]
    public ActivityNode? Root { get; set; }

    internal List<(PortDefinition Port, Input Input)> Inputs { get; } = [];

    internal List<Output> Outputs { get; } = [];

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        foreach (var (port, input) in Inputs)
        {
            if (input.IsGiven)
            {
                context.TrySetVariable(port.Name, null, input.Read(context));
            }
        }
        context.Schedule(Root);
        return ValueTask.CompletedTask;
    }

    protected internal override void ChildCompleted(ActivityContext context, ActivityContext child, Outcomes outcomes)
    {
        foreach (var output in Outputs)
        {
            context.Set(output, context.TryVariable(output.Name, out var value) ? value : null);
        }
        context.Complete(outcomes);
    }
}

/// <summary>Stands where an activity is that is not known here; the definition keeps it as it was.</summary>
[Activity("Elsa.NotFoundActivity", "System", "An activity that is not known here.", IsBrowsable = false)]
public sealed class NotFoundActivity : Activity
{
    protected internal override ValueTask ExecuteAsync(ActivityContext context) =>
        throw new WorkflowException("activity.unknown", $"There is no activity '{Node.TypeName}' here.") { Advice = "Replace it in the designer by one that there is, or install what brings it." };
}

/// <summary>Sets an output of the workflow that it stands in.</summary>
[Activity("Elsa.SetOutput", "Composition", "Assigns a value to an output of the workflow.")]
public sealed class SetOutput : CodeActivity
{
    [Input("The output to assign.", DisplayName = "Output", UiHint = "output-picker")]
    public Input<string> OutputName { get; set; } = null!;

    [Input("The value to assign.")]
    public Input<object> OutputValue { get; set; } = null!;

    protected override void Execute(ActivityContext context)
    {
        var name = OutputName.Required(context);
        var value = OutputValue.Get(context);
        for (var scope = context.Composite(); scope is not null; scope = scope.Composite())
        {
            if (((WorkflowActivity)scope.Node.Activity).Outputs.Any(o => o.Name == name))
            {
                scope.TrySetVariable(name, null, value);
                return;
            }
        }
        context.Run.SetOutput(name, value);
    }
}

/// <summary>Ends the workflow that it stands in, which leaves by the given outcomes; the one that uses it goes on.</summary>
[Activity("Elsa.Complete", "Composition", "Signals the current composite activity to complete itself as a whole.", IsTerminal = true)]
public sealed class Complete : Activity
{
    [Input("The outcome or set of outcomes to complete this activity with.", UiHint = "outcome-picker", DefaultSyntax = "Object")]
    public Input<object> Outcomes { get; set; } = null!;

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        var names = Outcomes.Get(context) switch
        {
            null => ["Done"],
            string text when Values.Parse(text) is List<object?> list => [.. list.Select(v => Values.ToText(v) ?? "")],
            string text => [text],
            System.Collections.IEnumerable list => list.Cast<object?>().Select(v => Values.ToText(v) ?? "").ToArray(),
            var other => [Values.ToText(other)!],
        };
        var composite = context.Parent;
        while (composite is { Node.Activity: not WorkflowRoot })
        {
            composite = composite.Parent;
        }
        var outcomes = Crm.Workflow.Outcomes.Of(names);
        if (composite is not null)
        {
            composite.CompositeOutcomes = outcomes;
        }
        context.Complete();
        composite?.Complete(outcomes);
        return ValueTask.CompletedTask;
    }
}
