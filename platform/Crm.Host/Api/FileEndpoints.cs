using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using static Crm.Host.Api.ApiRequest;

namespace Crm.Host.Api;

/// <summary><c>/api/files</c>: contents in and out, streamed.</summary>
internal static class FileEndpoints
{
    private const int UsualThumbnail = 256;

    public static void MapFiles(this IEndpointRouteBuilder api)
    {
        api.MapPost("/files", SaveAsync).Takes("name").WithMetadata(HttpManners.NotJson.Mark);
        api.MapGet("/files/{id}", GetAsync).Takes("inline").WithMetadata(HttpManners.NotJson.Mark);
        api.MapGet("/files/{id}/thumbnail", ThumbnailAsync).Takes("size").WithMetadata(HttpManners.NotJson.Mark);
    }

    private static async Task SaveAsync(HttpContext context, FileStore files)
    {
        var actor = await ActorAsync(context);
        var limit = files.Limit;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            // What a form adds around the content.
            body.MaxRequestBodySize = limit + (64 * 1024);
        }
        try
        {
            var (name, content) = await ContentAsync(context.Request);
            var file = await files.SaveAsync(name, content, limit, actor, null, context.RequestAborted);
            context.Response.Headers.Location = $"/api/files/{file.Id:D}";
            await WriteJsonAsync(context, StatusCodes.Status201Created, json =>
            {
                json.WriteStartObject();
                json.WriteString("id", file.Id);
                json.WriteString("name", file.Name);
                json.WriteString("type", file.Type);
                json.WriteNumber("size", file.Size);
                json.WriteString("sha256", file.Sha256);
                if (file is { Width: { } width, Height: { } height })
                {
                    json.WriteNumber("width", width);
                    json.WriteNumber("height", height);
                }
                json.WriteEndObject();
            });
        }
        catch (FileTooLargeException)
        {
            await ProblemDetailsJson.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "tooLarge");
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException && !context.RequestAborted.IsCancellationRequested)
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "file.form"));
        }
    }

    /// <summary>The first file of a form, or the body itself, named by the address.</summary>
    private static async Task<(string Name, Stream Content)> ContentAsync(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return (request.Query["name"].ToString() is { Length: > 0 } name ? name : throw new ProblemException(Problem.At("name", ProblemKind.Invalid, "file.name")), request.Body);
        }
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is > 0 and <= 200)
        {
            var reader = new MultipartReader(boundary, request.Body);
            while (await reader.ReadNextSectionAsync(request.HttpContext.RequestAborted) is { } section)
            {
                if (ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) && disposition.IsFileDisposition())
                {
                    var given = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
                    return (HeaderUtilities.RemoveQuotes(given).ToString(), section.Body);
                }
            }
        }
        throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "file.form"));
    }

    private static async Task<IResult> GetAsync(HttpContext context, string id, FileStore files)
    {
        var file = await FindAsync(context, id, files);
        var show = context.Request.Query["inline"] == "true" && FileKinds.MayShow(file.Type);
        return Send(context, files, file, show);
    }

    /// <summary>The picture made small; the picture itself where its kind is not made smaller.</summary>
    private static async Task<IResult> ThumbnailAsync(HttpContext context, string id, FileStore files, Thumbnails thumbnails)
    {
        var pixels = UsualThumbnail;
        if (context.Request.Query["size"].ToString() is { Length: > 0 } size && (!int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out pixels) || pixels is < 16 or > 2048))
        {
            throw new ProblemException(Problem.At("size", ProblemKind.Invalid, "file.thumbnailSize"));
        }
        var file = await FindAsync(context, id, files);
        try
        {
            var thumbnail = await thumbnails.FindAsync(file, pixels, context.RequestAborted) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "file.noThumbnail", file.Name));
            if (thumbnail.Content is not { } content)
            {
                return Send(context, files, file, show: true);
            }
            Guard(context, file, show: true);
            return Results.Bytes(content, thumbnail.Type, lastModified: file.CreatedAt, entityTag: new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{file.Sha256}-{pixels}\"")));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ProblemException(Problem.Of(ProblemKind.NotFound, "file.gone", file.Name));
        }
    }

    /// <summary>What somebody brought is never more on our page than what it shows.</summary>
    private static void Guard(HttpContext context, StoredFile file, bool show)
    {
        var headers = context.Response.Headers;
        headers.ContentDisposition = ExportEndpoints.Attachment(file.Name, show ? "inline" : "attachment");
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "private, no-cache";
        if (file.Type != "application/pdf")
        {
            headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        }
    }

    private static IResult Send(HttpContext context, FileStore files, StoredFile file, bool show)
    {
        Guard(context, file, show);
        try
        {
            return Results.Stream(files.Open(file), file.Type, fileDownloadName: null, file.CreatedAt, new EntityTagHeaderValue($"\"{file.Sha256}\""), enableRangeProcessing: true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ProblemException(Problem.Of(ProblemKind.NotFound, "file.gone", file.Name));
        }
    }

    private static async Task<StoredFile> FindAsync(HttpContext context, string id, FileStore files)
    {
        var actor = await ActorAsync(context);
        var file = Guid.TryParseExact(id, "D", out var fileId) ? await files.FindAsync(fileId, actor, context.RequestAborted) : null;
        return file ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "file.unknown", id));
    }
}
