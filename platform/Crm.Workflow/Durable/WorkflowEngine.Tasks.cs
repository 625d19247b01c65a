using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Workflow;

/// <content>Tasks: what people are asked to do, each done once whoever does it.</content>
public sealed partial class WorkflowEngine
{
    private const int MaxSigners = 20;

    private const string TaskColumns = "\"id\", \"instance_id\", \"name\", \"payload\", \"created_at\", \"completed_at\", \"kind\", \"title\", \"due_at\", \"assignee\", \"roles\", \"outcome\", \"comment\", \"completed_by\", \"activity_id\", \"trail\"";

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
            parameters.Add(Param.Text($"%|{DefinitionStore.Escaped(role)}|%"));
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

    /// <summary>
    /// Does a task: the workflow goes on with outcome, comment and values, or, where others are to do it as well, the next of them has it. Who comes second is told so.
    /// </summary>
    /// <exception cref="ProblemException">There is no such task for this person, or it has been done.</exception>
    public async Task<WorkflowTask> CompleteTaskAsync(string taskId, Actor actor, string? outcome, string? comment, IReadOnlyDictionary<string, object?> values, CancellationToken cancellationToken = default)
    {
        var task = await OpenTaskAsync(taskId, actor, cancellationToken);
        if (task.Trail.Next.Count > 0)
        {
            return await MoveAsync(task, task.Trail.Next[0], task.Trail.PassedBy(actor.UserId) with { Next = [.. task.Trail.Next.Skip(1)], Signatures = [.. task.Trail.Signatures, new(actor.UserId, outcome, comment, Now)] }, cancellationToken);
        }
        var result = new Dictionary<string, object?> { ["outcome"] = outcome, ["comment"] = comment, ["values"] = new Dictionary<string, object?>(values, StringComparer.Ordinal), ["by"] = actor.UserId?.ToString("D") };
        if (task.Trail.Signatures.Count > 0)
        {
            result["signatures"] = task.Trail.Signatures.Select(s => (object?)new Dictionary<string, object?> { ["by"] = s.By?.ToString("D"), ["outcome"] = s.Outcome, ["comment"] = s.Comment, ["at"] = s.At }).ToList();
        }
        var done = await CompleteTaskAsync(taskId, result, session => EndTaskAsync(session, task, actor, outcome, comment, cancellationToken), cancellationToken);
        return done ? (await FindTaskAsync(taskId, Actor.Platform, cancellationToken) ?? task) : throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.task.done", taskId));
    }

    /// <summary>Gives a task to somebody, or with nobody named, takes it for oneself; whoever changes it first has it.</summary>
    /// <exception cref="ProblemException">There is no such task for this person, it has been done, or somebody else has it.</exception>
    public async Task<WorkflowTask> AssignTaskAsync(string taskId, Actor actor, Guid? to, CancellationToken cancellationToken = default)
    {
        var task = await OpenTaskAsync(taskId, actor, cancellationToken);
        var (giver, taker) = (to is null ? task.Assignee : task.Assignee ?? actor.UserId, to ?? actor.UserId);
        return await MoveAsync(task, taker, giver == taker ? task.Trail : task.Trail.PassedBy(giver), cancellationToken);
    }

    /// <summary>Has one more person do a task: before the one who has it, or after.</summary>
    /// <exception cref="ProblemException">There is no such task for this person, it has been done, or that person is among those who do it.</exception>
    public async Task<WorkflowTask> AddSignerAsync(string taskId, Actor actor, Guid signer, bool before, CancellationToken cancellationToken = default)
    {
        var task = await OpenTaskAsync(taskId, actor, cancellationToken);
        if (task.Assignee == signer || task.Trail.Next.Contains(signer) || (task.Assignee is null && actor.UserId == signer))
        {
            throw new ProblemException(Problem.At("to", ProblemKind.Refused, "workflow.task.signer"));
        }
        if (task.Trail.Next.Count >= MaxSigners)
        {
            throw new ProblemException(Problem.At("to", ProblemKind.Refused, "workflow.task.signers", MaxSigners));
        }
        var holder = task.Assignee ?? actor.UserId;
        return before
            ? await MoveAsync(task, signer, task.Trail.PassedBy(holder) with { Next = holder is { } then ? [then, .. task.Trail.Next] : task.Trail.Next }, cancellationToken)
            : await MoveAsync(task, task.Assignee, task.Trail with { Next = [.. task.Trail.Next, signer] }, cancellationToken);
    }

