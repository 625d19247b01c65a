using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Crm.Host.Api;
using Crm.Rules;
using Crm.Workflow;
using static Crm.Host.Elsa.ElsaRequest;

namespace Crm.Host.Elsa;

/// <summary>Definitions as files: out one by one or as a zip, in as JSON, as files or as zips of files.</summary>
internal static class DefinitionFileEndpoints
{
    private const int MaxFiles = 500, MaxFile = 10 * 1024 * 1024;

    public static void MapDefinitionFiles(this IEndpointRouteBuilder elsa)
    {
        elsa.MapMethods("/workflow-definitions/{definitionId}/export", ["GET", "POST"], ExportAsync).WithMetadata(HttpManners.NotJson.Mark, HttpManners.ReadsOnly.Mark);
        elsa.MapMethods("/bulk-actions/export/workflow-definitions", ["GET", "POST"], ExportManyAsync).WithMetadata(HttpManners.NotJson.Mark, HttpManners.ReadsOnly.Mark);
        elsa.MapMethods("/workflow-definitions/import", ["POST", "PUT"], (HttpContext context, DefinitionStore definitions, WorkflowParts parts) => ImportAsync(context, null, definitions, parts));
        elsa.MapMethods("/workflow-definitions/{definitionId}/import", ["POST", "PUT"], ImportAsync);
        elsa.MapPost("/workflow-definitions/import-files", ImportFilesAsync).WithMetadata(HttpManners.NotJson.Mark);
    }

    private static async Task<IResult> ExportAsync(HttpContext context, string definitionId, DefinitionStore definitions)
    {
        await definitions.RefreshAsync(context.RequestAborted);
        var definition = await DefinitionEndpoints.ChosenAsync(definitions, definitionId, Query(context, "versionOptions"), VersionChoice.Latest, context.RequestAborted);
        if (QueryFlag(context, "includeConsumingWorkflows") == true)
        {
            var ids = new List<string> { definition.Id };
            ids.AddRange((await definitions.ConsumersAsync(definitionId, context.RequestAborted)).Select(c => definitions.LatestOf(c)!.Id));
            return await ZipAsync(definitions, ids, context.RequestAborted);
        }
        return Results.File(Encoding.UTF8.GetBytes(TextOf(definition)), "application/json", NameOf(definition));
    }

    private static async Task<IResult> ExportManyAsync(HttpContext context, DefinitionStore definitions)
    {
        await definitions.RefreshAsync(context.RequestAborted);
        var ids = HttpMethods.IsPost(context.Request.Method) ? Texts(await BodyAsync(context), "ids") : QueryTexts(context, "ids");
        return ids is null or { Count: 0 } ? Results.NoContent() : await ZipAsync(definitions, ids, context.RequestAborted);
    }

    private static async Task ImportAsync(HttpContext context, string? definitionId, DefinitionStore definitions, WorkflowParts parts)
    {
        var actor = await AdministratorAsync(context);
        var body = await BodyAsync(context);
        if (body.Count == 0)
        {
            throw new ProblemException(Problem.At("root", ProblemKind.Invalid, "workflow.root", ""));
        }
        if (definitionId is not null)
        {
            body["definitionId"] = definitionId;
        }
        var definition = DefinitionEndpoints.Read(parts, body);
        var isNew = definitions.LatestOf(definition.DefinitionId) is null;
        var saved = await definitions.SaveAsync(DefinitionStore.WithoutRevision(definition), publish: false, actor, context.RequestAborted);
        await AnswerAsync(context, ElsaJson.Model(definitions, saved), isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    /// <summary>All files are read before the first is kept, so that one that cannot be understood leaves nothing behind.</summary>
    private static async Task ImportFilesAsync(HttpContext context, DefinitionStore definitions, WorkflowParts parts)
    {
        var actor = await AdministratorAsync(context);
        if (!context.Request.HasFormContentType)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "mediaType"));
        }
        var read = new List<WorkflowDefinition>();
        foreach (var file in (await FormAsync(context)).Files)
        {
            await using var stream = file.OpenReadStream();
            if (file.FileName.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            {
                await ReadZipAsync(stream, read, parts, context.RequestAborted);
            }
            else
            {
                read.Add(parts.Reader.Read(await TextAsync(stream, context.RequestAborted)));
            }
        }
        foreach (var definition in read)
        {
            await definitions.SaveAsync(DefinitionStore.WithoutRevision(definition), publish: false, actor, context.RequestAborted);
        }
        await AnswerAsync(context, new JsonObject { ["count"] = read.Count });
    }

    private static async Task<IFormCollection> FormAsync(HttpContext context)
    {
        try
        {
            return await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (InvalidDataException)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "request"));
        }
        catch (IOException)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "request"));
        }
    }

    private static async Task ReadZipAsync(Stream stream, List<WorkflowDefinition> into, WorkflowParts parts, CancellationToken cancellationToken)
    {
        try
        {
            await using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            foreach (var entry in zip.Entries.Where(e => e.Name.EndsWith(".json", StringComparison.OrdinalIgnoreCase)).Take(MaxFiles))
            {
                await using var content = await entry.OpenAsync(cancellationToken);
                into.Add(parts.Reader.Read(await TextAsync(content, cancellationToken)));
            }
        }
        catch (InvalidDataException)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "workflow.json", "zip"));
        }
    }

    /// <summary>A text that is no longer than a file may be, however small it was packed.</summary>
    private static async Task<string> TextAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var piece = new byte[81_920];
        for (int count; (count = await stream.ReadAsync(piece, cancellationToken)) > 0;)
        {
            if (buffer.Length + count > MaxFile)
            {
                throw new ProblemException(Problem.Of(ProblemKind.Invalid, "workflow.json", "> 10 MB"));
            }
            buffer.Write(piece, 0, count);
        }
        var bytes = buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw new ProblemException(Problem.Of(ProblemKind.Invalid, "value.brokenUnicode"));
    }

    private static async Task<IResult> ZipAsync(DefinitionStore definitions, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var stream = new MemoryStream();
        await using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var id in ids.Distinct(StringComparer.Ordinal))
            {
                if (await definitions.FindAsync(id, cancellationToken) is { } definition)
                {
                    await using var entry = await zip.CreateEntry(NameOf(definition)).OpenAsync(cancellationToken);
                    await entry.WriteAsync(Encoding.UTF8.GetBytes(TextOf(definition)), cancellationToken);
                }
            }
        }
        stream.Position = 0;
        return Results.Stream(stream, "application/zip", "workflow-definitions.zip");
    }

    private static string TextOf(WorkflowDefinition definition) => DefinitionStore.WithoutRevision(definition).ToJson(schema: true);

    private static string NameOf(WorkflowDefinition definition)
    {
        var name = string.Concat(definition.Name.Trim().ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : '-')).Trim('-');
        return $"workflow-definition-{(name.Length > 0 ? name : definition.DefinitionId)}.json";
    }
}
