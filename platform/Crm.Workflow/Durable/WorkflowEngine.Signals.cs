using System.Globalization;
using Crm.Data;
using Crm.Rules;

namespace Crm.Workflow;

/// <content>What wakes and starts workflows: events, tasks and schedules, sent and delivered.</content>
public sealed partial class WorkflowEngine
{
    private static readonly TimeSpan KeptPause = TimeSpan.FromMinutes(1), KeptFor = TimeSpan.FromDays(7), EventKeptFor = TimeSpan.FromMinutes(1);

    /// <summary>Names the signal that ends an instance, because the one that started it was ended.</summary>
    private const string CancelSignal = "crm:cancel";

    /// <summary>Something happened: whoever waits for it goes on, and workflows that begin with it start. It is kept before this returns.</summary>
    public async Task SendAsync(StimulusRequest request, CancellationToken cancellationToken = default)
    {
        var id = await database.WriteAsync(async session => await PutSignalAsync(session, request, cancellationToken), cancellationToken);
        _work.Add(new(WorkKind.Signal, id.ToString("D")));
    }

    /// <summary>The same as part of a transaction that is under way; <see cref="Wake"/> once it is committed makes it quick.</summary>
    public async Task SendAsync(Session session, StimulusRequest request, CancellationToken cancellationToken = default) => await PutSignalAsync(session, request, cancellationToken);

    /// <summary>Publishes an event.</summary>
    public Task PublishAsync(string eventName, object? payload = null, string? correlationId = null, string? instanceId = null, CancellationToken cancellationToken = default) =>
        SendAsync(new(Event.Named(eventName), new Dictionary<string, object?> { [Event.InputKey] = payload }, correlationId, instanceId, MayStart: instanceId is null, IsKept: true), cancellationToken);

    /// <summary>Reports a task as done. It counts once, however often it is said; said too early, it is kept until the workflow waits for it.</summary>
    /// <returns>False if it was done before.</returns>
    public Task<bool> CompleteTaskAsync(string taskId, object? result = null, CancellationToken cancellationToken = default) => CompleteTaskAsync(
        taskId, result,
        session => EndTaskAsync(session, taskId, cancellationToken), cancellationToken);

    private async Task<bool> CompleteTaskAsync(string taskId, object? result, Func<Session, ValueTask<int>> note, CancellationToken cancellationToken)
    {
        var stimulus = RunTask.Of(taskId);
        var input = new Dictionary<string, object?> { [RunTask.InputKey] = result };
        string? bookmark;
        await using (var session = await database.ReadAsync(cancellationToken))
        {
            bookmark = await session.FirstAsync($"SELECT \"id\" FROM \"{WorkflowTables.Bookmark}\" WHERE \"hash\" = $1", [Param.Text(stimulus.Hash())], r => r.Text(0), cancellationToken);
        }
        if (bookmark is not null)
        {
            return await ResumeAsync(bookmark, input, async session => await note(session), cancellationToken) is not null;
        }
        // Nobody waits yet, or not until an instance that failed goes on; the task is done all the same.
        var sent = await database.WriteAsync(
            async session => await note(session) == 0 && await session.FirstAsync($"SELECT 1 FROM \"{WorkflowTables.Task}\" WHERE \"id\" = $1", [Param.Text(taskId)], _ => true, cancellationToken)
                ? (Guid?)null
                : await PutSignalAsync(session, new(stimulus, input, MayStart: false, IsKept: true), cancellationToken),
            cancellationToken);
        if (sent is { } signal)
        {
            _work.Add(new(WorkKind.Signal, signal.ToString("D")));
        }
        return sent is not null;
    }

    /// <summary>Notes that a task is done; 0 if it was before, or if there is none.</summary>
    private ValueTask<int> EndTaskAsync(Session session, string taskId, CancellationToken cancellationToken) => session.ExecuteAsync(
        $"UPDATE \"{WorkflowTables.Task}\" SET \"completed_at\" = $2 WHERE \"id\" = $1 AND \"completed_at\" IS NULL", [Param.Text(taskId), Param.Timestamp(Now)], cancellationToken);

    /// <summary>Resumes by what is waited for rather than by bookmark; where nobody waits yet, it is kept until somebody does.</summary>
    public Task ResumeLaterAsync(Stimulus stimulus, IReadOnlyDictionary<string, object?> input, string? instanceId = null, CancellationToken cancellationToken = default) =>
        SendAsync(new(stimulus, input, InstanceId: instanceId, MayStart: false, IsKept: true), cancellationToken);

