using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Microsoft.Net.Http.Headers;

namespace Crm.Host.Api;

/// <summary>What the endpoints read from requests, and how they answer.</summary>
internal static class ApiRequest
{
    private const string JsonContentType = "application/json; charset=utf-8";

    /// <exception cref="ProblemException">There is no such entity: what is wrong is the request, so it is told as any other wrong part of it.</exception>
    public static Entity EntityOf(HttpContext context, string name) =>
        context.RequestServices.GetRequiredService<ModelSource>().Current.Find(name) ?? throw new ProblemException(Problem.At("entity", ProblemKind.Invalid, "entity.unknown", name));

    public static Guid IdOf(Entity entity, string id) =>
        Guid.TryParseExact(id, "D", out var parsed) ? parsed : throw new ProblemException(Problem.Of(ProblemKind.NotFound, "notFound", entity.Label, id));

    public static async ValueTask<Actor> ActorAsync(HttpContext context)
    {
        var id = context.User.FindFirstValue(ClaimTypes.NameIdentifier);
        var actor = Guid.TryParse(id, out var userId)
            ? await context.RequestServices.GetRequiredService<ActorDirectory>().FindAsync(userId, context.RequestAborted)
            : null;
        return actor ?? throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "user.inactive"));
    }

    /// <summary>The version that <c>If-Match</c> names; null for <c>*</c> and for <c>?force=true</c>, which both change whatever is there and so need the right to.</summary>
    /// <exception cref="ProblemException">Neither is there, or it cannot be read.</exception>
    public static long? ExpectedVersion(HttpRequest request, Actor actor)
    {
        var header = request.Headers.IfMatch.ToString();
        if (header == "*" || (header.Length == 0 && request.Query["force"] == "true"))
        {
            return actor.IsAdministrator ? null : throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden.force"));
        }
        if (header.Length == 0)
        {
            throw new ProblemException(Problem.Of(ProblemKind.VersionMissing, "version.missing"));
        }
        return VersionIn(header);
    }

    /// <summary>The version that <c>If-Match</c> names, for calls that can do without; null where there is none, and for <c>*</c>, which is whatever is there.</summary>
    /// <exception cref="ProblemException">It cannot be read.</exception>
    public static long? ExpectedVersionIfAny(HttpRequest request) => request.Headers.IfMatch.ToString() is { Length: > 0 } header && header != "*" ? VersionIn(header) : null;

    private static long VersionIn(string header) =>
        EntityTagHeaderValue.TryParse(header, out var tag) && long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw new ProblemException(Problem.At("If-Match", ProblemKind.Invalid, "version.header"));

    /// <summary>Answers with what <paramref name="write"/> writes. Nothing goes out before all of it is there, so that a fault is answered as one.</summary>
    public static async Task WriteJsonAsync(HttpContext context, int status, Action<Utf8JsonWriter> write, string contentType = JsonContentType)
    {
        var answer = JsonAnswer.Pool.Get();
        try
        {
            write(answer.Json);
            context.Response.StatusCode = status;
            await SendAsync(context, answer, contentType);
        }
        finally
        {
            JsonAnswer.Pool.Return(answer);
        }
    }

    /// <summary>The same with 200 for what is written as it is read.</summary>
    public static async Task WriteJsonAsync(HttpContext context, Func<Utf8JsonWriter, Task> write, bool isCacheable = false)
    {
        var answer = JsonAnswer.Pool.Get();
        try
        {
            await write(answer.Json);
            if (isCacheable && IsKnown(context))
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
            await SendAsync(context, answer, JsonContentType);
        }
        finally
        {
            JsonAnswer.Pool.Return(answer);
        }
    }

    /// <summary>Whether the caller already has what the answer's ETag names.</summary>
    public static bool IsKnown(HttpContext context) =>
        EntityTagHeaderValue.TryParse(context.Response.Headers.ETag.ToString(), out var tag) && context.Request.Headers.IfNoneMatch is { Count: > 0 } given &&
        EntityTagHeaderValue.TryParseList([.. given.OfType<string>()], out var known) && known.Any(k => k.Equals(EntityTagHeaderValue.Any) || k.Compare(tag, useStrongComparison: false));

    public static void SetVersion(HttpContext context, long version) => context.Response.Headers.ETag = $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";

    public static async Task WriteRecordAsync(HttpContext context, int status, RecordStore store, Record record, Actor actor)
    {
        await store.FillAsync(record, actor, context.RequestAborted);
        SetVersion(context, record.Version);
        await WriteJsonAsync(context, status, json => RecordJson.WriteRecord(json, record));
    }

    private static async Task SendAsync(HttpContext context, JsonAnswer answer, string contentType)
    {
        var body = answer.Written;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }
}
