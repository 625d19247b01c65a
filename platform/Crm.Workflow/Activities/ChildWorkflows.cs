namespace Crm.Workflow;

/// <summary>What the activities that start other workflows share.</summary>
internal static class Children
{
    public const string ParentKey = "ParentInstanceId";

    public static async ValueTask<ChildStart> StartAsync(ActivityContext context, string definitionId, IDictionary<string, object?>? input, string? correlationId, string? awaitedBy)
    {
        var surroundings = context.Run.Surroundings;
        // A workflow that starts itself, directly or through others, ends somewhere.
        var chain = context.Run.Chain + 1;
        if (chain > surroundings.MaxChain)
        {
            throw new WorkflowException("chain", $"More than {surroundings.MaxChain} workflows have started each other one after the other.") { Advice = "Look for a workflow that starts itself." };
        }
        var graph = await surroundings.FindPublishedAsync(definitionId) ?? throw new WorkflowException("definition.missing", $"There is no published workflow '{definitionId}'.")
        {
            Advice = "Publish it, or choose another workflow.",
        };
        var given = input is null ? new Dictionary<string, object?>(StringComparer.Ordinal) : new Dictionary<string, object?>(input, StringComparer.Ordinal);
        given[ParentKey] = context.Run.Id;
        return new(surroundings.NewId(), graph, given, correlationId is { Length: > 0 } ? correlationId : null, awaitedBy, chain);
    }

    public static Stimulus Ended(string name, string instanceId) => Stimulus.Of(name, ("ChildInstanceId", instanceId));
}

/// <summary>What a workflow is told that waits for another.</summary>
internal static class ChildEnd
{
    /// <summary>The property of a workflow that says which activity of its parent waits for its end.</summary>
    public const string AwaitedKey = "WaitForCompletion";

    /// <summary>Whom the end of a workflow wakes, at once or when its parent goes on; nobody where nobody waits for it, or before its end.</summary>
    public static IEnumerable<StimulusRequest> Requests(WorkflowRun run)
    {
        if (run is not { Status: WorkflowStatus.Finished, ParentInstanceId: { } parent } || !run.Properties.TryGetValue(AwaitedKey, out var awaited))
        {
            return [];
        }
        var input = Input(run.Id, run.SubStatus, run.Output);
        // Instances of old say only that one waits: it is one of the three.
        string[] names = awaited is string name ? [name] : [DispatchWorkflow.TypeName, ExecuteWorkflow.TypeName, BulkDispatchWorkflows.TypeName];
        return names.Select(n => new StimulusRequest(Children.Ended(n, n == BulkDispatchWorkflows.TypeName ? parent : run.Id), input, InstanceId: parent, MayStart: false, IsKept: awaited is string));
    }

    private static Dictionary<string, object?> Input(string instanceId, WorkflowSubStatus subStatus, IReadOnlyDictionary<string, object?> output) => new(StringComparer.Ordinal)
    {
        ["WorkflowInstanceId"] = instanceId,
        ["WorkflowStatus"] = nameof(WorkflowStatus.Finished),
        ["WorkflowSubStatus"] = subStatus.ToString(),
        ["WorkflowOutput"] = new Dictionary<string, object?>(output, StringComparer.Ordinal),
        ["workflowInstanceId"] = instanceId,
        ["status"] = nameof(WorkflowStatus.Finished),
        ["subStatus"] = subStatus.ToString(),
        ["output"] = new Dictionary<string, object?>(output, StringComparer.Ordinal),
    };
}

/// <summary>Has another workflow run beside this one.</summary>
[Activity(TypeName, "Composition", "Create a new workflow instance of the specified workflow and dispatch it for execution.", DisplayName = "Dispatch Workflow")]
public sealed class DispatchWorkflow : Activity
{
    public const string TypeName = "Elsa.DispatchWorkflow";

    [Input("The definition ID of the workflow to dispatch.", DisplayName = "Workflow Definition", UiHint = "workflow-definition-picker")]
    public Input<string> WorkflowDefinitionId { get; set; } = null!;

