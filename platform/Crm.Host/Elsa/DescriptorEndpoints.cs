using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Host.Api;
using Crm.Workflow;
using static Crm.Host.Elsa.ElsaRequest;

namespace Crm.Host.Elsa;

/// <summary>What there is to design with: activities, languages, types, strategies, and the graphs of definitions.</summary>
internal static class DescriptorEndpoints
{
    private static readonly (string Type, string Name, string Description)[] Activation =
    [
        ("Elsa.Workflows.ActivationValidators.AllowAlwaysStrategy, Elsa.Workflows.Core", "Always", "Always allow instances of this workflow."),
        ("Elsa.Workflows.ActivationValidators.SingletonStrategy, Elsa.Workflows.Core", "Singleton", "Only one running instance of this workflow at a time."),
        ("Elsa.Workflows.ActivationValidators.CorrelatedSingletonStrategy, Elsa.Workflows.Core", "Correlated singleton", "Only one running instance of this workflow with a correlation ID at a time."),
        ("Elsa.Workflows.ActivationValidators.CorrelationStrategy, Elsa.Workflows.Core", "Correlation", "Only one running instance of any workflow with a correlation ID at a time."),
    ];

    private static readonly (string Type, string Name, string Description)[] Incidents =
    [
        ("Elsa.Workflows.IncidentStrategies.FaultStrategy, Elsa.Workflows.Core", "Fault", "The workflow fails when an activity does."),
        ("Elsa.Workflows.IncidentStrategies.ContinueWithIncidentsStrategy, Elsa.Workflows.Core", "Continue with incidents", "Other branches go on when an activity fails."),
    ];

    private static readonly (string Type, string Name, string Description)[] Persistence =
    [
        ("Elsa.Workflows.LogPersistence.Strategies.Include, Elsa.Workflows.Core", "Include", "The value is kept in the log."), ("Elsa.Workflows.LogPersistence.Strategies.Exclude, Elsa.Workflows.Core", "Exclude", "The value is not kept in the log."),
        ("Elsa.Workflows.LogPersistence.Strategies.Inherit, Elsa.Workflows.Core", "Inherit", "As the activity or the workflow says."),
    ];

    private static readonly (string Type, string Name, string Description)[] Features =
    [
        ("Elsa.Workflows.Api", "Workflows", "Definitions, instances and their history."), ("Elsa.Alterations", "Alterations", "Changes of running instances."), ("Elsa.Http", "HTTP", "Requests that start workflows and requests that workflows send."),
        ("Elsa.Scheduling", "Scheduling", "Timers and cron."), ("Elsa.JavaScript", "JavaScript", "Expressions in JavaScript."),
    ];

    public static void MapDescriptors(this IEndpointRouteBuilder elsa)
    {
        elsa.MapGet("/descriptors/activities", ActivitiesAsync);
        elsa.MapGet("/descriptors/activities/{typeName}", ActivityAsync);
        elsa.MapPost("/descriptors/activities/{typeName}/options/{property}", OptionsAsync).WithMetadata(HttpManners.ReadsOnly.Mark);
        elsa.MapGet("/descriptors/expression-descriptors", ExpressionsAsync);
        elsa.MapGet("/descriptors/workflow-activation-strategies", (HttpContext context, WorkflowParts _) => StrategiesAsync(context, Activation));
        elsa.MapGet("/descriptors/incident-strategies", (HttpContext context, WorkflowParts _) => StrategiesAsync(context, Incidents));
        elsa.MapGet("/descriptors/log-persistence-strategies", (HttpContext context, WorkflowParts _) => StrategiesAsync(context, Persistence));
        elsa.MapGet("/descriptors/commit-strategies/workflows", (HttpContext context, WorkflowParts _) => CommitsAsync(context, "WorkflowExecuting", "WorkflowExecuted", "ActivityExecuting", "ActivityExecuted"));
        elsa.MapGet("/descriptors/commit-strategies/activities", (HttpContext context, WorkflowParts _) => CommitsAsync(context, "Always", "Never", "Executing", "Executed"));
        elsa.MapGet("/descriptors/storage-drivers", DriversAsync);
        elsa.MapGet("/descriptors/variables", VariablesAsync);
        elsa.MapGet("/descriptors/output-converters", (HttpContext context, WorkflowParts _) => AnswerListAsync(context, []));
        elsa.MapGet("/features/installed", FeaturesAsync);
        elsa.MapGet("/features/installed/{fullName}", FeatureAsync);
        elsa.MapGet("/package/version", (HttpContext context, WorkflowParts _) => AnswerAsync(context, new JsonObject { ["packageVersion"] = "3.8.0" }));
        elsa.MapPost("/scripting/javascript/type-definitions/{definitionId}", TypesAsync).WithMetadata(HttpManners.NotJson.Mark, HttpManners.ReadsOnly.Mark);
        elsa.MapGet("/workflow-definitions/subgraph/{id}", SubgraphAsync);
        elsa.MapGet("/workflow-definitions/subgraph/segments/{id}", SegmentsAsync);
    }

