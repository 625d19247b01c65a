using Crm.Data;
using Crm.Host.Api;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Host.Identity;

/// <summary><c>/api/sessions</c>: the browsers in which one is signed in.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder api)
    {
        api.MapGet("/sessions", ListAsync);
        api.MapDelete("/sessions/{id}", EndAsync);
    }

    private static async Task ListAsync(HttpContext context, SignIns signIns)
    {
        var actor = await ApiRequest.ActorAsync(context);
        var list = await signIns.ListAsync(actor.UserId!.Value, context.RequestAborted);
        var own = SignIns.IdOf(context.User);
        await ApiRequest.WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (var session in list)
            {
                json.WriteStartObject();
                json.WriteString("id", session.Id);
                json.WriteString("createdAt", Iso8601.ToText(session.CreatedAt));
                json.WriteString("seenAt", Iso8601.ToText(session.SeenAt));
                json.WriteString("agent", session.Agent);
                json.WriteString("address", session.Address);
                json.WriteBoolean("current", session.Id == own);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static async Task EndAsync(HttpContext context, string id, SignIns signIns)
    {
        var actor = await ApiRequest.ActorAsync(context);
        if (!Guid.TryParseExact(id, "D", out var session) || !await signIns.EndAsync(actor.UserId!.Value, session, context.RequestAborted))
        {
            throw new ProblemException(Problem.Of(ProblemKind.NotFound, "session.unknown"));
        }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
