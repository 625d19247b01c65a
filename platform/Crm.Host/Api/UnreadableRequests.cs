using System.Diagnostics;
using System.Globalization;
using Crm.Data;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Crm.Host.Api;

/// <summary>
/// Requests that the web server cannot read, such as one with <c>%00</c> in its address or one that is too long: it never hands them on and would answer
/// with a status alone. It tells of each just before it does, and this answers in the one error shape instead.
/// </summary>
internal sealed class UnreadableRequests(ModelSource models) : IObserver<KeyValuePair<string, object?>>
{
    private const string Told = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    /// <summary>Listens for as long as the server runs.</summary>
    public static void Answer(IServiceProvider services) =>
        services.GetRequiredService<DiagnosticListener>().Subscribe(new UnreadableRequests(services.GetRequiredService<ModelSource>()), name => name == Told);

    public void OnNext(KeyValuePair<string, object?> news)
    {
        if (news is { Key: Told, Value: IFeatureCollection request } && request.Get<IHttpResponseFeature>() is { HasStarted: false } response &&
            request.Get<IHttpResponseBodyFeature>() is { } body && request.Get<IConnectionTransportFeature>() is { Transport.Output: { } output } && MayHaveBody(request.Get<IHttpRequestFeature>()))
        {
            var model = models.Current;
            var code = CodeOf(response.StatusCode);
            // Who asks, and in which language, is not known: the headers come after the line that could not be read.
            var detail = model.Texts.In(CultureInfo.GetCultureInfo(model.Organisation.Language), "problem." + code);
            var problem = ProblemDetailsJson.Of(response.StatusCode, code, detail, request.Get<IHttpRequestIdentifierFeature>()?.TraceIdentifier);
            (response.Headers.ContentType, response.Headers.ContentLength, response.Headers.Connection) = (ProblemDetailsJson.ContentType, problem.Length, "close");
            // No stream for a body was made for a request that never was one: the head goes out as any other does, and the body behind it.
            if (body.StartAsync().IsCompletedSuccessfully)
            {
                _ = output.WriteAsync(problem).AsTask();
            }
        }
    }

    public void OnCompleted()
    {
        // The server goes down with all that it told.
    }

    public void OnError(Exception error)
    {
        // There is nothing to be told wrongly.
    }

    /// <summary>In later versions of HTTP several requests share a connection, and nothing may be written beside them.</summary>
    private static bool MayHaveBody(IHttpRequestFeature? request) =>
        request is not null && !HttpMethods.IsHead(request.Method) && !HttpProtocol.IsHttp2(request.Protocol) && !HttpProtocol.IsHttp3(request.Protocol);

    private static string CodeOf(int status) => status switch
    {
        StatusCodes.Status405MethodNotAllowed => "method",
        StatusCodes.Status408RequestTimeout => "request.slow",
        StatusCodes.Status413PayloadTooLarge => "tooLarge",
        StatusCodes.Status414UriTooLong => "request.addressLength",
        StatusCodes.Status431RequestHeaderFieldsTooLarge => "request.headersLength",
        _ => "request.form",
    };
}
