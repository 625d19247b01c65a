using System.Globalization;
using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Rules;
using Crm.Workflow;
using static Crm.Host.Elsa.ElsaRequest;

namespace Crm.Host.Elsa;

/// <summary>Reading, saving, publishing and deleting definitions.</summary>
internal static class DefinitionEndpoints
{
    private enum Order
    {
        Name, Created, Version,
    }

    private enum Direction
    {
        Ascending, Descending,
    }

    public static void MapDefinitions(this IEndpointRouteBuilder elsa)
    {
        elsa.MapGet("/workflow-definitions", ListAsync);
        elsa.MapPost("/workflow-definitions", SaveAsync);
        elsa.MapGet("/workflow-definitions/by-definition-id/{definitionId}", GetAsync);
        elsa.MapGet("/workflow-definitions/by-id/{id}", GetVersionAsync);
        elsa.MapGet("/workflow-definitions/many-by-id", GetManyAsync);
        elsa.MapGet("/workflow-definitions/query/count", CountAsync);
        elsa.MapGet("/workflow-definitions/validation/is-name-unique", IsNameUniqueAsync);
        elsa.MapGet("/workflow-definitions/{definitionId}/versions", VersionsAsync);
        elsa.MapGet("/workflow-definitions/{definitionId}/consumers", ConsumersAsync);
        elsa.MapPost("/workflow-definitions/{definitionId}/update-references", UpdateReferencesAsync);
        elsa.MapPost("/workflow-definitions/{definitionId}/publish", PublishAsync);
        elsa.MapPost("/workflow-definitions/{definitionId}/retract", RetractAsync);
        elsa.MapPost("/workflow-definitions/{definitionId}/revert/{version}", RevertAsync);
        elsa.MapDelete("/workflow-definitions/{definitionId}", DeleteAsync);
        elsa.MapDelete("/workflow-definitions/{definitionId}/version/{version}", DeleteNumberAsync);
        elsa.MapDelete("/workflow-definition-versions/{id}", DeleteVersionAsync);
        elsa.MapPost("/bulk-actions/delete/workflow-definitions/by-definition-id", DeleteManyAsync);
        elsa.MapPost("/bulk-actions/delete/workflow-definitions/by-id", DeleteVersionsAsync);
        elsa.MapPost("/bulk-actions/publish/workflow-definitions/by-definition-ids", PublishManyAsync);
        elsa.MapPost("/bulk-actions/retract/workflow-definitions/by-definition-ids", RetractManyAsync);
    }

    private static async Task ListAsync(HttpContext context, DefinitionStore definitions)
    {
        await definitions.RefreshAsync(context.RequestAborted);
        var choice = VersionChoice.Parse(Query(context, "versionOptions"), VersionChoice.All);
        var (ids, versionIds, search, isSystem) = (QueryTexts(context, "definitionIds"), QueryTexts(context, "ids"), Query(context, "searchTerm")?.Trim(), QueryFlag(context, "isSystem"));
        var found = definitions.All().Where(v => choice.Includes(v) && (ids is null || ids.Contains(v.DefinitionId)) && (versionIds is null || versionIds.Contains(v.Id)) && (isSystem is null || v.IsSystem == isSystem) &&
            (search is null || v.Name.Contains(search, StringComparison.CurrentCultureIgnoreCase) || v.Description?.Contains(search, StringComparison.CurrentCultureIgnoreCase) == true || v.Id == search || v.DefinitionId == search));
        var order = Choice<Order>("orderBy", Query(context, "orderBy")) ?? Order.Name;
        var down = (Choice<Direction>("orderDirection", Query(context, "orderDirection")) ?? (order == Order.Name ? Direction.Ascending : Direction.Descending)) == Direction.Descending;
        found = order switch
        {
            Order.Created => down ? found.OrderByDescending(v => v.CreatedAt) : found.OrderBy(v => v.CreatedAt),
            Order.Version => down ? found.OrderByDescending(v => v.Version) : found.OrderBy(v => v.Version),
            _ => down ? found.OrderByDescending(v => v.Name, StringComparer.CurrentCulture) : found.OrderBy(v => v.Name, StringComparer.CurrentCulture),
        };
        var all = found.ToList();
        var (skip, take) = Page(QueryNumber(context, "page"), QueryNumber(context, "pageSize"), null, null, usual: Math.Max(1, Math.Min(1_000, all.Count)));
        await AnswerAsync(context, new JsonObject { ["items"] = new JsonArray([.. all.Skip(skip).Take(take).Select(ElsaJson.Summary)]), ["totalCount"] = all.Count, ["links"] = ElsaJson.ListLinks() });
    }

    private static async Task GetAsync(HttpContext context, string definitionId, DefinitionStore definitions)
    {
        await definitions.RefreshAsync(context.RequestAborted);
        await AnswerAsync(context, ElsaJson.Model(definitions, await ChosenAsync(definitions, definitionId, Query(context, "versionOptions"), VersionChoice.Latest, context.RequestAborted)));
    }

