using System.Globalization;
using Crm.Rules;

namespace Crm.Workflow;

/// <content>What goes wrong.</content>
public sealed partial class WorkflowRun
{
    internal void Faulted(ActivityContext context, Exception exception)
    {
        context.Fault = exception;
        context.SetStatus(ActivityStatus.Faulted);
        for (var scope = context; scope is not null; scope = scope.Parent)
        {
            scope.FaultCount++;
        }
        Incidents.Add(IncidentOf(context, exception));
        Log(context, ActivityEvent.Faulted);
        if (Graph.Definition.IncidentStrategy != "ContinueWithIncidentsStrategy" && Status == WorkflowStatus.Running)
        {
            End(WorkflowSubStatus.Faulted);
        }
    }

    private Incident IncidentOf(ActivityContext context, Exception exception)
    {
        var (code, message, advice) = exception switch
        {
            WorkflowException fault => (fault.Code, fault.Message, fault.Advice),
            ProblemException refusal => (refusal.Problems[0].Code, Surroundings.Say(refusal), null),
            _ => ("fault", exception.Message, null),
        };
        return new(
            context.Node.Id, context.Node.NodeId, context.Node.TypeName, context.Id, code, message, advice ?? "Correct the cause, then retry or skip the activity.",
            exception.GetType().Name, exception is WorkflowException or ProblemException ? null : exception.StackTrace, Now())
        {
            Category = (exception as WorkflowException)?.Category,
            FaultType = (exception as WorkflowException)?.FaultType,
            Inner = CauseOf(exception.InnerException),
        };
    }

    private static IncidentCause? CauseOf(Exception? exception) =>
        exception is null ? null : new(exception.GetType().Name, exception.Message, exception.StackTrace, CauseOf(exception.InnerException));

    private void Overrun(ActivityContext context)
    {
        if (!context.IsAttached)
        {
            if (context.Parent is { } parent)
            {
                parent.QueuedChildren--;
            }
            context.Attach();
            context.StartedAt = Now();
        }
        foreach (var queued in _queue)
        {
            queued.IsWithdrawn = true;
        }
        _queue.Clear();
        Faulted(context, Budget());
        // A loop without end is no incident to go on from.
        if (Status == WorkflowStatus.Running)
        {
            End(WorkflowSubStatus.Faulted);
        }
    }

    private WorkflowException Budget() => new("budget", string.Create(CultureInfo.InvariantCulture, $"More than {Surroundings.ActivityBudget:N0} activities ran without a wait."))
    {
        Advice = "Look for a loop whose end never comes, or let it wait between its turns.",
    };
}