    private static async Task ActivitiesAsync(HttpContext context, WorkflowParts parts, DefinitionStore definitions)
    {
        await definitions.RefreshAsync(context.RequestAborted);
        await AnswerListAsync(context, (await ActivityDescriptors.AllAsync(parts, definitions, context.RequestAborted)).Select(d => JsonSerializer.SerializeToNode(d, ElsaJson.Plain)));
    }

    private static async Task ActivityAsync(HttpContext context, string typeName, WorkflowParts parts, DefinitionStore definitions)
    {
        await definitions.RefreshAsync(context.RequestAborted);
        var descriptor = (await ActivityDescriptors.AllAsync(parts, definitions, context.RequestAborted)).FirstOrDefault(d => d.TypeName == typeName) ?? throw Missing("workflow.activity.unknown", typeName);
        await AnswerAsync(context, JsonSerializer.SerializeToNode(descriptor, ElsaJson.Plain));
    }

    private static async Task OptionsAsync(HttpContext context, string typeName, string property, WorkflowParts parts)
    {
        var input = parts.Activities.Find(typeName) is { } type ? ActivityDescriptors.Of(type).Inputs.FirstOrDefault(i => i.Name.Equals(property, StringComparison.OrdinalIgnoreCase)) : null;
        await AnswerAsync(context, new JsonObject { ["items"] = (input ?? throw Missing("workflow.activity.unknown", typeName)).UiSpecifications.DeepClone() });
    }

    private static Task ExpressionsAsync(HttpContext context, WorkflowParts parts) => AnswerListAsync(context, parts.Expressions.All.Select(kind => new JsonObject
    {
        ["type"] = kind.Name,
        ["displayName"] = kind.DisplayName,
        ["isSerializable"] = true,
        ["isBrowsable"] = kind.IsBrowsable,
        ["properties"] = kind.EditorLanguage is { } language ? new JsonObject { ["MonacoLanguage"] = language } : new JsonObject(),
    }));

    private static Task StrategiesAsync(HttpContext context, (string Type, string Name, string Description)[] strategies) =>
        AnswerListAsync(context, strategies.Select(s => new JsonObject { ["typeName"] = s.Type, ["displayName"] = s.Name, ["description"] = s.Description }));

    private static Task CommitsAsync(HttpContext context, params string[] names) => AnswerListAsync(context, names.Select(n => new JsonObject { ["name"] = n, ["displayName"] = n, ["description"] = "" }));

    private static Task DriversAsync(HttpContext context, WorkflowParts parts)
    {
        _ = parts;
        return AnswerListAsync(context,
        [
            Driver("Elsa.Workflows.WorkflowInstanceStorageDriver, Elsa.Workflows.Core", "Workflow Instance", 5), Driver("Elsa.Workflows.MemoryStorageDriver, Elsa.Workflows.Core", "Memory", 0),
        ]);

        static JsonNode Driver(string type, string name, int priority) => new JsonObject { ["typeName"] = type, ["displayName"] = name, ["priority"] = priority, ["deprecated"] = false };
    }

    private static Task VariablesAsync(HttpContext context, WorkflowParts parts)
    {
        _ = parts;
        return AnswerListAsync(context, TypeAlias.Names.Select(name => new JsonObject
        {
            ["typeName"] = name,
            ["displayName"] = name,
            ["category"] = name.StartsWith("Json", StringComparison.OrdinalIgnoreCase) || name.EndsWith("Dictionary", StringComparison.Ordinal) || name.EndsWith("Map", StringComparison.Ordinal) ? "Dynamic" : "Primitives",
            ["description"] = null,
        }));
    }

    private static Task FeaturesAsync(HttpContext context, WorkflowParts parts)
    {
        _ = parts;
        return AnswerListAsync(context, Features.Select(Feature));
    }