    private static async Task GetVersionAsync(HttpContext context, string id, DefinitionStore definitions)
    {
        await definitions.RefreshAsync(context.RequestAborted);
        await AnswerAsync(context, ElsaJson.Model(definitions, await definitions.FindAsync(id, context.RequestAborted) ?? throw Missing("workflow.missing", id)));
    }

    private static async Task GetManyAsync(HttpContext context, DefinitionStore definitions)
    {
        var models = new List<JsonNode?>();
        foreach (var id in QueryTexts(context, "ids") ?? [])
        {
            if (await definitions.FindAsync(id, context.RequestAborted) is { } definition)
            {
                models.Add(ElsaJson.Model(definitions, definition));
            }
        }
        await AnswerListAsync(context, models);
    }

    private static async Task CountAsync(HttpContext context, DefinitionStore definitions)
    {
        await definitions.RefreshAsync(context.RequestAborted);
        await AnswerAsync(context, new JsonObject { ["count"] = definitions.Latest().Count });
    }

    private static async Task IsNameUniqueAsync(HttpContext context, DefinitionStore definitions)
    {
        await definitions.RefreshAsync(context.RequestAborted);
        await AnswerAsync(context, new JsonObject { ["isUnique"] = definitions.IsNameFree(Query(context, "name") ?? "", Query(context, "definitionId")) });
    }

    private static async Task VersionsAsync(HttpContext context, string definitionId, DefinitionStore definitions)
    {
        await definitions.RefreshAsync(context.RequestAborted);
        var versions = definitions.Versions(definitionId);
        await AnswerAsync(context, versions.Count > 0 ? new JsonArray([.. versions.Select(ElsaJson.Summary)]) : throw Missing("workflow.missing", definitionId));
    }

    private static async Task ConsumersAsync(HttpContext context, string definitionId, DefinitionStore definitions) =>
        await AnswerAsync(context, new JsonObject { ["consumingWorkflowDefinitionIds"] = List(await definitions.ConsumersAsync(definitionId, context.RequestAborted)) });

    private static async Task UpdateReferencesAsync(HttpContext context, string definitionId, DefinitionStore definitions) =>
        await AnswerAsync(context, new JsonObject { ["affectedWorkflows"] = List(await definitions.UpdateReferencesAsync(definitionId, await AdministratorAsync(context), context.RequestAborted)) });

    private static async Task SaveAsync(HttpContext context, DefinitionStore definitions, WorkflowParts parts)
    {
        var actor = await AdministratorAsync(context);
        var body = await BodyAsync(context);
        var publish = Flag(body, "publish") == true;
        var model = Map(body, "model") ?? throw new ProblemException(Problem.At("model", ProblemKind.Invalid, "parameter.missing", "model"));
        var saved = await definitions.SaveAsync(Read(parts, model), publish, actor, context.RequestAborted);
        await AnswerAsync(context, await SavedAsync(definitions, saved, wasPublished: false, context.RequestAborted));
    }

    private static async Task PublishAsync(HttpContext context, string definitionId, DefinitionStore definitions)
    {
        var actor = await AdministratorAsync(context);
        await definitions.RefreshAsync(context.RequestAborted);
        var wasPublished = definitions.LatestOf(definitionId)?.IsPublished == true;
        await AnswerAsync(context, await SavedAsync(definitions, await definitions.PublishAsync(definitionId, actor, context.RequestAborted), wasPublished, context.RequestAborted));
    }

    private static async Task RetractAsync(HttpContext context, string definitionId, DefinitionStore definitions)
    {
        await definitions.RetractAsync(definitionId, context.RequestAborted);
        await AnswerAsync(context, ElsaJson.Model(definitions, await ChosenAsync(definitions, definitionId, null, VersionChoice.Latest, context.RequestAborted)));
    }

    private static async Task RevertAsync(HttpContext context, string definitionId, string version, DefinitionStore definitions)
    {
        var reverted = await definitions.RevertAsync(definitionId, NumberOf(definitionId, version), await AdministratorAsync(context), context.RequestAborted);
        await AnswerAsync(context, ElsaJson.Summary(definitions.All().First(v => v.Id == reverted.Id)), StatusCodes.Status201Created);
    }

