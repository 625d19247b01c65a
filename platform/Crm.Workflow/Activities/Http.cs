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

    [Input("Allow authenticated requests only.", Category = "Security", UiHint = "checkbox")]
    public Input<bool> Authorize { get; set; } = null!;

    [Input("The role that whoever asks must have.", Category = "Security")]
    public Input<string> Policy { get; set; } = null!;

    [Input("The maximum time allowed to process the request.", Category = "Upload")]
    public Input<TimeSpan?> RequestTimeout { get; set; } = null!;

    [Input("The maximum request size allowed in bytes.", Category = "Upload")]
    public Input<long?> RequestSizeLimit { get; set; } = null!;

    [Input("The maximum file size allowed in bytes for an individual file.", Category = "Upload")]
    public Input<long?> FileSizeLimit { get; set; } = null!;

    [Input("Only file extensions in this list are allowed. Leave empty to allow all extensions", Category = "Upload", UiHint = "multitext")]
    public Input<List<string>> AllowedFileExtensions { get; set; } = null!;

    [Input("File extensions in this list are forbidden. Leave empty to not block any extension.", Category = "Upload", UiHint = "multitext")]
    public Input<List<string>> BlockedFileExtensions { get; set; } = null!;

    [Input("Only MIME types in this list are allowed. Leave empty to allow all types", Category = "Upload", UiHint = "multitext")]
    public Input<List<string>> AllowedMimeTypes { get; set; } = null!;

    [Input("A value indicating whether to expose the \"Request too large\" outcome.", Category = "Outcomes", UiHint = "checkbox")]
    public bool ExposeRequestTooLargeOutcome { get; set; }

    [Input("A value indicating whether to expose the \"File too large\" outcome.", Category = "Outcomes", UiHint = "checkbox")]
    public bool ExposeFileTooLargeOutcome { get; set; }

    [Input("A value indicating whether to expose the \"Invalid file extension\" outcome.", Category = "Outcomes", UiHint = "checkbox")]
    public bool ExposeInvalidFileExtensionOutcome { get; set; }

    [Input("A value indicating whether to expose the \"Invalid file MIME type\" outcome.", Category = "Outcomes", UiHint = "checkbox")]
    public bool ExposeInvalidFileMimeTypeOutcome { get; set; }

    [Output("The content of the request, read.")]
    public Output ParsedContent { get; set; } = null!;

    [Output("The uploaded files, if any.", typeof(List<object?>))]
    public Output Files { get; set; } = null!;

    [Output("The first uploaded file, if any.", typeof(IDictionary<string, object?>))]
    public Output File { get; set; } = null!;

    [Output("The values of the path.", typeof(IDictionary<string, object?>))]
    public Output RouteData { get; set; } = null!;

    [Output("The values of the query.", typeof(IDictionary<string, object?>))]
    public Output QueryStringData { get; set; } = null!;

    [Output("The headers.", typeof(IDictionary<string, object?>))]
    public Output Headers { get; set; } = null!;

    [Output("The request.", typeof(IDictionary<string, object?>))]
    public Output Result { get; set; } = null!;

    /// <summary>A request to a path, by the path's pattern.</summary>
    public static Stimulus Requested(string pattern, string method) => Stimulus.Of(TypeName, ("Path", "/" + pattern.Trim('/').ToLowerInvariant()), ("Method", method.ToUpperInvariant()));

    protected internal override IEnumerable<Stimulus> Triggers(ActivityContext context) => Stimuli(context);

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        if (context.IsTrigger)
        {
            Done(context);
            return ValueTask.CompletedTask;
        }
        foreach (var stimulus in Stimuli(context))
        {
            context.Wait(stimulus, perActivity: false);
        }
        return ValueTask.CompletedTask;
    }

    protected internal override ValueTask ResumeAsync(ActivityContext context, Bookmark bookmark)
    {
        Done(context);
        return ValueTask.CompletedTask;
    }

    /// <summary>One for each method and pattern; what goes along says what else is to be looked at before the workflow is asked.</summary>
    private List<Stimulus> Stimuli(ActivityContext context)
    {
        var path = Path.Required(context);
        var stimuli = new List<Stimulus>();
        foreach (var method in Methods(context).Select(m => m.ToUpperInvariant()).Distinct(StringComparer.Ordinal))
        {
            foreach (var pattern in HttpRoute.Patterns(path))
            {
                var key = Requested(pattern, method);
                stimuli.Add(key with
                {
                    HashPayload = key.Payload,
                    Payload = new Dictionary<string, object?>
                    {
                        ["Path"] = path, ["Method"] = method, ["Authorize"] = Authorize.Get(context), ["Policy"] = Policy.Get(context), ["RequestTimeout"] = RequestTimeout.Get(context), ["RequestSizeLimit"] = RequestSizeLimit.Get(context),
                        ["FileSizeLimit"] = FileSizeLimit.Get(context), ["AllowedFileExtensions"] = AllowedFileExtensions.Get(context), ["BlockedFileExtensions"] = BlockedFileExtensions.Get(context), ["AllowedMimeTypes"] = AllowedMimeTypes.Get(context),
                        ["Exposed"] = Exposed(),
                    },
                });
            }
        }
        return stimuli;
    }

    private List<string> Exposed() =>
    [
        .. ((bool, string)[])[(ExposeRequestTooLargeOutcome, HttpTarget.RequestTooLarge), (ExposeFileTooLargeOutcome, HttpTarget.FileTooLarge), (ExposeInvalidFileExtensionOutcome, HttpTarget.InvalidExtension), (ExposeInvalidFileMimeTypeOutcome, HttpTarget.InvalidType)]
            is var all ? all.Where(o => o.Item1).Select(o => o.Item2) : [],
    ];

    private IEnumerable<string> Methods(ActivityContext context) => SupportedMethods.Get(context) is { Count: > 0 } methods ? methods : ["GET"];

    private void Done(ActivityContext context)
    {
        var request = context.Run.Input.GetValueOrDefault(InputKey) as IDictionary<string, object?> ?? new Dictionary<string, object?>();
        context.Set(ParsedContent, request.TryGetValue("content", out var content) ? content : null);
        context.Set(RouteData, request.TryGetValue("route", out var route) ? route : null);
        context.Set(QueryStringData, request.TryGetValue("query", out var query) ? query : null);
        context.Set(Headers, request.TryGetValue("headers", out var headers) ? headers : null);
        var files = request.TryGetValue("files", out var given) ? Values.ToList(given) : [];
        context.Set(Files, files);
        context.Set(File, files.Count > 0 ? files[0] : null);
        context.Set(Result, request);
        context.Complete(request.TryGetValue("outcome", out var outcome) && outcome is string name ? Outcomes.Of(name) : Outcomes.Default);
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

    protected override void Execute(ActivityContext context)
    {
        var wish = new HttpResponseWish((int)StatusCode.Get(context), Content.Get(context), ContentType.Get(context), ResponseHeaders.Get(context)?.ToDictionary(StringComparer.Ordinal));
        context.Run.Response = wish;
        context.Run.SetOutput(OutputKey, new Dictionary<string, object?> { ["status"] = wish.Status, ["content"] = wish.Content, ["contentType"] = wish.ContentType, ["headers"] = ResponseHeaders.Get(context) });
    }
}