    private static Task FeatureAsync(HttpContext context, string fullName, WorkflowParts parts)
    {
        _ = parts;
        return AnswerAsync(context, Feature(Array.Find(Features, f => f.Type == fullName) is { Type: not null } known ? known : throw Missing("workflow.feature", fullName)));
    }

    private static JsonNode Feature((string Type, string Name, string Description) feature) => new JsonObject
    {
        ["name"] = feature.Type[(feature.Type.LastIndexOf('.') + 1)..], ["namespace"] = feature.Type[..feature.Type.LastIndexOf('.')], ["fullName"] = feature.Type, ["displayName"] = feature.Name, ["description"] = feature.Description,
    };

    /// <summary>What a script of a workflow can call, for its editor.</summary>
    private static async Task<IResult> TypesAsync(HttpContext context, string definitionId, DefinitionStore definitions)
    {
        await definitions.RefreshAsync(context.RequestAborted);
        var definition = definitions.LatestOf(definitionId) is { } version ? await definitions.FindAsync(version.Id, context.RequestAborted) : null;
        return Results.Text(ScriptTypes.Of(definition), "application/x-typescript");
    }

    private static async Task SubgraphAsync(HttpContext context, string id, DefinitionStore definitions, WorkflowParts parts)
    {
        var graph = await GraphAsync(definitions, id, context.RequestAborted);
        var wanted = Query(context, "parentNodeId");
        var node = wanted is null ? graph.Root : graph.ByNodeId(wanted) ?? throw Missing("workflow.activity.missing", wanted);
        await AnswerAsync(context, Tree(parts, node, PortOf(parts, node), depth: 0));
    }

    private static async Task SegmentsAsync(HttpContext context, string id, DefinitionStore definitions, WorkflowParts parts)
    {
        var graph = await GraphAsync(definitions, id, context.RequestAborted);
        var wanted = Query(context, "childNodeId") ?? "";
        var child = graph.ByNodeId(wanted) ?? throw Missing("workflow.activity.missing", wanted);
        var segments = new List<JsonNode?>();
        ActivityNode container = child.Parent ?? child;
        var previous = child;
        for (var at = child.Parent; at is not null; previous = at, at = at.Parent)
        {
            if (at.Activity is not (WorkflowRoot or Flowchart))
            {
                segments.Insert(0, new JsonObject { ["activityNodeId"] = at.NodeId, ["activityId"] = at.Id, ["activityType"] = at.TypeName, ["port"] = PortOf(parts, previous), ["activityName"] = at.Name });
                container = segments.Count == 1 ? at : container;
            }
        }
        await AnswerAsync(context, new JsonObject
        {
            ["childNode"] = Tree(parts, child, PortOf(parts, child), depth: 100), ["container"] = Tree(parts, segments.Count > 0 ? container : graph.Root, null, depth: 0), ["pathSegments"] = new JsonArray([.. segments]),
        });
    }

    private static async Task<WorkflowGraph> GraphAsync(DefinitionStore definitions, string id, CancellationToken cancellationToken)
    {
        await definitions.RefreshAsync(cancellationToken);
        return await definitions.GraphAsync(id) ?? throw Missing("workflow.missing", id);
    }

    private static JsonObject Tree(WorkflowParts parts, ActivityNode node, string? port, int depth)
    {
        var json = node.Json.DeepClone().AsObject();
        Assign(parts, json, node.NodeId);
        return new()
        {
            ["activity"] = json,
            ["port"] = port,
            ["nodeId"] = node.NodeId,
            ["parents"] = new JsonArray(),
            ["children"] = depth > 60 ? new JsonArray() : new JsonArray([.. node.Children.Select(c => Tree(parts, c, PortOf(parts, c), depth + 1))]),
        };
    }

    /// <summary>Inside a workflow that is used as an activity, node ids begin with where it is used.</summary>
    private static void Assign(WorkflowParts parts, JsonObject activity, string nodeId)
    {
        activity["nodeId"] = nodeId;
        foreach (var (_, child) in parts.Activities.ChildrenOf(activity).ToList())
        {
            Assign(parts, child, $"{nodeId}:{child["id"]}");
        }
    }

    private static string? PortOf(WorkflowParts parts, ActivityNode node) => node.Parent is null ? null
        : parts.Activities.ChildrenOf(node.Parent.Json).Where(c => ReferenceEquals(c.Child, node.Json)).Select(c => char.ToUpperInvariant(c.Place[0]) + c.Place[1..]).FirstOrDefault() ?? "Root";
}
