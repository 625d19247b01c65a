using Crm.Data;

namespace Crm.Workflow;

/// <summary>Work that a workflow gave to people.</summary>
public sealed record WorkflowTask(string Id, string InstanceId, string Name, IReadOnlyDictionary<string, object?> Payload, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt)
{
    public string Kind { get; init; } = "task";

    public string Title { get; init; } = "";

    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Who is to do it; null as long as anybody of its roles may take it.</summary>
    public Guid? Assignee { get; init; }

    /// <summary>Roles of which anybody may take it.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    public string? Outcome { get; init; }

    public string? Comment { get; init; }

    public Guid? CompletedBy { get; init; }

    /// <summary>The activity that asked for it.</summary>
    public string? ActivityId { get; init; }

    public TaskTrail Trail { get; init; } = TaskTrail.None;

    internal string StoredTrail { get; init; } = "";

    /// <summary>Whether somebody may see and do it.</summary>
    public bool IsFor(Actor actor) => actor.IsAdministrator || Assignee == actor.UserId || (Assignee is null && Roles.Any(actor.Roles.Contains));
}
