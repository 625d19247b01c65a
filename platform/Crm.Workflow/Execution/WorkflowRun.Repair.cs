namespace Crm.Workflow;

/// <content>What an administrator does with an instance that failed.</content>
public sealed partial class WorkflowRun
{
    /// <summary>Tries a failed activity again.</summary>
    /// <returns>False if there is no such failed activity.</returns>
    internal bool Retry(ActivityContext context)
    {
        if (!Revive(context))
        {
            return false;
        }
        if (context.IsTrigger)
        {
            Input = StartInput;
        }
        // It is under way for its container, which would otherwise end as soon as another one is done.
        context.SetStatus(ActivityStatus.Running);
        _queue.Enqueue(context);
        return true;
    }

    /// <summary>Takes a failed activity for done.</summary>
    /// <returns>False if there is no such failed activity.</returns>
    internal bool Skip(ActivityContext context, Outcomes outcomes)
    {
        if (!Revive(context))
        {
            return false;
        }
        context.SetStatus(ActivityStatus.Running);
        context.Complete(outcomes);
        return true;
    }

    /// <summary>Schedules an activity where its container is open, besides whatever is under way.</summary>
    /// <returns>False if its container is not open.</returns>
    internal bool RestartFrom(ActivityNode node)
    {
        if (Open.FirstOrDefault(c => ReferenceEquals(c.Node, node.Parent)) is not { } container)
        {
            return false;
        }
        foreach (var failed in container.Children().Where(c => c.Status == ActivityStatus.Faulted).ToList())
        {
            Revive(failed);
            failed.Cancel();
        }
        Status = WorkflowStatus.Running;
        container.SetStatus(ActivityStatus.Running);
        container.Schedule(node);
        return true;
    }

    private bool Revive(ActivityContext context)
    {
        if (context.Status != ActivityStatus.Faulted || (Status == WorkflowStatus.Finished && SubStatus != WorkflowSubStatus.Faulted))
        {
            return false;
        }
        (Status, SubStatus) = (WorkflowStatus.Running, WorkflowSubStatus.Executing);
        for (var scope = context; scope is not null; scope = scope.Parent)
        {
            scope.FaultCount = Math.Max(0, scope.FaultCount - 1);
        }
        context.Fault = null;
        Incidents.RemoveAll(i => i.ActivityInstanceId == context.Id);
        return true;
    }
}