    private static async Task DeleteAsync(HttpContext context, string definitionId, WorkflowEngine engine)
    {
        await engine.Definitions.RefreshAsync(context.RequestAborted);
        if (await engine.DeleteDefinitionAsync(definitionId, context.RequestAborted) == 0)
        {
            throw Missing("workflow.missing", definitionId);
        }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task DeleteNumberAsync(HttpContext context, string definitionId, string version, DefinitionStore definitions)
    {
        await definitions.RefreshAsync(context.RequestAborted);
        var number = NumberOf(definitionId, version);
        await DeleteVersionAsync(context, definitions.Versions(definitionId).FirstOrDefault(v => v.Version == number)?.Id ?? throw Missing("workflow.missing", definitionId), definitions);
    }

    private static async Task DeleteVersionAsync(HttpContext context, string id, DefinitionStore definitions)
    {
        if (await definitions.DeleteVersionsAsync([id], context.RequestAborted) == 0)
        {
            throw Missing("workflow.missing", id);
        }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task DeleteManyAsync(HttpContext context, WorkflowEngine engine)
    {
        var ids = Texts(await BodyAsync(context), "definitionIds") ?? [];
        await engine.Definitions.RefreshAsync(context.RequestAborted);
        var deleted = 0;
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
        {
            deleted += await engine.DeleteDefinitionAsync(id, context.RequestAborted) > 0 ? 1 : 0;
        }
        await AnswerAsync(context, new JsonObject { ["deleted"] = deleted });
    }

    private static async Task DeleteVersionsAsync(HttpContext context, DefinitionStore definitions) =>
        await AnswerAsync(context, new JsonObject { ["deleted"] = await definitions.DeleteVersionsAsync([.. Texts(await BodyAsync(context), "ids") ?? []], context.RequestAborted) });

    private static async Task PublishManyAsync(HttpContext context, DefinitionStore definitions)
    {
        var actor = await AdministratorAsync(context);
        var ids = Texts(await BodyAsync(context), "definitionIds") ?? [];
        await definitions.RefreshAsync(context.RequestAborted);
        var texts = context.RequestServices.GetRequiredService<ModelSource>().Current.Texts;
        var (published, already, missing, skipped, failed, warnings) = (new JsonArray(), new JsonArray(), new JsonArray(), new JsonArray(), new JsonArray(), new JsonObject());
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
        {
            switch (definitions.LatestOf(id))
            {
                case null: missing.Add(id); break;
                case { IsReadonly: true }: skipped.Add(id); break;
                case { IsPublished: true }: already.Add(id); break;
                default:
                    try
                    {
                        await definitions.PublishAsync(id, actor, context.RequestAborted);
                        published.Add(id);
                    }
                    catch (ProblemException refusal)
                    {
                        failed.Add(id);
                        warnings[id] = List(refusal.Problems.Select(p => p.Message(texts)));
                    }
                    break;
            }
        }
        await AnswerAsync(context, new JsonObject
        {
            ["published"] = published, ["alreadyPublished"] = already, ["notFound"] = missing, ["skipped"] = skipped, ["updatedConsumers"] = new JsonArray(), ["failed"] = failed, ["warnings"] = warnings,
        });
    }

    private static async Task RetractManyAsync(HttpContext context, DefinitionStore definitions)
    {
        var ids = Texts(await BodyAsync(context), "definitionIds") ?? [];
        await definitions.RefreshAsync(context.RequestAborted);
        var (retracted, already, missing, skipped) = (new JsonArray(), new JsonArray(), new JsonArray(), new JsonArray());
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
        {
            switch (definitions.LatestOf(id), definitions.Published(id))
            {
                case (null, _): missing.Add(id); break;
                case (_, null): already.Add(id); break;
                case (_, { IsReadonly: true }): skipped.Add(id); break;
                default:
                    await definitions.RetractAsync(id, context.RequestAborted);
                    retracted.Add(id);
                    break;
            }
        }
        await AnswerAsync(context, new JsonObject { ["retracted"] = retracted, ["alreadyRetracted"] = already, ["notPublished"] = already.DeepClone(), ["notFound"] = missing, ["skipped"] = skipped });
    }

    /// <summary>A definition out of a body; a new one may come without a root.</summary>
    internal static WorkflowDefinition Read(WorkflowParts parts, JsonObject model)
    {
        if (model["root"] is null && model["stringData"] is null && model["originalSource"] is null)
        {
            model["root"] = new JsonObject { ["type"] = "Elsa.Flowchart", ["version"] = 1, ["activities"] = new JsonArray(), ["connections"] = new JsonArray() };
        }
        return parts.Reader.Read(model);
    }

    internal static async Task<WorkflowDefinition> ChosenAsync(DefinitionStore definitions, string definitionId, string? versions, VersionChoice fallback, CancellationToken cancellationToken) =>
        definitions.Choose(definitionId, VersionChoice.Parse(versions, fallback)) is { } version && await definitions.FindAsync(version.Id, cancellationToken) is { } definition ? definition : throw Missing("workflow.missing", definitionId);

    internal static JsonArray List(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);

    private static async Task<JsonObject> SavedAsync(DefinitionStore definitions, WorkflowDefinition saved, bool wasPublished, CancellationToken cancellationToken) => new()
    {
        ["workflowDefinition"] = ElsaJson.Model(definitions, saved),
        ["alreadyPublished"] = wasPublished,
        ["consumingWorkflowCount"] = saved.IsPublished ? (await definitions.ConsumersAsync(saved.DefinitionId, cancellationToken)).Count : 0,
        ["validationErrors"] = new JsonArray(),
    };

    private static int NumberOf(string definitionId, string version) => int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Missing("workflow.missing", definitionId);
}
