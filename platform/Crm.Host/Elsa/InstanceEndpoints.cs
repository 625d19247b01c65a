using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Crm.Host.Api;
using Crm.Metadata;
using Crm.Rules;
using Crm.Workflow;
using static Crm.Host.Elsa.ElsaRequest;

namespace Crm.Host.Elsa;

/// <summary>Instances: finding, looking into, changing, ending and deleting them.</summary>
internal static class InstanceEndpoints
{
    private enum Order
    {
        Created, UpdatedAt, Finished, Name, LastExecuted,
    }

    private enum Direction
    {
        Ascending, Descending,
    }

    private static readonly Dictionary<string, string> Operators = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Is"] = "=", ["IsNot"] = "<>", ["GreaterThan"] = ">", ["GreaterThanOrEqual"] = ">=", ["LessThan"] = "<", ["LessThanOrEqual"] = "<=",
    };

    public static void MapInstances(this IEndpointRouteBuilder elsa)
    {
        elsa.MapMethods("/workflow-instances", ["GET", "POST"], ListAsync).WithMetadata(HttpManners.ReadsOnly.Mark);
        elsa.MapGet("/workflow-instances/{id}", GetAsync);
        elsa.MapDelete("/workflow-instances/{id}", DeleteAsync);
        elsa.MapGet("/workflow-instances/{id}/execution-state", StateAsync);
        elsa.MapGet("/workflow-instances/{id}/variables", VariablesAsync);
        elsa.MapPost("/workflow-instances/{id}/variables", SetVariablesAsync);
        elsa.MapGet("/workflow-instances/{id}/export", ExportAsync).WithMetadata(HttpManners.NotJson.Mark);
        elsa.MapPost("/cancel/workflow-instances/{id}", CancelAsync);
        elsa.MapPost("/bulk-actions/cancel/workflow-instances", CancelManyAsync);
        elsa.MapPost("/bulk-actions/delete/workflow-instances", DeleteManyAsync);
        elsa.MapPost("/bulk-actions/export/workflow-instances", ExportManyAsync).WithMetadata(HttpManners.NotJson.Mark, HttpManners.ReadsOnly.Mark);
    }

    /// <summary>Reads a filter; lists and alterations ask by the same words.</summary>
    public static InstanceFilter FilterOf(JsonObject body) => new()
    {
        Ids = Texts(body, "workflowInstanceIds") ?? Texts(body, "ids"),
        DefinitionId = Text(body, "definitionId"),
        DefinitionIds = Texts(body, "definitionIds") is { Count: > 0 } definitions ? definitions : null,
        CorrelationId = Text(body, "correlationId"),
        Name = Text(body, "name"),
        Version = Number(body, "version"),
        HasIncidents = Flag(body, "hasIncidents"),
        Search = Text(body, "searchTerm")?.Trim() is { Length: > 0 } search ? search : null,
        Status = Choice<WorkflowStatus>("status", Text(body, "status")),
        Statuses = Choices<WorkflowStatus>(body, "statuses"),
        SubStatus = Choice<WorkflowSubStatus>("subStatus", Text(body, "subStatus")),
        SubStatuses = Choices<WorkflowSubStatus>(body, "subStatuses"),
        Moments = MomentsOf(Member(body, "timestampFilters")),
    };

    /// <exception cref="ProblemException">There is no such instance.</exception>
    public static async Task<WorkflowInstance> FindAsync(WorkflowEngine engine, string id, CancellationToken cancellationToken) => await engine.FindAsync(id, cancellationToken) ?? throw Missing("workflow.instance", id);

    private static async Task ListAsync(HttpContext context, WorkflowEngine engine)
    {
        var body = HttpMethods.IsPost(context.Request.Method) ? await BodyAsync(context) : FromQuery(context);
        var order = Choice<Order>("orderBy", Text(body, "orderBy")) ?? Order.Created;
        var (skip, take) = Page(Number(body, "page"), Number(body, "pageSize"), null, null, usual: 100);
        var filter = FilterOf(body) with
        {
            OrderBy = order switch { Order.UpdatedAt or Order.LastExecuted => InstanceMoment.Updated, Order.Finished => InstanceMoment.Finished, _ => InstanceMoment.Created },
            OrderByName = order == Order.Name,
            Ascending = (Choice<Direction>("orderDirection", Text(body, "orderDirection")) ?? Direction.Descending) == Direction.Ascending,
            Skip = skip,
            Limit = take,
        };
        var items = await engine.ListAsync(filter, context.RequestAborted);
        await AnswerPageAsync(context, items.Select(ElsaJson.Summary), await engine.CountAsync(filter, cancellationToken: context.RequestAborted));
    }

    private static async Task GetAsync(HttpContext context, string id, WorkflowEngine engine)
    {
        var instance = await FindAsync(engine, id, context.RequestAborted);
        await AnswerAsync(context, await WholeAsync(engine, instance, context.RequestAborted));
    }

    private static async Task StateAsync(HttpContext context, string id, WorkflowEngine engine)
    {
        var instance = await FindAsync(engine, id, context.RequestAborted);
        // Studio 3.8 reads the names with "workflow" before them, the others the short ones.
        await AnswerAsync(context, new JsonObject
        {
            ["status"] = instance.Status.ToString(), ["subStatus"] = instance.SubStatus.ToString(), ["workflowStatus"] = instance.Status.ToString(), ["workflowSubStatus"] = instance.SubStatus.ToString(), ["updatedAt"] = Iso8601.ToText(instance.UpdatedAt),
        });
    }

    private static async Task VariablesAsync(HttpContext context, string id, WorkflowEngine engine)
    {
        await FindAsync(engine, id, context.RequestAborted);
        var variables = (await engine.InspectAsync(id, context.RequestAborted))?.VariablesNow() ?? (await engine.EndAsync(id, context.RequestAborted))?.Variables ?? [];
        await AnswerListAsync(context, variables.Select(ElsaJson.Variable));
    }

    private static async Task SetVariablesAsync(HttpContext context, string id, WorkflowEngine engine)
    {
        await FindAsync(engine, id, context.RequestAborted);
        var changes = new List<(string Id, object? Value)>();
        foreach (var item in (await BodyAsync(context))["variables"] as JsonArray ?? [])
        {
            var change = item as JsonObject ?? throw new ProblemException(Problem.At("variables", ProblemKind.Invalid, "json.object"));
            changes.Add((Text(change, "id") ?? "", Values.FromJson(change["value"])));
        }
        await engine.SetVariablesAsync(id, changes, context.RequestAborted);
        await VariablesAsync(context, id, engine);
    }

    private static async Task DeleteAsync(HttpContext context, string id, WorkflowEngine engine)
    {
        if (await engine.DeleteAsync([id], context.RequestAborted) == 0)
        {
            throw Missing("workflow.instance", id);
        }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task CancelAsync(HttpContext context, string id, WorkflowEngine engine)
    {
        if ((await FindAsync(engine, id, context.RequestAborted)).Status == WorkflowStatus.Running)
        {
            await engine.CancelAsync(id, context.RequestAborted);
        }
    }

    private static async Task CancelManyAsync(HttpContext context, WorkflowEngine engine)
    {
        var body = await BodyAsync(context);
        var filter = new InstanceFilter { Ids = Texts(body, "ids") is { Count: > 0 } ids ? ids : null, DefinitionId = Text(body, "definitionId"), VersionId = Text(body, "definitionVersionId"), Status = WorkflowStatus.Running, Limit = 10_000 };
        var cancelled = 0;
        // Asking for all of them is not what an empty request means.
        foreach (var instance in filter is { Ids: null, DefinitionId: null, VersionId: null } ? [] : await engine.ListAsync(filter, context.RequestAborted))
        {
            try
            {
                await engine.CancelAsync(instance.Id, context.RequestAborted);
                cancelled++;
            }
            catch (ProblemException refusal) when (refusal.Problems.All(p => p.Kind is ProblemKind.Conflict or ProblemKind.NotFound))
            {
                // It ended meanwhile, or its version is gone; the others end all the same.
            }
        }
        await AnswerAsync(context, new JsonObject { ["cancelled"] = cancelled });
    }

    private static async Task DeleteManyAsync(HttpContext context, WorkflowEngine engine)
    {
        var body = await BodyAsync(context);
        List<string> ids = [.. Texts(body, "ids") ?? []];
        if ((Text(body, "workflowDefinitionId"), Texts(body, "workflowDefinitionIds")) is var (definition, definitions) && (definition is not null || definitions is not null))
        {
            ids.AddRange((await engine.ListAsync(new() { DefinitionId = definition, DefinitionIds = definitions, Limit = 100_000 }, context.RequestAborted)).Select(i => i.Id));
        }
        await AnswerAsync(context, new JsonObject { ["deleted"] = await engine.DeleteAsync(ids, context.RequestAborted) });
    }

    private static async Task<IResult> ExportAsync(HttpContext context, string id, WorkflowEngine engine)
    {
        var instance = await FindAsync(engine, id, context.RequestAborted);
        return Results.File(Encoding.UTF8.GetBytes((await ExportedAsync(engine, instance, context.RequestAborted)).ToJsonString(ElsaJson.Plain)), "application/json", $"workflow-instance-{id}.json");
    }

    private static async Task<IResult> ExportManyAsync(HttpContext context, WorkflowEngine engine)
    {
        var ids = Texts(await BodyAsync(context), "ids") ?? [];
        var stream = new MemoryStream();
        await using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var instance in await engine.ListAsync(new() { Ids = [.. ids.Take(500)], Limit = 500 }, context.RequestAborted))
            {
                await using var entry = await zip.CreateEntry($"workflow-instance-{instance.Id}.json").OpenAsync(context.RequestAborted);
                await entry.WriteAsync(Encoding.UTF8.GetBytes((await ExportedAsync(engine, instance, context.RequestAborted)).ToJsonString(ElsaJson.Plain)), context.RequestAborted);
            }
        }
        stream.Position = 0;
        return Results.Stream(stream, "application/zip", "workflow-instances.zip");
    }

    private static async Task<JsonObject> ExportedAsync(WorkflowEngine engine, WorkflowInstance instance, CancellationToken cancellationToken)
    {
        var journal = await engine.HistoryAsync(instance.Id, cancellationToken);
        var executions = ExecutionLog.Executions(journal);
        var byId = executions.ToDictionary(e => e.Id, StringComparer.Ordinal);
        var state = (JsonObject)(await WholeAsync(engine, instance, cancellationToken))["workflowState"]!;
        return new()
        {
            ["workflowState"] = state.DeepClone(),
            ["bookmarks"] = state["bookmarks"]?.DeepClone(),
            ["activityExecutionRecords"] = new JsonArray([.. executions.Select(e => ElsaJson.Execution(instance.Id, e, byId))]),
            ["workflowExecutionLogRecords"] = new JsonArray([.. ExecutionLog.Lines(journal).Select(ElsaJson.Line)]),
        };
    }

    private static async Task<JsonObject> WholeAsync(WorkflowEngine engine, WorkflowInstance instance, CancellationToken cancellationToken)
    {
        var run = await engine.InspectAsync(instance.Id, cancellationToken);
        var whole = ElsaJson.Summary(instance);
        whole["workflowState"] = ElsaJson.State(instance, run, run is null ? await engine.EndAsync(instance.Id, cancellationToken) : null);
        return whole;
    }

    private static JsonObject FromQuery(HttpContext context)
    {
        var body = new JsonObject();
        foreach (var name in (string[])["page", "pageSize", "searchTerm", "definitionId", "correlationId", "name", "version", "status", "subStatus", "orderBy", "orderDirection"])
        {
            body[name] = Query(context, name);
        }
        foreach (var name in (string[])["definitionIds", "statuses", "subStatuses"])
        {
            body[name] = QueryTexts(context, name) is { } texts ? DefinitionEndpoints.List(texts) : null;
        }
        body["hasIncidents"] = QueryFlag(context, "hasIncidents");
        return body;
    }

    private static List<(InstanceMoment, string, DateTimeOffset)>? MomentsOf(JsonNode? filters)
    {
        if (filters is null)
        {
            return null;
        }
        var moments = new List<(InstanceMoment, string, DateTimeOffset)>();
        foreach (var item in filters as JsonArray ?? throw Unclear("timestampFilters"))
        {
            var filter = item as JsonObject ?? throw Unclear("timestampFilters");
            var moment = Text(filter, "column") switch { "CreatedAt" or "createdAt" => InstanceMoment.Created, "UpdatedAt" or "updatedAt" => InstanceMoment.Updated, "FinishedAt" or "finishedAt" => InstanceMoment.Finished, _ => throw Unclear("column") };
            var comparison = Text(filter, "operator") is { } name && Operators.TryGetValue(name, out var known) ? known : throw Unclear("operator");
            var value = DateTimeOffset.TryParse(Text(filter, "timestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at.Year is > 1 and < 9999 ? at : throw Unclear("timestamp");
            moments.Add((moment, comparison, value));
        }
        return moments.Count > 0 ? moments : null;

        static ProblemException Unclear(string field) => new(Problem.At("timestampFilters." + field, ProblemKind.Invalid, "parameter.timestampFilter"));
    }
}
