using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Rules;
using Crm.Workflow;
using static Crm.Host.Elsa.ElsaRequest;

namespace Crm.Host.Elsa;

/// <summary>Starting workflows, and telling those that wait what has happened.</summary>
internal static class RunEndpoints
{
    private const int MaxDispatch = 1_000;

    public static void MapRuns(this IEndpointRouteBuilder elsa)
    {
        elsa.MapPost("/workflow-definitions/{definitionId}/execute", ExecuteAsync);
        elsa.MapPost("/workflow-definitions/{definitionId}/dispatch", DispatchAsync);
        elsa.MapPost("/workflow-definitions/{definitionId}/bulk-dispatch", DispatchManyAsync);
        elsa.MapPost("/events/{eventName}/trigger", TriggerAsync);
        elsa.MapPost("/tasks/{taskId}/complete", CompleteTaskAsync);
        elsa.MapPost("/bookmarks/{bookmarkId}/resume", ResumeAsync);
        elsa.MapPost("/tests/activities", TestAsync);
    }

    /// <summary>Runs an instance up to its first wait and answers with its state, or with what the workflow itself answers.</summary>
    private static async Task ExecuteAsync(HttpContext context, string definitionId, WorkflowEngine engine)
    {
        var body = await BodyAsync(context);
        var run = await engine.StartAsync(definitionId, await OptionsAsync(context, definitionId, body, engine.Definitions), context.RequestAborted);
        context.Response.Headers["x-elsa-workflow-cannot-start"] = run is null ? "True" : "False";
        if (run is null)
        {
            return;
        }
        context.Response.Headers["x-elsa-workflow-instance-id"] = run.Id;
        if (run.Response is { } response)
        {
            await HttpAnswer.WriteAsync(context, response);
            return;
        }
        context.Response.Headers["x-elsa-response"] = "true";
        var instance = (await engine.FindAsync(run.Id, context.RequestAborted))!;
        await AnswerAsync(context, new JsonObject { ["workflowState"] = ElsaJson.State(instance, run, null) });
    }

    private static async Task DispatchAsync(HttpContext context, string definitionId, WorkflowEngine engine)
    {
        var body = await BodyAsync(context);
        var id = await engine.DispatchAsync(definitionId, await OptionsAsync(context, definitionId, body, engine.Definitions), context.RequestAborted);
        await AnswerAsync(context, new JsonObject { ["workflowInstanceId"] = id ?? throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.notStarted", definitionId)) });
    }

    private static async Task DispatchManyAsync(HttpContext context, string definitionId, WorkflowEngine engine)
    {
        var body = await BodyAsync(context);
        var count = Number(body, "count") ?? 1;
        if (count is < 1 or > MaxDispatch)
        {
            throw new ProblemException(Problem.At("count", ProblemKind.Invalid, "limit", MaxDispatch));
        }
        var options = await OptionsAsync(context, definitionId, body, engine.Definitions) with { InstanceId = null };
        var ids = new JsonArray();
        for (var i = 0; i < count && await engine.DispatchAsync(definitionId, options, context.RequestAborted) is { } id; i++)
        {
            ids.Add(id);
        }
        await AnswerAsync(context, new JsonObject { ["workflowInstanceIds"] = ids });
    }

    private static async Task TriggerAsync(HttpContext context, string eventName, WorkflowEngine engine)
    {
        var body = await BodyAsync(context);
        var input = body.TryGetPropertyValue("input", out var given) ? Values.FromJson(given) : null;
        await engine.PublishAsync(eventName, input, Text(body, "correlationId"), Text(body, "workflowInstanceId"), context.RequestAborted);
    }

    private static async Task CompleteTaskAsync(HttpContext context, string taskId, WorkflowEngine engine)
    {
        var body = await BodyAsync(context);
        if (!await engine.HasTaskAsync(taskId, context.RequestAborted))
        {
            throw Missing("workflow.task.unknown", taskId);
        }
        if (!await engine.CompleteTaskAsync(taskId, body.TryGetPropertyValue("result", out var result) ? Values.FromJson(result) : null, context.RequestAborted))
        {
            throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.task.done", taskId));
        }
    }

    private static async Task ResumeAsync(HttpContext context, string bookmarkId, WorkflowEngine engine)
    {
        var body = await BodyAsync(context);
        var run = await engine.ResumeRunAsync(bookmarkId, ValuesOf(Map(body, "input")), context.RequestAborted) ?? throw Missing("workflow.bookmark", bookmarkId);
        context.Response.Headers["x-elsa-workflow-instance-id"] = run.Id;
        if (run.Response is { } response)
        {
            await HttpAnswer.WriteAsync(context, response);
        }
    }

    /// <summary>Runs one activity by itself in memory: nothing is kept and nothing leaves the system.</summary>
    private static async Task TestAsync(HttpContext context, WorkflowEngine engine, WorkflowParts parts, TimeProvider time, IdSource ids)
    {
        var body = await BodyAsync(context);
        var (definitionHandle, activityHandle) = (Map(body, "workflowDefinitionHandle") ?? [], Map(body, "activityHandle") ?? []);
        var versionId = Text(definitionHandle, "definitionVersionId")
            ?? engine.Definitions.Choose(Text(definitionHandle, "definitionId") ?? "", VersionChoice.Parse(Text(definitionHandle, "versionOptions"), VersionChoice.Latest))?.Id
            ?? throw Missing("workflow.missing", Text(definitionHandle, "definitionId") ?? "");
        var graph = await engine.Definitions.GraphAsync(versionId) ?? throw Missing("workflow.missing", versionId);
        var wanted = Text(activityHandle, "activityNodeId") ?? Text(activityHandle, "activityId") ?? "";
        var node = graph.ByNodeId(wanted) ?? graph.ById(wanted) ?? throw Missing("workflow.activity.missing", wanted);
        var record = await ActivityTrial.RunAsync(graph, node, parts, time, ids.Next);
        await AnswerAsync(context, new JsonObject
        {
            ["activityState"] = ElsaJson.Node(record.Inputs),
            ["outputs"] = ElsaJson.Node(record.Outputs),
            ["payload"] = ElsaJson.Node(record.Details),
            ["exception"] = record.Fault is { } fault ? new JsonObject { ["type"] = record.FaultType, ["message"] = fault } : null,
            ["status"] = record.Status.ToString(),
        });
    }

    private static async Task<StartOptions> OptionsAsync(HttpContext context, string definitionId, JsonObject body, DefinitionStore definitions)
    {
        await definitions.RefreshAsync(context.RequestAborted);
        var version = definitions.Choose(definitionId, VersionChoice.Parse(Text(body, "versionOptions"), VersionChoice.Published)) ?? throw Missing("workflow.missing", definitionId);
        return new()
        {
            VersionId = version.Id,
            CorrelationId = Text(body, "correlationId"),
            Name = Text(body, "name"),
            InstanceId = Text(body, "instanceId"),
            TriggerActivityId = Text(body, "triggerActivityId"),
            Input = ValuesOf(Map(body, "input")),
            Variables = ValuesOf(Map(body, "variables")),
        };
    }
}
