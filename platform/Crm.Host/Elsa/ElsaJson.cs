using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Metadata;
using Crm.Workflow;

namespace Crm.Host.Elsa;

/// <summary>Definitions, instances and what happened in them, in the shapes of Elsa's API.</summary>
internal static class ElsaJson
{
    /// <summary>Describers are plain records; this is how their members are written.</summary>
    public static readonly JsonSerializerOptions Plain = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Lists = ["variables", "inputs", "outputs", "outcomes"];

    public static JsonObject Model(DefinitionStore definitions, WorkflowDefinition definition)
    {
        var model = definitions.ModelForDesigners(definition);
        foreach (var list in Lists)
        {
            model[list] ??= new JsonArray();
        }
        model["customProperties"] ??= new JsonObject();
        model["options"] ??= new JsonObject { ["usableAsActivity"] = definition.UsableAsActivity };
        (model["isReadonly"], model["isSystem"]) = (definition.IsReadonly, definition.IsSystem);
        model["links"] = Links(definition.DefinitionId, definition.IsReadonly);
        return model;
    }

    public static JsonObject Summary(DefinitionVersion version) => new()
    {
        ["id"] = version.Id,
        ["definitionId"] = version.DefinitionId,
        ["name"] = version.Name,
        ["description"] = version.Description,
        ["version"] = version.Version,
        ["toolVersion"] = "3.8.0.0",
        ["isLatest"] = version.IsLatest,
        ["isPublished"] = version.IsPublished,
        ["isReadonly"] = version.IsReadonly,
        ["providerName"] = version.Layer == DefinitionStore.ProductLayer ? "Product" : null,
        ["materializerName"] = "Json",
        ["isMaterializerAvailable"] = true,
        ["createdAt"] = Iso8601.ToText(version.CreatedAt),
        ["links"] = Links(version.DefinitionId, version.IsReadonly),
    };

    public static JsonArray ListLinks() =>
    [
        Link("/workflow-definitions", "self", "GET"), Link("/workflow-definitions/validation/is-name-unique", "is-name-unique", "GET"), Link("/workflow-definitions/query/count", "count", "GET"),
        Link("/workflow-definitions/many-by-id", "many-by-id", "GET"), Link("/bulk-actions/delete/workflow-definitions/by-definition-id", "bulk-delete-by-definition-id", "POST"),
        Link("/bulk-actions/delete/workflow-definitions/by-id", "bulk-delete-by-id", "POST"), Link("/bulk-actions/publish/workflow-definitions/by-definition-ids", "bulk-publish", "POST"),
        Link("/bulk-actions/retract/workflow-definitions/by-definition-ids", "bulk-retract", "POST"), Link("/workflow-definitions/import", "import", "POST"), Link("/workflow-definitions/import-files", "import-files", "POST"),
        Link("/workflow-definitions", "create", "POST"),
    ];

    public static JsonObject Summary(WorkflowInstance instance) => new()
    {
        ["id"] = instance.Id,
        ["definitionId"] = instance.DefinitionId,
        ["definitionVersionId"] = instance.VersionId,
        ["version"] = instance.Version,
        ["parentWorkflowInstanceId"] = instance.ParentId,
        ["status"] = instance.Status.ToString(),
        ["subStatus"] = instance.SubStatus.ToString(),
        ["correlationId"] = instance.CorrelationId,
        ["name"] = instance.Name,
        ["incidentCount"] = instance.Incidents,
        ["isSystem"] = false,
        ["createdAt"] = Iso8601.ToText(instance.CreatedAt),
        ["updatedAt"] = Iso8601.ToText(instance.UpdatedAt),
        ["finishedAt"] = Moment(instance.FinishedAt),
    };

