using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>Settings of the durable engine.</summary>
public sealed class WorkflowOptions
{
    /// <summary>Where WriteLine writes.</summary>
    public Action<string> Output { get; set; } = _ => { };

    /// <summary>Told of work that could not be done and will be tried again.</summary>
    public Action<string, Exception>? Failed { get; set; }

    /// <summary>Activities that one burst may run.</summary>
    public int ActivityBudget { get; set; } = 100_000;

    /// <summary>Finished instances are forgotten after this time.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>An instance that says it is working and has not been heard of for so long was cut off.</summary>
    public TimeSpan CutOff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>So many workflows may start each other one after the other.</summary>
    public int MaxChain { get; set; } = 12;
}

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

/// <summary>
/// Runs workflows so that they survive everything. A burst, from a start or resume up to the next wait, is one transaction: the instance, its
/// bookmarks, journal and tasks, the records that it changed and what it sent off are kept together or not at all. As long as a burst touches
/// no records it runs before the transaction begins, so that scripts hold up nobody's writes.
/// </summary>
public sealed partial class WorkflowEngine(
    Database database, DefinitionStore definitions, ModelSource models, RecordStore records, Outbox outbox, WorkflowParts parts, IdSource ids, TimeProvider time, WorkflowOptions options)
{
    private const int MaxAttempts = 12;

    private readonly InstanceLocks _locks = new();

    public DefinitionStore Definitions => definitions;

    public WorkflowOptions Options => options;

    public WorkflowParts Parts => parts;

    internal TimeProvider Time => time;

    internal IdSource Ids => ids;

    internal ModelSource Models => models;

    internal RecordStore Records => records;

    internal Database Database => database;

    internal DateTimeOffset Now => Iso8601.ToMicroseconds(time.GetUtcNow());

    /// <summary>Starts an instance of the published version and runs it up to its first wait.</summary>
    /// <returns>The instance; null if its activation strategy allows none now, or one of this id exists.</returns>
    /// <exception cref="ProblemException">There is no such workflow.</exception>
    public async Task<WorkflowRun?> StartAsync(string definitionId, StartOptions? start = null, CancellationToken cancellationToken = default)
    {
        start ??= new();
        var versionId = start.VersionId ?? definitions.Published(definitionId)?.Id ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "workflow.missing", definitionId));
        var graph = await definitions.GraphAsync(versionId) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "workflow.missing", definitionId));
        var (id, isNamed) = (start.InstanceId ?? new DurableSurroundings(this).NewId(), start.InstanceId is not null);
        using var held = await _locks.TakeAsync(id, cancellationToken);
        return await BurstAsync(
            surroundings =>
            {
                var run = RunOf(graph, start with { InstanceId = id }, surroundings);
                return ValueTask.FromResult<Burst?>(new(run, StoredRun.New) { Claim = session => MayStartAsync(session, run, isNamed, cancellationToken) });
            },
            cancellationToken);
    }

    /// <summary>Creates an instance that begins as soon as somebody has time for it.</summary>
    /// <returns>Its id; null if its activation strategy allows none now, or one of this id exists.</returns>
    /// <exception cref="ProblemException">There is no such workflow.</exception>
    public async Task<string?> DispatchAsync(string definitionId, StartOptions start, CancellationToken cancellationToken = default)
    {
        var versionId = start.VersionId ?? definitions.Published(definitionId)?.Id ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "workflow.missing", definitionId));
        var graph = await definitions.GraphAsync(versionId) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "workflow.missing", definitionId));
        try
        {
            var id = await database.WriteAsync(
                async session =>
                {
                    var run = RunOf(graph, start, new DurableSurroundings(this));
                    await MayStartAsync(session, run, start.InstanceId is not null, cancellationToken);
                    await InstanceRows.KeepAsync(session, run, StoredRun.New, Now, cancellationToken);
                    return run.Id;
                },
                cancellationToken);
            _work.Add(new(WorkKind.Instance, id));
            return id;
        }
        catch (NotAllowedException)
        {
            return null;
        }
    }

    /// <summary>Resumes what waits at a bookmark.</summary>
    /// <returns>False if nothing waits there: it was resumed before, or the instance is over.</returns>
    public async Task<bool> ResumeAsync(string bookmarkId, IReadOnlyDictionary<string, object?>? input = null, CancellationToken cancellationToken = default) =>
        await ResumeRunAsync(bookmarkId, input, cancellationToken) is not null;

    /// <summary>The same, for whoever wants to know how far the instance came.</summary>
    /// <returns>The instance; null if nothing waits there.</returns>
    public Task<WorkflowRun?> ResumeRunAsync(string bookmarkId, IReadOnlyDictionary<string, object?>? input = null, CancellationToken cancellationToken = default) =>
        ResumeAsync(bookmarkId, input, claim: null, cancellationToken);

    /// <summary>Goes on with an instance that was created but has not begun, or that was cut off.</summary>
    /// <returns>False if it has nothing to do.</returns>
    public async Task<bool> ContinueAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        using var held = await _locks.TakeAsync(instanceId, cancellationToken);
        return await BurstAsync(
            async surroundings => await LoadAsync(instanceId, surroundings, cancellationToken) is { } burst && burst.Run.HasWork ? burst : null,
            cancellationToken) is not null;
    }

    /// <summary>Ends an instance that runs, or that failed and might go on.</summary>
    /// <exception cref="ProblemException">There is none, or it is over.</exception>
    public Task CancelAsync(string instanceId, CancellationToken cancellationToken = default) => AlterAsync(instanceId, run => run.Cancel(), cancellationToken);

    private static WorkflowRun RunOf(WorkflowGraph graph, StartOptions start, DurableSurroundings surroundings)
    {
        var run = new WorkflowRun(graph, start.InstanceId ?? surroundings.NewId(), surroundings) { CorrelationId = start.CorrelationId, Name = start.Name };
        foreach (var (name, value) in start.Properties)
        {
            run.Properties[name] = value;
        }
        run.Start(start.Input, start.TriggerActivityId);
        foreach (var (name, value) in start.Variables)
        {
            Said(() => run.Root!.TrySetVariable(null, name, value));
        }
        return run;
    }

    /// <summary>What somebody wants from outside and does not fit is their fault, not the workflow's.</summary>
    private static bool Said(Func<bool> change)
    {
        try
        {
            return change();
        }
        catch (WorkflowException fault)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "workflow.value", fault.Message));
        }
    }

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

    private async Task<WorkflowRun?> ResumeAsync(string bookmarkId, IReadOnlyDictionary<string, object?>? input, Func<Session, ValueTask>? claim, CancellationToken cancellationToken)
    {
        if (await InstanceOfAsync(bookmarkId, cancellationToken) is not { } instanceId)
        {
            return null;
        }
        using var held = await _locks.TakeAsync(instanceId, cancellationToken);
        return await BurstAsync(
            async surroundings =>
            {
                if (await LoadAsync(instanceId, surroundings, cancellationToken) is not { } burst)
                {
                    return null;
                }
                if (burst.Run.HasWork)
                {
                    // What was cut off comes first, with what it was given.
                    await RunAsync(burst, surroundings, cancellationToken);
                }
                return burst.Run.Bookmarks.Find(b => b.Id == bookmarkId) is { } bookmark && burst.Run.Resume(bookmark, input) ? new Burst(burst.Run, burst.Stored) { Claim = claim } : null;
            },
            cancellationToken);
    }

    private async ValueTask<string?> InstanceOfAsync(string bookmarkId, CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync($"SELECT \"instance_id\" FROM \"{WorkflowTables.Bookmark}\" WHERE \"id\" = $1", [Param.Text(bookmarkId)], r => r.Text(0), cancellationToken);
    }

    /// <summary>Whether the activation strategy allows one more instance.</summary>
    private async ValueTask MayStartAsync(Session session, WorkflowRun run, bool isNamed, CancellationToken cancellationToken)
    {
        if (isNamed && await session.FirstAsync($"SELECT 1 FROM \"{WorkflowTables.Instance}\" WHERE \"id\" = $1", [Param.Text(run.Id)], _ => true, cancellationToken))
        {
            throw new NotAllowedException();
        }
        if (!await IsAllowedAsync(session, run.Graph.Definition, run.CorrelationId, cancellationToken))
        {
            throw new NotAllowedException();
        }
    }

    private async ValueTask<bool> IsAllowedAsync(Session session, WorkflowDefinition definition, string? correlationId, CancellationToken cancellationToken)
    {
        var strategy = definition.ActivationStrategy;
        var byCorrelation = strategy is "CorrelationStrategy" or "CorrelatedSingletonStrategy" or "Correlation" or "CorrelatedSingleton";
        var byDefinition = strategy is "SingletonStrategy" or "CorrelatedSingletonStrategy" or "Singleton" or "CorrelatedSingleton";
        if (!byCorrelation && !byDefinition)
        {
            return true;
        }
        // Whoever starts at the same time on another node waits here.
        await session.FirstAsync($"SELECT \"id\" FROM \"{WorkflowTables.Definition}\" WHERE \"id\" = $1{database.Dialect.LockRows}", [Param.Text(definition.Id)], r => r.Text(0), cancellationToken);
        var conditions = "\"status\" = 'Running'" + (byDefinition ? " AND \"definition_id\" = $1" : " AND $1 = $1") + (byCorrelation ? correlationId is null ? " AND \"correlation_id\" IS NULL" : " AND \"correlation_id\" = $2" : "");
        List<SqlParameter> parameters = [Param.Text(definition.DefinitionId)];
        if (byCorrelation && correlationId is not null)
        {
            parameters.Add(Param.Text(correlationId));
        }
        return !await session.FirstAsync($"SELECT 1 FROM \"{WorkflowTables.Instance}\" WHERE {conditions} LIMIT 1", parameters, _ => true, cancellationToken);
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
