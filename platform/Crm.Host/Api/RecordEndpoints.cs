using System.Globalization;
using Crm.Data;
using static Crm.Host.Api.ApiRequest;

namespace Crm.Host.Api;

/// <summary><c>/api/records/{entity}</c>: the same calls for every entity of the Model.</summary>
internal static class RecordEndpoints
{
    public static void MapRecords(this IEndpointRouteBuilder api)
    {
        var records = api.MapGroup("/records/{entity}");
        records.MapGet("", ListAsync).Takes(QueryParameters.OfList);
        records.MapPost("", CreateAsync).Takes("confirm");
        records.MapPost("aggregate", AggregateAsync).WithMetadata(HttpManners.ReadsOnly.Mark);
        records.MapPost("batch", BatchAsync).Takes("confirm");
        records.MapGet("{id}", GetAsync).Takes("fields");
        records.MapPatch("{id}", UpdateAsync).Takes("force", "confirm");
        records.MapDelete("{id}", DeleteAsync);
        records.MapPost("{id}/restore", RestoreAsync);
        records.MapPost("{id}/merge", MergeAsync);
        records.MapGet("{id}/duplicates", DuplicatesAsync);
        records.MapPost("mass", MassAsync);
        records.MapGet("{id}/history", HistoryAsync).Takes("limit", "after");
        records.MapGet("{id}/timeline", TimelineAsync).Takes("limit", "after");
    }

    private static async Task ListAsync(HttpContext context, string entity, RecordStore store)
    {
        var query = QueryParameters.Read(context.Request.Query, EntityOf(context, entity));
        var shape = RecordShape.Of(query.Entity, query.Fields);
        var actor = await ActorAsync(context);
        await WriteJsonAsync(context, json => store.WriteJsonAsync(json, query.Query, shape, actor, context.RequestAborted));
    }

    private static async Task GetAsync(HttpContext context, string entity, string id, RecordStore store)
    {
        var of = EntityOf(context, entity);
        var actor = await ActorAsync(context);
        var shape = context.Request.Query["fields"].ToString() is { Length: > 0 } fields ? RecordShape.Of(of, fields) : RecordShape.Whole(of, actor);
        await WriteJsonAsync(context, json => store.WriteJsonAsync(json, shape, of, IdOf(of, id), actor, version => SetVersion(context, version), context.RequestAborted), isCacheable: !shape.ShowsOthers);
    }

    private static async Task CreateAsync(HttpContext context, string entity, RecordStore store)
    {
        var of = EntityOf(context, entity);
        var actor = await ActorAsync(context);
        using var body = await RecordJson.ReadBodyAsync(context.Request);
        var record = await WriteOneAsync(context, store, actor, RecordChange.Create(of, RecordJson.ReadValues(body.RootElement, of)));
        context.Response.Headers.Location = string.Create(CultureInfo.InvariantCulture, $"/api/records/{of.Name}/{record.Id:D}");
        await WriteRecordAsync(context, StatusCodes.Status201Created, store, record, actor);
    }

    private static async Task UpdateAsync(HttpContext context, string entity, string id, RecordStore store)
    {
        var of = EntityOf(context, entity);
        var actor = await ActorAsync(context);
        var version = ExpectedVersion(context.Request, actor);
        using var body = await RecordJson.ReadBodyAsync(context.Request);
        var values = RecordJson.ReadValues(body.RootElement, of);
        await WriteRecordAsync(context, StatusCodes.Status200OK, store, await WriteOneAsync(context, store, actor, RecordChange.Update(of, IdOf(of, id), values, version)), actor);
    }

