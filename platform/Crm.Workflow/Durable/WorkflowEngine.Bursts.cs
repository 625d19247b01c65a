using Crm.Data;

namespace Crm.Workflow;

/// <content>How a burst is run, kept and, where somebody else was faster, begun again.</content>
public sealed partial class WorkflowEngine
{
    /// <summary>
    /// Runs a burst until it is kept. One that somebody else overtook is begun again from what they left; where a piece of it was kept already, what began it counts, and only the rest
    /// is done.
    /// </summary>
    private async Task<WorkflowRun?> BurstAsync(Func<DurableSurroundings, ValueTask<Burst?>> begin, CancellationToken cancellationToken)
    {
        WorkflowRun? begun = null;
        for (var attempt = 1; ; attempt++)
        {
            var surroundings = new DurableSurroundings(this);
            Burst? burst = null;
            try
            {
                burst = begun is null ? await begin(surroundings) : await LoadAsync(begun.Id, surroundings, cancellationToken);
                if (burst is null || (begun is not null && !burst.Run.HasWork))
                {
                    return burst?.Run ?? begun;
                }
                await RunAsync(burst, surroundings, cancellationToken);
                return burst.Run;
            }
            catch (OvertakenException) when (attempt < MaxAttempts)
            {
                // Read again and see what is left to do.
                begun = burst is { IsKept: true } ? burst.Run : begun;
            }
            catch (NotAllowedException)
            {
                return null;
            }
        }
    }

    private async Task RunAsync(Burst burst, DurableSurroundings surroundings, CancellationToken cancellationToken)
    {
        var (run, pause) = (burst.Run, RunPause.Commit);
        while (pause != RunPause.Idle)
        {
            surroundings.Session = null;
            pause = await run.ExecuteAsync(cancellationToken);
            var tries = 0;
            burst.Stored = await database.WriteAsync(
                async session =>
                {
                    // A transaction that the database had to give up is repeated, but this run has moved on: it begins again.
                    if (++tries > 1)
                    {
                        throw new OvertakenException();
                    }
                    if (burst.Claim is { } claim)
                    {
                        await claim(session);
                    }
                    surroundings.Session = session;
                    if (pause == RunPause.Transaction)
                    {
                        pause = await run.ExecuteAsync(cancellationToken);
                    }
                    return await KeepAsync(session, burst, surroundings, cancellationToken);
                },
                cancellationToken);
            burst.Claim = null;
            burst.IsKept = true;
            run.Journal.Clear();
            run.WithdrawnTasks.Clear();
            Announce(burst, surroundings);
            surroundings.Clear();
        }
    }

