namespace Crm.Workflow;

/// <summary>How an instance is started.</summary>
public sealed record StartOptions
{
    public IReadOnlyDictionary<string, object?> Input { get; init; } = new Dictionary<string, object?>();

    public string? CorrelationId { get; init; }

    public string? Name { get; init; }

    public string? TriggerActivityId { get; init; }

    /// <summary>The id of the new instance; one that exists already is not started again.</summary>
    public string? InstanceId { get; init; }

    /// <summary>A version other than the published one.</summary>
    public string? VersionId { get; init; }

    public IReadOnlyDictionary<string, object?> Properties { get; init; } = new Dictionary<string, object?>();

    /// <summary>Variables of the workflow that begin with another value than their default.</summary>
    public IReadOnlyDictionary<string, object?> Variables { get; init; } = new Dictionary<string, object?>();
}
