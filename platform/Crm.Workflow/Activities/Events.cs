namespace Crm.Workflow;

/// <summary>Waits for an event, or begins with it.</summary>
[Activity(TypeName, "Primitives", "Wait for an event to be published.", Kind = ActivityKind.Trigger)]
public sealed class Event : Activity
{
    public const string TypeName = "Elsa.Event";

    /// <summary>Under this name an instance finds what came with the event.</summary>
    public const string InputKey = "__EventPayloadWorkflowInput";

    [Input("The name of the event to listen for.")]
    public Input<string> EventName { get; set; } = null!;

    [Output]
    public Output Result { get; set; } = null!;

    public static Stimulus Named(string name) => Stimulus.Of(TypeName, ("EventName", name));

    protected internal override Stimulus? Trigger(ActivityContext context) => Named(EventName.Required(context));

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        var name = EventName.Required(context);
        if (context.IsTrigger)
        {
            Done(context);
        }
        else
        {
            context.Wait(Named(name), perActivity: false);
        }
        return ValueTask.CompletedTask;
    }

    protected internal override ValueTask ResumeAsync(ActivityContext context, Bookmark bookmark)
    {
        Done(context);
        return ValueTask.CompletedTask;
    }

    private void Done(ActivityContext context)
    {
        context.Set(Result, context.Run.Input.GetValueOrDefault(InputKey));
        context.Complete();
    }
}

[Activity("Elsa.PublishEvent", "Primitives", "Publishes an event.", DisplayName = "Publish Event")]
public sealed class PublishEvent : CodeActivity
{
    [Input("The name of the event to publish.")]
    public Input<string> EventName { get; set; } = null!;

    [Input("The correlation ID to scope the event to.")]
    public Input<string> CorrelationId { get; set; } = null!;

    [Input("Whether the event is local to the workflow. When checked, the event will be delivered to this workflow instance only.", DisplayName = "Local event", UiHint = "checkbox")]
    public Input<bool> IsLocalEvent { get; set; } = null!;

    [Input("The payload to send as the event body.")]
    public Input<object> Payload { get; set; } = null!;

    protected override void Execute(ActivityContext context) => context.Run.Surroundings.Send(new(
        Event.Named(EventName.Required(context)),
        new Dictionary<string, object?> { [Event.InputKey] = Payload.Get(context), [WorkflowRun.ChainKey] = context.Run.Chain + 1 },
        CorrelationId.Get(context) is { Length: > 0 } correlation ? correlation : null,
        IsLocalEvent.Get(context) ? context.Run.Id : null,
        MayStart: !IsLocalEvent.Get(context), IsKept: true));
}

/// <summary>Gives a task to whoever does tasks and waits until it is done.</summary>
[Activity(TypeName, "Primitives", "Requests a given task to be run.", Kind = ActivityKind.Task, DisplayName = "Run Task")]
public sealed class RunTask : Activity
{
    public const string TypeName = "Elsa.RunTask";

    public const string InputKey = "RunTaskInput";

    [Input("The name of the task being requested.")]
    public Input<string> TaskName { get; set; } = null!;

    [Input("Any additional parameters to send to the task.", UiHint = "json-editor")]
    public Input<IDictionary<string, object?>> Payload { get; set; } = null!;

    [Output("The task that was requested.", typeof(string))]
    public Output TaskId { get; set; } = null!;

    [Output]
    public Output Result { get; set; } = null!;

    /// <summary>The name goes along, but the id alone decides which task is meant.</summary>
    public static Stimulus Of(string taskId, string? name = null) => new(
        TypeName,
        new Dictionary<string, object?> { ["TaskId"] = taskId, ["TaskName"] = name },
        new Dictionary<string, object?> { ["TaskId"] = taskId });

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        var (taskId, name) = (context.Run.Surroundings.NewId(), TaskName.Required(context));
        context.Wait(Of(taskId, name), perActivity: false);
        context.Set(TaskId, taskId);
        context.Run.Surroundings.CreateTask(context.Run, taskId, name, Payload.Get(context) as IReadOnlyDictionary<string, object?> ?? Payload.Get(context)?.ToDictionary(StringComparer.Ordinal));
        return ValueTask.CompletedTask;
    }

    protected internal override ValueTask ResumeAsync(ActivityContext context, Bookmark bookmark)
    {
        context.Set(Result, context.Run.Input.GetValueOrDefault(InputKey));
        context.Complete();
        return ValueTask.CompletedTask;
    }
}
