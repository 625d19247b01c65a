using Crm.Rules;

namespace Crm.Workflow;

/// <summary>A definition compiled for running: every activity made, every expression parsed, every name looked up. It is shared by all instances.</summary>
public sealed class WorkflowGraph
{
    private readonly Dictionary<string, ActivityNode> _byNodeId;
    private readonly Dictionary<string, ActivityNode> _byId;

    internal WorkflowGraph(WorkflowDefinition definition, ActivityNode root, IReadOnlyList<ActivityNode> nodes, IReadOnlyList<Problem> problems)
    {
        (Definition, Root, Nodes, Problems) = (definition, root, nodes, problems);
        _byNodeId = new(nodes.Count, StringComparer.Ordinal);
        _byId = new(nodes.Count, StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            _byNodeId.TryAdd(node.NodeId, node);
            _byId.TryAdd(node.Id, node);
            node.CommitsAfter = node.CommitStrategy switch
            {
                null or "" => definition.CommitStrategy is { } name && Commits(name),
                { } own => Commits(own),
            };
        }
        CommitsPerActivity = nodes.Any(n => n.CommitsAfter);
    }

    public WorkflowDefinition Definition { get; }

    /// <summary>The workflow itself, as an activity.</summary>
    public ActivityNode Root { get; }

    public IReadOnlyList<ActivityNode> Nodes { get; }

    /// <summary>What is wrong with it; a definition with problems is not published.</summary>
    public IReadOnlyList<Problem> Problems { get; }

    /// <summary>Activities that start an instance when what they wait for happens.</summary>
    public IEnumerable<ActivityNode> Starters => Nodes.Where(n => n.CanStartWorkflow && n.NodeId.AsSpan().Count(':') >= 1);

    internal bool CommitsPerActivity { get; }

    public ActivityNode? ByNodeId(string nodeId) => _byNodeId.GetValueOrDefault(nodeId);

    public ActivityNode? ById(string activityId) => _byId.GetValueOrDefault(activityId);

    /// <summary>Strategies by the names that designers show; those around the whole workflow are what happens anyway.</summary>
    private static bool Commits(string strategy) =>
        strategy.Replace(" ", "", StringComparison.Ordinal) is "ActivityExecuted" or "ActivityExecuting" or "Executed" or "Executing" or "Always" or "CommitAlways" or "Periodic" or "BeforeActivity" or "AfterActivity"
            or "CommitAlwaysActivityStrategy" or "ActivityExecutedWorkflowStrategy" or "ActivityExecutingWorkflowStrategy" or "PeriodicWorkflowStrategy" or "ExecutedActivityStrategy" or "ExecutingActivityStrategy";
}
