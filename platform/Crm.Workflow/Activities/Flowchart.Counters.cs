using System.Text.Json;

namespace Crm.Workflow;

/// <content>Counter mode.</content>
public sealed partial class Flowchart
{
    /// <summary>Goes on from an activity that is complete, or with no outcomes, that was skipped.</summary>
    /// <returns>Whether something was scheduled.</returns>
    private bool GoOn(ActivityContext context, ActivityNode from, Outcomes outcomes, bool byBackwardConnection)
    {
        var graph = GraphOf(context);
        if (!graph.IsReachable(from))
        {
            throw new WorkflowException("flow.unreachable", $"{from} cannot be reached from where the flowchart starts.") { Advice = "Connect it, or make its inbound connection lead forward." };
        }
        var scope = ScopeOf(context);
        var scheduled = false;
        if (!byBackwardConnection)
        {
            scope.Visits[from.Place]++;
        }
        foreach (var connection in graph.Outbound(from))
        {
            var followed = outcomes.Has(connection.Port);
            scope.ConnectionVisits[connection.Index]++;
            scope.Followed[connection.Index] = followed;
            scheduled |= graph.IsForward(connection)
                ? GoForward(context, graph, scope, connection)
                : followed && GoBack(context, graph, connection);
        }
        return scheduled;
    }

    private static bool GoBack(ActivityContext context, FlowGraph graph, FlowConnection connection)
    {
        if (!graph.ClosesLoop(connection))
        {
            throw new WorkflowException("flow.backward", $"Invalid backward connection: every path from the source ('{connection.Source.Id}') must go through the target ('{connection.Target.Id}') when tracing back to the start.")
            {
                Advice = "Lead the connection back to an activity that every way to its source has passed.",
            };
        }
        context.Run.Schedule(context, connection.Target, null, [], byBackwardConnection: true);
        return true;
    }

    private bool GoForward(ActivityContext context, FlowGraph graph, FlowScope scope, FlowConnection connection)
    {
        var target = connection.Target;
        var inbound = graph.ForwardInbound(target);
        var mode = target.Activity is FlowJoin join ? ModeOf(join, context) : FlowJoinMode.WaitAllActive;
        if (mode == FlowJoinMode.WaitAny)
        {
            // Whoever comes after the first finds the join visited as often as its connection, or still scheduled.
            if (scope.ConnectionVisits[connection.Index] <= scope.Visits[target.Place] || context.Run.IsScheduled(context, target))
            {
                return false;
            }
            if (scope.IsFollowed(target, inbound, byAll: false))
            {
                context.Schedule(target);
                CancelAncestors(context, target);
                return true;
            }
        }
        if (!scope.AreAllVisited(target, inbound))
        {
            return false;
        }
        if (mode != FlowJoinMode.WaitAny && scope.IsFollowed(target, inbound, byAll: mode == FlowJoinMode.WaitAll))
        {
            context.Schedule(target);
            return true;
        }
        return GoOn(context, target, Outcomes.None, byBackwardConnection: false);
    }

    /// <summary>A join's mode is asked before the join runs, so its expression is evaluated where the flowchart is.</summary>
    private static FlowJoinMode ModeOf(FlowJoin join, ActivityContext context) => join.Mode.Expression is null
        ? join.Mode.Get(context)
        : (FlowJoinMode)Values.To(typeof(FlowJoinMode), join.Mode.Expression.Evaluate(context))!;

    private FlowScope ScopeOf(ActivityContext context) => (FlowScope)(context.State ??= new FlowScope(Activities.Count, _connections.Count));
}

/// <summary>How often a flowchart's activities and connections were visited.</summary>
internal sealed class FlowScope(int activities, int connections)
{
    public int[] Visits { get; } = new int[activities];

    public int[] ConnectionVisits { get; } = new int[connections];

    public bool[] Followed { get; } = new bool[connections];

    public bool AreAllVisited(ActivityNode target, FlowConnection[] inbound)
    {
        var least = int.MaxValue;
        foreach (var connection in inbound)
        {
            least = Math.Min(least, ConnectionVisits[connection.Index]);
        }
        return least > Visits[target.Place];
    }

    public bool IsFollowed(ActivityNode target, FlowConnection[] inbound, bool byAll)
    {
        var most = 0;
        foreach (var connection in inbound)
        {
            most = Math.Max(most, ConnectionVisits[connection.Index]);
        }
        if (most <= Visits[target.Place])
        {
            return false;
        }
        foreach (var connection in inbound)
        {
            var isFollowed = ConnectionVisits[connection.Index] == most && Followed[connection.Index];
            if (isFollowed != byAll)
            {
                return !byAll;
            }
        }
        return byAll;
    }

    public void Write(Utf8JsonWriter json, IReadOnlyList<ActivityNode> activities, IReadOnlyList<FlowConnection> connections)
    {
        json.WriteStartObject();
        json.WriteStartObject("visits");
        foreach (var activity in activities.Where(a => Visits[a.Place] > 0))
        {
            json.WriteNumber(activity.Id, Visits[activity.Place]);
        }
        json.WriteEndObject();
        json.WriteStartObject("connections");
        foreach (var connection in connections.Where(c => ConnectionVisits[c.Index] > 0))
        {
            // The sign says whether the last visit followed it.
            json.WriteNumber(connection.Key, Followed[connection.Index] ? ConnectionVisits[connection.Index] : -ConnectionVisits[connection.Index]);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static FlowScope Read(JsonElement json, IReadOnlyList<ActivityNode> activities, IReadOnlyList<FlowConnection> connections)
    {
        var scope = new FlowScope(activities.Count, connections.Count);
        var (visits, ways) = (json.GetProperty("visits"), json.GetProperty("connections"));
        foreach (var activity in activities)
        {
            scope.Visits[activity.Place] = visits.TryGetProperty(activity.Id, out var count) ? count.GetInt32() : 0;
        }
        foreach (var connection in connections)
        {
            if (ways.TryGetProperty(connection.Key, out var count))
            {
                scope.ConnectionVisits[connection.Index] = Math.Abs(count.GetInt32());
                scope.Followed[connection.Index] = count.GetInt32() > 0;
            }
        }
        return scope;
    }
}