    /// <summary>The state of an instance, from what runs or from what is left of it.</summary>
    public static JsonObject State(WorkflowInstance instance, WorkflowRun? run, EndedState? ended) => new()
    {
        ["id"] = instance.Id,
        ["definitionId"] = instance.DefinitionId,
        ["definitionVersionId"] = instance.VersionId,
        ["definitionVersion"] = instance.Version,
        ["parentWorkflowInstanceId"] = instance.ParentId,
        ["correlationId"] = instance.CorrelationId,
        ["name"] = instance.Name,
        ["status"] = instance.Status.ToString(),
        ["subStatus"] = instance.SubStatus.ToString(),
        ["isExecuting"] = instance.SubStatus == WorkflowSubStatus.Executing,
        ["bookmarks"] = new JsonArray([.. (run?.Bookmarks ?? []).Select(Bookmark)]),
        ["incidents"] = new JsonArray([.. (run?.Incidents ?? ended?.Incidents ?? []).Select(Incident)]),
        ["isSystem"] = false,
        ["completionCallbacks"] = new JsonArray(),
        ["activityExecutionContexts"] = new JsonArray([.. (run?.Open ?? []).Select(Context)]),
        ["scheduledActivities"] = new JsonArray(),
        ["input"] = Node(run?.StartInput ?? ended?.Input),
        ["output"] = Node(run?.Output ?? ended?.Output),
        ["properties"] = Node(run?.Properties),
        ["createdAt"] = Iso8601.ToText(instance.CreatedAt),
        ["updatedAt"] = Iso8601.ToText(instance.UpdatedAt),
        ["finishedAt"] = Moment(instance.FinishedAt),
    };

    public static JsonObject Variable(VariableValue variable) => new() { ["id"] = variable.Id, ["name"] = variable.Name, ["value"] = Node(variable.Value) };

    public static JsonObject Execution(string instanceId, ActivityRecord record, IReadOnlyDictionary<string, ActivityRecord> all, bool withValues = true)
    {
        var parent = record.ParentId is { } id ? all.GetValueOrDefault(id) : null;
        var json = new JsonObject
        {
            ["id"] = record.Id,
            ["workflowInstanceId"] = instanceId,
            ["activityId"] = record.ActivityId,
            ["activityNodeId"] = record.NodeId,
            ["activityType"] = record.ActivityType,
            ["activityTypeVersion"] = record.Version,
            ["activityName"] = record.ActivityName,
            ["startedAt"] = Iso8601.ToText(record.StartedAt),
            ["completedAt"] = Moment(record.CompletedAt),
            ["hasBookmarks"] = record.HasBookmarks && record.Status == ActivityStatus.Running,
            ["status"] = record.Status.ToString(),
            ["aggregateFaultCount"] = record.FaultCount,
            ["metadata"] = new JsonObject(),
            ["schedulingActivityExecutionId"] = record.ParentId,
            ["schedulingActivityId"] = parent?.ActivityId,
            ["schedulingWorkflowInstanceId"] = record.ParentId is null ? null : instanceId,
            ["callStackDepth"] = Depth(record, all),
        };
        if (withValues)
        {
            json["activityState"] = Node(record.Inputs);
            json["outputs"] = Node(record.Outputs);
            json["payload"] = Payload(record);
            json["properties"] = new JsonObject();
            json["exception"] = record.Fault is { } fault ? new JsonObject { ["type"] = record.FaultType, ["message"] = fault } : null;
        }
        return json;
    }

    public static JsonObject Line(LogLine line)
    {
        var record = line.Record;
        return new()
        {
            ["id"] = $"{record.Id}-{line.Sequence}",
            ["activityInstanceId"] = record.Id,
            ["parentActivityInstanceId"] = record.ParentId,
            ["activityId"] = record.ActivityId,
            ["activityType"] = record.ActivityType,
            ["activityTypeVersion"] = record.Version,
            ["activityName"] = record.ActivityName,
            ["nodeId"] = record.NodeId,
            ["timestamp"] = Iso8601.ToText(line.At),
            ["sequence"] = line.Sequence,
            ["eventName"] = line.Event,
            ["message"] = line.Event == "Faulted" ? record.Fault : null,
            ["source"] = null,
            ["activityState"] = line.Event == "Started" ? null : Node(record.Inputs),
            ["payload"] = line.Event == "Started" ? null : Payload(record),
        };
    }

    public static JsonObject Tally(ActivityTally tally) => new()
    {
        ["activityId"] = tally.ActivityId,
        ["activityNodeId"] = tally.NodeId,
        ["startedCount"] = tally.Started,
        ["completedCount"] = tally.Completed,
        ["uncompletedCount"] = tally.Started - tally.Completed,
        ["isBlocked"] = tally.IsBlocked,
        ["isFaulted"] = tally.IsFaulted,
        ["metadata"] = new JsonObject(),
    };

    public static JsonNode? Node(object? value) => value is null ? null : JsonNode.Parse(Values.ToJson(value as IDictionary<string, object?> ?? (value is IReadOnlyDictionary<string, object?> map ? map.ToDictionary(StringComparer.Ordinal) : value)));

