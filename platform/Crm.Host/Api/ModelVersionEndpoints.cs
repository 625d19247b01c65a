using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using static Crm.Host.Api.ApiRequest;

namespace Crm.Host.Api;

/// <summary>
/// <c>/api/model/versions</c>, <c>/api/model/export</c>: what was published and the files in force, for administrators.
/// </summary>
internal static class ModelVersionEndpoints
{
    public static void MapModelVersions(this IEndpointRouteBuilder api)
    {
        api.MapGet("/model/versions", ListAsync);
        api.MapPost("/model/versions/{number}/rollback", RollbackAsync).Takes("allowDestructive");
        api.MapGet("/model/export", ExportAsync);
    }

    private static async Task ListAsync(HttpContext context, ModelPublisher publisher)
    {
        await AdministratorAsync(context);
        var versions = await publisher.VersionsAsync(context.RequestAborted);
        await WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (var version in versions)
            {
                Write(json, version);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static async Task RollbackAsync(HttpContext context, string number, ModelPublisher publisher)
    {
        var actor = await AdministratorAsync(context);
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted))
        {
            throw new ProblemException(Problem.Of(ProblemKind.NotFound, "model.version", number));
        }
        var version = await publisher.RollbackAsync(wanted, actor, context.Request.Query["allowDestructive"] == "true", context.RequestAborted);
        await WriteJsonAsync(context, StatusCodes.Status200OK, json => Write(json, version));
    }

    /// <summary>A zip of the files in force, laid out like the folder <c>metadata/</c>.</summary>
    private static async Task<IResult> ExportAsync(HttpContext context, ModelSource models)
    {
        await AdministratorAsync(context);
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var file in models.Current.Files.Effective)
            {
                await using var entry = await zip.CreateEntry(MetadataKind.Find(file.Kind)!.PathOf(file.Name)).OpenAsync(context.RequestAborted);
                await entry.WriteAsync(Encoding.UTF8.GetBytes(file.Content!), context.RequestAborted);
            }
        }
        stream.Position = 0;
        return Results.Stream(stream, "application/zip", "metadata.zip");
    }

    private static async Task<Actor> AdministratorAsync(HttpContext context)
    {
        var actor = await ActorAsync(context);
        return actor.IsAdministrator ? actor : throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden.model"));
    }

    private static void Write(Utf8JsonWriter json, ModelVersion version)
    {
        json.WriteStartObject();
        json.WriteNumber("number", version.Number);
        json.WriteString("at", Iso8601.ToText(version.At));
        if (version.By is { } by)
        {
            json.WriteStartObject("by");
            json.WriteString("id", by);
            json.WriteString("name", version.ByName);
            json.WriteEndObject();
        }
        json.WriteString("title", version.Title);
        json.WriteStartArray("changes");
        foreach (var change in version.Changes)
        {
            json.WriteStartObject();
            json.WriteString("kind", change.Kind);
            json.WriteString("name", change.Name);
            json.WriteString("before", change.Before?.Content);
            json.WriteString("after", change.After?.Content);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
