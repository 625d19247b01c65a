using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>
/// A definition as designers can show it: an activity that is not known here stands as one that was not found, with its original inside. What a designer
/// sends back is read as the original again (<see cref="DefinitionReader"/>).
/// </summary>
internal static class DesignerModel
{
    /// <param name="definition">What is to be shown.</param>
    /// <param name="types">The activities that there are.</param>
    /// <param name="isWorkflow">Whether a type is that of a workflow that is used as an activity.</param>
    public static JsonObject Of(WorkflowDefinition definition, ActivityTypes types, Func<string, bool> isWorkflow)
    {
        var model = definition.Model.DeepClone().AsObject();
        if (model["root"] is JsonObject root)
        {
            Show(root, types, isWorkflow);
        }
        return model;
    }

    private static void Show(JsonObject activity, ActivityTypes types, Func<string, bool> isWorkflow)
    {
        var name = JsonShape.TextOf(activity["type"]) ?? "";
        if (types.Find(name) is null && !isWorkflow(name) && activity["workflowDefinitionVersionId"] is null && activity["workflowDefinitionId"] is null)
        {
            activity.ReplaceWith(NotFound(activity, name));
            return;
        }
        foreach (var (_, child) in types.ChildrenOf(activity).ToList())
        {
            Show(child, types, isWorkflow);
        }
    }

    private static JsonObject NotFound(JsonObject activity, string name) => new()
    {
        ["type"] = DefinitionReader.NotFound,
        ["version"] = 1,
        ["id"] = activity["id"]?.DeepClone(),
        ["nodeId"] = activity["nodeId"]?.DeepClone(),
        ["name"] = activity["name"]?.DeepClone() ?? name,
        ["metadata"] = activity["metadata"]?.DeepClone() ?? new JsonObject(),
        ["customProperties"] = new JsonObject(),
        ["missingTypeName"] = name,
        ["missingTypeVersion"] = activity["version"]?.DeepClone() ?? 0,
        ["originalActivityJson"] = activity.ToJsonString(),
    };
}
