using System.Globalization;
using System.Text.Json.Nodes;
using Crm.Data;

namespace Crm.Workflow;

/// <summary>
/// Asks another server. The request leaves by the outbox once the burst is kept, with a key by which the other side can tell a repeated one, and
/// the answer resumes the instance; so a process that dies in between asks again and loses nothing.
/// </summary>
public abstract class HttpRequestActivity : Activity
{
    internal const string OutboxKind = "workflow.http";

    internal const string InputKey = "HttpResponse";

    internal const string NotConnected = "Failed to connect", TimedOut = "Timeout", Unmatched = "Unmatched status code";

    [Input("The URL to send the request to.")]
    public Input<string> Url { get; set; } = null!;

    [Input("The HTTP method to use when sending the request.", UiHint = "dropdown", Options = "GET,POST,PUT,DELETE,PATCH,OPTIONS,HEAD", Default = "GET")]
    public Input<string> Method { get; set; } = null!;

    [Input("The content to send with the request. Can be a string, an object, a byte array or a stream.")]
    public Input<object> Content { get; set; } = null!;

    [Input("The content type to use when sending the request.", Default = "application/json")]
    public Input<string> ContentType { get; set; } = null!;

    [Input("The Authorization header value to send with the request.", Category = "Security", IsSensitive = true)]
    public Input<string> Authorization { get; set; } = null!;

    [Input("The headers to send along with the request.", UiHint = "json-editor", Category = "Advanced")]
    public Input<IDictionary<string, object?>> RequestHeaders { get; set; } = null!;

    [Output("The status code.", typeof(int))]
    public Output StatusCode { get; set; } = null!;

    [Output("The content of the answer, read.")]
    public Output ParsedContent { get; set; } = null!;

    [Output("The headers of the answer.", typeof(IDictionary<string, object?>))]
    public Output ResponseHeaders { get; set; } = null!;

    [Output("The answer.", typeof(IDictionary<string, object?>))]
    public Output Result { get; set; } = null!;

