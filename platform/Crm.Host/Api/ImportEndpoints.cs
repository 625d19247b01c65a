using Crm.Data;
using Crm.Rules;
using Microsoft.AspNetCore.Mvc;
using static Crm.Host.Api.ApiRequest;

namespace Crm.Host.Api;

/// <summary><c>POST /api/imports</c>: a file goes in as a job.</summary>
internal static class ImportEndpoints
{
    /// <summary>Files are not bound by the limit of JSON bodies, but by this one, in bytes.</summary>
    private const long MaxFile = 256L * 1024 * 1024;

    public static void MapImports(this IEndpointRouteBuilder api) =>
        api.MapPost("/imports", StartAsync).WithMetadata(new RequestSizeLimitAttribute(MaxFile), new RequestFormLimitsAttribute { MultipartBodyLengthLimit = MaxFile }, HttpManners.NotJson.Mark);

    private static async Task StartAsync(HttpContext context, ImportService imports)
    {
        var actor = await ActorAsync(context);
        if (!context.Request.HasFormContentType)
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.file"));
        }
        IFormCollection form;
        try
        {
            form = await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException && !context.RequestAborted.IsCancellationRequested)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "request"));
        }
        if (form.Files.GetFile("file") is not { } file)
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.file"));
        }
        var options = ImportService.ReadOptions(form["options"].ToString());
        using var content = new MemoryStream();
        await file.CopyToAsync(content, context.RequestAborted);
        var job = await imports.StartAsync(file.FileName, content.ToArray(), options, actor, context.RequestAborted);
        context.Response.Headers.Location = $"/api/jobs/{job.Id:D}";
        await WriteJsonAsync(context, StatusCodes.Status202Accepted, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", job.Id);
            json.WriteEndObject();
        });
    }
}
