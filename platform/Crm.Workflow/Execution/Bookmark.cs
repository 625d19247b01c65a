namespace Crm.Workflow;

/// <summary>A place at which an instance waits.</summary>
public sealed class Bookmark
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Hash { get; init; }

    public IReadOnlyDictionary<string, object?> Payload { get; init; } = new Dictionary<string, object?>();

    public required string ActivityId { get; init; }

    public required string NodeId { get; init; }

    public required string ActivityInstanceId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When time itself resumes it.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Used up by the first resume.</summary>
    public bool AutoBurn { get; init; } = true;

    internal long ActivityNumber { get; init; }

    /// <summary>Whether the database has it; a bookmark that came and went within one burst never gets there.</summary>
    internal bool IsStored { get; set; }
}

/// <summary>What went wrong in an instance.</summary>
public sealed record Incident(string ActivityId, string NodeId, string ActivityType, string ActivityInstanceId, string Code, string Message, string? Advice, string? Exception, string? StackTrace, DateTimeOffset At)
{
    /// <summary>Kind of fault as the Fault activity names it.</summary>
    public string? Category { get; init; }

    public string? FaultType { get; init; }

    public IncidentCause? Inner { get; init; }
}

/// <summary>What an error followed from.</summary>
public sealed record IncidentCause(string Type, string Message, string? StackTrace, IncidentCause? Inner);

public enum ActivityStatus
{
    Pending, Running, Completed, Canceled, Faulted,
}

public enum WorkflowStatus
{
    Running, Finished,
}

public enum WorkflowSubStatus
{
    Pending, Executing, Suspended, Interrupted, Finished, Faulted, Cancelled,
}

/// <summary>What happened to an activity, for the journal.</summary>
public enum ActivityEvent
{
    Started, Resumed, Suspended, Completed, Canceled, Faulted, PreconditionFailed,
}

public readonly record struct JournalEntry(ActivityContext Context, ActivityEvent Event, DateTimeOffset At);
