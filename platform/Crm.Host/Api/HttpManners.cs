using Crm.Host.Elsa;
using Crm.Host.Identity;
using Crm.Rules;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Crm.Host.Api;

/// <summary>What holds for every call of the API before its endpoint is asked: what may be accepted and sent, and what a token may do.</summary>
internal static class HttpManners
{
    /// <summary>Marks a call that only reads although it is a POST, because its question is too long for an address.</summary>
    public sealed class ReadsOnly
    {
        public static readonly ReadsOnly Mark = new();
    }

    /// <summary>Marks a call that takes or gives something else than JSON.</summary>
    public sealed class NotJson
    {
        public static readonly NotJson Mark = new();
    }

    /// <summary>Names the parameters that a call takes in its address; a call that names none takes none.</summary>
    private sealed record Parameters(IReadOnlyList<string> Names);

    public static T Takes<T>(this T call, params string[] parameters) where T : IEndpointConventionBuilder => call.WithMetadata(new Parameters(parameters));

    /// <summary>The parameters that an endpoint takes in its address.</summary>
    public static IReadOnlyList<string> ParametersOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<Parameters>()?.Names ?? [];

    /// <summary>Every GET of the group also answers HEAD; the server leaves the body out.</summary>
    public static void AnswerHead(this IEndpointConventionBuilder group) => group.Finally(endpoint =>
    {
        for (var i = 0; i < endpoint.Metadata.Count; i++)
        {
            if (endpoint.Metadata[i] is HttpMethodMetadata { HttpMethods: ["GET"] })
            {
                endpoint.Metadata[i] = new HttpMethodMetadata(["GET", "HEAD"]);
            }
        }
    });

    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        var endpoint = context.GetEndpoint();
        if (!ApiErrors.IsApi(context) || endpoint is not RouteEndpoint)
        {
            return next(context);
        }
        var isJson = endpoint.Metadata.GetMetadata<NotJson>() is null;
        if (isJson && request.ContentLength is { } length && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body && length > body.MaxRequestBodySize)
        {
            // The server reads a body to its end, if it comes soon, unless it is over the limit: a caller that is cut off while sending never sees the answer.
            body.MaxRequestBodySize = null;
            return ProblemDetailsJson.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "tooLarge");
        }
        if (isJson && !Accepts(request))
        {
            return ProblemDetailsJson.WriteAsync(context, StatusCodes.Status406NotAcceptable, "notAcceptable");
        }
        if (isJson && request is { Method: "POST" or "PUT" or "PATCH", ContentType.Length: > 0, ContentLength: not 0 } && !request.HasJsonContentType())
        {
            return ProblemDetailsJson.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "mediaType");
        }
        // Elsa's API has manners of its own, and an address that is not there takes no method either.
        if (!ElsaRequest.IsMeant(context) && endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is not null)
        {
            QueryParameters.Check(request.Query, ParametersOf(endpoint));
        }
        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || endpoint.Metadata.GetMetadata<ReadsOnly>() is not null;
        return !isRead && context.User.HasClaim(TokenAuthentication.ScopeClaim, "read")
            ? throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "token.readOnly"))
            : next(context);
    }

    private static bool Accepts(HttpRequest request)
    {
        var accept = request.Headers.Accept;
        return accept.Count == 0 || !MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var wanted) || wanted.Count == 0
            || wanted.Any(w => w.Quality is not 0 && (w.MatchesAllTypes || (w.Type.Equals("application", StringComparison.OrdinalIgnoreCase) && (w.MatchesAllSubTypes || w.SubTypeWithoutSuffix.Equals("json", StringComparison.OrdinalIgnoreCase) || w.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)))));
    }
}
