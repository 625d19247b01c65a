using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>Names a workflow that another uses as an activity.</summary>
public sealed record WorkflowReference(string? DefinitionId, string? VersionId, string TypeName, int Version);

/// <summary>Compiles a definition. It never throws over what a definition says: what is wrong becomes a problem, and the rest still compiles.</summary>
public sealed class GraphCompiler(WorkflowParts parts, Func<WorkflowReference, WorkflowDefinition?> find)
{
    /// <summary>Deeper nesting is a mistake or an attack.</summary>
    private const int MaxDepth = 60;

    private readonly List<ActivityNode> _nodes = [];
    private readonly List<Problem> _problems = [];
    private readonly Stack<string> _open = new();
    private readonly Stack<WorkflowDefinition> _definitions = new();
    private bool _isInner;

    internal WorkflowParts Parts { get; } = parts;

    public WorkflowGraph Compile(WorkflowDefinition definition)
    {
        _open.Push(definition.DefinitionId);
        var root = WorkflowNode(definition, null, NodeIds.Workflow);
        var own = _nodes.Where(n => !IsInner(n)).ToList();
        _problems.AddRange(own.SelectMany(n => n.Activity.Validate()));
        // The state of an instance names places by their node ids.
        _problems.AddRange(own.Where(n => n.Id.Length > 0).GroupBy(n => n.NodeId, StringComparer.Ordinal).Where(g => g.Skip(1).Any()).Select(g => Problem.At(g.Key, ProblemKind.Invalid, "workflow.activity.twice", g.First().Id)));
        return new(definition, root, _nodes, _problems);

        static bool IsInner(ActivityNode node)
        {
            for (var parent = node.Parent; parent is not null; parent = parent.Parent)
            {
                if (parent.Activity is WorkflowActivity)
                {
                    return true;
                }
            }
            return false;
        }
    }

    /// <summary>The workflow as the activity that it is, its root below it.</summary>
    internal ActivityNode WorkflowNode(WorkflowDefinition definition, ActivityNode? parent, string nodeId)
    {
        var json = new JsonObject { ["id"] = NodeIds.Workflow, ["type"] = WorkflowRoot.TypeName, ["version"] = definition.Version, ["name"] = definition.Name };
        var activity = new WorkflowRoot();
        var node = Add(new(_nodes.Count, json, parent, activity, WorkflowRoot.TypeName, nodeId));
        node.Variables = Scope(definition.Variables, node);
        if (definition.Root is { } root)
        {
            _definitions.Push(definition);
            activity.Root = Compile(root, node);
            _definitions.Pop();
        }
        return node;
    }

    internal ActivityNode Compile(JsonObject json, ActivityNode parent)
    {
        var typeName = JsonShape.TextOf(json["type"]) ?? "";
        var nodeId = parent.NodeId + ":" + JsonShape.TextOf(json["id"]);
        var definitionId = JsonShape.TextOf(json["workflowDefinitionId"]);
        var versionId = JsonShape.TextOf(json["workflowDefinitionVersionId"]);
        if (parent.NodeId.AsSpan().Count(':') > MaxDepth)
        {
            Report(nodeId, null, "workflow.depth", MaxDepth);
            return Add(new(_nodes.Count, json, parent, new NotFoundActivity(), typeName, nodeId));
        }
        // An activity that starts workflows names one too, and stays what it is.
        var names = Parts.Activities.Find(typeName)?.Inputs.Any(i => i.JsonName == "workflowDefinitionId") == true;
        if (!names && (versionId is { Length: > 0 } || definitionId is { Length: > 0 }))
        {
            return CompileWorkflow(json, parent, nodeId, new(definitionId, versionId, typeName, VersionOf(json)));
        }
        if (Parts.Activities.Find(typeName) is not { } type)
        {
            if (find(new(null, null, typeName, VersionOf(json))) is not null)
            {
                return CompileWorkflow(json, parent, nodeId, new(null, null, typeName, VersionOf(json)));
            }
            Report(nodeId, "type", "workflow.activity.unknown", typeName);
            return Add(new(_nodes.Count, json, parent, new NotFoundActivity(), typeName, nodeId));
        }
        var node = Add(new(_nodes.Count, json, parent, type.Create(), typeName, nodeId));
        node.Persistence = PersistenceOf(node);
        node.IsTerminal = type.Attribute.IsTerminal;
        node.NeedsTransaction = node.Activity is INeedsTransaction;
        if (json["variables"] is { } variables)
        {
            node.Variables = Scope([.. JsonShape.Items(variables).OfType<JsonObject>().Select(VariableDefinition.Read)], node);
        }
        new NodeBinder(this, node, type).Bind();
        return node;
    }

    internal void Report(string nodeId, string? member, string code, params object[] arguments)
    {
        // What is wrong inside a workflow that is used here was said when that one was published.
        if (!_isInner)
        {
            _problems.Add(Problem.At(member is null ? nodeId : nodeId + "." + member, ProblemKind.Invalid, code, arguments));
        }
    }

    internal ScopeVariable[] Scope(IReadOnlyList<VariableDefinition> variables, ActivityNode node)
    {
        var scope = new List<ScopeVariable>(variables.Count);
        foreach (var variable in variables)
        {
            // A variable of an unknown type is dropped, a default that does not convert is left out: the workflow may never need them.
            if (variable.Type is { } type)
            {
                variable.TryDefault(out var value);
                scope.Add(new(variable.Id, variable.Name.Length > 0 ? variable.Name : "Variable" + (scope.Count + 1), type, value ?? Values.To(type, null), variable.IsKept));
            }
        }
        return [.. scope];
    }

    private ActivityNode CompileWorkflow(JsonObject json, ActivityNode parent, string nodeId, WorkflowReference reference)
    {
        var used = find(reference);
        if (used is null || _open.Contains(used.DefinitionId))
        {
            Report(nodeId, "type", used is null ? "workflow.used.missing" : "workflow.used.cycle", used?.Name ?? reference.DefinitionId ?? reference.TypeName);
            return Add(new(_nodes.Count, json, parent, new NotFoundActivity(), reference.TypeName, nodeId));
        }
        var activity = new WorkflowActivity(used);
        var node = Add(new(_nodes.Count, json, parent, activity, reference.TypeName, nodeId));
        node.Persistence = PersistenceOf(node);
        node.Variables =
        [
            .. used.Inputs.Select(i => new ScopeVariable(i.Name, i.Name, i.Type, Values.To(i.Type, null), true)),
            .. used.Outputs.Where(o => used.Inputs.All(i => i.Name != o.Name)).Select(o => new ScopeVariable(o.Name, o.Name, o.Type, null, true)),
        ];
        new NodeBinder(this, node, null).BindSynthetic(activity, used);
        var (outer, _) = (_isInner, _isInner = true);
        _open.Push(used.DefinitionId);
        activity.Root = WorkflowNode(used, node, nodeId + ":" + NodeIds.Workflow);
        _open.Pop();
        _isInner = outer;
        return node;
    }

    private LogPersistence? PersistenceOf(ActivityNode node) => LogPersistence.Read(_definitions.Peek().Model["customProperties"] as JsonObject, node.Json["customProperties"] as JsonObject, Parts);

    private ActivityNode Add(ActivityNode node)
    {
        _nodes.Add(node);
        node.Parent?.ChildList.Add(node);
        return node;
    }

    private static int VersionOf(JsonObject json) => json["version"] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<int>(out var version) ? version : 0;
}

/// <summary>Marks activities that write to the database.</summary>
public interface INeedsTransaction;
