using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

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

    /// <summary>Whether somebody may see and do it.</summary>
    public bool IsFor(Actor actor) => actor.IsAdministrator || Assignee == actor.UserId || (Assignee is null && Roles.Any(actor.Roles.Contains));
}

/// <content>Tasks: what people are asked to do, each done once whoever does it.</content>
public sealed partial class WorkflowEngine
{
    private const string TaskColumns = "\"id\", \"instance_id\", \"name\", \"payload\", \"created_at\", \"completed_at\", \"kind\", \"title\", \"due_at\", \"assignee\", \"roles\", \"outcome\", \"comment\", \"completed_by\"";

    /// <summary>Tasks that somebody may see, the oldest first.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="open">Those that are to be done, or those that are.</param>
    /// <param name="kind">Only of this kind.</param>
    /// <param name="after">Only after the one of this id.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<WorkflowTask>> TasksAsync(Actor actor, bool open, string? kind, string? after, int limit, CancellationToken cancellationToken = default)
    {
        List<SqlParameter> parameters = [Param.Uuid(actor.UserId), Param.Text(kind), Param.Text(after), Param.Integer(limit)];
        // A role is kept between bars, so that one name is not found in another.
        var roles = actor.IsAdministrator ? "1 = 1" : string.Join(" OR ", actor.Roles.Select((role, i) =>
        {
            parameters.Add(Param.Text("%|" + role.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "|%"));
            return $"\"roles\" LIKE ${5 + i} ESCAPE '\\'";
        }).DefaultIfEmpty("1 = 0"));
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.QueryAsync(
            $"SELECT {TaskColumns} FROM \"{WorkflowTables.Task}\" WHERE \"completed_at\" IS {(open ? "" : "NOT ")}NULL AND (\"assignee\" = $1 OR {(actor.IsAdministrator ? "1 = 1" : $"(\"assignee\" IS NULL AND ({roles}))")}) " +
            $"AND {(kind is null ? "$2 IS NULL" : "\"kind\" = $2")} AND {(after is null ? "$3 IS NULL" : "\"id\" > $3")} ORDER BY \"id\" LIMIT $4",
            parameters, ReadTask, cancellationToken);
    }

    /// <summary>A task that somebody may see; null if there is none.</summary>
    public async Task<WorkflowTask?> FindTaskAsync(string taskId, Actor actor, CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync($"SELECT {TaskColumns} FROM \"{WorkflowTables.Task}\" WHERE \"id\" = $1", [Param.Text(taskId)], ReadTask, cancellationToken) is { } task && task.IsFor(actor) ? task : null;
    }

    /// <summary>Does a task: the workflow goes on with outcome, comment and values. Who comes second is told so.</summary>
    /// <exception cref="ProblemException">There is no such task for this person, or it has been done.</exception>
    public async Task<WorkflowTask> CompleteTaskAsync(string taskId, Actor actor, string? outcome, string? comment, IReadOnlyDictionary<string, object?> values, CancellationToken cancellationToken = default)
    {
        var task = await OpenTaskAsync(taskId, actor, cancellationToken);
        var result = new Dictionary<string, object?> { ["outcome"] = outcome, ["comment"] = comment, ["values"] = new Dictionary<string, object?>(values, StringComparer.Ordinal), ["by"] = actor.UserId?.ToString("D") };
        var done = await CompleteTaskAsync(
            taskId, result,
            session => session.ExecuteAsync(
                $"UPDATE \"{WorkflowTables.Task}\" SET \"completed_at\" = $2, \"outcome\" = $3, \"comment\" = $4, \"completed_by\" = $5 WHERE \"id\" = $1",
                [Param.Text(taskId), Param.Timestamp(Now), Param.Text(outcome), Param.Text(comment), Param.Uuid(actor.UserId)], cancellationToken),
            cancellationToken);
        return done ? (await FindTaskAsync(taskId, Actor.Platform, cancellationToken) ?? task) : throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.task.done", taskId));
    }

    /// <summary>Gives a task to somebody, or with nobody named, takes it for oneself; whoever changes it first has it.</summary>
    /// <exception cref="ProblemException">There is no such task for this person, it has been done, or somebody else has it.</exception>
    public async Task<WorkflowTask> AssignTaskAsync(string taskId, Actor actor, Guid? to, CancellationToken cancellationToken = default)
    {
        var task = await OpenTaskAsync(taskId, actor, cancellationToken);
        var moved = await database.WriteAsync(
            async session => await session.ExecuteAsync(
                $"UPDATE \"{WorkflowTables.Task}\" SET \"assignee\" = $2 WHERE \"id\" = $1 AND \"completed_at\" IS NULL AND {(task.Assignee is null ? "\"assignee\" IS NULL AND $3 IS NULL" : "\"assignee\" = $3")}",
                [Param.Text(taskId), Param.Uuid(to ?? actor.UserId), Param.Uuid(task.Assignee)], cancellationToken),
            cancellationToken);
        return moved == 1 ? task with { Assignee = to ?? actor.UserId } : throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.task.taken", taskId));
    }

    private async Task<WorkflowTask> OpenTaskAsync(string taskId, Actor actor, CancellationToken cancellationToken)
    {
        var task = await FindTaskAsync(taskId, actor, cancellationToken) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "workflow.task.unknown", taskId));
        return task.CompletedAt is null ? task : throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.task.done", taskId));
    }

    /// <summary>What a workflow says of a task beside its name is in the payload: who, what it is called, of which kind, until when.</summary>
    private static List<SqlParameter> TaskValues(WorkflowRun owner, string id, string name, IReadOnlyDictionary<string, object?>? payload, DateTimeOffset now)
    {
        var assignee = Guid.TryParse(payload?.GetValueOrDefault("assignee") as string, out var user) ? user : (Guid?)null;
        var roles = Values.ToList(payload?.GetValueOrDefault("roles")).OfType<string>().Where(r => r.Length > 0).ToList();
        DateTimeOffset? due = payload?.GetValueOrDefault("due") switch { DateTimeOffset at => at, string text when DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var at) => at, _ => null };
        return
        [
            Param.Text(id), Param.Text(owner.Id), Param.Text(name), Param.Text(payload is null ? null : Values.ToJson(payload.ToDictionary(StringComparer.Ordinal))), Param.Timestamp(now), Param.Text(payload?.GetValueOrDefault("kind") as string ?? "task"),
            Param.Text(payload?.GetValueOrDefault("title") as string ?? name), Param.Timestamp(due is { } moment ? Iso8601.ToMicroseconds(moment) : null), Param.Uuid(assignee), Param.Text(roles.Count == 0 ? null : $"|{string.Join('|', roles)}|"),
        ];
    }

    private static WorkflowTask ReadTask(Row row) => new(
        row.Text(0)!, row.Text(1)!, row.Text(2)!, row.Text(3) is { } payload && Values.Parse(payload) is Dictionary<string, object?> map ? map : new Dictionary<string, object?>(), row.Timestamp(4)!.Value, row.Timestamp(5))
    {
        Kind = row.Text(6) ?? "task",
        Title = row.Text(7) ?? row.Text(2)!,
        DueAt = row.Timestamp(8),
        Assignee = row.Uuid(9),
        Roles = row.Text(10)?.Split('|', StringSplitOptions.RemoveEmptyEntries) ?? [],
        Outcome = row.Text(11),
        Comment = row.Text(12),
        CompletedBy = row.Uuid(13),
    };
}
