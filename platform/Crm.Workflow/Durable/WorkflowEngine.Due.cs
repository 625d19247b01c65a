using System.Globalization;
using Crm.Data;
using Crm.Rules;

namespace Crm.Workflow;

/// <content>What is due: taking it up from the database, doing it, and putting off what fails.</content>
public sealed partial class WorkflowEngine
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2), LongestPause = TimeSpan.FromMinutes(10);

    /// <summary>When a signal comes again that failed too often: it stays in the database, to be looked at.</summary>
    private static readonly DateTimeOffset Never = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    private readonly WorkList _work = new();

    /// <summary>Looks at once for what other transactions left, instead of at the next sweep; call it after they are committed.</summary>
    public void Wake() => _work.Add(new(WorkKind.Look, ""));

    /// <summary>Does everything that is due now, and what follows from it, until nothing is left.</summary>
    public async Task RunDueAsync(CancellationToken cancellationToken = default)
    {
        do
        {
            while (_work.TryTake(out var item))
            {
                await WorkAsync(item, cancellationToken);
            }
        }
        while (await SweepAsync(cancellationToken) > 0 || _work.Count > 0);
    }

    /// <summary>Takes up what is due in the database; returns how much of it is done, or will come again later.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken = default)
    {
        var now = Now;
        List<WorkItem> due;
        await using (var session = await database.ReadAsync(cancellationToken))
        {
            SqlParameter[] parameters = [Param.Timestamp(now)];
            due = await session.QueryAsync($"SELECT \"id\" FROM \"{WorkflowTables.Bookmark}\" WHERE \"due_at\" <= $1 ORDER BY \"due_at\" LIMIT 1000", parameters, r => new WorkItem(WorkKind.Timer, r.Text(0)!), cancellationToken);
            due.AddRange(await session.QueryAsync($"SELECT \"id\" FROM \"{WorkflowTables.Trigger}\" WHERE \"due_at\" <= $1 ORDER BY \"due_at\" LIMIT 1000", parameters, r => new WorkItem(WorkKind.Schedule, r.Text(0)!), cancellationToken));
            due.AddRange(await session.QueryAsync($"SELECT \"id\" FROM \"{WorkflowTables.Signal}\" WHERE \"next_at\" <= $1 ORDER BY \"next_at\" LIMIT 1000", parameters, r => new WorkItem(WorkKind.Signal, r.Uuid(0)!.Value.ToString("D")), cancellationToken));
            due.AddRange(await session.QueryAsync(
                $"SELECT \"id\" FROM \"{WorkflowTables.Instance}\" WHERE \"status\" = 'Running' AND (\"sub_status\" = 'Pending' OR (\"sub_status\" = 'Executing' AND \"updated_at\" <= $1)) ORDER BY \"updated_at\" LIMIT 1000",
                [Param.Timestamp(now - options.CutOff)], r => new WorkItem(WorkKind.Instance, r.Text(0)!), cancellationToken));
        }
        // Some at once: on SQLite they share commits, on PostgreSQL they share nothing.
        var taken = 0;
        await System.Threading.Tasks.Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken }, async (item, token) =>
        {
            if (await WorkAsync(item, token))
            {
                Interlocked.Increment(ref taken);
            }
        });
        return taken;
    }

    /// <summary>When the next thing is due; null if nothing is.</summary>
    internal async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        DateTimeOffset? next = null;
        foreach (var (table, column) in ((string, string)[])[(WorkflowTables.Bookmark, "due_at"), (WorkflowTables.Trigger, "due_at"), (WorkflowTables.Signal, "next_at")])
        {
            var due = await session.FirstAsync($"SELECT min(\"{column}\") FROM \"{table}\"", [], r => r.Timestamp(0), cancellationToken);
            next = due is null || due > next ? next : due;
        }
        return next;
    }

    internal WorkList Work => _work;

    /// <summary>Does something that is due.</summary>
    /// <returns>False if it could be neither done nor put off.</returns>
    internal async Task<bool> WorkAsync(WorkItem item, CancellationToken cancellationToken)
    {
        try
        {
            await (item.Kind switch
            {
                WorkKind.Signal => DeliverAsync(Guid.Parse(item.Id, CultureInfo.InvariantCulture), cancellationToken),
                WorkKind.Instance => ContinueOrLeaveAsync(item.Id, cancellationToken),
                WorkKind.Timer => ResumeOrLeaveAsync(item.Id, cancellationToken),
                WorkKind.Schedule => FireAsync(item.Id, cancellationToken),
                _ => SweepAsync(cancellationToken),
            });
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // One thing that cannot be done must not keep the others from being done; it comes again later.
        catch (Exception e)
#pragma warning restore CA1031
        {
            options.Failed?.Invoke(item.ToString(), e);
            return await TryPostponeAsync(item, e, cancellationToken);
        }
    }

    /// <summary>A timer whose instance is over, or gone, does not come again.</summary>
    private async Task ResumeOrLeaveAsync(string bookmarkId, CancellationToken cancellationToken)
    {
        if (!await ResumeAsync(bookmarkId, null, cancellationToken))
        {
            await database.WriteAsync(async session => await session.ExecuteAsync($"UPDATE \"{WorkflowTables.Bookmark}\" SET \"due_at\" = NULL WHERE \"id\" = $1", [Param.Text(bookmarkId)], cancellationToken), cancellationToken);
        }
    }

    /// <summary>An instance that cannot go on, because its definition is gone, is left to an administrator.</summary>
    private async Task ContinueOrLeaveAsync(string instanceId, CancellationToken cancellationToken)
    {
        if (!await ContinueAsync(instanceId, cancellationToken))
        {
            await database.WriteAsync(
                async session => await session.ExecuteAsync(
                    $"UPDATE \"{WorkflowTables.Instance}\" SET \"sub_status\" = 'Interrupted' WHERE \"id\" = $1 AND \"status\" = 'Running' AND \"sub_status\" IN ('Pending', 'Executing')", [Param.Text(instanceId)], cancellationToken),
                cancellationToken);
        }
    }

    private async Task<bool> TryPostponeAsync(WorkItem item, Exception e, CancellationToken cancellationToken)
    {
        try
        {
            await PostponeAsync(item, e, cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // See WorkAsync; the next sweep finds it as it is.
        catch (Exception again)
#pragma warning restore CA1031
        {
            options.Failed?.Invoke(item.ToString(), again);
            return false;
        }
    }

    /// <summary>Has something that could not be done come again later, unless somebody else took it up meanwhile.</summary>
    private async Task PostponeAsync(WorkItem item, Exception e, CancellationToken cancellationToken)
    {
        var now = Now;
        switch (item.Kind)
        {
            case WorkKind.Signal:
                var id = Param.Uuid(Guid.Parse(item.Id, CultureInfo.InvariantCulture));
                var isGivenUp = await database.WriteAsync(
                    async session =>
                    {
                        var attempts = await AttemptsAsync(session, WorkflowTables.Signal, id, cancellationToken);
                        var next = attempts + 1 < MaxAttempts ? now + PauseAfter(attempts) : Never;
                        await session.ExecuteAsync($"UPDATE \"{WorkflowTables.Signal}\" SET \"attempts\" = \"attempts\" + 1, \"next_at\" = $2 WHERE \"id\" = $1", [id, Param.Timestamp(next)], cancellationToken);
                        return next == Never;
                    },
                    cancellationToken);
                if (isGivenUp)
                {
                    options.Failed?.Invoke($"{item} is given up and stays in the database", e);
                }
                break;
            case WorkKind.Timer:
                await database.WriteAsync(
                    async session =>
                    {
                        var attempts = await AttemptsAsync(session, WorkflowTables.Bookmark, Param.Text(item.Id), cancellationToken);
                        return await session.ExecuteAsync(
                            $"UPDATE \"{WorkflowTables.Bookmark}\" SET \"attempts\" = \"attempts\" + 1, \"due_at\" = $2 WHERE \"id\" = $1 AND \"due_at\" <= $3",
                            [Param.Text(item.Id), Param.Timestamp(now + PauseAfter(attempts)), Param.Timestamp(now)], cancellationToken);
                    },
                    cancellationToken);
                break;
            case WorkKind.Instance:
                // First what keeps it from coming again at once: an instance that cannot be read takes no note.
                var isPutOff = await database.WriteAsync(
                    async session => await session.ExecuteAsync(
                        $"UPDATE \"{WorkflowTables.Instance}\" SET \"sub_status\" = 'Executing', \"updated_at\" = $2 WHERE \"id\" = $1 AND \"status\" = 'Running' AND \"sub_status\" IN ('Pending', 'Executing')",
                        [Param.Text(item.Id), Param.Timestamp(now)], cancellationToken) > 0,
                    cancellationToken);
                if (isPutOff)
                {
                    await NoteFailureAsync(item.Id, e, cancellationToken);
                }
                break;
            case WorkKind.Schedule:
                await database.WriteAsync(
                    async session => await session.ExecuteAsync(
                        $"UPDATE \"{WorkflowTables.Trigger}\" SET \"due_at\" = $2 WHERE \"id\" = $1 AND \"due_at\" <= $3", [Param.Text(item.Id), Param.Timestamp(now + LongestPause), Param.Timestamp(now)], cancellationToken),
                    cancellationToken);
                break;
        }
    }

    private static ValueTask<long> AttemptsAsync(Session session, string table, SqlParameter id, CancellationToken cancellationToken) =>
        session.FirstAsync($"SELECT \"attempts\" FROM \"{table}\" WHERE \"id\" = $1", [id], r => r.Integer(0)!.Value, cancellationToken);

    private static TimeSpan PauseAfter(long attempts) => TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << (int)Math.Min(attempts, 16)));
}
