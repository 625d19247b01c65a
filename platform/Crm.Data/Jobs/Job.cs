using System.Text.Json.Nodes;

namespace Crm.Data;

/// <summary>Where a job stands.</summary>
public enum JobState
{
    Queued, Running, Succeeded, Failed, Cancelled,
}

/// <summary>Work that goes on in the background and survives the page, and while queued also the process, that asked for it.</summary>
/// <param name="Done">Pieces finished so far.</param>
/// <param name="Total">Pieces in all; null while that is unknown.</param>
/// <param name="Result">What came out, once it succeeded or was cancelled.</param>
/// <param name="Problem">Code and arguments of what went wrong, once it failed.</param>
/// <param name="CreatedBy">Who asked; null for the platform itself.</param>
public sealed record Job(
    Guid Id, string Kind, JobState State, long Done, long? Total, JsonObject Input, JsonObject? Result, JsonObject? Problem, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, Guid? CreatedBy)
{
    public bool IsOver => State is JobState.Succeeded or JobState.Failed or JobState.Cancelled;

    /// <summary>What went wrong, ready to be said; null if nothing did.</summary>
    public Rules.Problem? ProblemOf() => Problem is null
        ? null
        : new(Problem["field"]?.GetValue<string>(), Problem["code"]!.GetValue<string>(), [.. Problem["arguments"]!.AsArray().Select(a => (object)a!.GetValue<string>())], Rules.ProblemKind.Refused);
}

/// <summary>Names a kind of job.</summary>
public sealed class JobKindAttribute(string name) : Metadata.RegisteredAttribute(name)
{
    /// <summary>Whether one that was cut off may simply begin again.</summary>
    public bool Repeats { get; init; }
}

/// <summary>What a kind of job does.</summary>
public interface IJobKind
{
    /// <summary>Does the work; asks <paramref name="run"/> for its input and tells it how far it is.</summary>
    /// <returns>The result to keep. A cancelled job returns what it had done until then.</returns>
    /// <exception cref="Rules.ProblemException">The work cannot be done; the reason is kept for the person who asked.</exception>
    Task<JsonObject> RunAsync(JobRun run);
}

/// <summary>One run of a job.</summary>
public sealed class JobRun(Job job, Actor actor, Func<long, long?, Task> report, CancellationToken cancellationToken)
{
    public Job Job { get; } = job;

    /// <summary>In whose name it works.</summary>
    public Actor Actor { get; } = actor;

    /// <summary>Fires when somebody asked to cancel, or the server stops.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    public Task ReportAsync(long done, long? total) => report(done, total);
}
