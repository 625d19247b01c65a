using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>Whether the members of a definition are what they must be and every activity has a type. Members that are not known here may be anything: another tool may know them.</summary>
internal sealed class DefinitionShape(ActivityTypes types)
{
    /// <summary>Whoever makes more mistakes is not told all of them at once.</summary>
    private const int MostProblems = 50;

    private static readonly Shape Text = new("value.text", n => n.GetValueKind() == JsonValueKind.String);

    private static readonly Shape Flag = new("value.boolean", n => n.GetValueKind() is JsonValueKind.True or JsonValueKind.False);

    private static readonly Shape Whole = new("value.integer", n => n is JsonValue number && number.GetValueKind() == JsonValueKind.Number && number.TryGetValue<int>(out _));

    private static readonly Shape Moment = new("value.dateTime", n => Text.Fits(n) && DateTimeOffset.TryParse(JsonShape.TextOf(n), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _));

    private static readonly Shape Map = new("json.object", n => n is JsonObject);

    private static readonly Shape Several = new("value.list", n => n is JsonArray or JsonObject);

    private static readonly (string Name, Shape Shape)[] OfModel =
    [
        ("id", Text), ("definitionId", Text), ("tenantId", Text), ("name", Text), ("description", Text), ("createdAt", Moment), ("version", Whole), ("toolVersion", Text), ("variables", Several), ("inputs", Several),
        ("outputs", Several), ("outcomes", Several), ("customProperties", Map), ("options", Map), ("isReadonly", Flag), ("isSystem", Flag), ("isLatest", Flag), ("isPublished", Flag), ("usableAsActivity", Flag),
    ];

    private static readonly (string Name, Shape Shape)[] OfOptions =
    [
        ("activationStrategyType", Text), ("usableAsActivity", Flag), ("autoUpdateConsumingWorkflows", Flag), ("activityCategory", Text), ("incidentStrategyType", Text), ("commitStrategyName", Text),
    ];

    private static readonly (string Name, Shape Shape)[] OfVariable = [("id", Text), ("name", Text), ("typeName", Text), ("isArray", Flag), ("storageDriverTypeName", Text)];

    private static readonly (string Name, Shape Shape)[] OfPort =
    [
        ("name", Text), ("type", Text), ("isArray", Flag), ("displayName", Text), ("description", Text), ("category", Text), ("uiHint", Text), ("storageDriverType", Text),
    ];

    private static readonly (string Name, Shape Shape)[] OfActivity =
    [
        ("id", Text), ("nodeId", Text), ("name", Text), ("version", Whole), ("metadata", Map), ("customProperties", Map), ("variables", Several), ("connections", Several),
    ];

    private readonly List<Problem> _problems = [];

    /// <exception cref="ProblemException">Something is not what it must be; each with the path to it.</exception>
    public void Check(JsonObject model)
    {
        Members(model, OfModel, "");
        if (model["options"] is JsonObject options)
        {
            Members(options, OfOptions, "options.");
        }
        Entries(model, "variables", OfVariable, "");
        Entries(model, "inputs", OfPort, "");
        Entries(model, "outputs", OfPort, "");
        foreach (var (path, outcome) in JsonShape.Items(model["outcomes"], "outcomes"))
        {
            Demand(Text, outcome, path);
        }
        Activity(model["root"]!, "root");
        if (_problems.Count > 0)
        {
            throw new ProblemException(_problems);
        }
    }

    private void Activity(JsonNode node, string path)
    {
        if (!Demand(Map, node, path))
        {
            return;
        }
        var activity = (JsonObject)node;
        if (activity["type"] is not { } type || !Text.Fits(type) || string.IsNullOrWhiteSpace(JsonShape.TextOf(type)))
        {
            Report(path + ".type", "workflow.activity.type");
            return;
        }
        // An activity that is not known may have anything, and one that stands for a workflow has inputs of any name.
        if (types.Find(JsonShape.TextOf(type)!) is null)
        {
            return;
        }
        Members(activity, OfActivity, path + ".");
        Entries(activity, "variables", OfVariable, path + ".");
        foreach (var (_, at, child) in types.PlacesOf(activity))
        {
            Activity(child, path + "." + at);
        }
    }

    private void Members(JsonObject json, (string Name, Shape Shape)[] members, string path)
    {
        foreach (var (name, shape) in members)
        {
            if (json[name] is { } value)
            {
                Demand(shape, value, path + name);
            }
        }
    }

    private void Entries(JsonObject json, string name, (string Name, Shape Shape)[] members, string path)
    {
        if (json[name] is not { } list || !Several.Fits(list))
        {
            return;
        }
        foreach (var (at, entry) in JsonShape.Items(list, path + name))
        {
            if (Demand(Map, entry, at))
            {
                Members((JsonObject)entry, members, at + ".");
            }
        }
    }

    private bool Demand(Shape shape, JsonNode value, string path)
    {
        var fits = shape.Fits(value);
        if (!fits)
        {
            Report(path, shape.Code);
        }
        return fits;
    }

    private void Report(string path, string code)
    {
        if (_problems.Count < MostProblems)
        {
            _problems.Add(Problem.At(path, ProblemKind.Invalid, code));
        }
    }

    /// <summary>What a member must be, and the code of the problem if it is something else.</summary>
    private sealed record Shape(string Code, Func<JsonNode, bool> Fits);
}
