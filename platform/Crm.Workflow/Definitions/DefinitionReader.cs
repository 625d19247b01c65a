using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>
/// Reads the three shapes in which a definition travels (a model, a REST answer, a stored entity) and makes one of them: ids where they are
/// missing, node ids throughout, activities that another tool had replaced because it did not know them put back.
/// </summary>
public sealed class DefinitionReader(ActivityTypes types)
{
    internal const string NotFound = "Elsa.NotFoundActivity";

    /// <exception cref="ProblemException">It is no JSON, or no definition, or something in it is not what it must be.</exception>
    public WorkflowDefinition Read(string json) => Read(json, isChecked: false);

    /// <summary>What was taken once is read, whatever is asked of definitions that come in now.</summary>
    internal WorkflowDefinition ReadStored(string json) => Read(json, isChecked: true);

    private WorkflowDefinition Read(string json, bool isChecked)
    {
        try
        {
            return JsonNode.Parse(json.TrimStart('\uFEFF'), null, JsonShape.Reading) is JsonObject model ? Read(model, isChecked) : throw Bad("workflow.json", "");
        }
        catch (JsonException e)
        {
            throw Bad("workflow.json", e.Message);
        }
        catch (ArgumentException e)
        {
            // Two members of one name.
            throw Bad("workflow.json", e.Message);
        }
    }

    /// <exception cref="ProblemException">It is no definition, or something in it is not what it must be.</exception>
    public WorkflowDefinition Read(JsonObject given) => Read(given, isChecked: false);

    private WorkflowDefinition Read(JsonObject given, bool isChecked)
    {
        try
        {
            var model = Model(given);
            model.Remove("$schema");
            model.Remove("links");
            if (JsonShape.Unwrap(model["root"]) is not JsonObject root)
            {
                throw Bad("workflow.root", JsonShape.TextOf(model["name"]) ?? "");
            }
            if (!ReferenceEquals(root, model["root"]))
            {
                model["root"] = root;
            }
            var restored = Restore(root);
            if (!ReferenceEquals(restored, root))
            {
                model["root"] = restored;
            }
            if (!isChecked)
            {
                new DefinitionShape(types).Check(model);
            }
            new NodeIds(types).Assign(restored);
            return new(model);
        }
        catch (JsonException e)
        {
            // The texts of JSON inside it.
            throw Bad("workflow.json", e.Message);
        }
        catch (ArgumentException e)
        {
            throw Bad("workflow.json", e.Message);
        }
        catch (InvalidOperationException e)
        {
            // Half a surrogate pair shows only when the text is asked for.
            throw Bad("workflow.json", e.Message);
        }
    }

    private static JsonObject Model(JsonObject given)
    {
        if (given["model"] is JsonObject wrapped)
        {
            return wrapped.DeepClone().AsObject();
        }
        if (JsonShape.TextOf(given["originalSource"]) is { Length: > 0 } original && JsonNode.Parse(original, null, JsonShape.Reading) is JsonObject whole)
        {
            return whole;
        }
        var model = given.DeepClone().AsObject();
        if (JsonShape.TextOf(given["stringData"]) is { Length: > 0 } data)
        {
            model.Remove("stringData");
            model["root"] = JsonNode.Parse(data, null, JsonShape.Reading);
        }
        return model;
    }

    /// <summary>Puts activities back that stand as "not found" with their original inside.</summary>
    private static JsonObject Restore(JsonObject activity)
    {
        if (JsonShape.TextOf(activity["type"]) == NotFound && JsonShape.TextOf(JsonShape.Member(activity, "originalActivityJson")) is { Length: > 0 } text &&
            JsonNode.Parse(text, null, JsonShape.Reading) is JsonObject original)
        {
            foreach (var kept in (string[])["id", "nodeId", "name", "metadata"])
            {
                if (activity[kept] is { } value && (kept == "metadata" || original[kept] is null))
                {
                    original[kept] = value.DeepClone();
                }
            }
            return Restore(original);
        }
        foreach (var name in activity.Select(m => m.Key).ToList())
        {
            switch (activity[name])
            {
                case JsonObject inner when Restore(inner) is var restored && !ReferenceEquals(restored, inner):
                    activity[name] = restored;
                    break;
                case JsonArray list:
                    for (var i = 0; i < list.Count; i++)
                    {
                        if (list[i] is JsonObject item && Restore(item) is var restoredItem && !ReferenceEquals(restoredItem, item))
                        {
                            list[i] = restoredItem;
                        }
                    }
                    break;
            }
        }
        RestoreConnections(activity);
        return activity;
    }

    private static void RestoreConnections(JsonObject activity)
    {
        if (activity["customProperties"] is JsonObject custom && custom["notFoundConnections"] is JsonArray { Count: > 0 } lost && activity["connections"] is JsonArray connections)
        {
            foreach (var connection in lost.ToList())
            {
                lost.Remove(connection);
                connections.Add(connection);
            }
        }
    }

    private static ProblemException Bad(string code, string detail) => new(Problem.Of(ProblemKind.Invalid, code, Values.Shorten(detail, 300)));
}
