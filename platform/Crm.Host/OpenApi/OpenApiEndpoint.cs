using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Crm.Data;
using Crm.Host.Api;
using Crm.Metadata;

namespace Crm.Host.OpenApi;

/// <summary><c>GET /openapi/v1.json</c>: the API as somebody may use it. Who is not signed in sees the calls, but no entities.</summary>
internal static class OpenApiEndpoint
{
    /// <summary>Written once for each Model, language and set of entities.</summary>
    private static readonly ConditionalWeakTable<Model, ConcurrentDictionary<string, byte[]>> Written = [];

    private const int MaxWritten = 100;

    public static void MapOpenApiDocument(this IEndpointRouteBuilder app) => app.MapMethods("/openapi/v1.json", ["GET", "HEAD"], GetAsync).AllowAnonymous();

    private static async Task GetAsync(HttpContext context, ModelSource models)
    {
        var model = models.Current;
        var actor = context.User.Identity?.IsAuthenticated == true ? await ApiRequest.ActorAsync(context) : null;
        List<Entity> entities = actor is null ? [] : [.. model.Entities.Values.Where(e => Authority.May(actor, Operation.Read, e)).OrderBy(e => e.Name, StringComparer.Ordinal)];
        var kept = Written.GetValue(model, _ => new(StringComparer.Ordinal));
        var key = CultureInfo.CurrentUICulture.Name + ":" + string.Join(',', entities.Select(e => e.Name));
        if (!kept.TryGetValue(key, out var document))
        {
            document = new OpenApiDocument(model, entities).Write();
            if (kept.Count < MaxWritten)
            {
                kept[key] = document;
            }
        }
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = document.Length;
        context.Response.Headers.CacheControl = "private, no-cache";
        await context.Response.Body.WriteAsync(document, context.RequestAborted);
    }
}
