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
    public static Entity EntityOf(HttpContext context, string name) =>
        context.RequestServices.GetRequiredService<ModelSource>().Current.Find(name) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "entity.unknown", name));

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

    /// <summary>The version that <c>If-Match</c> names; null for <c>*</c> and for <c>?force=true</c>.</summary>
    /// <exception cref="ProblemException">Neither is there, or it cannot be read.</exception>
    public static long? ExpectedVersion(HttpRequest request, Actor actor)
    {
        var header = request.Headers.IfMatch.ToString();
        if (header.Length == 0)
        {
            if (request.Query["force"] == "true")
            {
                return actor.IsAdministrator ? null : throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden.force"));
            }
            throw new ProblemException(Problem.Of(ProblemKind.VersionMissing, "version.missing"));
        }
        if (header == "*")
        {
            return null;
        }
        return EntityTagHeaderValue.TryParse(header, out var tag) && long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw new ProblemException(Problem.At("If-Match", ProblemKind.Invalid, "version.header"));
    }

    public static async Task WriteJsonAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        await using (var json = new Utf8JsonWriter(context.Response.BodyWriter, RecordJson.Readable))
        {
            write(json);
        }
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    public static async Task WriteRecordAsync(HttpContext context, int status, Record record)
    {
        context.Response.Headers.ETag = $"\"{record.Version.ToString(CultureInfo.InvariantCulture)}\"";
        await WriteJsonAsync(context, status, json => RecordJson.WriteRecord(json, record));
    }
}
