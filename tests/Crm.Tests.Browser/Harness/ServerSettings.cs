namespace Crm.Tests.Browser.Harness;

/// <summary>How a server under test is started; the defaults are those of a first start on an empty folder.</summary>
public sealed record ServerSettings
{
    public string AdminEmail { get; init; } = "admin@example.test";

    public string AdminPassword { get; init; } = "Correct-horse-7-battery";

    /// <summary>The value of <c>Crm__Demo</c>: null for an empty system, "true" or "large" for the demo company.</summary>
    public string? Demo { get; init; }

    /// <summary>Further environment variables, such as <c>Crm__MetadataPath</c>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromSeconds(60);
}