    private async Task<Guid> PutSignalAsync(Session session, StimulusRequest request, CancellationToken cancellationToken)
    {
        var (id, now) = (ids.Next(), Now);
        await session.ExecuteAsync(
            $"INSERT INTO \"{WorkflowTables.Signal}\" (\"id\", \"name\", \"hash\", \"instance_id\", \"correlation_id\", \"input\", \"may_start\", \"is_kept\", \"attempts\", \"created_at\", \"next_at\") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9)",
            [
                Param.Uuid(id), Param.Text(request.Stimulus.Name), Param.Text(request.Stimulus.Hash()), Param.Text(request.InstanceId), Param.Text(request.CorrelationId), Param.Text(Values.ToJson(request.Input)),
                DefinitionStore.Flag(request.MayStart), DefinitionStore.Flag(request.IsKept), Param.Timestamp(now),
            ],
            cancellationToken);
        return id;
    }

    /// <summary>
    /// Takes a signal to whom it concerns. In one transaction it becomes a signal of its own for each bookmark and an instance for each workflow
    /// that begins with it; so each of them happens once, whatever happens in between.
    /// </summary>
    private async Task DeliverAsync(Guid id, CancellationToken cancellationToken)
    {
        Signal? known;
        List<string> starts = [];
        await using (var reader = await database.ReadAsync(cancellationToken))
        {
            known = await ReadSignalAsync(reader, id, cancellationToken);
            if (known is { MayStart: true })
            {
                starts = await reader.QueryAsync($"SELECT \"definition_id\" FROM \"{WorkflowTables.Trigger}\" WHERE \"hash\" = $1", [Param.Text(known.Hash)], r => r.Text(0)!, cancellationToken);
            }
        }
        switch (known)
        {
            case null:
                return;
            case { BookmarkId: { } bookmark }:
                await DeliverAsync(known, bookmark, cancellationToken);
                return;
            case { Name: CancelSignal }:
                await CancelAsync(known, cancellationToken);
                return;
        }
        await WarmAsync(starts);
        var found = await database.WriteAsync(
            async session =>
            {
                var work = new List<WorkItem>();
                if (await ReadSignalAsync(session, id, cancellationToken) is not { } signal)
                {
                    return work;
                }
                foreach (var target in await BookmarksOfAsync(session, signal, cancellationToken))
                {
                    var next = ids.Next();
                    await session.ExecuteAsync(
                        $"INSERT INTO \"{WorkflowTables.Signal}\" (\"id\", \"name\", \"hash\", \"bookmark_id\", \"input\", \"may_start\", \"is_kept\", \"attempts\", \"created_at\", \"next_at\") VALUES ($1, $2, $3, $4, $5, $6, $6, 0, $7, $7)",
                        [Param.Uuid(next), Param.Text(signal.Name), Param.Text(""), Param.Text(target), Param.Text(signal.Input), DefinitionStore.Flag(false), Param.Timestamp(Now)], cancellationToken);
                    work.Add(new(WorkKind.Signal, next.ToString("D")));
                }
                var input = (Dictionary<string, object?>)Values.Parse(signal.Input)!;
                var chain = input.TryGetValue(WorkflowRun.ChainKey, out var depth) ? Convert.ToInt32(depth, CultureInfo.InvariantCulture) : 0;
                if (signal is { MayStart: true, InstanceId: null } && chain <= options.MaxChain)
                {
                    foreach (var (definitionId, activityId) in await session.QueryAsync(
                        $"SELECT \"definition_id\", \"activity_id\" FROM \"{WorkflowTables.Trigger}\" WHERE \"hash\" = $1", [Param.Text(signal.Hash)], r => (r.Text(0)!, r.Text(1)!), cancellationToken))
                    {
                        if (await PutInstanceAsync(session, definitionId, activityId, signal.CorrelationId, input, cancellationToken, chain) is { } instance)
                        {
                            work.Add(new(WorkKind.Instance, instance));
                        }
                    }
                }
                if (work.Count == 0 && signal.IsKept && Now - signal.CreatedAt < (signal is { Name: Event.TypeName, InstanceId: null } ? EventKeptFor : KeptFor) && await MayBeAwaitedAsync(session, signal, cancellationToken))
                {
                    await session.ExecuteAsync($"UPDATE \"{WorkflowTables.Signal}\" SET \"next_at\" = $2 WHERE \"id\" = $1", [Param.Uuid(id), Param.Timestamp(Now + KeptPause)], cancellationToken);
                }
                else
                {
                    await session.ExecuteAsync($"DELETE FROM \"{WorkflowTables.Signal}\" WHERE \"id\" = $1", [Param.Uuid(id)], cancellationToken);
                }
                return work;
            },
            cancellationToken);
        found.ForEach(_work.Add);
    }

