using Crm.Rules;

namespace Crm.Workflow;

/// <summary>Waits for a while.</summary>
[Activity("Elsa.Delay", "Scheduling", "Delay execution for the specified amount of time.")]
public sealed class Delay : Activity
{
    [Input("The timespan to delay workflow execution.", Default = "00:01:00")]
    public Input<TimeSpan> TimeSpan { get; set; } = null!;

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        var due = context.Run.Now() + TimeSpan.Get(context);
        context.Wait(Stimulus.Of("Elsa.Delay", ("ResumeAt", due)) with { DueAt = due });
        return ValueTask.CompletedTask;
    }
}

/// <summary>Starts again and again, or waits once.</summary>
[Activity(TypeName, "Scheduling", "Trigger workflow execution at a specific interval.", Kind = ActivityKind.Trigger)]
public sealed class Timer : Activity
{
    public const string TypeName = "Elsa.Timer";

    [Input("The interval at which the timer should execute.", Default = "00:01:00")]
    public Input<TimeSpan> Interval { get; set; } = null!;

    protected internal override IEnumerable<Problem> Validate() => Interval.Expression is null && Interval.Get(null!) <= System.TimeSpan.Zero
        ? [Problem.At(Node.NodeId + ".Interval", ProblemKind.Invalid, "workflow.timer.interval")]
        : [];

    protected internal override Stimulus? Trigger(ActivityContext context)
    {
        var interval = Interval.Get(context);
        return Stimulus.Of(TypeName, ("Interval", interval)) with { DueAt = context.Run.Now() + interval };
    }

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        if (context.IsTrigger)
        {
            context.Complete();
            return ValueTask.CompletedTask;
        }
        var due = context.Run.Now() + Interval.Get(context);
        context.Wait(Stimulus.Of(TypeName, ("ResumeAt", due)) with { DueAt = due });
        return ValueTask.CompletedTask;
    }
}

/// <summary>Starts at the times that a cron expression names, or waits for the next.</summary>
[Activity(TypeName, "Scheduling", "Trigger workflow execution at a specific interval using a CRON expression.", Kind = ActivityKind.Trigger)]
public sealed class Cron : Activity
{
    public const string TypeName = "Elsa.Cron";

    [Input("The CRON expression at which the timer should execute.")]
    public Input<string> CronExpression { get; set; } = null!;

    protected internal override IEnumerable<Problem> Validate()
    {
        if (CronExpression.Expression is null && CronTimes.Fault(CronExpression.Get(null!)) is { } fault)
        {
            yield return Problem.At(Node.NodeId + ".CronExpression", ProblemKind.Invalid, "workflow.cron", CronExpression.Get(null!) ?? "", fault);
        }
    }

    protected internal override Stimulus? Trigger(ActivityContext context)
    {
        var expression = CronExpression.Required(context);
        return Stimulus.Of(TypeName, ("CronExpression", expression)) with { DueAt = CronTimes.Next(expression, context.Run.Now()) };
    }

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        if (context.IsTrigger)
        {
            context.Complete();
            return ValueTask.CompletedTask;
        }
        var expression = CronExpression.Required(context);
        var due = CronTimes.Next(expression, context.Run.Now()) ?? throw new WorkflowException("cron.never", $"'{expression}' names no time in the future.");
        context.Note("ExecuteAt", due);
        context.Wait(Stimulus.Of(TypeName, ("ExecuteAt", due), ("CronExpression", expression)) with { DueAt = due });
        return ValueTask.CompletedTask;
    }
}

/// <summary>Starts at a moment, or waits for it.</summary>
[Activity(TypeName, "Scheduling", "Trigger execution at a specific time in the future.", Kind = ActivityKind.Trigger)]
public sealed class StartAt : Activity
{
    public const string TypeName = "Elsa.StartAt";

    [Input("The time at which to go on.", UiHint = "datetime-picker")]
    public Input<DateTimeOffset> DateTime { get; set; } = null!;

    protected internal override Stimulus? Trigger(ActivityContext context)
    {
        var due = DateTime.Get(context);
        return due <= context.Run.Now() ? null : Stimulus.Of(TypeName, ("ExecuteAt", due)) with { DueAt = due };
    }

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        var (due, now) = (DateTime.Get(context), context.Run.Now());
        context.Note("Executed At", now);
        if (context.IsTrigger || due <= now)
        {
            context.Complete();
        }
        else
        {
            context.Wait(Stimulus.Of(TypeName, ("ExecuteAt", due)) with { DueAt = due });
        }
        return ValueTask.CompletedTask;
    }
}
