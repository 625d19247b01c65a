using System.Text.Json;
using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>
/// Activities and the connections between them. In counter mode an activity runs once all forward connections into it have been visited; in
/// token mode each completed activity sends tokens along the connections of its outcomes, and the target says how it waits for them.
/// </summary>
[Activity("Elsa.Flowchart", "Flow", "A flowchart is a collection of activities and connections between them.", IsBrowsable = false, IsContainer = true, CodePorts = "Start")]
public sealed partial class Flowchart : Activity
{
    /// <summary>The property that chooses the mode.</summary>
    public const string ExecutionMode = "Flowchart:ExecutionMode";

    private FlowGraph?[] _graphs = [];
    private IReadOnlyList<FlowConnection> _connections = [];

    [Port]
    public IReadOnlyList<ActivityNode> Activities { get; set; } = [];

    internal override void Bind(NodeBinder binder)
    {
        var byId = new Dictionary<string, ActivityNode>(StringComparer.Ordinal);
        for (var i = 0; i < Activities.Count; i++)
        {
            Activities[i].Place = i;
            byId.TryAdd(Activities[i].Id, Activities[i]);
        }
        _graphs = new FlowGraph?[Activities.Count];
        var connections = new List<FlowConnection>();
        foreach (var json in JsonShape.Items(JsonShape.Member(binder.Json, "connections")).OfType<JsonObject>())
        {
            var (source, port) = End(JsonShape.Member(json, "source"), json, "sourcePort");
            var (target, _) = End(JsonShape.Member(json, "target"), json, "targetPort");
            // A connection to something that is not there leads nowhere and is left out.
            if (source is not null && target is not null && byId.TryGetValue(source, out var from) && byId.TryGetValue(target, out var to) &&
                connections.All(c => c.Source != from || c.Target != to || c.Port != port))
            {
                connections.Add(new(connections.Count, from, port, to));
            }
        }
        _connections = connections;
    }

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        if (StartOf(context) is { } start)
        {
            context.Schedule(start);
        }
        else
        {
            context.Complete();
        }
        return ValueTask.CompletedTask;
    }

    protected internal override void ChildCompleted(ActivityContext context, ActivityContext child, Outcomes outcomes)
    {
        if (context.Run.IsTokenBased)
        {
            TokensAfter(context, child, outcomes);
            return;
        }
        if (child.Node.IsTerminal)
        {
            context.Complete();
            return;
        }
        if (!GoOn(context, child.Node, outcomes, child.ByBackwardConnection))
        {
            CompleteIfIdle(context);
        }
    }

    protected internal override void ChildCancelled(ActivityContext context, ActivityContext child)
    {
        if (context.Run.IsTokenBased)
        {
            Tokens(context).RemoveAll(t => t.From == child.Node.Id || t.To == child.Node.Id);
            CompleteIfIdle(context);
            return;
        }
        CompleteIfIdle(context);
        if (context.Status == ActivityStatus.Running && GraphOf(context).IsReachable(child.Node))
        {
            GoOn(context, child.Node, Outcomes.None, byBackwardConnection: false);
        }
    }

    internal override void WriteState(Utf8JsonWriter json, object state)
    {
        if (state is List<FlowToken> tokens)
        {
            json.WriteStartObject();
            json.WritePropertyName("tokens");
            JsonSerializer.Serialize(json, tokens, StateJson.Options);
            json.WriteEndObject();
            return;
        }
        ((FlowScope)state).Write(json, Activities, _connections);
    }

    internal override object? ReadState(JsonElement json) =>
        json.TryGetProperty("tokens", out var tokens) ? tokens.Deserialize<List<FlowToken>>(StateJson.Options) : FlowScope.Read(json, Activities, _connections);

    /// <summary>Ends what is still under way on the ways into <paramref name="target"/>.</summary>
    internal void CancelAncestors(ActivityContext context, ActivityNode target)
    {
        if (context.FirstChild is null)
        {
            return;
        }
        var ancestors = GraphOf(context).Ancestors(target);
        foreach (var child in context.Children().Where(c => ancestors.Contains(c.Node)).ToList())
        {
            child.Cancel();
        }
    }

    private static (string? Activity, string? Port) End(JsonNode? end, JsonObject connection, string port) => end is JsonObject nested
        ? (JsonShape.TextOf(JsonShape.Member(nested, "activity")), JsonShape.TextOf(JsonShape.Member(nested, "port")))
        : (JsonShape.TextOf(end), JsonShape.TextOf(JsonShape.Member(connection, port)));

    private ActivityNode? StartOf(ActivityContext context)
    {
        if (Activities.Count == 0)
        {
            return null;
        }
        return (context.Run.TriggerActivityId is { } trigger ? Activities.FirstOrDefault(a => a.Id == trigger) : null)
            ?? Activities.FirstOrDefault(a => a.Activity is Start)
            ?? Activities.FirstOrDefault(a => a.CanStartWorkflow)
            ?? Activities.FirstOrDefault(a => _connections.All(c => c.Target != a))
            ?? Activities[0];
    }

    private FlowGraph GraphOf(ActivityContext context)
    {
        var place = _start >= 0 && context.Run.TriggerActivityId is null ? _start : StartOf(context)!.Place;
        if (context.Run.TriggerActivityId is null)
        {
            _start = place;
        }
        return _graphs[place] ??= new(Activities.Count, _connections, Activities[place]);
    }

    /// <summary>Where it begins without a trigger, once that has been looked up.</summary>
    private int _start = -1;

    private static void CompleteIfIdle(ActivityContext context)
    {
        if (context is { RunningChildren: 0, QueuedChildren: 0, FaultedChildren: 0 })
        {
            context.Complete();
        }
    }
}