    /// <summary>An instance that is over will not come to wait for anything; one that failed may go on.</summary>
    private static async ValueTask<bool> MayBeAwaitedAsync(Session session, Signal signal, CancellationToken cancellationToken) => signal.InstanceId is null || await session.FirstAsync(
        $"SELECT 1 FROM \"{WorkflowTables.Instance}\" WHERE \"id\" = $1 AND (\"status\" = 'Running' OR \"sub_status\" = 'Faulted')", [Param.Text(signal.InstanceId)], _ => true, cancellationToken);

    /// <summary>Compiles what a transaction is about to start, so that it holds up nobody for that.</summary>
    private async Task WarmAsync(IEnumerable<string> definitionIds)
    {
        foreach (var id in definitionIds)
        {
            await definitions.FindPublishedAsync(id);
        }
    }

    /// <summary>Resumes one bookmark and takes the signal off with it.</summary>
    private async Task DeliverAsync(Signal signal, string bookmark, CancellationToken cancellationToken)
    {
        var input = (Dictionary<string, object?>)Values.Parse(signal.Input)!;
        if (await ResumeAsync(bookmark, input, Take, cancellationToken) is null)
        {
            // Nobody waits there any more.
            await database.WriteAsync(async session => await session.ExecuteAsync($"DELETE FROM \"{WorkflowTables.Signal}\" WHERE \"id\" = $1", [Param.Uuid(signal.Id)], cancellationToken), cancellationToken);
        }

        async ValueTask Take(Session session)
        {
            if (await session.ExecuteAsync($"DELETE FROM \"{WorkflowTables.Signal}\" WHERE \"id\" = $1", [Param.Uuid(signal.Id)], cancellationToken) == 0)
            {
                throw new NotAllowedException();
            }
            if (signal.Name == RunTask.TypeName && await TaskOfAsync(session, bookmark, cancellationToken) is { } task)
            {
                await EndTaskAsync(session, task, cancellationToken);
            }
        }
    }

    private async Task CancelAsync(Signal signal, CancellationToken cancellationToken)
    {
        if (await FindAsync(signal.InstanceId!, cancellationToken) is { Status: WorkflowStatus.Running })
        {
            await CancelAsync(signal.InstanceId!, cancellationToken);
        }
        // Ended twice is ended once, so the signal may go by itself.
        await database.WriteAsync(async session => await session.ExecuteAsync($"DELETE FROM \"{WorkflowTables.Signal}\" WHERE \"id\" = $1", [Param.Uuid(signal.Id)], cancellationToken), cancellationToken);
    }

    private static async ValueTask<string?> TaskOfAsync(Session session, string bookmark, CancellationToken cancellationToken)
    {
        var payload = await session.FirstAsync($"SELECT \"payload\" FROM \"{WorkflowTables.Bookmark}\" WHERE \"id\" = $1", [Param.Text(bookmark)], r => r.Text(0), cancellationToken);
        return payload is null ? null : (Values.Parse(payload) as Dictionary<string, object?>)?.GetValueOrDefault("TaskId") as string;
    }

