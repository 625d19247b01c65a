using System.Text;
using Crm.Workflow;
using Microsoft.Net.Http.Headers;

namespace Crm.Host.Elsa;

/// <summary>Sends what a workflow says that a request is to be answered with.</summary>
internal static class HttpAnswer
{
    /// <summary>These are the server's own: a workflow that sets them would break the answer or the site.</summary>
    private static readonly HashSet<string> Refused = new(StringComparer.OrdinalIgnoreCase) { "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "Trailer", "Set-Cookie", "Content-Type" };

    public static async Task WriteAsync(HttpContext context, HttpResponseWish wish)
    {
        var response = context.Response;
        response.StatusCode = wish.Status is >= 200 and <= 599 ? wish.Status : StatusCodes.Status200OK;
        foreach (var (name, value) in wish.Headers ?? new Dictionary<string, object?>())
        {
            if (!Refused.Contains(name) && HeaderNameIsSound(name) && Values.ToText(value) is { } text && text.All(c => c is >= ' ' and < '\u007f' or '\t'))
            {
                response.Headers[name] = text;
            }
        }
        if (response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
        {
            return;
        }
        var body = wish.Content switch
        {
            null => [],
            byte[] bytes => bytes,
            string text => Encoding.UTF8.GetBytes(text),
            var other => Encoding.UTF8.GetBytes(Values.ToJson(other)),
        };
        if (body.Length > 0 || wish.ContentType is { Length: > 0 })
        {
            response.ContentType = ContentTypeOf(wish);
        }
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static string ContentTypeOf(HttpResponseWish wish)
    {
        if (wish.ContentType is { Length: > 0 } given && MediaTypeHeaderValue.TryParse(given, out var type))
        {
            return type.Charset.HasValue || wish.Content is byte[] || !(type.MediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || type.SubTypeWithoutSuffix == "json") ? type.ToString() : type + "; charset=utf-8";
        }
        return wish.Content switch { byte[] => "application/octet-stream", string => "text/plain; charset=utf-8", _ => "application/json; charset=utf-8" };
    }

    private static bool HeaderNameIsSound(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
}