    public static Stimulus Answered(string requestId) => Stimulus.Of(SendHttpRequest.TypeName, ("RequestId", requestId));

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        var url = Url.Required(context);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new WorkflowException("http.url", $"'{Values.Shorten(url)}' is no address that can be asked.") { Advice = "Give a whole address that begins with https://." };
        }
        var method = MethodOf(Method.Get(context));
        var id = context.Run.Surroundings.NewId();
        var content = Content.Get(context);
        context.Wait(Answered(id), perActivity: false);
        context.Run.Surroundings.Send(OutboxKind, id, new JsonObject
        {
            ["instance"] = context.Run.Id,
            ["request"] = id,
            ["url"] = address.AbsoluteUri,
            ["method"] = method,
            ["content"] = content is null ? null : content as string ?? Values.ToJson(content),
            ["contentType"] = ContentType.Get(context),
            ["headers"] = JsonNode.Parse(Values.ToJson(RequestHeaders.Get(context))),
            [OutboxEffect.Secrets] = Authorization.Get(context) is { Length: > 0 } authorization ? new JsonObject { ["authorization"] = authorization } : null,
        });
        return ValueTask.CompletedTask;
    }

    protected internal override ValueTask ResumeAsync(ActivityContext context, Bookmark bookmark)
    {
        var answer = context.Run.Input.GetValueOrDefault(InputKey) as IDictionary<string, object?> ?? new Dictionary<string, object?>();
        var status = answer.TryGetValue("status", out var known) ? (int)Values.To(typeof(int), known)! : 0;
        context.Set(StatusCode, status);
        context.Set(ParsedContent, answer.TryGetValue("content", out var content) ? content : null);
        context.Set(ResponseHeaders, answer.TryGetValue("headers", out var headers) ? headers : null);
        context.Set(Result, answer);
        if (answer.TryGetValue("failure", out var failure) && failure is string how)
        {
            context.Note("Failure", content);
            Failed(context, how);
        }
        else
        {
            Answered(context, status);
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Goes on with an answer, whatever it says.</summary>
    protected abstract void Answered(ActivityContext context, int status);

    /// <summary>Goes on where nobody answered.</summary>
    /// <param name="context">This execution.</param>
    /// <param name="how"><see cref="NotConnected"/> or <see cref="TimedOut"/>.</param>
    protected abstract void Failed(ActivityContext context, string how);

    private static string MethodOf(string? given)
    {
        try
        {
            return new HttpMethod(given is { Length: > 0 } ? given.ToUpperInvariant() : "GET").Method;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new WorkflowException("http.method", $"'{Values.Shorten(given)}' is no method of HTTP.", e) { Advice = "Choose one such as GET or POST." };
        }
    }

    internal static string Code(int status) => status.ToString(CultureInfo.InvariantCulture);
}

/// <summary>An answer leads to the activity that stands at its status code, or to the port for all others; where nothing stands there, on.</summary>
[Activity(TypeName, "HTTP", "Send an HTTP request.", DisplayName = "HTTP Request", Kind = ActivityKind.Task, Outcomes = "Done,Unmatched status code,Failed to connect,Timeout,Failed")]
public sealed class SendHttpRequest : HttpRequestActivity
{
    public const string TypeName = "Elsa.SendHttpRequest";

    [Input("A list of expected status codes to handle and the corresponding activity to execute when the status code matches.", UiHint = "http-status-codes")]
    public IReadOnlyList<HttpStatusCase> ExpectedStatusCodes { get; set; } = [];

    [Port]
    public ActivityNode? UnmatchedStatusCode { get; set; }

    [Port]
    public ActivityNode? FailedToConnect { get; set; }

    [Port]
    public ActivityNode? Timeout { get; set; }

    protected override void Answered(ActivityContext context, int status)
    {
        var expected = ExpectedStatusCodes.FirstOrDefault(c => c.Status == status);
        if ((expected is null ? UnmatchedStatusCode : expected.Activity) is { } next)
        {
            context.Schedule(next);
        }
        else if (status is >= 200 and < 400)
        {
            context.Complete(Outcomes.Of(Code(status), "Done"));
        }
        else
        {
            context.Complete(expected is null ? Outcomes.Of(Code(status), Unmatched, "Failed") : Outcomes.Of(Code(status)));
        }
    }

    protected override void Failed(ActivityContext context, string how)
    {
        if ((how == TimedOut ? Timeout : FailedToConnect) is { } next)
        {
            context.Schedule(next);
        }
        else
        {
            context.Complete(Outcomes.Of(how, "Failed"));
        }
    }
}

/// <summary>A status code of <see cref="SendHttpRequest"/>, and what happens then.</summary>
public sealed record HttpStatusCase(int Status, ActivityNode? Activity);

/// <summary>An answer leads along the port of its status code, or where others are expected along the port for that, and along Done.</summary>
[Activity("Elsa.FlowSendHttpRequest", "HTTP", "Send an HTTP request.", DisplayName = "HTTP Request (flow)", Kind = ActivityKind.Task, Outcomes = "Done,Unmatched status code,Failed to connect,Timeout")]
public sealed class FlowSendHttpRequest : HttpRequestActivity
{
    [Input("A list of expected status codes to handle.", UiHint = "multitext")]
    public Input<List<string>> ExpectedStatusCodes { get; set; } = null!;

    protected override void Answered(ActivityContext context, int status)
    {
        var expected = ExpectedStatusCodes.Get(context) ?? [];
        context.Complete(expected.Count == 0 ? Outcomes.Of("Done") : Outcomes.Of(expected.Contains(Code(status)) ? Code(status) : Unmatched, "Done"));
    }

    protected override void Failed(ActivityContext context, string how) => context.Complete(Outcomes.Of(how));
}