    private static async Task DeleteAsync(HttpContext context, string entity, string id, RecordStore store)
    {
        var of = EntityOf(context, entity);
        await WriteOneAsync(context, store, await ActorAsync(context), RecordChange.Delete(of, IdOf(of, id), ExpectedVersionIfAny(context.Request)));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task RestoreAsync(HttpContext context, string entity, string id, RecordStore store)
    {
        var of = EntityOf(context, entity);
        var actor = await ActorAsync(context);
        await WriteRecordAsync(context, StatusCodes.Status200OK, store, await store.RestoreAsync(of, IdOf(of, id), actor, Door.Api, context.RequestAborted), actor);
    }

    private static async Task<Metadata.Record> WriteOneAsync(HttpContext context, RecordStore store, Actor actor, RecordChange change) =>
        (await store.WriteAsync(new(actor, Door.Api, [change]) { ConfirmsDuplicates = ConfirmsDuplicates(context) }, context.RequestAborted))[0].After!;

    /// <summary>Whoever was warned of probable duplicates sends the request again with <c>?confirm=duplicates</c>.</summary>
    private static bool ConfirmsDuplicates(HttpContext context) => context.Request.Query["confirm"] == "duplicates";

    private static async Task DuplicatesAsync(HttpContext context, string entity, string id, DuplicateFinder finder)
    {
        var of = EntityOf(context, entity);
        var candidates = await finder.FindAsync(of, IdOf(of, id), await ActorAsync(context), context.RequestAborted);
        await WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (var candidate in candidates.Items)
            {
                json.WriteStartObject();
                json.WriteString("id", candidate.Id);
                json.WriteString("title", candidate.Title);
                json.WriteStartArray("rules");
                foreach (var rule in candidate.Rules)
                {
                    json.WriteStringValue(rule);
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteBoolean("hasMore", candidates.HasMore);
            json.WriteEndObject();
        });
    }

    private static async Task MassAsync(HttpContext context, string entity, MassChanges mass)
    {
        var of = EntityOf(context, entity);
        var actor = await ActorAsync(context);
        using var body = await RecordJson.ReadBodyAsync(context.Request);
        var job = await mass.StartAsync(MassJson.Read(body.RootElement, of), actor, context.RequestAborted);
        context.Response.Headers.Location = $"/api/jobs/{job.Id:D}";
        await WriteJsonAsync(context, StatusCodes.Status202Accepted, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", job.Id);
            json.WriteEndObject();
        });
    }

    private static async Task MergeAsync(HttpContext context, string entity, string id, Merging merging, RecordStore store)
    {
        var of = EntityOf(context, entity);
        var actor = await ActorAsync(context);
        using var body = await RecordJson.ReadBodyAsync(context.Request);
        var (losers, values) = MergeJson.Read(body.RootElement, of);
        await WriteRecordAsync(context, StatusCodes.Status200OK, store, await merging.MergeAsync(of, IdOf(of, id), losers, values, actor, Door.Api, context.RequestAborted), actor);
    }

    private static async Task HistoryAsync(HttpContext context, string entity, string id, RecordStore store)
    {
        var of = EntityOf(context, entity);
        var (limit, after) = QueryParameters.ReadPage(context.Request.Query, AuditPage.MaxLimit, AuditPage.MaxLimit);
        var page = await store.HistoryAsync(of, IdOf(of, id), await ActorAsync(context), limit, after, context.RequestAborted);
        await WriteJsonAsync(context, StatusCodes.Status200OK, json => HistoryJson.Write(json, page));
    }

    private static async Task TimelineAsync(HttpContext context, string entity, string id, Timeline timeline, ModelSource models)
    {
        var of = EntityOf(context, entity);
        var actor = await ActorAsync(context);
        var (limit, after) = QueryParameters.ReadPage(context.Request.Query, 50, Timeline.MaxLimit);
        var page = await timeline.ReadAsync(of, IdOf(of, id), actor, limit, after, cancellationToken: context.RequestAborted);
        await WriteJsonAsync(context, StatusCodes.Status200OK, json => TimelineJson.Write(json, page, of, IdOf(of, id), actor, models.Current.Texts));
    }

    private static async Task AggregateAsync(HttpContext context, string entity, RecordStore store)
    {
        var of = EntityOf(context, entity);
        using var body = await RecordJson.ReadBodyAsync(context.Request);
        var result = await store.AggregateAsync(AggregateJson.Read(body.RootElement, of), await ActorAsync(context), context.RequestAborted);
        await WriteJsonAsync(context, StatusCodes.Status200OK, json => AggregateJson.Write(json, result));
    }

    private static async Task BatchAsync(HttpContext context, string entity, RecordStore store, ModelSource models)
    {
        var of = EntityOf(context, entity);
        var actor = await ActorAsync(context);
        using var body = await RecordJson.ReadBodyAsync(context.Request);
        var batch = BatchJson.Read(body.RootElement, of);
        // An atomic request with an item that cannot be read still goes through the rules, so that all failures are named at once.
        await store.WriteAsync(new(actor, Door.Api, batch.Changes, batch.Atomic ? WriteMode.AllOrNothing : WriteMode.Partial) { DryRun = batch.Atomic && batch.HasUnreadable, ConfirmsDuplicates = ConfirmsDuplicates(context) }, context.RequestAborted);
        batch.Settle();
        if (batch.Atomic && batch.HasFailures)
        {
            await WriteJsonAsync(context, batch.FailureStatus, json => batch.WriteFailures(json, models.Current.Texts), ProblemDetailsJson.ContentType);
            return;
        }
        await WriteJsonAsync(context, batch.HasFailures ? StatusCodes.Status207MultiStatus : StatusCodes.Status200OK, json => batch.Write(json, models.Current.Texts));
    }
}
