using System.Globalization;
using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>Gives every activity an id that no other of its workflow has, its node id (the ids of all that contain it, joined by colons), and the version of its type where none is said.</summary>
internal sealed class NodeIds(ActivityTypes types)
{
    public const string Workflow = "Workflow1";

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public void Assign(JsonObject root)
    {
        Collect(root);
        Assign(root, Workflow);
    }

    private void Collect(JsonObject activity)
    {
        if (JsonShape.TextOf(activity["id"]) is { Length: > 0 } id)
        {
            _taken.Add(id);
        }
        foreach (var (_, child) in types.ChildrenOf(activity))
        {
            Collect(child);
        }
    }

    private void Assign(JsonObject activity, string parent)
    {
        if (JsonShape.TextOf(activity["id"]) is not { Length: > 0 } id)
        {
            var type = JsonShape.TextOf(activity["type"]) ?? "Activity";
            var shortName = type[(type.LastIndexOf('.') + 1)..];
            var number = 1;
            while (!_taken.Add(id = shortName + number.ToString(CultureInfo.InvariantCulture)))
            {
                number++;
            }
            activity["id"] = id;
        }
        var nodeId = parent + ":" + id;
        if (JsonShape.TextOf(activity["nodeId"]) != nodeId)
        {
            activity["nodeId"] = nodeId;
        }
        // Designers look a type up by name and version.
        if (activity["version"] is null && JsonShape.TextOf(activity["type"]) is { } name && types.Find(name) is not null)
        {
            activity["version"] = 1;
        }
        foreach (var (_, child) in types.ChildrenOf(activity))
        {
            Assign(child, nodeId);
        }
    }
}