    [Input("The correlation ID to associate the workflow with.", DisplayName = "Correlation ID")]
    public Input<string> CorrelationId { get; set; } = null!;

    [Input("The input to send to the workflow.", UiHint = "json-editor")]
    public Input<IDictionary<string, object?>> Input { get; set; } = null!;

    [Input("Wait for the child workflow to complete before completing this activity.", UiHint = "checkbox")]
    public Input<bool> WaitForCompletion { get; set; } = null!;

    [Output]
    public Output Result { get; set; } = null!;

    protected internal override async ValueTask ExecuteAsync(ActivityContext context)
    {
        var waits = WaitForCompletion.Get(context);
        var child = await Children.StartAsync(context, WorkflowDefinitionId.Required(context), Input.Get(context), CorrelationId.Get(context), waits ? TypeName : null);
        context.Note("ChildInstanceId", child.InstanceId);
        context.Run.Surroundings.Dispatch(context.Run, child);
        if (waits)
        {
            context.Wait(Children.Ended(TypeName, child.InstanceId), perActivity: false);
        }
        else
        {
            context.Complete();
        }
    }

    protected internal override ValueTask ResumeAsync(ActivityContext context, Bookmark bookmark)
    {
        context.Set(Result, new Dictionary<string, object?>(context.Run.Input, StringComparer.Ordinal));
        context.Complete();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Runs another workflow within this one's burst, and within its transaction, because the other may change records.</summary>
[Activity(TypeName, "Composition", "Create a new workflow instance of the specified workflow and execute it.", Kind = ActivityKind.Task, DisplayName = "Execute Workflow")]
public sealed class ExecuteWorkflow : Activity, INeedsTransaction
{
    public const string TypeName = "Elsa.ExecuteWorkflow";

    [Input("The definition ID of the workflow to execute.", DisplayName = "Workflow Definition", UiHint = "workflow-definition-picker")]
    public Input<string> WorkflowDefinitionId { get; set; } = null!;

    [Input("The correlation ID to associate the workflow with.", DisplayName = "Correlation ID")]
    public Input<string> CorrelationId { get; set; } = null!;

    [Input("The input to send to the workflow.", UiHint = "json-editor")]
    public Input<IDictionary<string, object?>> Input { get; set; } = null!;

    [Input("Wait for the child workflow to complete before completing this activity.", UiHint = "checkbox")]
    public Input<bool> WaitForCompletion { get; set; } = null!;

    [Output]
    public Output Result { get; set; } = null!;

    protected internal override async ValueTask ExecuteAsync(ActivityContext context)
    {
        var waits = WaitForCompletion.Get(context);
        var child = await Children.StartAsync(context, WorkflowDefinitionId.Required(context), Input.Get(context), CorrelationId.Get(context), waits ? TypeName : null);
        context.Note("ChildInstanceId", child.InstanceId);
        var result = await context.Run.Surroundings.ExecuteChildAsync(context.Run, child, context.Run.Cancellation);
        if (waits && result.Status == WorkflowStatus.Running)
        {
            context.Wait(Children.Ended(TypeName, child.InstanceId), perActivity: false);
            return;
        }
        context.Set(Result, result.ToMap());
        context.Complete();
    }

    protected internal override ValueTask ResumeAsync(ActivityContext context, Bookmark bookmark)
    {
        context.Set(Result, new Dictionary<string, object?>(context.Run.Input, StringComparer.Ordinal));
        context.Complete();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Has another workflow run once for each item.</summary>
[Activity(TypeName, "Composition", "Create new workflow instances for each item in the data source and dispatch them for execution.", Kind = ActivityKind.Task, DisplayName = "Bulk Dispatch Workflows", Outcomes = "Completed,Canceled,Done")]
public sealed class BulkDispatchWorkflows : StatefulActivity<BulkDispatchWorkflows.Tally>
{
    public const string TypeName = "Elsa.BulkDispatchWorkflows";

    [Input("The definition ID of the workflows to dispatch.", DisplayName = "Workflow Definition", UiHint = "workflow-definition-picker")]
    public Input<string> WorkflowDefinitionId { get; set; } = null!;

    [Input("The data source to use for dispatching the workflows.")]
    public Input<object> Items { get; set; } = null!;

    [Input("The default key to use for the input name when sending the current item to the dispatched workflow. Will not be used if the Items field contain a list of dictionaries", Default = "Item")]
    public Input<string> DefaultItemInputKey { get; set; } = null!;

    [Input("A function to compute the correlation ID to associate a dispatched workflow with.", DisplayName = "Correlation ID Function", IsLazy = true)]
    public Input<string> CorrelationIdFunction { get; set; } = null!;

    [Input("Additional input to send to the workflows being dispatched.", UiHint = "json-editor")]
    public Input<IDictionary<string, object?>> Input { get; set; } = null!;

    [Input("Wait for the dispatched workflows to complete before completing this activity.", UiHint = "checkbox", Default = true)]
    public Input<bool> WaitForCompletion { get; set; } = null!;

    [Port(Name = "childCompleted")]
    public ActivityNode? OnCompleted { get; set; }

    [Port(Name = "childFaulted")]
    public ActivityNode? OnFaulted { get; set; }

    protected internal override async ValueTask ExecuteAsync(ActivityContext context)
    {
        var waits = WaitForCompletion.Get(context);
        var key = DefaultItemInputKey.Get(context) is { Length: > 0 } given ? given : "Item";
        var items = Values.ToList(Items.Get(context));
        foreach (var item in items)
        {
            var input = Input.Get(context) is { } more ? new Dictionary<string, object?>(more, StringComparer.Ordinal) : new(StringComparer.Ordinal);
            foreach (var (name, value) in item as IDictionary<string, object?> ?? new Dictionary<string, object?> { [key] = item })
            {
                input[name] = value;
            }
            context.Run.Arguments = new Dictionary<string, object?> { [key] = item };
            var correlation = CorrelationIdFunction.IsGiven ? CorrelationIdFunction.Again(context) : null;
            context.Run.Arguments = null;
            context.Run.Surroundings.Dispatch(context.Run, await Children.StartAsync(context, WorkflowDefinitionId.Required(context), input, correlation, waits ? TypeName : null));
        }
        if (!waits || items.Count == 0)
        {
            context.Complete(Outcomes.Of("Done"));
            return;
        }
        StateOf(context).Dispatched = items.Count;
        context.Wait(Children.Ended(TypeName, context.Run.Id), perActivity: false, autoBurn: false);
    }

    protected internal override ValueTask ResumeAsync(ActivityContext context, Bookmark bookmark)
    {
        var tally = StateOf(context);
        tally.Ended++;
        var input = context.Run.Input;
        var next = input.GetValueOrDefault("WorkflowSubStatus") switch
        {
            nameof(WorkflowSubStatus.Faulted) => OnFaulted,
            nameof(WorkflowSubStatus.Finished) => OnCompleted,
            _ => null,
        };
        if (next is not null)
        {
            tally.Open++;
            context.Schedule(next, null, new KeyValuePair<string, object?>("ChildInstanceId", input.GetValueOrDefault("WorkflowInstanceId")));
        }
        CompleteIfAllEnded(context);
        return ValueTask.CompletedTask;
    }

    protected internal override void ChildCompleted(ActivityContext context, ActivityContext child, Outcomes outcomes)
    {
        StateOf(context).Open--;
        CompleteIfAllEnded(context);
    }

    private static void CompleteIfAllEnded(ActivityContext context)
    {
        var tally = StateOf(context);
        if (tally.Ended >= tally.Dispatched && tally.Open == 0)
        {
            context.Complete(Outcomes.Of("Completed", "Done"));
        }
    }

    /// <summary>How many have been sent off, have ended, and are being looked after.</summary>
    public sealed class Tally
    {
        public int Dispatched { get; set; }

        public int Ended { get; set; }

        public int Open { get; set; }
    }
}
