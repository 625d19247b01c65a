using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>
/// One version of a workflow definition. It keeps the JSON that it was read from, so that whatever this engine does not understand comes out
/// again as it went in; the typed members are a view of that JSON. It is never changed: <see cref="With"/> makes another.
/// </summary>
public sealed class WorkflowDefinition
{
    public const string SchemaUri = "https://elsaworkflows.io/schemas/workflow-definition/v3.0.0/schema.json";

    internal WorkflowDefinition(JsonObject model)
    {
        Model = model;
        Id = Text("id") ?? "";
        DefinitionId = Text("definitionId") ?? Id;
        Name = Text("name") ?? "";
        Version = model["version"] is JsonValue version && int.TryParse(version.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 1;
        IsLatest = Flag(model, "isLatest");
        IsPublished = Flag(model, "isPublished");
        IsReadonly = Flag(model, "isReadonly");
        IsSystem = Flag(model, "isSystem");
        Root = model["root"] as JsonObject;
        Variables = [.. JsonShape.Items(model["variables"]).OfType<JsonObject>().Select(VariableDefinition.Read)];
        Inputs = [.. JsonShape.Items(model["inputs"]).OfType<JsonObject>().Select(PortDefinition.Read).Where(p => p.Name.Length > 0)];
        Outputs = [.. JsonShape.Items(model["outputs"]).OfType<JsonObject>().Select(PortDefinition.Read).Where(p => p.Name.Length > 0)];
        Outcomes = [.. JsonShape.Items(model["outcomes"]).Select(JsonShape.TextOf).OfType<string>()];
        var options = model["options"] as JsonObject;
        UsableAsActivity = options is not null ? Flag(options, "usableAsActivity") : Flag(model, "usableAsActivity");
        UpdatesConsumers = options is not null && Flag(options, "autoUpdateConsumingWorkflows");
        ActivationStrategy = ShortName(JsonShape.TextOf(options?["activationStrategyType"]));
        IncidentStrategy = ShortName(JsonShape.TextOf(options?["incidentStrategyType"]));
        CommitStrategy = JsonShape.TextOf(options?["commitStrategyName"]);
        ActivityCategory = JsonShape.TextOf(options?["activityCategory"]) ?? "Workflows";
        IsTokenBased = string.Equals(JsonShape.TextOf((model["customProperties"] as JsonObject)?["Flowchart:ExecutionMode"]), "TokenBased", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The definition as it is exchanged and stored.</summary>
    public JsonObject Model { get; }

    /// <summary>Id of this version.</summary>
    public string Id { get; }

    /// <summary>Id that all versions share.</summary>
    public string DefinitionId { get; }

    public string Name { get; }

    public int Version { get; }

    public bool IsLatest { get; }

    public bool IsPublished { get; }

    public bool IsReadonly { get; }

    public bool IsSystem { get; }

    public JsonObject? Root { get; }

    public IReadOnlyList<VariableDefinition> Variables { get; }

    public IReadOnlyList<PortDefinition> Inputs { get; }

    public IReadOnlyList<PortDefinition> Outputs { get; }

    public IReadOnlyList<string> Outcomes { get; }

    public bool UsableAsActivity { get; }

    /// <summary>Whether publishing it has those that use it as an activity use the new version.</summary>
    public bool UpdatesConsumers { get; }

    public string ActivityCategory { get; }

    /// <summary>Singleton, Correlation or CorrelatedSingleton; null starts always.</summary>
    public string? ActivationStrategy { get; }

    /// <summary>ContinueWithIncidentsStrategy; anything else is FaultStrategy.</summary>
    public string? IncidentStrategy { get; }

    public string? CommitStrategy { get; }

    public bool IsTokenBased { get; }

    /// <summary>The type under which another workflow uses this one: its name without what a type name cannot have.</summary>
    public string TypeName => SafeName(Name.Length > 0 ? Name : DefinitionId);

    public string ToJson(bool schema = false)
    {
        if (!schema || Model.ContainsKey("$schema"))
        {
            return Model.ToJsonString(JsonShape.Writing);
        }
        var export = new JsonObject { ["$schema"] = SchemaUri };
        foreach (var (name, value) in Model)
        {
            export[name] = value?.DeepClone();
        }
        return export.ToJsonString(JsonShape.Writing);
    }

    /// <summary>The same with some members of the model changed.</summary>
    public WorkflowDefinition With(params (string Name, JsonNode? Value)[] members)
    {
        var model = Model.DeepClone().AsObject();
        foreach (var (name, value) in members)
        {
            model[name] = value;
        }
        return new(model);
    }

    public static string SafeName(string name)
    {
        var safe = string.Concat(name.Select((c, i) => char.IsLetterOrDigit(c) ? i == 0 || !char.IsLetterOrDigit(name[i - 1]) ? char.ToUpperInvariant(c).ToString() : c.ToString() : ""));
        return safe.Length == 0 ? "Workflow" : safe;
    }

    private string? Text(string name) => JsonShape.TextOf(Model[name]);

    private static bool Flag(JsonObject json, string name) => json[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>Strategies are written as assembly-qualified type names; their last word says which.</summary>
    private static string? ShortName(string? type)
    {
        if (string.IsNullOrWhiteSpace(type))
        {
            return null;
        }
        var name = type.Split(',')[0];
        return name[(name.LastIndexOf('.') + 1)..];
    }
}

/// <summary>A variable of a workflow or of a container in it.</summary>
/// <param name="Type">Null if the definition names a type that is not known: the variable is dropped, with a warning.</param>
/// <param name="IsKept">Whether its value is kept with the instance while it waits.</param>
public sealed record VariableDefinition(string Id, string Name, string TypeName, Type? Type, JsonNode? Default, bool IsKept)
{
    public static VariableDefinition Read(JsonObject json)
    {
        var typeName = JsonShape.TextOf(json["typeName"]) ?? "Object";
        var isArray = json["isArray"] is JsonValue value && value.GetValueKind() == JsonValueKind.True;
        var name = JsonShape.TextOf(json["name"]) ?? "";
        return new(
            JsonShape.TextOf(json["id"]) ?? name, name, typeName, isArray ? typeof(List<object?>) : TypeAlias.Find(typeName), json["value"]?.DeepClone(),
            IsKept: JsonShape.TextOf(json["storageDriverTypeName"])?.Contains("MemoryStorageDriver", StringComparison.Ordinal) != true);
    }

    /// <summary>The value that a new instance begins with; false if the default is none of the type.</summary>
    public bool TryDefault(out object? value)
    {
        var type = Type ?? typeof(object);
        try
        {
            var text = JsonShape.TextOf(Default);
            value = Default is null || (text is { Length: 0 } && type != typeof(string)) ? null
                : type == typeof(object) && text is not null && TypeAlias.IsJson(TypeName) ? Values.ParseJson(text)
                : type == typeof(object) || text is null || Default is not JsonValue ? Values.To(type, Values.FromJson(Default))
                : type == typeof(List<object?>) || type == typeof(IDictionary<string, object?>) ? Values.To(type, Values.Parse(text))
                : Values.To(type, text);
            return true;
        }
        catch (WorkflowException)
        {
            value = null;
            return false;
        }
    }
}

/// <summary>An input or output that a workflow declares.</summary>
public sealed record PortDefinition(string Name, string TypeName, Type Type, string DisplayName, string? Description)
{
    /// <summary>The editor that a designer offers.</summary>
    public string? UiHint { get; init; }

    public string? Category { get; init; }

    public static PortDefinition Read(JsonObject json)
    {
        var name = JsonShape.TextOf(json["name"]) ?? "";
        var typeName = JsonShape.TextOf(json["type"]) ?? "Object";
        var isArray = json["isArray"] is JsonValue value && value.GetValueKind() == JsonValueKind.True;
        return new(name, typeName, isArray ? typeof(List<object?>) : TypeAlias.Find(typeName) ?? typeof(object), JsonShape.TextOf(json["displayName"]) ?? name, JsonShape.TextOf(json["description"]))
        {
            UiHint = JsonShape.TextOf(json["uiHint"]) is { Length: > 0 } hint ? hint : null,
            Category = JsonShape.TextOf(json["category"]) is { Length: > 0 } category ? category : null,
        };
    }
}
