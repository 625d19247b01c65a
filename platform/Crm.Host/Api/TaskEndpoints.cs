using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Host.Elsa;
using Crm.Metadata;
using Crm.Rules;
using Crm.Workflow;
using static Crm.Host.Api.ApiRequest;

namespace Crm.Host.Api;

/// <summary><c>/api/tasks</c>, <c>/api/events</c>: what workflows ask of people, and what workflows are told.</summary>
internal static class TaskEndpoints
{
    private const int MaxListed = 200;

    public static void MapTasks(this IEndpointRouteBuilder api)
    {
        api.MapGet("/tasks", ListAsync).Takes("state", "kind", "after", "limit");
        api.MapGet("/tasks/{id}", GetAsync);
        api.MapPost("/tasks/{id}/complete", CompleteAsync);
        api.MapPost("/tasks/{id}/claim", ClaimAsync);
        api.MapPost("/tasks/{id}/reassign", AssignAsync);
        api.MapPost("/tasks/{id}/delegate", AssignAsync);
        api.MapPost("/tasks/{id}/addSigner", AddSignerAsync);
        api.MapPost("/tasks/{id}/return", ReturnAsync);
        api.MapPost("/events/{name}", RaiseAsync);
    }

    private static async Task ListAsync(HttpContext context, WorkflowEngine engine)
    {
        var query = context.Request.Query;
        var open = QueryParameters.Text(query, "state") switch { null or "open" => true, "done" => false, _ => throw new ProblemException(Problem.At("state", ProblemKind.Invalid, "parameter.choice", "state", "open, done")) };
        var (limit, after) = QueryParameters.ReadPage(query, 50, MaxListed);
        var tasks = await engine.TasksAsync(await ActorAsync(context), open, QueryParameters.Text(query, "kind"), after, limit + 1, context.RequestAborted);
        await ElsaRequest.AnswerAsync(context, new JsonObject { ["items"] = new JsonArray([.. tasks.Take(limit).Select(Json)]), ["next"] = tasks.Count > limit ? tasks[limit - 1].Id : null });
    }

    private static async Task GetAsync(HttpContext context, string id, WorkflowEngine engine) =>
        await ElsaRequest.AnswerAsync(context, Json(await engine.FindTaskAsync(id, await ActorAsync(context), context.RequestAborted) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "workflow.task.unknown", id))));

    private static async Task CompleteAsync(HttpContext context, string id, WorkflowEngine engine)
    {
        var body = await BodyAsync(context, ["outcome", "comment", "values"]);
        var done = await engine.CompleteTaskAsync(
            id, await ActorAsync(context), ElsaRequest.Text(body, "outcome"), ElsaRequest.Text(body, "comment"), ElsaRequest.ValuesOf(ElsaRequest.Map(body, "values")), context.RequestAborted);
        await ElsaRequest.AnswerAsync(context, Json(done));
    }

    private static async Task ClaimAsync(HttpContext context, string id, WorkflowEngine engine)
    {
        await BodyAsync(context, []);
        await ElsaRequest.AnswerAsync(context, Json(await engine.AssignTaskAsync(id, await ActorAsync(context), null, context.RequestAborted)));
    }

    private static async Task AssignAsync(HttpContext context, string id, WorkflowEngine engine, ActorDirectory people)
    {
        var body = await BodyAsync(context, ["to"]);
        await ElsaRequest.AnswerAsync(context, Json(await engine.AssignTaskAsync(id, await ActorAsync(context), await PersonAsync(context, body, people), context.RequestAborted)));
    }

    private static async Task AddSignerAsync(HttpContext context, string id, WorkflowEngine engine, ActorDirectory people)
    {
        var body = await BodyAsync(context, ["to", "position"]);
        var before = ElsaRequest.Text(body, "position") switch { null or "before" => true, "after" => false, _ => throw new ProblemException(Problem.At("position", ProblemKind.Invalid, "parameter.choice", "position", "before, after")) };
        await ElsaRequest.AnswerAsync(context, Json(await engine.AddSignerAsync(id, await ActorAsync(context), await PersonAsync(context, body, people), before, context.RequestAborted)));
    }

    /// <summary>Back to whom it came from, or with a task named, to that earlier one of the same workflow.</summary>
    private static async Task ReturnAsync(HttpContext context, string id, WorkflowEngine engine)
    {
        var body = await BodyAsync(context, ["task", "comment"]);
        var actor = await ActorAsync(context);
        var comment = ElsaRequest.Text(body, "comment");
        await ElsaRequest.AnswerAsync(context, Json(ElsaRequest.Text(body, "task") is { } earlier
            ? await engine.ReturnTaskAsync(id, actor, earlier, comment, context.RequestAborted)
            : await engine.ReturnTaskAsync(id, actor, comment, context.RequestAborted)));
    }

    private static async Task<Guid> PersonAsync(HttpContext context, JsonObject body, ActorDirectory people) =>
        Guid.TryParseExact(ElsaRequest.Text(body, "to"), "D", out var user) && await people.FindAsync(user, context.RequestAborted) is not null
            ? user
            : throw new ProblemException(Problem.At("to", ProblemKind.Invalid, "workflow.task.to"));

    /// <summary>What is said reaches whoever waits for it; to say it is for programs and people who may change how the system works.</summary>
    private static async Task RaiseAsync(HttpContext context, string name, WorkflowEngine engine)
    {
        await ElsaRequest.AdministratorAsync(context);
        var body = await BodyAsync(context, ["payload", "correlationId", "instanceId"]);
        if (name.Length > 200)
        {
            throw new ProblemException(Problem.At("name", ProblemKind.Invalid, "value.tooLong", 200, name.Length));
        }
        await engine.PublishAsync(name, body["payload"] is { } payload ? Values.FromJson(payload) : null, ElsaRequest.Text(body, "correlationId"), ElsaRequest.Text(body, "instanceId"), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private static async Task<JsonObject> BodyAsync(HttpContext context, string[] known)
    {
        var body = await ElsaRequest.BodyAsync(context);
        return body.Select(m => m.Key).Except(known, StringComparer.Ordinal).FirstOrDefault() is { } unknown ? throw new ProblemException(Problem.At(unknown, ProblemKind.Invalid, "parameter.unknown", unknown)) : body;
    }

    private static JsonObject Json(WorkflowTask task) => new()
    {
        ["id"] = task.Id,
        ["kind"] = task.Kind,
        ["name"] = task.Name,
        ["title"] = task.Title,
        ["state"] = task.CompletedAt is null ? "open" : "done",
        ["instance"] = task.InstanceId,
        ["assignee"] = task.Assignee?.ToString("D"),
        ["roles"] = new JsonArray([.. task.Roles.Select(r => (JsonNode)r)]),
        ["dueAt"] = task.DueAt is { } due ? Iso8601.ToText(due) : null,
        ["createdAt"] = Iso8601.ToText(task.CreatedAt),
        ["completedAt"] = task.CompletedAt is { } done ? Iso8601.ToText(done) : null,
        ["completedBy"] = task.CompletedBy?.ToString("D"),
        ["outcome"] = task.Outcome,
        ["comment"] = task.Comment,
        ["next"] = new JsonArray([.. task.Trail.Next.Select(n => (JsonNode)n.ToString("D"))]),
        ["signatures"] = new JsonArray([.. task.Trail.Signatures.Select(s => new JsonObject { ["by"] = s.By?.ToString("D"), ["outcome"] = s.Outcome, ["comment"] = s.Comment, ["at"] = Iso8601.ToText(s.At) })]),
        ["payload"] = ElsaJson.Node(task.Payload),
    };
}
