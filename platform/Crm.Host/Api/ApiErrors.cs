using System.Data.Common;
using Crm.Data;
using Crm.Host.Elsa;
using Crm.Rules;

namespace Crm.Host.Api;

/// <summary>The edge of the API: whatever goes wrong leaves here in the one error shape.</summary>
internal sealed partial class ApiErrors(RequestDelegate next, ILogger<ApiErrors> logger)
{
    private const string RetryAfterSeconds = "5";

    /// <summary>Whether a program asks.</summary>
    public static bool IsCall(HttpContext context) => IsApi(context) || context.Request.Path.StartsWithSegments("/openapi", StringComparison.OrdinalIgnoreCase) || HttpWorkflows.IsMeant(context);

    /// <summary>Whether it is a call of one of the APIs, in whatever case its address is written: endpoints are found in any.</summary>
    public static bool IsApi(HttpContext context) => context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || ElsaRequest.IsMeant(context);

    /// <summary>Whether a person asks, who is to see a page whatever happens.</summary>
    public static bool IsPage(HttpContext context) => !IsCall(context) && context.Request.Method is "GET" or "HEAD" && !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) && !(context.Request.Path.Value ?? "").StartsWith("/_", StringComparison.Ordinal);

    public async Task InvokeAsync(HttpContext context)
    {
        var models = context.RequestServices.GetRequiredService<ModelSource>();
        var model = models.Current;
        try
        {
            await next(context);
            if (!context.Response.HasStarted && context.Response.ContentLength is null && context.Response.ContentType is null && CodeOf(context.Response.StatusCode) is { } code)
            {
                await ProblemDetailsJson.WriteAsync(context, context.Response.StatusCode, code);
            }
        }
        catch (ProblemException refusal) when (!context.Response.HasStarted)
        {
            await ProblemDetailsJson.WriteAsync(context, refusal);
        }
        catch (BadHttpRequestException bad) when (!context.Response.HasStarted)
        {
            await ProblemDetailsJson.WriteAsync(context, bad.StatusCode, bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? "tooLarge" : "request");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; there is nobody to answer.
        }
        catch (DbException e) when (!context.Response.HasStarted && models.Current != model)
        {
            // A table changed under the request: what it was about to do is taken back, and the next try finds the new one.
            LogOvertaken(logger, context.Request.Method, context.Request.Path, e);
            await ProblemDetailsJson.WriteAsync(context, StatusCodes.Status409Conflict, "model.changed");
        }
        catch (DbException e) when (!context.Response.HasStarted && context.RequestServices.GetRequiredService<Database>().IsAway(e))
        {
            LogAway(logger, context.Request.Method, context.Request.Path, e.Message);
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
            await ProblemDetailsJson.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "database.away");
        }
#pragma warning disable CA1031 // The last line of defence: a fault of ours is logged and answered, never shown.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFault(logger, context.Request.Method, context.Request.Path, e);
            if (context.Response.HasStarted)
            {
                // Half an answer must not pass for a whole one.
                context.Abort();
            }
            else
            {
                await ProblemDetailsJson.WriteAsync(context, StatusCodes.Status500InternalServerError, "fault");
            }
        }
    }

    private static string? CodeOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => "address.unknown",
        StatusCodes.Status405MethodNotAllowed => "method",
        StatusCodes.Status413PayloadTooLarge => "tooLarge",
        StatusCodes.Status415UnsupportedMediaType => "mediaType",
        StatusCodes.Status429TooManyRequests => "tooMany",
        _ => null,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} {Path} was overtaken by a change of the Model.")]
    private static partial void LogOvertaken(ILogger logger, string method, string path, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} found the database away: {Reason}")]
    private static partial void LogAway(ILogger logger, string method, string path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed.")]
    private static partial void LogFault(ILogger logger, string method, string path, Exception exception);
}
