using System.Globalization;
using Crm.Data;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>What a migration to another version would do with an instance.</summary>
/// <param name="Lost">Activities at which the instance stands and that the version does not have; with any, it is not migrated.</param>
public sealed record MigrationPreview(string InstanceId, int FromVersion, int ToVersion, IReadOnlyList<string> Lost);

/// <summary>Which instances somebody asks for.</summary>
public sealed record InstanceFilter
{
    public string? DefinitionId { get; init; }

    public string? VersionId { get; init; }

    public WorkflowStatus? Status { get; init; }

    public WorkflowSubStatus? SubStatus { get; init; }

    public string? CorrelationId { get; init; }

    public string? ParentId { get; init; }

    public bool? HasIncidents { get; init; }

    /// <summary>Instances last changed before this; the way to the next page.</summary>
    public DateTimeOffset? Before { get; init; }

    public int Limit { get; init; } = 100;
}

/// <content>What administrators do with instances, and what becomes of old ones.</content>
public sealed partial class WorkflowEngine
{
    /// <summary>Instances, the last changed first.</summary>
    public async Task<IReadOnlyList<WorkflowInstance>> ListAsync(InstanceFilter filter, CancellationToken cancellationToken = default)
    {
        var parameters = new List<SqlParameter>();
        var conditions = new List<string> { "1 = 1" };
        Add("\"definition_id\" = ", filter.DefinitionId is null ? null : Param.Text(filter.DefinitionId));
        Add("\"version_id\" = ", filter.VersionId is null ? null : Param.Text(filter.VersionId));
        Add("\"status\" = ", filter.Status is null ? null : Param.Text(filter.Status.ToString()));
        Add("\"sub_status\" = ", filter.SubStatus is null ? null : Param.Text(filter.SubStatus.ToString()));
        Add("\"correlation_id\" = ", filter.CorrelationId is null ? null : Param.Text(filter.CorrelationId));
        Add("\"parent_id\" = ", filter.ParentId is null ? null : Param.Text(filter.ParentId));
        Add("\"updated_at\" < ", filter.Before is null ? null : Param.Timestamp(filter.Before));
        if (filter.HasIncidents is { } has)
        {
            conditions.Add(has ? "\"incidents\" > 0" : "\"incidents\" = 0");
        }
        Add("", Param.Integer(filter.Limit));
        var limit = conditions[^1];
        conditions.RemoveAt(conditions.Count - 1);
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.QueryAsync(
            $"SELECT {InstanceRows.Columns} FROM \"{WorkflowTables.Instance}\" WHERE {string.Join(" AND ", conditions)} ORDER BY \"updated_at\" DESC, \"id\" LIMIT {limit}", parameters, InstanceRows.Read, cancellationToken);

        void Add(string condition, SqlParameter? value)
        {
            if (value is { } parameter)
            {
                parameters.Add(parameter);
                conditions.Add(condition + "$" + parameters.Count.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    public async Task<WorkflowInstance?> FindAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync($"SELECT {InstanceRows.Columns} FROM \"{WorkflowTables.Instance}\" WHERE \"id\" = $1", [Param.Text(instanceId)], InstanceRows.Read, cancellationToken);
    }

    /// <summary>An instance with its variables, bookmarks and incidents, as it was last kept; null if it is over or there is none.</summary>
    public async Task<WorkflowRun?> InspectAsync(string instanceId, CancellationToken cancellationToken = default) =>
        (await LoadAsync(instanceId, new DurableSurroundings(this), cancellationToken))?.Run;

    /// <summary>What an instance gave out, once it is finished.</summary>
    public async Task<IReadOnlyDictionary<string, object?>> OutputAsync(string instanceId, CancellationToken cancellationToken = default) =>
        await FindAsync(instanceId, cancellationToken) is { Status: WorkflowStatus.Finished, SubStatus: not WorkflowSubStatus.Faulted, State: { } state } && Values.Parse(state) is Dictionary<string, object?> output
            ? output
            : new Dictionary<string, object?>();

    /// <summary>Everything that the activities of an instance did, in order.</summary>
    public async Task<IReadOnlyList<ActivityRecord>> HistoryAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        var texts = await session.QueryAsync($"SELECT \"entries\" FROM \"{WorkflowTables.Journal}\" WHERE \"instance_id\" = $1 ORDER BY \"number\"", [Param.Text(instanceId)], r => r.Text(0)!, cancellationToken);
        return [.. texts.SelectMany(JournalText.Read)];
    }

    /// <summary>Tasks of an instance that are not done.</summary>
    public async Task<IReadOnlyList<(string Id, string Name)>> TasksAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.QueryAsync(
            $"SELECT \"id\", \"name\" FROM \"{WorkflowTables.Task}\" WHERE \"instance_id\" = $1 AND \"completed_at\" IS NULL ORDER BY \"id\"", [Param.Text(instanceId)], r => (r.Text(0)!, r.Text(1)!), cancellationToken);
    }

    /// <summary>Tries failed activities again: one, or all of the instance.</summary>
    /// <exception cref="ProblemException">There is no such failed activity.</exception>
    public Task RetryAsync(string instanceId, string? activityInstanceId = null, CancellationToken cancellationToken = default) => AlterAsync(
        instanceId, run => Failed(run, activityInstanceId).Aggregate(false, (done, context) => run.Retry(context) || done), cancellationToken, activityInstanceId);

    /// <summary>Takes a failed activity for done and goes on after it.</summary>
    /// <exception cref="ProblemException">There is no such failed activity.</exception>
    public Task SkipAsync(string instanceId, string activityInstanceId, string outcome = "Done", CancellationToken cancellationToken = default) => AlterAsync(
        instanceId, run => Failed(run, activityInstanceId).Aggregate(false, (done, context) => run.Skip(context, outcome == "Done" ? Outcomes.Default : Outcomes.Of(outcome)) || done), cancellationToken, activityInstanceId);

    /// <summary>Goes on from an activity, wherever the instance stands.</summary>
    /// <exception cref="ProblemException">What contains the activity is not open.</exception>
    public Task RestartFromAsync(string instanceId, string activityId, CancellationToken cancellationToken = default) => AlterAsync(
        instanceId, run => (run.Graph.ByNodeId(activityId) ?? run.Graph.ById(activityId)) is { } node && run.RestartFrom(node), cancellationToken, activityId);

    /// <summary>Ends one activity of a running instance without outcome.</summary>
    /// <exception cref="ProblemException">It is not open.</exception>
    public Task CancelActivityAsync(string instanceId, string activityInstanceId, CancellationToken cancellationToken = default) => AlterAsync(
        instanceId,
        run =>
        {
            var context = run.Find(activityInstanceId);
            context?.Cancel();
            return context is not null;
        },
        cancellationToken, activityInstanceId);

    /// <summary>Gives a variable another value.</summary>
    /// <exception cref="ProblemException">There is no such variable.</exception>
    public Task SetVariableAsync(string instanceId, string variableId, object? value, CancellationToken cancellationToken = default) => AlterAsync(
        instanceId, run => run.Open.OrderBy(c => c.Number).Any(c => c.Node.IndexOfId(variableId) >= 0 && c.TrySetVariable(variableId, null, value)), cancellationToken, variableId);

    /// <summary>What migrating the running instances of a definition to a version would do.</summary>
    /// <exception cref="ProblemException">There is no such version.</exception>
    public async Task<IReadOnlyList<MigrationPreview>> PreviewMigrationAsync(string definitionId, string toVersionId, CancellationToken cancellationToken = default)
    {
        var graph = await definitions.GraphAsync(toVersionId) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "workflow.missing", toVersionId));
        var previews = new List<MigrationPreview>();
        foreach (var row in await ListAsync(new() { DefinitionId = definitionId, Status = WorkflowStatus.Running, Limit = 10_000 }, cancellationToken))
        {
            if (row.VersionId != toVersionId)
            {
                var lost = new List<string>();
                await RestoreAsync(row, new DurableSurroundings(this), graph, lost.Add);
                previews.Add(new(row.Id, row.Version, graph.Definition.Version, lost));
            }
        }
        return previews;
    }

    /// <summary>Has an instance go on with another version; where it stands, what it waits for and its variables stay.</summary>
    /// <exception cref="ProblemException">The instance is over, or stands at an activity that the version does not have.</exception>
    public async Task MigrateAsync(string instanceId, string toVersionId, CancellationToken cancellationToken = default)
    {
        var graph = await definitions.GraphAsync(toVersionId) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "workflow.missing", toVersionId));
        using var held = await _locks.TakeAsync(instanceId, cancellationToken);
        await BurstAsync(
            async surroundings =>
            {
                var row = await FindAsync(instanceId, cancellationToken) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "workflow.instance", instanceId));
                return await RestoreAsync(row, surroundings, graph, lost => throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.migrate.lost", lost)))
                    ?? throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.instance.state", instanceId, row.SubStatus.ToString()));
            },
            cancellationToken);
    }

    /// <summary>Instances that will never go on by themselves: they wait for nothing.</summary>
    public async Task<IReadOnlyList<WorkflowInstance>> StuckAsync(CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.QueryAsync(
            $"SELECT {InstanceRows.Columns} FROM \"{WorkflowTables.Instance}\" i WHERE \"status\" = 'Running' AND \"sub_status\" = 'Suspended' AND \"updated_at\" <= $1 " +
            $"AND NOT EXISTS (SELECT 1 FROM \"{WorkflowTables.Bookmark}\" b WHERE b.\"instance_id\" = i.\"id\") ORDER BY \"updated_at\" LIMIT 1000",
            [Param.Timestamp(Now - options.CutOff)], InstanceRows.Read, cancellationToken);
    }

    /// <summary>Shows instances that are stuck as incidents; how many there were that nobody had seen.</summary>
    public async Task<int> WatchAsync(CancellationToken cancellationToken = default)
    {
        var seen = 0;
        foreach (var row in (await StuckAsync(cancellationToken)).Where(r => r.Incidents == 0))
        {
            await NoteAsync(row.Id, "stuck", "The instance waits for nothing and will not go on by itself.", "Restart it from an activity, or cancel it; then look for a branch that no connection leaves.", cancellationToken);
            seen++;
        }
        return seen;
    }

    /// <summary>Forgets finished instances that are older than the retention.</summary>
    public async Task<int> ForgetAsync(CancellationToken cancellationToken = default)
    {
        var forgotten = 0;
        while (true)
        {
            var before = Now - options.Retention;
            var count = await database.WriteAsync(
                async session =>
                {
                    var old = await session.QueryAsync($"SELECT \"id\" FROM \"{WorkflowTables.Instance}\" WHERE \"finished_at\" < $1 ORDER BY \"finished_at\" LIMIT 200", [Param.Timestamp(before)], r => r.Text(0)!, cancellationToken);
                    if (old.Count == 0)
                    {
                        return 0;
                    }
                    List<SqlParameter> parameters = [.. old.Select(Param.Text)];
                    var list = string.Join(", ", Enumerable.Range(1, old.Count).Select(i => "$" + i.ToString(CultureInfo.InvariantCulture)));
                    foreach (var (table, column) in ((string, string)[])[(WorkflowTables.Journal, "instance_id"), (WorkflowTables.Task, "instance_id"), (WorkflowTables.Bookmark, "instance_id"), (WorkflowTables.Instance, "id")])
                    {
                        await session.ExecuteAsync($"DELETE FROM \"{table}\" WHERE \"{column}\" IN ({list})", parameters, cancellationToken);
                    }
                    return old.Count;
                },
                cancellationToken);
            forgotten += count;
            if (count < 200)
            {
                return forgotten;
            }
        }
    }

    private static List<ActivityContext> Failed(WorkflowRun run, string? activityInstanceId) =>
        [.. run.Open.Where(c => c.Status == ActivityStatus.Faulted && (activityInstanceId is null || c.Id == activityInstanceId)).OrderBy(c => c.Number)];

    private async Task AlterAsync(string instanceId, Func<WorkflowRun, bool> change, CancellationToken cancellationToken, string? what = null)
    {
        using var held = await _locks.TakeAsync(instanceId, cancellationToken);
        await BurstAsync(
            async surroundings =>
            {
                var row = await FindAsync(instanceId, cancellationToken) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "workflow.instance", instanceId));
                var burst = await RestoreAsync(row, surroundings) ?? throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.instance.state", instanceId, row.SubStatus.ToString()));
                return change(burst.Run) ? burst : throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.activity.missing", what ?? ""));
            },
            cancellationToken);
    }

    private Task NoteFailureAsync(string instanceId, Exception e, CancellationToken cancellationToken) =>
        NoteAsync(instanceId, "engine", e.Message, "Correct the cause; the instance is tried again by itself.", cancellationToken);

    /// <summary>Adds an incident to an instance without running anything.</summary>
    private async Task NoteAsync(string instanceId, string code, string message, string advice, CancellationToken cancellationToken)
    {
        using var held = await _locks.TakeAsync(instanceId, cancellationToken);
        if (await LoadAsync(instanceId, new DurableSurroundings(this), cancellationToken) is not { } burst || burst.Run.Incidents.Exists(i => i.Code == code && i.Message == message))
        {
            return;
        }
        var root = burst.Run.Graph.Root;
        burst.Run.Incidents.Add(new(root.Id, root.NodeId, root.TypeName, "", code, message, advice, null, null, Now));
        await database.WriteAsync(async session => await InstanceRows.KeepAsync(session, burst.Run, burst.Stored, Now, cancellationToken), cancellationToken);
    }
}
