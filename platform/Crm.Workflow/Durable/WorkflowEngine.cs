using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Workflow;

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
}
