using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>Begins with a request to a path of the server, or waits for one. Whoever takes the request sends <see cref="Requested"/>.</summary>
[Activity(TypeName, "HTTP", "Wait for an inbound HTTP request that matches the specified path and methods.", DisplayName = "HTTP Endpoint", Kind = ActivityKind.Trigger)]
public sealed class HttpEndpoint : Activity
{
    public const string TypeName = "Elsa.HttpEndpoint";

    /// <summary>Under this name an instance finds the request.</summary>
    public const string InputKey = "HttpRequest";

    [Input("The path to associate with the workflow.")]
    public Input<string> Path { get; set; } = null!;

    [Input("The HTTP methods to accept.", UiHint = "checklist", Options = "GET,POST,PUT,PATCH,DELETE,OPTIONS,HEAD")]
    public Input<List<string>> SupportedMethods { get; set; } = null!;

    [Output("The content of the request, read.")]
    public Output ParsedContent { get; set; } = null!;

    [Output("The values of the path.", typeof(IDictionary<string, object?>))]
    public Output RouteData { get; set; } = null!;

    [Output("The values of the query.", typeof(IDictionary<string, object?>))]
    public Output QueryStringData { get; set; } = null!;

    [Output("The headers.", typeof(IDictionary<string, object?>))]
    public Output Headers { get; set; } = null!;

    [Output("The request.", typeof(IDictionary<string, object?>))]
    public Output Result { get; set; } = null!;

    public static Stimulus Requested(string path, string method) => Stimulus.Of(TypeName, ("Path", "/" + path.Trim('/').ToLowerInvariant()), ("Method", method.ToUpperInvariant()));

    protected internal override IEnumerable<Stimulus> Triggers(ActivityContext context) => Methods(context).Select(m => Requested(Path.Required(context), m));

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        if (context.IsTrigger)
        {
            Done(context);
            return ValueTask.CompletedTask;
        }
        foreach (var method in Methods(context))
        {
            context.Wait(Requested(Path.Required(context), method), perActivity: false);
        }
        return ValueTask.CompletedTask;
    }

    protected internal override ValueTask ResumeAsync(ActivityContext context, Bookmark bookmark)
    {
        Done(context);
        return ValueTask.CompletedTask;
    }

    private IEnumerable<string> Methods(ActivityContext context) => SupportedMethods.Get(context) is { Count: > 0 } methods ? methods : ["GET"];

    private void Done(ActivityContext context)
    {
        var request = context.Run.Input.GetValueOrDefault(InputKey) as IDictionary<string, object?> ?? new Dictionary<string, object?>();
        context.Set(ParsedContent, request.TryGetValue("content", out var content) ? content : null);
        context.Set(RouteData, request.TryGetValue("route", out var route) ? route : null);
        context.Set(QueryStringData, request.TryGetValue("query", out var query) ? query : null);
        context.Set(Headers, request.TryGetValue("headers", out var headers) ? headers : null);
        context.Set(Result, request);
        context.Complete();
    }
}

/// <summary>Says what a request that is still open is answered with. The answer is an output of the instance; whoever took the request sends it.</summary>
[Activity("Elsa.WriteHttpResponse", "HTTP", "Write a response to the current HTTP response object.", DisplayName = "HTTP Response")]
public sealed class WriteHttpResponse : CodeActivity
{
    /// <summary>Name of the output.</summary>
    public const string OutputKey = "HttpResponse";

    [Input("The status code to return.", Default = 200, UiHint = "dropdown")]
    public Input<System.Net.HttpStatusCode> StatusCode { get; set; } = null!;

    [Input("The content to write back. String values will be sent as-is, while objects will be serialized to a JSON string.")]
    public Input<object> Content { get; set; } = null!;

    [Input("The content type to write when sending the response.")]
    public Input<string> ContentType { get; set; } = null!;

    [Input("The headers to return along with the response.", UiHint = "json-editor", Category = "Advanced")]
    public Input<IDictionary<string, object?>> ResponseHeaders { get; set; } = null!;

    protected override void Execute(ActivityContext context) => context.Run.SetOutput(OutputKey, new Dictionary<string, object?>
    {
        ["status"] = (int)StatusCode.Get(context),
        ["content"] = Content.Get(context),
        ["contentType"] = ContentType.Get(context),
        ["headers"] = ResponseHeaders.Get(context),
    });
}

/// <summary>
/// Asks another server. The request leaves by the outbox once the burst is kept, with a key by which the other side can tell a repeated one, and
/// the answer resumes the instance; so a process that dies in between asks again and loses nothing.
/// </summary>
[Activity(TypeName, "HTTP", "Send an HTTP request.", DisplayName = "HTTP Request (flow)", Kind = ActivityKind.Task, Outcomes = "Done,Failed")]
public sealed class SendHttpRequest : Activity
{
    public const string TypeName = "Elsa.SendHttpRequest";

    internal const string OutboxKind = "workflow.http";

    internal const string InputKey = "HttpResponse";

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

    [Input("The status codes that lead to an outcome of their own.", UiHint = "multitext")]
    public Input<List<string>> ExpectedStatusCodes { get; set; } = null!;

    [Output("The status code.", typeof(int))]
    public Output StatusCode { get; set; } = null!;

    [Output("The content of the answer, read.")]
    public Output ParsedContent { get; set; } = null!;

    [Output("The headers of the answer.", typeof(IDictionary<string, object?>))]
    public Output ResponseHeaders { get; set; } = null!;

    [Output("The answer.", typeof(IDictionary<string, object?>))]
    public Output Result { get; set; } = null!;

    public static Stimulus Answered(string requestId) => Stimulus.Of(TypeName, ("RequestId", requestId));

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        var url = Url.Required(context);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new WorkflowException("http.url", $"'{Values.Shorten(url)}' is no address that can be asked.") { Advice = "Give a whole address that begins with https://." };
        }
        var id = context.Run.Surroundings.NewId();
        var content = Content.Get(context);
        context.Wait(Answered(id), perActivity: false);
        context.Run.Surroundings.Send(OutboxKind, id, new JsonObject
        {
            ["instance"] = context.Run.Id,
            ["request"] = id,
            ["url"] = address.AbsoluteUri,
            ["method"] = Method.Get(context) is { Length: > 0 } method ? method.ToUpperInvariant() : "GET",
            ["content"] = content is null ? null : content as string ?? Values.ToJson(content),
            ["contentType"] = ContentType.Get(context),
            ["authorization"] = Authorization.Get(context),
            ["headers"] = JsonNode.Parse(Values.ToJson(RequestHeaders.Get(context))),
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
        var code = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        context.Complete(status is >= 200 and < 400 ? Outcomes.Of(code, "Done") : ExpectedStatusCodes.Get(context)?.Contains(code) == true ? Outcomes.Of(code) : Outcomes.Of(code, "Unmatched status code", "Failed"));
        return ValueTask.CompletedTask;
    }
}