    /// <summary>Fires a schedule: its next time and the instance that it starts are kept together, so that it fires once on all nodes.</summary>
    private async Task FireAsync(string triggerId, CancellationToken cancellationToken)
    {
        List<string> starts;
        await using (var reader = await database.ReadAsync(cancellationToken))
        {
            starts = await reader.QueryAsync($"SELECT \"definition_id\" FROM \"{WorkflowTables.Trigger}\" WHERE \"id\" = $1", [Param.Text(triggerId)], r => r.Text(0)!, cancellationToken);
        }
        await WarmAsync(starts);
        var started = await database.WriteAsync(
            async session =>
            {
                var trigger = await session.FirstAsync(
                    $"SELECT \"definition_id\", \"activity_id\", \"name\", \"payload\", \"due_at\" FROM \"{WorkflowTables.Trigger}\" WHERE \"id\" = $1", [Param.Text(triggerId)],
                    r => ((string, string, string, string, DateTimeOffset?)?)(r.Text(0)!, r.Text(1)!, r.Text(2)!, r.Text(3)!, r.Timestamp(4)), cancellationToken);
                var now = Now;
                if (trigger is not ({ } definitionId, { } activityId, { } name, { } payload, { } due) || due > now)
                {
                    return null;
                }
                // However many times were missed, it fires once and goes on from now.
                var values = (Dictionary<string, object?>)Values.Parse(payload)!;
                var next = name switch
                {
                    Timer.TypeName => now + (TimeSpan)Values.To(typeof(TimeSpan), values["Interval"])!,
                    Cron.TypeName => CronTimes.Next((string)values["CronExpression"]!, now),
                    _ => (DateTimeOffset?)null,
                };
                if (await session.ExecuteAsync(
                    $"UPDATE \"{WorkflowTables.Trigger}\" SET \"due_at\" = $3 WHERE \"id\" = $1 AND \"due_at\" = $2",
                    [Param.Text(triggerId), Param.Timestamp(due), Param.Timestamp(next is { } at ? Metadata.Iso8601.ToMicroseconds(at) : null)], cancellationToken) == 0)
                {
                    return null;
                }
                return await PutInstanceAsync(session, definitionId, activityId, null, new Dictionary<string, object?>(), cancellationToken);
            },
            cancellationToken);
        if (started is not null)
        {
            _work.Add(new(WorkKind.Instance, started));
        }
    }

    /// <summary>Creates an instance that has not begun yet, with the transaction in progress.</summary>
    /// <returns>Its id; null if the workflow is not published or its activation strategy allows none now.</returns>
    internal async ValueTask<string?> PutInstanceAsync(Session session, string definitionId, string? triggerActivityId, string? correlationId, IReadOnlyDictionary<string, object?> input, CancellationToken cancellationToken, int chain = 0)
    {
        if (await definitions.FindPublishedAsync(definitionId, session) is not { } graph || !await IsAllowedAsync(session, graph.Definition, correlationId, cancellationToken))
        {
            return null;
        }
        var surroundings = new DurableSurroundings(this);
        var run = new WorkflowRun(graph, surroundings.NewId(), surroundings) { CorrelationId = correlationId };
        if (chain > 0)
        {
            run.Properties[WorkflowRun.ChainKey] = chain;
        }
        run.Start(input, triggerActivityId);
        await InstanceRows.KeepAsync(session, run, StoredRun.New, Now, cancellationToken);
        return run.Id;
    }

    private static async ValueTask<List<string>> BookmarksOfAsync(Session session, Signal signal, CancellationToken cancellationToken)
    {
        List<SqlParameter> parameters = [Param.Text(signal.Hash)];
        var sql = $"SELECT \"id\" FROM \"{WorkflowTables.Bookmark}\" WHERE \"hash\" = $1{OnlyOf(signal.InstanceId, signal.CorrelationId, parameters)}";
        return await session.QueryAsync(sql, parameters, r => r.Text(0)!, cancellationToken);
    }

    /// <summary>The condition on bookmarks that only one instance, or those of one correlation, are meant.</summary>
    private static string OnlyOf(string? instanceId, string? correlationId, List<SqlParameter> parameters)
    {
        var sql = "";
        foreach (var (column, value) in ((string, string?)[])[("instance_id", instanceId), ("correlation_id", correlationId)])
        {
            if (value is not null)
            {
                parameters.Add(Param.Text(value));
                sql += $" AND \"{column}\" = ${parameters.Count.ToString(CultureInfo.InvariantCulture)}";
            }
        }
        return sql;
    }

    private static ValueTask<Signal?> ReadSignalAsync(Session session, Guid id, CancellationToken cancellationToken) => session.FirstAsync(
        $"SELECT \"name\", \"hash\", \"instance_id\", \"correlation_id\", \"bookmark_id\", \"input\", \"may_start\", \"is_kept\", \"created_at\" FROM \"{WorkflowTables.Signal}\" WHERE \"id\" = $1",
        [Param.Uuid(id)],
        r => new Signal(id, r.Text(0)!, r.Text(1)!, r.Text(2), r.Text(3), r.Text(4), r.Text(5)!, (bool)r.Value(6, Metadata.ColumnKind.Boolean)!, (bool)r.Value(7, Metadata.ColumnKind.Boolean)!, r.Timestamp(8)!.Value),
        cancellationToken);

    private sealed record Signal(Guid Id, string Name, string Hash, string? InstanceId, string? CorrelationId, string? BookmarkId, string Input, bool MayStart, bool IsKept, DateTimeOffset CreatedAt);
}
