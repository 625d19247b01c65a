using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Net.Http.Headers;

namespace Crm.Host.Api;

/// <summary>
/// Answers calls that no endpoint takes: an address that is not there, or one that does not know the method and says which it does.
/// Left to itself, routing would take the pages' own catch-all for an address that exists.
/// </summary>
internal static class UnknownCalls
{
    private static readonly string[] Starts = ["api/", "elsa/api/"];

    public static void MapUnknownCalls(this IEndpointRouteBuilder app)
    {
        foreach (var start in Starts)
        {
            app.Map($"/{start}{{**rest}}", AnswerAsync).AllowAnonymous();
        }
    }

    private static Task AnswerAsync(HttpContext context, EndpointDataSource endpoints)
    {
        var allowed = endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>() is not null && e.RoutePattern.RawText is { } pattern && IsCallPattern(pattern) && new TemplateMatcher(TemplateParser.Parse(pattern.TrimStart('/')), []).TryMatch(context.Request.Path, []))
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal).ToList();
        if (allowed.Count == 0)
        {
            return ProblemDetailsJson.WriteAsync(context, StatusCodes.Status404NotFound, "address.unknown");
        }
        context.Response.Headers[HeaderNames.Allow] = string.Join(", ", allowed);
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
        return ProblemDetailsJson.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "method");
    }

    private static bool IsCallPattern(string pattern) => Array.Exists(Starts, s => pattern.TrimStart('/').StartsWith(s, StringComparison.Ordinal));
}
