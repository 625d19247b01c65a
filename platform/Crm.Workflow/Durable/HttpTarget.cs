namespace Crm.Workflow;

/// <summary>Where a request leads: to a workflow that begins with it, or to an instance that waits for it, and what the endpoint asks of it.</summary>
public sealed record HttpTarget(string Path, string Method)
{
    public const string RequestTooLarge = "Request too large", FileTooLarge = "File too large", InvalidExtension = "Invalid file extension", InvalidType = "Invalid file MIME type";

    /// <summary>The version that starts; null where an instance waits.</summary>
    public string? VersionId { get; private init; }

    public string DefinitionId { get; private init; } = "";

    public string? ActivityId { get; private init; }

    /// <summary>The bookmark at which an instance waits; null where one starts.</summary>
    public string? BookmarkId { get; private init; }

    public string? InstanceId { get; private init; }

    /// <summary>Whether whoever asks must be signed in.</summary>
    public bool Authorize { get; private init; }

    /// <summary>The role that they must have.</summary>
    public string? Policy { get; private init; }

    public TimeSpan? Timeout { get; private init; }

    public long? MaxRequest { get; private init; }

    public long? MaxFile { get; private init; }

    public IReadOnlyList<string> AllowedExtensions { get; private init; } = [];

    public IReadOnlyList<string> BlockedExtensions { get; private init; } = [];

    public IReadOnlyList<string> AllowedTypes { get; private init; } = [];

    /// <summary>Refusals of which the workflow itself wants to hear.</summary>
    public IReadOnlyList<string> Exposed { get; private init; } = [];

    internal static HttpTarget ToStart(string definitionId, string versionId, string activityId, string payload) => Read(payload) with { DefinitionId = definitionId, VersionId = versionId, ActivityId = activityId };

    internal static HttpTarget ToResume(string bookmarkId, string instanceId, string payload) => Read(payload) with { BookmarkId = bookmarkId, InstanceId = instanceId };

    private static HttpTarget Read(string text)
    {
        var payload = (Dictionary<string, object?>)Values.Parse(text)!;
        return new(Text("Path") ?? "/", Text("Method") ?? "GET")
        {
            Authorize = Known("Authorize") is true,
            Policy = Text("Policy") is { Length: > 0 } policy ? policy : null,
            Timeout = Values.To(typeof(TimeSpan?), Known("RequestTimeout")) is TimeSpan timeout && timeout > TimeSpan.Zero ? timeout : null,
            MaxRequest = (long?)Values.To(typeof(long?), Known("RequestSizeLimit")),
            MaxFile = (long?)Values.To(typeof(long?), Known("FileSizeLimit")),
            AllowedExtensions = List("AllowedFileExtensions"),
            BlockedExtensions = List("BlockedFileExtensions"),
            AllowedTypes = List("AllowedMimeTypes"),
            Exposed = List("Exposed"),
        };

        object? Known(string name) => payload.GetValueOrDefault(name);

        string? Text(string name) => Known(name) as string;

        List<string> List(string name) => [.. Values.ToList(Known(name)).OfType<string>().Where(v => v.Length > 0)];
    }
}