    /// <summary>Hands a task back to whom it came from.</summary>
    /// <exception cref="ProblemException">There is no such task for this person, it has been done, or it came from nobody.</exception>
    public async Task<WorkflowTask> ReturnTaskAsync(string taskId, Actor actor, string? comment, CancellationToken cancellationToken = default)
    {
        var task = await OpenTaskAsync(taskId, actor, cancellationToken);
        var (passed, next, signatures) = (task.Trail.Passed, task.Trail.Next, task.Trail.Signatures);
        if (passed.Count == 0)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Refused, "workflow.task.noReturn", taskId));
        }
        var giver = passed[^1];
        if (next.Count > 0 && next[0] == giver)
        {
            // Who was asked to look at it first hands it back: the turn of the one who asked comes at once.
            next = [.. next.Skip(1)];
        }
        else if (giver is not null && task.Assignee is { } holder && signatures.Count > 0 && signatures[^1].By == giver)
        {
            // Who did their part does it again, and after them it comes back here.
            next = [holder, .. next];
        }
        return await MoveAsync(task, giver, task.Trail with { Passed = [.. passed.SkipLast(1)], Next = next, Signatures = comment is null ? signatures : [.. signatures, new(actor.UserId, "returned", comment, Now)] }, cancellationToken);
    }

    /// <summary>Ends a task by having an earlier one of its instance done again, by who did it.</summary>
    /// <exception cref="ProblemException">There is no such task for this person, it has been done, or the other is none of its instance that was done.</exception>
    public async Task<WorkflowTask> ReturnTaskAsync(string taskId, Actor actor, string earlierTaskId, string? comment, CancellationToken cancellationToken = default)
    {
        var task = await OpenTaskAsync(taskId, actor, cancellationToken);
        if (await FindTaskAsync(earlierTaskId, Actor.Platform, cancellationToken) is not { CompletedAt: not null, ActivityId: { } activityId } earlier || earlier.InstanceId != task.InstanceId || earlier.Outcome == "cancelled")
        {
            throw new ProblemException(Problem.At("task", ProblemKind.Refused, "workflow.task.earlier"));
        }
        using (await _locks.TakeAsync(task.InstanceId, cancellationToken))
        {
            await BurstAsync(
                async surroundings =>
                {
                    var burst = await LoadAsync(task.InstanceId, surroundings, cancellationToken);
                    var waits = burst?.Run.Bookmarks.Find(b => b.Payload.GetValueOrDefault("TaskId") as string == taskId);
                    if (burst is null || waits is null || burst.Run.Find(waits.ActivityInstanceId) is not { } current || burst.Run.Graph.ById(activityId) is not { } node || !burst.Run.RestartFrom(node))
                    {
                        throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.activity.missing", activityId));
                    }
                    // What is to be done again is scheduled by now, so that nothing takes the end of this task for the end of the whole.
                    current.Cancel();
                    surroundings.Returned = (activityId, earlier.CompletedBy);
                    burst.Claim = async session => await EndTaskAsync(session, task, actor, "returned", comment, cancellationToken);
                    return burst;
                },
                cancellationToken);
        }
        return await FindTaskAsync(taskId, Actor.Platform, cancellationToken) ?? task;
    }

    /// <summary>Changes whose turn it is, if nobody changed it since it was read.</summary>
    private async Task<WorkflowTask> MoveAsync(WorkflowTask task, Guid? to, TaskTrail trail, CancellationToken cancellationToken)
    {
        var moved = await database.WriteAsync(
            async session => await session.ExecuteAsync(
                $"UPDATE \"{WorkflowTables.Task}\" SET \"assignee\" = $3, \"trail\" = $4 WHERE {Unchanged(task)}", [Param.Text(task.Id), Param.Text(task.StoredTrail), Param.Uuid(to), Param.Text(trail.Write()), Param.Uuid(task.Assignee)], cancellationToken),
            cancellationToken);
        return moved == 1 ? task with { Assignee = to, Trail = trail, StoredTrail = trail.Write() } : throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.task.taken", task.Id));
    }

    private async ValueTask<int> EndTaskAsync(Session session, WorkflowTask task, Actor actor, string? outcome, string? comment, CancellationToken cancellationToken)
    {
        var ended = await session.ExecuteAsync(
            $"UPDATE \"{WorkflowTables.Task}\" SET \"completed_at\" = $3, \"outcome\" = $4, \"comment\" = $6, \"completed_by\" = $7 WHERE {Unchanged(task)}",
            [Param.Text(task.Id), Param.Text(task.StoredTrail), Param.Timestamp(Now), Param.Text(outcome), Param.Uuid(task.Assignee), Param.Text(comment), Param.Uuid(actor.UserId)], cancellationToken);
        if (ended == 0)
        {
            var isOpen = await session.FirstAsync($"SELECT 1 FROM \"{WorkflowTables.Task}\" WHERE \"id\" = $1 AND \"completed_at\" IS NULL", [Param.Text(task.Id)], _ => true, cancellationToken);
            throw new ProblemException(Problem.Of(ProblemKind.Conflict, isOpen ? "workflow.task.taken" : "workflow.task.done", task.Id));
        }
        return ended;
    }

    /// <summary>That nobody did anything with a task since it was read: its id is $1, its trail $2 and its holder $5.</summary>
    private static string Unchanged(WorkflowTask task) =>
        $"\"id\" = $1 AND \"completed_at\" IS NULL AND COALESCE(\"trail\", '') = $2 AND {(task.Assignee is null ? "\"assignee\" IS NULL AND $5 IS NULL" : "\"assignee\" = $5")}";

    private async Task<WorkflowTask> OpenTaskAsync(string taskId, Actor actor, CancellationToken cancellationToken)
    {
        var task = await FindTaskAsync(taskId, actor, cancellationToken) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "workflow.task.unknown", taskId));
        return task.CompletedAt is null ? task : throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.task.done", taskId));
    }

    /// <summary>What a workflow says of a task beside its name is in the payload: who, what it is called, of which kind, until when.</summary>
    private static List<SqlParameter> TaskValues(WorkflowRun owner, string id, string name, IReadOnlyDictionary<string, object?>? payload, DateTimeOffset now, (string ActivityId, Guid? DoneBy)? returned)
    {
        var assignee = Guid.TryParse(payload?.GetValueOrDefault("assignee") as string, out var user) ? user : (Guid?)null;
        var activityId = owner.Bookmarks.Find(b => b.Payload.GetValueOrDefault("TaskId") as string == id)?.ActivityId;
        assignee = returned is { DoneBy: { } before } back && back.ActivityId == activityId ? before : assignee;
        var roles = Values.ToList(payload?.GetValueOrDefault("roles")).OfType<string>().Where(r => r.Length > 0).ToList();
        DateTimeOffset? due = payload?.GetValueOrDefault("due") switch { DateTimeOffset at => at, string text when DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var at) => at, _ => null };
        return
        [
            Param.Text(id), Param.Text(owner.Id), Param.Text(name), Param.Text(payload is null ? null : Values.ToJson(payload.ToDictionary(StringComparer.Ordinal))), Param.Timestamp(now), Param.Text(payload?.GetValueOrDefault("kind") as string ?? "task"),
            Param.Text(payload?.GetValueOrDefault("title") as string ?? name), Param.Timestamp(due is { } moment ? Iso8601.ToMicroseconds(moment) : null), Param.Uuid(assignee), Param.Text(roles.Count == 0 ? null : $"|{string.Join('|', roles)}|"),
            Param.Text(activityId),
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
        ActivityId = row.Text(14),
        StoredTrail = row.Text(15) ?? "",
        Trail = TaskTrail.Read(row.Text(15)),
    };
}
