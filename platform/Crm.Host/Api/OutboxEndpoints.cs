using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using static Crm.Host.Api.ApiRequest;

namespace Crm.Host.Api;

/// <summary><c>/api/outbox</c>: what waits to happen, and what could not; for administrators.</summary>
internal static class OutboxEndpoints
{
    private const int MaxListed = 200;

    public static void MapOutbox(this IEndpointRouteBuilder api)
    {
        api.MapGet("/outbox", ListAsync).Takes("state", "limit", "after");
        api.MapPost("/outbox/{id}/retry", RetryAsync);
        api.MapDelete("/outbox/{id}", DropAsync);
    }

    private static async Task ListAsync(HttpContext context, OutboxQueue queue)
    {
        var wanted = context.Request.Query["state"].ToString() is { Length: > 0 } text ? text : "dead";
        var state = Array.Find(Enum.GetValues<OutboxState>(), s => JsonNamingPolicy.CamelCase.ConvertName(s.ToString()) == wanted);
        if (JsonNamingPolicy.CamelCase.ConvertName(state.ToString()) != wanted)
        {
            throw new ProblemException(Problem.At("state", ProblemKind.Invalid, "outbox.state"));
        }
        var (limit, after) = QueryParameters.ReadPage(context.Request.Query, MaxListed, MaxListed);
        var before = after is null ? null : Guid.TryParseExact(after, "D", out var last) ? (Guid?)last : throw new ProblemException(Problem.At("after", ProblemKind.Invalid, "cursor"));
        var items = await queue.ListAsync(state, limit + 1, await ActorAsync(context), before, context.RequestAborted);
        await WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (var item in items.Take(limit))
            {
                Write(json, item, wanted);
            }
            json.WriteEndArray();
            json.WriteString("next", items.Count > limit ? items[limit - 1].Id.ToString("D") : null);
            json.WriteEndObject();
        });
    }

    private static async Task DropAsync(HttpContext context, string id, OutboxQueue queue)
    {
        await queue.DropAsync(IdOf(id), await ActorAsync(context), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Guid IdOf(string id) => Guid.TryParseExact(id, "D", out var parsed) ? parsed : throw new ProblemException(Problem.Of(ProblemKind.NotFound, "outbox.unknown", id));

    private static async Task RetryAsync(HttpContext context, string id, OutboxQueue queue, Outbox outbox)
    {
        await queue.RetryAsync(IdOf(id), outbox, await ActorAsync(context), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static void Write(Utf8JsonWriter json, OutboxItem item, string state)
    {
        json.WriteStartObject();
        json.WriteString("id", item.Id);
        json.WriteString("kind", item.Kind);
        json.WriteString("key", item.Key);
        json.WriteString("state", state);
        json.WriteNumber("attempts", item.Attempts);
        json.WriteString("lastError", item.LastError);
        json.WriteString("createdAt", Iso8601.ToText(item.CreatedAt));
        json.WriteString("dueAt", item.DueAt is { } due ? Iso8601.ToText(due) : null);
        json.WriteString("finishedAt", item.FinishedAt is { } finished ? Iso8601.ToText(finished) : null);
        if (item.Subject is { } subject)
        {
            json.WriteString("subject", subject);
        }
        json.WritePropertyName("payload");
        item.Payload.WriteTo(json);
        json.WriteEndObject();
    }
}
