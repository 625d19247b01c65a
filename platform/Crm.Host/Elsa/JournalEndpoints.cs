using System.Text.Json.Nodes;
using Crm.Host.Api;
using Crm.Workflow;
using static Crm.Host.Elsa.ElsaRequest;

namespace Crm.Host.Elsa;

/// <summary>What happened in an instance: its log line by line, and its activities execution by execution.</summary>
internal static class JournalEndpoints
{
    public static void MapJournal(this IEndpointRouteBuilder elsa)
    {
        elsa.MapMethods("/workflow-instances/{id}/journal", ["GET", "POST"], LinesAsync).WithMetadata(HttpManners.ReadsOnly.Mark);
        elsa.MapGet("/workflow-instances/{id}/journal/{activityId}", LastLineAsync);
        elsa.MapPost("/activity-executions/report", ReportAsync).WithMetadata(HttpManners.ReadsOnly.Mark);
        elsa.MapGet("/activity-executions/list", ListAsync);
        elsa.MapGet("/activity-executions/count", CountAsync);
        elsa.MapGet("/activity-executions/by-id", GetAsync);
        elsa.MapGet("/activity-executions/{id}/call-stack", CallStackAsync);
        elsa.MapGet("/activity-execution-summaries/list", SummariesAsync);
    }

    private static async Task LinesAsync(HttpContext context, string id, WorkflowEngine engine)
    {
        await InstanceEndpoints.FindAsync(engine, id, context.RequestAborted);
        var body = HttpMethods.IsPost(context.Request.Method) ? await BodyAsync(context) : [];
        var filter = Map(body, "filter") ?? [];
        var (activities, nodes, excluded, events) = (Texts(filter, "activityIds"), Texts(filter, "activityNodeIds"), Texts(filter, "excludedActivityTypes"), Texts(filter, "eventNames"));
        var (skip, take) = Page(
            QueryNumber(context, "page") ?? Number(body, "page"), QueryNumber(context, "pageSize") ?? Number(body, "pageSize"), QueryNumber(context, "skip") ?? Number(body, "skip"), QueryNumber(context, "take") ?? Number(body, "take"), usual: 100);
        var lines = ExecutionLog.Lines(await engine.HistoryAsync(id, context.RequestAborted)).Where(l =>
            (activities is null or { Count: 0 } || activities.Contains(l.Record.ActivityId)) && (nodes is null or { Count: 0 } || nodes.Contains(l.Record.NodeId)) &&
            excluded?.Contains(l.Record.ActivityType) != true && (events is null or { Count: 0 } || events.Contains(l.Event))).ToList();
        await AnswerPageAsync(context, lines.Skip(skip).Take(take).Select(ElsaJson.Line), lines.Count);
    }

    private static async Task LastLineAsync(HttpContext context, string id, string activityId, WorkflowEngine engine)
    {
        await InstanceEndpoints.FindAsync(engine, id, context.RequestAborted);
        var last = ExecutionLog.Lines(await engine.HistoryAsync(id, context.RequestAborted)).LastOrDefault(l => l.Record.ActivityId == activityId) ?? throw Missing("workflow.activity.missing", activityId);
        await AnswerAsync(context, ElsaJson.Line(last));
    }

    private static async Task ReportAsync(HttpContext context, WorkflowEngine engine)
    {
        var body = await BodyAsync(context);
        var nodes = Texts(body, "activityNodeIds")?.ToHashSet(StringComparer.Ordinal);
        var journal = Text(body, "workflowInstanceId") is { } instance ? await engine.HistoryAsync(instance, context.RequestAborted) : [];
        await AnswerAsync(context, new JsonObject { ["stats"] = new JsonArray([.. ExecutionLog.Tally(journal, nodes).Select(ElsaJson.Tally)]) });
    }

    private static async Task ListAsync(HttpContext context, WorkflowEngine engine)
    {
        var (id, found, all) = await FoundAsync(context, engine);
        await AnswerListAsync(context, found.Select(e => ElsaJson.Execution(id, e, all)));
    }

    private static async Task SummariesAsync(HttpContext context, WorkflowEngine engine)
    {
        var (id, found, all) = await FoundAsync(context, engine);
        await AnswerListAsync(context, found.Select(e => ElsaJson.Execution(id, e, all, withValues: false)));
    }

    private static async Task CountAsync(HttpContext context, WorkflowEngine engine)
    {
        var (_, found, _) = await FoundAsync(context, engine);
        await AnswerAsync(context, new JsonObject { ["count"] = found.Count });
    }

    private static async Task GetAsync(HttpContext context, WorkflowEngine engine)
    {
        var (instance, execution, all) = await OneAsync(context, Query(context, "id") ?? "", engine);
        await AnswerAsync(context, ElsaJson.Execution(instance, execution, all));
    }

    private static async Task CallStackAsync(HttpContext context, string id, WorkflowEngine engine)
    {
        var (instance, execution, all) = await OneAsync(context, id, engine);
        var stack = new List<ActivityRecord>();
        for (var at = execution.ParentId; at is not null && all.TryGetValue(at, out var caller) && stack.Count < 1_000; at = caller.ParentId)
        {
            stack.Insert(0, caller);
        }
        stack.Add(execution);
        var (skip, take) = Page(null, null, QueryNumber(context, "skip"), QueryNumber(context, "take"), usual: 1_000);
        await AnswerAsync(context, new JsonObject { ["activityExecutionId"] = id, ["items"] = new JsonArray([.. stack.Skip(skip).Take(take).Select(e => ElsaJson.Execution(instance, e, all))]), ["totalCount"] = stack.Count });
    }

    private static async Task<(string InstanceId, List<ActivityRecord> Found, Dictionary<string, ActivityRecord> All)> FoundAsync(HttpContext context, WorkflowEngine engine)
    {
        var (instance, node, activity, completed) = (Query(context, "workflowInstanceId") ?? "", Query(context, "activityNodeId"), Query(context, "activityId"), QueryFlag(context, "completed"));
        var executions = ExecutionLog.Executions(await engine.HistoryAsync(instance, context.RequestAborted));
        return (instance, [.. executions.Where(e => (node is null || e.NodeId == node) && (activity is null || e.ActivityId == activity) && (completed is null || completed == e.CompletedAt is not null))], executions.ToDictionary(e => e.Id, StringComparer.Ordinal));
    }

    /// <summary>An execution by its id alone: from it follows which instance it belongs to.</summary>
    private static async Task<(string InstanceId, ActivityRecord Execution, Dictionary<string, ActivityRecord> All)> OneAsync(HttpContext context, string id, WorkflowEngine engine)
    {
        var instance = Query(context, "workflowInstanceId") ?? await engine.InstanceOfExecutionAsync(id, context.RequestAborted) ?? throw Missing("workflow.execution", id);
        var all = ExecutionLog.Executions(await engine.HistoryAsync(instance, context.RequestAborted)).ToDictionary(e => e.Id, StringComparer.Ordinal);
        return all.TryGetValue(id, out var execution) ? (instance, execution, all) : throw Missing("workflow.execution", id);
    }
}
