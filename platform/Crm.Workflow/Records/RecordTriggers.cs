namespace Crm.Workflow;

/// <summary>How often one record may start a workflow.</summary>
public enum Reentry
{
    /// <summary>At each change.</summary>
    EachChange,
    /// <summary>Not while an instance for the record is running.</summary>
    OneAtATime,
    /// <summary>Once in the record's life.</summary>
    OncePerRecord,
    /// <summary>Once a day.</summary>
    OncePerDay,
}

/// <summary>A workflow that begins with a change of a record. Inputs must be constants, because they are read when the version is published.</summary>
public abstract class RecordTrigger : Activity
{
    [Input("The entity.")]
    public Input<string> Entity { get; set; } = null!;

    /// <summary>Asked about the record as the change left it, and about what lies behind its lookups, above it in a tree and below it as that is when the workflow is to start.</summary>
    [Input("Only records for which this condition holds after the change.", UiHint = "json-editor", DefaultSyntax = "Object")]
    public Input<object> Condition { get; set; } = null!;

    [Input("How often one record may start the workflow.", UiHint = "dropdown", Options = "EachChange,OneAtATime,OncePerRecord,OncePerDay")]
    public Input<Reentry> Reentry { get; set; } = null!;

    [Output("What is known of the change.", typeof(IDictionary<string, object?>))]
    public Output Result { get; set; } = null!;

    protected internal override Stimulus? Trigger(ActivityContext context) => new(
        Node.TypeName,
        new Dictionary<string, object?>
        {
            ["Entity"] = Entity.Required(context), ["Fields"] = FieldsOf(context), ["Condition"] = TextOf(Condition.Get(context)), ["OldCondition"] = TextOf(OldConditionOf(context)),
            ["Reentry"] = Reentry.Get(context).ToString(),
        },
        new Dictionary<string, object?> { ["Entity"] = Entity.Required(context) });

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        if (!context.IsTrigger)
        {
            throw new WorkflowException("trigger.middle", "The workflow came to a change of a record by another way than by such a change. It can only begin with one.")
            {
                Advice = "Take the connections away that lead to it in the designer, or let another workflow begin with it.",
            };
        }
        context.Set(Result, new Dictionary<string, object?>(context.Run.Input, StringComparer.Ordinal));
        context.Complete();
        return ValueTask.CompletedTask;
    }

    private protected virtual List<string>? FieldsOf(ActivityContext context) => null;

    private protected virtual object? OldConditionOf(ActivityContext context) => null;

    private static string? TextOf(object? condition)
    {
        var text = condition is null or "" ? null : condition as string ?? Values.ToJson(condition);
        return text is not null && Values.Parse(text) is { } tree && WorksOut(tree)
            ? throw new WorkflowException("trigger.condition", "A condition that starts a workflow has fixed values; an expression has no workflow yet in which it could be worked out.")
            : text;
    }

    /// <summary>Whether a condition has a value that is worked out, <c>{"expression": ...}</c>.</summary>
    private static bool WorksOut(object? part) => part switch
    {
        IDictionary<string, object?> map => map.Any(m => (m.Key == "value" && IsExpression(m.Value)) || WorksOut(m.Value)),
        IEnumerable<object?> list => list.Any(item => IsExpression(item) || WorksOut(item)),
        _ => false,
    };

    private static bool IsExpression(object? value) => value is IDictionary<string, object?> { Count: 1 } map && map.ContainsKey("expression");

    /// <summary>What starts the workflow is read when the version is published; where nothing does, the activity would wait for what nobody tells it.</summary>
    protected internal override IEnumerable<Crm.Rules.Problem> Validate()
    {
        if (!Node.CanStartWorkflow)
        {
            yield return Crm.Rules.Problem.At(Node.NodeId, Crm.Rules.ProblemKind.Invalid, "workflow.trigger.middle", Node.Name);
        }
        if (Entity.Expression is not null || Condition.Expression is not (null or CopyExpression) || !Entity.IsGiven)
        {
            yield return Crm.Rules.Problem.At(Node.NodeId, Crm.Rules.ProblemKind.Invalid, "workflow.trigger.constant");
        }
    }
}

[Activity("Crm.RecordCreated", "CRM", "Starts when a record is created.", DisplayName = "Record created", Kind = ActivityKind.Trigger)]
public sealed class RecordCreated : RecordTrigger;

[Activity("Crm.RecordChanged", "CRM", "Starts when fields of a record change.", DisplayName = "Record changed", Kind = ActivityKind.Trigger)]
public sealed class RecordChanged : RecordTrigger
{
    [Input("Only when one of these fields changes; any if empty.", UiHint = "multitext")]
    public Input<List<string>> Fields { get; set; } = null!;

    [Input("Only records for which this condition held before the change.", UiHint = "json-editor", DefaultSyntax = "Object")]
    public Input<object> OldCondition { get; set; } = null!;

    private protected override List<string>? FieldsOf(ActivityContext context) => Fields.Get(context);

    private protected override object? OldConditionOf(ActivityContext context) => OldCondition.Get(context);
}

[Activity("Crm.RecordDeleted", "CRM", "Starts when a record is deleted.", DisplayName = "Record deleted", Kind = ActivityKind.Trigger)]
public sealed class RecordDeleted : RecordTrigger;
