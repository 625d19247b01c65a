using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>A variable as a compiled scope holds it.</summary>
public sealed record ScopeVariable(string Id, string Name, Type Type, object? Default, bool IsKept);

/// <summary>One place of a compiled workflow.</summary>
public sealed class ActivityNode
{
    internal ActivityNode(int index, JsonObject json, ActivityNode? parent, Activity activity, string typeName, string nodeId)
    {
        (Index, Json, Parent, Activity, TypeName, NodeId) = (index, json, parent, activity, typeName, nodeId);
        activity.Node = this;
        Id = JsonShape.TextOf(json["id"]) ?? "";
        Name = JsonShape.TextOf(json["name"]) ?? Id;
        Version = int.TryParse(JsonShape.TextOf(json["version"]), out var version) ? version : 1;
        var custom = json["customProperties"] as JsonObject;
        CanStartWorkflow = Flag(custom, json, "canStartWorkflow");
        MergeMode = Enum.TryParse<MergeMode>(JsonShape.TextOf(custom?["mergeMode"]), ignoreCase: true, out var mode) ? mode : MergeMode.None;
        CommitStrategy = JsonShape.TextOf(custom?["commitStrategyName"]) ?? JsonShape.TextOf(custom?["commitStrategy"]);
    }

    public int Index { get; }

    public string Id { get; }

    public string NodeId { get; }

    public string Name { get; }

    public string TypeName { get; }

    public int Version { get; }

    public Activity Activity { get; }

    public ActivityNode? Parent { get; }

    public bool CanStartWorkflow { get; }

    public IReadOnlyList<ActivityNode> Children => _children;

    /// <summary>The activity as the definition has it.</summary>
    public JsonObject Json { get; }

    /// <summary>Whether it changes records and so must run inside the transaction that keeps the instance.</summary>
    public bool NeedsTransaction { get; internal set; }

    public bool IsTerminal { get; internal set; }

    /// <summary>Place among the activities of its flowchart.</summary>
    internal int Place { get; set; }

    internal MergeMode MergeMode { get; }

    internal string? CommitStrategy { get; }

    internal bool CommitsAfter { get; set; }

    internal ScopeVariable[] Variables { get; set; } = [];

    internal Input[] EagerInputs { get; set; } = [];

    /// <summary>All inputs, for the journal.</summary>
    internal IReadOnlyList<Input> Inputs { get; set; } = [];

    /// <summary>What the journal leaves out; null for nothing.</summary>
    internal LogPersistence? Persistence { get; set; }

    internal int SlotCount { get; set; }

    internal List<ActivityNode> ChildList => _children;

    private readonly List<ActivityNode> _children = [];

    internal object?[] NewVariables()
    {
        var values = new object?[Variables.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var value = Variables[i].Default;
            values[i] = value is string || value is null || value.GetType().IsValueType ? value : Values.Copy(value);
        }
        return values;
    }

    internal int IndexOfId(string id)
    {
        var variables = Variables;
        for (var i = 0; i < variables.Length; i++)
        {
            if (variables[i].Id == id)
            {
                return i;
            }
        }
        return -1;
    }

    internal int IndexOfName(string name)
    {
        var variables = Variables;
        for (var i = 0; i < variables.Length; i++)
        {
            if (variables[i].Name == name)
            {
                return i;
            }
        }
        return -1;
    }

    public override string ToString() => $"{TypeName} '{Id}'";

    private static bool Flag(JsonObject? custom, JsonObject json, string name) =>
        (custom is null ? null : JsonShape.Flag(JsonShape.Member(custom, name))) ?? JsonShape.Flag(JsonShape.Member(json, name)) ?? false;
}

/// <summary>How a place with several ways in waits for them, in token mode.</summary>
public enum MergeMode
{
    None, Stream, Merge, Converge, Cascade, Race,
}
