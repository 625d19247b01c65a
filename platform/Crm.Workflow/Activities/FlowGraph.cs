using System.Collections.Concurrent;

namespace Crm.Workflow;

/// <summary>A way from one activity of a flowchart to another.</summary>
internal sealed record FlowConnection(int Index, ActivityNode Source, string? Port, ActivityNode Target)
{
    /// <summary>How stored state names it; it means the same in every version that has both activities.</summary>
    public string Key { get; } = $"{Source.Id}:{Port}->{Target.Id}";
}

/// <summary>
/// What a flowchart's connections mean when it begins at one activity: which lead forward and which back. It is worked out once and shared by
/// all instances.
/// </summary>
internal sealed class FlowGraph
{
    private readonly ActivityNode _start;
    private readonly FlowConnection[][] _outbound, _inbound, _forwardInbound;
    private readonly bool[] _isForward;
    private readonly bool[] _isReachable;
    private readonly ConcurrentDictionary<int, bool> _isValid = new();
    private readonly ConcurrentDictionary<int, HashSet<ActivityNode>> _ancestors = new();

    public FlowGraph(int activities, IReadOnlyList<FlowConnection> connections, ActivityNode start)
    {
        _start = start;
        _outbound = Group(activities, connections, c => c.Source.Place);
        _inbound = Group(activities, connections, c => c.Target.Place);
        _isForward = new bool[connections.Count];
        MarkForward(activities, connections);
        _forwardInbound = Group(activities, [.. connections.Where(c => _isForward[c.Index])], c => c.Target.Place);
        _isReachable = new bool[activities];
        for (var i = 0; i < activities; i++)
        {
            _isReachable[i] = i == start.Place || _forwardInbound[i].Length > 0;
        }
    }

    public FlowConnection[] Outbound(ActivityNode node) => _outbound[node.Place];

    public FlowConnection[] Inbound(ActivityNode node) => _inbound[node.Place];

    public FlowConnection[] ForwardInbound(ActivityNode node) => _forwardInbound[node.Place];

    public bool IsReachable(ActivityNode node) => _isReachable[node.Place];

    public bool IsForward(FlowConnection connection) => _isForward[connection.Index];

    /// <summary>Whether every way from the source back to the start passes the target, so that the connection closes a loop.</summary>
    public bool ClosesLoop(FlowConnection connection) => _isValid.GetOrAdd(connection.Index, _ => connection.Source == connection.Target || connection.Target == _start || !Reaches(connection.Source, connection.Target));

    /// <summary>All activities from which forward connections lead here.</summary>
    public HashSet<ActivityNode> Ancestors(ActivityNode node) => _ancestors.GetOrAdd(node.Place, _ =>
    {
        var found = new HashSet<ActivityNode>();
        var open = new Queue<ActivityNode>([node]);
        while (open.TryDequeue(out var current))
        {
            foreach (var connection in _forwardInbound[current.Place])
            {
                if (found.Add(connection.Source))
                {
                    open.Enqueue(connection.Source);
                }
            }
        }
        return found;
    });

    /// <summary>Whether the start is reached going back from <paramref name="from"/> without passing <paramref name="avoid"/>.</summary>
    private bool Reaches(ActivityNode from, ActivityNode avoid)
    {
        var seen = new HashSet<ActivityNode> { from };
        var open = new Stack<ActivityNode>([from]);
        while (open.TryPop(out var current))
        {
            if (current == _start)
            {
                return true;
            }
            foreach (var connection in _forwardInbound[current.Place])
            {
                if (connection.Source != avoid && seen.Add(connection.Source))
                {
                    open.Push(connection.Source);
                }
            }
        }
        return false;
    }

    /// <summary>Breadth first from the start: an edge that would close a cycle leads back, every other leads forward.</summary>
    private void MarkForward(int activities, IReadOnlyList<FlowConnection> connections)
    {
        var next = new List<int>[activities];
        var visited = new bool[activities];
        var edges = new HashSet<(int, int)>();
        var open = new Queue<int>([_start.Place]);
        while (open.TryDequeue(out var source))
        {
            visited[source] = true;
            foreach (var connection in _outbound[source])
            {
                var target = connection.Target.Place;
                if (edges.Contains((source, target)) || Leads(next, target, source))
                {
                    continue;
                }
                edges.Add((source, target));
                (next[source] ??= []).Add(target);
                if (!visited[target])
                {
                    open.Enqueue(target);
                }
            }
        }
        foreach (var connection in connections)
        {
            _isForward[connection.Index] = edges.Contains((connection.Source.Place, connection.Target.Place));
        }
    }

    private static bool Leads(List<int>[] next, int from, int to)
    {
        if (from == to)
        {
            return true;
        }
        var seen = new HashSet<int> { from };
        var open = new Stack<int>([from]);
        while (open.TryPop(out var current))
        {
            foreach (var target in next[current] ?? [])
            {
                if (target == to)
                {
                    return true;
                }
                if (seen.Add(target))
                {
                    open.Push(target);
                }
            }
        }
        return false;
    }

    private static FlowConnection[][] Group(int activities, IReadOnlyList<FlowConnection> connections, Func<FlowConnection, int> place)
    {
        var groups = new List<FlowConnection>[activities];
        foreach (var connection in connections)
        {
            (groups[place(connection)] ??= []).Add(connection);
        }
        return [.. groups.Select(g => g is null ? [] : g.ToArray())];
    }
}