    private async Task<StoredRun> KeepAsync(Session session, Burst burst, DurableSurroundings surroundings, CancellationToken cancellationToken)
    {
        var (run, now) = (burst.Run, Now);
        if (!await InstanceRows.KeepAsync(session, run, burst.Stored, now, cancellationToken))
        {
            throw new OvertakenException();
        }
        await MatchEarlyAsync(session, run, cancellationToken);
        foreach (var inner in surroundings.Inner)
        {
            await InstanceRows.KeepAsync(session, inner, StoredRun.New, now, cancellationToken);
            await MatchEarlyAsync(session, inner, cancellationToken);
        }
        foreach (var child in surroundings.Dispatched)
        {
            await InstanceRows.KeepAsync(session, child, StoredRun.New, now, cancellationToken);
        }
        foreach (var request in surroundings.Sent)
        {
            burst.Signals.Add(await PutSignalAsync(session, request, cancellationToken));
        }
        if (surroundings.Effects.Count > 0)
        {
            await outbox.EnqueueAsync(session, surroundings.Effects, cancellationToken);
        }
        foreach (var (owner, id, name, payload) in surroundings.Tasks)
        {
            await session.ExecuteAsync(
                $"INSERT INTO \"{WorkflowTables.Task}\" (\"id\", \"instance_id\", \"name\", \"payload\", \"created_at\", \"kind\", \"title\", \"due_at\", \"assignee\", \"roles\", \"activity_id\") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                TaskValues(owner, id, name, payload, now, surroundings.Returned), cancellationToken);
        }
        foreach (var id in run.WithdrawnTasks)
        {
            await session.ExecuteAsync(
                $"UPDATE \"{WorkflowTables.Task}\" SET \"completed_at\" = $2, \"outcome\" = 'cancelled' WHERE \"id\" = $1 AND \"completed_at\" IS NULL", [Param.Text(id), Param.Timestamp(now)], cancellationToken);
        }
        // It ends once: one that failed was over before somebody had it go on.
        foreach (var request in burst.Stored.IsOver ? [] : ChildEnd.Requests(run))
        {
            burst.Signals.Add(await PutSignalAsync(session, request, cancellationToken));
        }
        if (run.SubStatus == WorkflowSubStatus.Cancelled)
        {
            await CancelChildrenAsync(session, burst, cancellationToken);
        }
        return new(
            false, burst.Stored.IsNew ? 1 : burst.Stored.Revision + 1, burst.Stored.Bursts + (run.Journal.Count == 0 ? 0 : 1 + ((run.Journal.Count - 1) / 1_000)), MarkStored(run), run.CorrelationId,
            run.Status == WorkflowStatus.Finished);
    }

    /// <summary>What an instance started and what still runs ends with it; each child by a signal of its own, so that none is forgotten.</summary>
    private async ValueTask CancelChildrenAsync(Session session, Burst burst, CancellationToken cancellationToken)
    {
        foreach (var child in await session.QueryAsync(
            $"SELECT \"id\" FROM \"{WorkflowTables.Instance}\" WHERE \"parent_id\" = $1 AND \"status\" = 'Running'", [Param.Text(burst.Run.Id)], r => r.Text(0)!, cancellationToken))
        {
            burst.Signals.Add(await PutSignalAsync(session, new(Stimulus.Of(CancelSignal), new Dictionary<string, object?>(), InstanceId: child, MayStart: false), cancellationToken));
        }
    }

    private static List<string> MarkStored(WorkflowRun run)
    {
        foreach (var bookmark in run.Bookmarks)
        {
            bookmark.IsStored = run.Status == WorkflowStatus.Running;
        }
        return [.. run.Bookmarks.Where(b => b.IsStored).Select(b => b.Id)];
    }

    /// <summary>What came before anybody waited for it is there for whoever waits now.</summary>
    private async ValueTask MatchEarlyAsync(Session session, WorkflowRun run, CancellationToken cancellationToken)
    {
        foreach (var bookmark in run.Bookmarks)
        {
            if (!bookmark.IsStored && run.Status == WorkflowStatus.Running && bookmark.DueAt is null)
            {
                await session.ExecuteAsync(
                    $"UPDATE \"{WorkflowTables.Signal}\" SET \"next_at\" = $3 WHERE \"hash\" = $1 AND \"is_kept\" = $2", [Param.Text(bookmark.Hash), DefinitionStore.Flag(true), Param.Timestamp(Now)], cancellationToken);
            }
        }
    }

    private void Announce(Burst burst, DurableSurroundings surroundings)
    {
        surroundings.Lines.ForEach(options.Output);
        foreach (var signal in burst.Signals)
        {
            _work.Add(new(WorkKind.Signal, signal.ToString("D")));
        }
        burst.Signals.Clear();
        foreach (var child in surroundings.Dispatched)
        {
            _work.Add(new(WorkKind.Instance, child.Id));
        }
    }

    private async Task<Burst?> LoadAsync(string instanceId, DurableSurroundings surroundings, CancellationToken cancellationToken) =>
        await FindAsync(instanceId, cancellationToken) is { } row ? await RestoreAsync(row, surroundings) : null;

    /// <summary>Makes an instance again from its row.</summary>
    /// <param name="row">The row, with its state.</param>
    /// <param name="surroundings">What it finds around it.</param>
    /// <param name="graph">Another version that it is to go on with; null for its own.</param>
    /// <param name="lost">Told the node ids of open places that the other version does not have, or has as something else.</param>
    private async Task<Burst?> RestoreAsync(WorkflowInstance row, DurableSurroundings surroundings, WorkflowGraph? graph = null, Action<string>? lost = null)
    {
        var own = await definitions.GraphAsync(row.VersionId);
        graph ??= own;
        if (graph is null || row.State is null || (row.Status == WorkflowStatus.Finished && row.SubStatus != WorkflowSubStatus.Faulted))
        {
            return null;
        }
        var run = new WorkflowRun(graph, row.Id, surroundings)
        {
            CorrelationId = row.CorrelationId,
            Name = row.Name,
            ParentInstanceId = row.ParentId,
            Status = row.Status,
            SubStatus = row.SubStatus,
        };
        RunState.Read(run, row.State, own, lost);
        return new(run, StoredRun.Of(row, run));
    }

    /// <summary>A run and what the database knows of it.</summary>
    private sealed class Burst(WorkflowRun run, StoredRun stored)
    {
        public WorkflowRun Run { get; } = run;

        public StoredRun Stored { get; set; } = stored;

        /// <summary>Whether a piece of it is kept.</summary>
        public bool IsKept { get; set; }

        /// <summary>What must hold in the transaction for the burst to count.</summary>
        public Func<Session, ValueTask>? Claim { get; set; }

        public List<Guid> Signals { get; } = [];
    }

    /// <summary>Somebody else kept the instance since it was read.</summary>
    private sealed class OvertakenException : Exception;

    /// <summary>The burst is not to happen.</summary>
    private sealed class NotAllowedException : Exception;
}
