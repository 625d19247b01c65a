using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Crm.Host.Api;
using Crm.Rules;
using Crm.Workflow;

namespace Crm.Host.Elsa;

/// <summary>Makes of a request what a workflow can work with: plain values, within the limits that its endpoint sets.</summary>
internal static class HttpWorkflowRequest
{
    private const int Most = 10 * 1024 * 1024;

    /// <returns>The request; null if it was refused and answered.</returns>
    public static async Task<Dictionary<string, object?>?> ReadAsync(HttpContext context, HttpTarget target, RouteValueDictionary route)
    {
        var request = context.Request;
        var read = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["method"] = request.Method,
            ["path"] = request.Path.Value,
            ["route"] = route.ToDictionary(r => r.Key, r => (object?)r.Value?.ToString(), StringComparer.Ordinal),
            ["query"] = request.Query.ToDictionary(q => q.Key, q => q.Value.Count == 1 ? q.Value[0] : (object?)q.Value.Cast<object?>().ToList(), StringComparer.Ordinal),
            ["headers"] = HeadersOf(context),
            ["contentType"] = request.ContentType,
            ["user"] = context.User.FindFirstValue(ClaimTypes.NameIdentifier),
        };
        try
        {
            if (request.HasFormContentType)
            {
                return await ReadFormAsync(context, target, read);
            }
            var body = await BytesAsync(context, Math.Min(target.MaxRequest ?? Most, Most));
            if (body is null)
            {
                return await RefuseAsync(context, target, read, HttpTarget.RequestTooLarge, StatusCodes.Status413PayloadTooLarge, "tooLarge");
            }
            read["content"] = body.Length == 0 ? null : Parse(request.ContentType, body);
            return read;
        }
        catch (InvalidDataException)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "request"));
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "request"));
        }
    }

    private static async Task<Dictionary<string, object?>?> ReadFormAsync(HttpContext context, HttpTarget target, Dictionary<string, object?> read)
    {
        if (context.Request.ContentLength > target.MaxRequest)
        {
            return await RefuseAsync(context, target, read, HttpTarget.RequestTooLarge, StatusCodes.Status413PayloadTooLarge, "tooLarge");
        }
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        read["content"] = form.ToDictionary(f => f.Key, f => f.Value.Count == 1 ? f.Value[0] : (object?)f.Value.Cast<object?>().ToList(), StringComparer.Ordinal);
        foreach (var file in form.Files)
        {
            var extension = Path.GetExtension(file.FileName);
            if (file.Length > target.MaxFile)
            {
                return await RefuseAsync(context, target, read, HttpTarget.FileTooLarge, StatusCodes.Status413PayloadTooLarge, "tooLarge");
            }
            if (target.AllowedExtensions is { Count: > 0 } allowed && !allowed.Any(a => Same(a, extension)) || target.BlockedExtensions.Any(b => Same(b, extension)))
            {
                return await RefuseAsync(context, target, read, HttpTarget.InvalidExtension, StatusCodes.Status415UnsupportedMediaType, "workflow.http.file");
            }
            if (target.AllowedTypes is { Count: > 0 } types && !types.Contains(file.ContentType, StringComparer.OrdinalIgnoreCase))
            {
                return await RefuseAsync(context, target, read, HttpTarget.InvalidType, StatusCodes.Status415UnsupportedMediaType, "workflow.http.file");
            }
        }
        var files = new List<object?>();
        foreach (var file in form.Files)
        {
            using var content = new MemoryStream();
            await file.CopyToAsync(content, context.RequestAborted);
            files.Add(new Dictionary<string, object?>(StringComparer.Ordinal) { ["name"] = file.Name, ["fileName"] = file.FileName, ["contentType"] = file.ContentType, ["length"] = file.Length, ["content"] = content.ToArray() });
        }
        read["files"] = files;
        return read;

        static bool Same(string wanted, string extension) => wanted.TrimStart('.').Equals(extension.TrimStart('.'), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A workflow that wants to hear of the refusal hears of it; otherwise it is the answer.</summary>
    private static async Task<Dictionary<string, object?>?> RefuseAsync(HttpContext context, HttpTarget target, Dictionary<string, object?> read, string outcome, int status, string code)
    {
        if (target.Exposed.Contains(outcome))
        {
            read["outcome"] = outcome;
            return read;
        }
        await ProblemDetailsJson.WriteAsync(context, status, code);
        return null;
    }

    private static async Task<byte[]?> BytesAsync(HttpContext context, long most)
    {
        if (context.Request.ContentLength > most)
        {
            return null;
        }
        using var body = new MemoryStream();
        var piece = new byte[16_384];
        for (int count; (count = await context.Request.Body.ReadAsync(piece, context.RequestAborted)) > 0;)
        {
            if (body.Length + count > most)
            {
                return null;
            }
            body.Write(piece, 0, count);
        }
        return body.ToArray();
    }

    private static object? Parse(string? contentType, byte[] body)
    {
        var type = contentType?.Split(';')[0].Trim().ToLowerInvariant() ?? "";
        if (type.EndsWith("json", StringComparison.Ordinal))
        {
            using var document = JsonBody.Parse(body, new JsonDocumentOptions { MaxDepth = 64 });
            return Values.FromJson(document.RootElement);
        }
        return type.Length == 0 || type.StartsWith("text/", StringComparison.Ordinal) || type.EndsWith("xml", StringComparison.Ordinal) || type.EndsWith("javascript", StringComparison.Ordinal) ? Encoding.UTF8.GetString(body) : body;
    }

    /// <summary>By which somebody signed in here is nobody else's business; what another system sends to be recognised by is the workflow's.</summary>
    private static Dictionary<string, object?> HeadersOf(HttpContext context) => context.Request.Headers
        .Where(h => !h.Key.Equals("Cookie", StringComparison.OrdinalIgnoreCase) && (context.User.Identity?.IsAuthenticated != true || !h.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase)))
        .ToDictionary(h => h.Key, h => (object?)h.Value.ToString(), StringComparer.Ordinal);
}