    private static JsonObject Bookmark(Bookmark bookmark) => new()
    {
        ["id"] = bookmark.Id,
        ["name"] = bookmark.Name,
        ["hash"] = bookmark.Hash,
        ["payload"] = Node(bookmark.Payload),
        ["activityId"] = bookmark.ActivityId,
        ["activityNodeId"] = bookmark.NodeId,
        ["activityInstanceId"] = bookmark.ActivityInstanceId,
        ["createdAt"] = Iso8601.ToText(bookmark.CreatedAt),
        ["autoBurn"] = bookmark.AutoBurn,
        ["callbackMethodName"] = null,
        ["autoComplete"] = true,
        ["metadata"] = new JsonObject(),
    };

    private static JsonObject Incident(Incident incident) => new()
    {
        ["activityId"] = incident.ActivityId,
        ["activityNodeId"] = incident.NodeId,
        ["activityType"] = incident.ActivityType,
        ["activityInstanceId"] = incident.ActivityInstanceId,
        ["message"] = incident.Message,
        ["code"] = incident.Code,
        ["advice"] = incident.Advice,
        ["exception"] = new JsonObject { ["type"] = incident.Exception ?? incident.Code, ["message"] = incident.Message, ["stackTrace"] = incident.StackTrace, ["innerException"] = Cause(incident.Inner) },
        ["category"] = incident.Category,
        ["faultType"] = incident.FaultType,
        ["timestamp"] = Iso8601.ToText(incident.At),
    };

    private static JsonObject? Cause(IncidentCause? cause) =>
        cause is null ? null : new() { ["type"] = cause.Type, ["message"] = cause.Message, ["stackTrace"] = cause.StackTrace, ["innerException"] = Cause(cause.Inner) };

    private static JsonObject Context(ActivityContext context) => new()
    {
        ["id"] = context.Id,
        ["parentContextId"] = context.Parent?.Id,
        ["scheduledActivityNodeId"] = context.Node.NodeId,
        ["ownerActivityNodeId"] = context.Parent?.Node.NodeId,
        ["status"] = context.Status.ToString(),
        ["startedAt"] = Iso8601.ToText(context.StartedAt),
        ["faultCount"] = context.FaultCount,
        ["properties"] = new JsonObject(),
        ["activityState"] = new JsonObject(),
    };

    private static JsonObject Payload(ActivityRecord record)
    {
        var payload = (JsonObject)Node(record.Details)!;
        if (record.Status == ActivityStatus.Completed)
        {
            payload["Outcomes"] = new JsonArray([.. (record.Outcomes ?? "Done").Split(", ").Select(o => (JsonNode)o)]);
        }
        return payload;
    }

    private static int Depth(ActivityRecord record, IReadOnlyDictionary<string, ActivityRecord> all)
    {
        var depth = 0;
        for (var at = record; at.ParentId is { } parent && all.TryGetValue(parent, out at!) && depth < 100; depth++)
        {
        }
        return depth;
    }

    private static JsonArray Links(string definitionId, bool isReadonly)
    {
        var self = $"/workflow-definitions/{Uri.EscapeDataString(definitionId)}";
        var links = new JsonArray
        {
            Link(self, "self", "GET"), Link($"/workflow-definitions/by-definition-id/{Uri.EscapeDataString(definitionId)}", "self", "GET"), Link(self + "/versions", "versions", "GET"), Link(self + "/bulk-dispatch", "bulk-dispatch", "POST"),
            Link(self + "/dispatch", "dispatch", "POST"), Link(self + "/execute", "execute", "POST"), Link(self + "/export", "export", "POST"),
        };
        if (!isReadonly)
        {
            foreach (var (href, rel, method) in ((string, string, string)[])[("/publish", "publish", "POST"), ("/retract", "retract", "POST"), ("", "delete", "DELETE"), ("/import", "import", "PUT"), ("/update-references", "update-references", "POST")])
            {
                links.Add(Link(self + href, rel, method));
            }
        }
        return links;
    }

    private static JsonNode Link(string href, string rel, string method) => new JsonObject { ["href"] = href, ["rel"] = rel, ["method"] = method };

    private static string? Moment(DateTimeOffset? moment) => moment is { } at ? Iso8601.ToText(at) : null;
}
