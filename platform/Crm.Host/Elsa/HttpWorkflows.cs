using Crm.Host.Api;
using Crm.Rules;
using Crm.Workflow;
using Microsoft.AspNetCore.Routing.Template;

namespace Crm.Host.Elsa;

/// <summary><c>/workflows/...</c>: requests that workflows begin with or wait for. The answer is what the workflow says up to its next wait.</summary>
internal static class HttpWorkflows
{
    public const string BasePath = "/workflows";

    /// <summary>No timer measures more than 49.7 days.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(49);

    public static void MapHttpWorkflows(this IEndpointRouteBuilder app) => app.Map(BasePath + "/{**path}", HandleAsync).AllowAnonymous().DisableAntiforgery();

    public static bool IsMeant(HttpContext context) => context.Request.Path.StartsWithSegments(BasePath, StringComparison.OrdinalIgnoreCase, out var rest) && rest.Value is { Length: > 1 };

    private static async Task HandleAsync(HttpContext context, WorkflowEngine engine)
    {
        context.Request.Path.StartsWithSegments(BasePath, StringComparison.OrdinalIgnoreCase, out var rest);
        var path = rest.Value ?? "/";
        if (path.Contains('\0', StringComparison.Ordinal) || await FindAsync(context, engine, path) is not var (target, route))
        {
            return;
        }
        if (!await MayAsync(context, target))
        {
            return;
        }
        var request = await HttpWorkflowRequest.ReadAsync(context, target, route);
        if (request is null)
        {
            return;
        }
        using var patience = new CancellationTokenSource();
        if (target.Timeout is { } timeout)
        {
            patience.CancelAfter(timeout < LongestTimeout ? timeout : LongestTimeout);
        }
        try
        {
            // Whoever asked may be gone before it is done; what they asked for is done all the same.
            var input = new Dictionary<string, object?> { [HttpEndpoint.InputKey] = request, ["Path"] = path };
            var run = target.BookmarkId is { } bookmark
                ? await engine.ResumeRunAsync(bookmark, input, patience.Token)
                : await engine.StartAsync(target.DefinitionId, new() { VersionId = target.VersionId, TriggerActivityId = target.ActivityId, Input = input, CorrelationId = Correlation(context) }, patience.Token);
            await AnswerAsync(context, target, run);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            await ProblemDetailsJson.WriteAsync(context, StatusCodes.Status408RequestTimeout, "workflow.http.timeout");
        }
    }

    private static async Task AnswerAsync(HttpContext context, HttpTarget target, WorkflowRun? run)
    {
        if (run is null)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.notStarted", target.Path));
        }
        context.Response.Headers["x-elsa-workflow-instance-id"] = run.Id;
        if (run.Response is { } response)
        {
            await HttpAnswer.WriteAsync(context, response);
        }
        else if (run.Incidents.Count > 0)
        {
            // It is kept and can be retried there; asking again would only make another.
            throw new ProblemException(Problem.Of(ProblemKind.Refused, "workflow.http.failed", run.Id));
        }
    }

    /// <summary>Finds who is meant; who is not there, does not answer the method or cannot be told from others is answered here.</summary>
    private static async Task<(HttpTarget Target, RouteValueDictionary Route)?> FindAsync(HttpContext context, WorkflowEngine engine, string path)
    {
        var (instance, correlation) = (context.Request.Headers["X-Workflow-Instance-ID"].FirstOrDefault() ?? context.Request.Query["workflowInstanceId"].FirstOrDefault(), Correlation(context));
        if (instance?.Contains('\0', StringComparison.Ordinal) == true || correlation?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "value.controlCharacters"));
        }
        var matching = Matching(await engine.FindHttpAsync(path, context.Request.Method, instance, correlation, context.RequestAborted), path);
        if (matching.Count == 0)
        {
            var others = Matching(await engine.FindHttpAsync(path, null, instance, correlation, context.RequestAborted), path).Select(t => t.Target.Method).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            if (others.Count > 0)
            {
                context.Response.Headers.Allow = string.Join(", ", others);
            }
            await ProblemDetailsJson.WriteAsync(context, others.Count > 0 ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status404NotFound, others.Count > 0 ? "method" : "address.unknown");
            return null;
        }
        var best = matching.MinBy(t => t.Weight);
        // Starting goes before resuming; what is as near as the nearest and another workflow's makes it unclear.
        var nearest = matching.Where(t => t.Weight == best.Weight).ToList();
        var starts = nearest.Where(t => t.Target.BookmarkId is null).ToList();
        var chosen = starts.Count > 0 ? starts : nearest;
        return chosen.Count == 1 ? (chosen[0].Target, chosen[0].Route) : throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.http.ambiguous", path));
    }

    private static List<(HttpTarget Target, RouteValueDictionary Route, decimal Weight)> Matching(IEnumerable<HttpTarget> targets, string path)
    {
        var matching = new List<(HttpTarget, RouteValueDictionary, decimal)>();
        foreach (var target in targets)
        {
            try
            {
                var template = TemplateParser.Parse(target.Path.Trim('/'));
                var route = new RouteValueDictionary();
                if (new TemplateMatcher(template, Defaults(template)).TryMatch(path.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/", route) && route.All(r => Fits(template, r.Key, r.Value)))
                {
                    matching.Add((target, route, RoutePrecedence.ComputeInbound(template)));
                }
            }
            catch (ArgumentException)
            {
                // A template that is none means nothing.
            }
        }
        return matching;
    }

    private static RouteValueDictionary Defaults(RouteTemplate template)
    {
        var defaults = new RouteValueDictionary();
        foreach (var part in template.Parameters.Where(p => p.DefaultValue is not null))
        {
            defaults[part.Name!] = part.DefaultValue;
        }
        return defaults;
    }

    /// <summary>The constraints that say of what kind a value is; others are not asked.</summary>
    private static bool Fits(RouteTemplate template, string name, object? value) => template.GetParameter(name)?.InlineConstraints.All(c => value is null || c.Constraint switch
    {
        "int" => int.TryParse(value.ToString(), out _),
        "long" => long.TryParse(value.ToString(), out _),
        "guid" => Guid.TryParse(value.ToString(), out _),
        "bool" => bool.TryParse(value.ToString(), out _),
        "decimal" or "double" or "float" => decimal.TryParse(value.ToString(), System.Globalization.CultureInfo.InvariantCulture, out _),
        "alpha" => value.ToString()!.All(char.IsAsciiLetter),
        _ => true,
    }) ?? true;

    private static async Task<bool> MayAsync(HttpContext context, HttpTarget target)
    {
        if (!target.Authorize && target.Policy is null)
        {
            return true;
        }
        if (context.User.Identity?.IsAuthenticated != true)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await ProblemDetailsJson.WriteAsync(context, StatusCodes.Status401Unauthorized, "signIn.needed");
            return false;
        }
        var actor = await ApiRequest.ActorAsync(context);
        if (target.Policy is { } role && !actor.IsAdministrator && !actor.Roles.Contains(role))
        {
            throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden"));
        }
        return true;
    }

    private static string? Correlation(HttpContext context) => (context.Request.Headers["X-Correlation-ID"].FirstOrDefault() ?? context.Request.Query["correlationId"].FirstOrDefault()) is { Length: > 0 and <= 200 } given ? given : null;
}
