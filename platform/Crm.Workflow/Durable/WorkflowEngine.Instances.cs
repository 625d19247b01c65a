using System.Globalization;
using Crm.Data;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>What a migration to another version would do with an instance.</summary>
/// <param name="Lost">Activities at which the instance stands and that the version does not have, or has as something else; with any, it is not migrated.</param>
public sealed record MigrationPreview(string InstanceId, int FromVersion, int ToVersion, IReadOnlyList<string> Lost);

/// <content>What administrators do with instances, and what becomes of old ones.</content>
public sealed partial class WorkflowEngine
{
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
        (await EndAsync(instanceId, cancellationToken))?.Output ?? new Dictionary<string, object?>();

    /// <summary>What is left of an instance that is over; null if it is not, or if it failed and can still go on.</summary>
    public async Task<EndedState?> EndAsync(string instanceId, CancellationToken cancellationToken = default) =>
        await FindAsync(instanceId, cancellationToken) is { Status: WorkflowStatus.Finished, SubStatus: not WorkflowSubStatus.Faulted } row ? EndedState.Read(row.State) : null;

    /// <summary>Everything that the activities of an instance did, in order.</summary>
    public async Task<IReadOnlyList<ActivityRecord>> HistoryAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        var texts = await session.QueryAsync($"SELECT \"entries\" FROM \"{WorkflowTables.Journal}\" WHERE \"instance_id\" = $1 ORDER BY \"number\"", [Param.Text(instanceId)], r => r.Text(0)!, cancellationToken);
        return [.. texts.SelectMany(JournalText.Read)];
    }

    /// <summary>Whether there is a task of this id, done or not.</summary>
    public async Task<bool> HasTaskAsync(string taskId, CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync($"SELECT 1 FROM \"{WorkflowTables.Task}\" WHERE \"id\" = $1", [Param.Text(taskId)], _ => true, cancellationToken);
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

    /// <summary>Gives several variables other values, all or none.</summary>
    /// <exception cref="ProblemException">There is no such variable.</exception>
    public Task SetVariablesAsync(string instanceId, IReadOnlyList<(string Id, object? Value)> values, CancellationToken cancellationToken = default) => AlterAsync(
        instanceId,
        run =>
        {
            foreach (var (id, value) in values)
            {
                if (!run.Open.OrderBy(c => c.Number).Any(c => c.Node.IndexOfId(id) >= 0 && c.TrySetVariable(id, null, value)))
                {
                    throw new ProblemException(Problem.Of(ProblemKind.NotFound, "workflow.variable", id));
                }
            }
            return true;
        },
        cancellationToken);

    /// <summary>The instance to which an execution of an activity belongs; null if it is not found.</summary>
    public async Task<string?> InstanceOfExecutionAsync(string executionId, CancellationToken cancellationToken = default)
    {
        foreach (var some in ExecutionIds.InstancesOf(executionId, 5_000).Chunk(500))
        {
            if (await ListAsync(new() { Ids = some, Limit = 1, OrderBy = InstanceMoment.Created }, cancellationToken) is [var instance, ..])
            {
                return instance.Id;
            }
        }
        return null;
    }

    /// <summary>What migrating the running instances of a definition to a version would do.</summary>
    /// <exception cref="ProblemException">There is no such version.</exception>
    public async Task<IReadOnlyList<MigrationPreview>> PreviewMigrationAsync(string definitionId, string toVersionId, CancellationToken cancellationToken = default)
    {
        var graph = await definitions.GraphAsync(toVersionId) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "workflow.missing", toVersionId));
        var previews = new List<MigrationPreview>();
        foreach (var row in await ListAsync(new() { DefinitionId = definitionId, Status = WorkflowStatus.Running, Limit = 10_000 }, InstanceRows.Columns, cancellationToken))
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
    /// <exception cref="ProblemException">The instance is over, or stands at an activity that the version does not have or has as something else.</exception>
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

    /// <summary>Instances that will never go on by themselves, because they wait for nothing, and that say nothing of it yet.</summary>
    public async Task<IReadOnlyList<WorkflowInstance>> StuckAsync(CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.QueryAsync(
            $"SELECT {InstanceRows.ColumnsWithoutState} FROM \"{WorkflowTables.Instance}\" i WHERE \"status\" = 'Running' AND \"sub_status\" = 'Suspended' AND \"updated_at\" <= $1 AND \"incidents\" = 0 " +
            $"AND NOT EXISTS (SELECT 1 FROM \"{WorkflowTables.Bookmark}\" b WHERE b.\"instance_id\" = i.\"id\") ORDER BY \"updated_at\" LIMIT 1000",
            [Param.Timestamp(Now - options.CutOff)], InstanceRows.Read, cancellationToken);
    }

    /// <summary>Shows instances that are stuck as incidents; how many there were that nobody had seen.</summary>
    public async Task<int> WatchAsync(CancellationToken cancellationToken = default)
    {
        var seen = 0;
        foreach (var row in await StuckAsync(cancellationToken))
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
                    await DropAsync(session, old, cancellationToken);
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

    /// <summary>Deletes instances, whatever state they are in, with all that they left.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> DeleteAsync(IReadOnlyCollection<string> instanceIds, CancellationToken cancellationToken = default)
    {
        var deleted = 0;
        foreach (var some in instanceIds.Distinct(StringComparer.Ordinal).Chunk(200))
        {
            deleted += await database.WriteAsync(async session => await DropAsync(session, some, cancellationToken), cancellationToken);
        }
        return deleted;
    }

    /// <summary>Deletes a definition with all its versions and instances.</summary>
    /// <returns>How many versions there were.</returns>
    /// <exception cref="ProblemException">It came with the product or is read-only.</exception>
    public async Task<int> DeleteDefinitionAsync(string definitionId, CancellationToken cancellationToken = default)
    {
        var deleted = await definitions.DeleteVersionsAsync([.. definitions.Versions(definitionId).Select(v => v.Id)], cancellationToken);
        while (deleted > 0)
        {
            var some = await ListAsync(new() { DefinitionId = definitionId, Limit = 1_000 }, cancellationToken);
            if (some.Count == 0)
            {
                break;
            }
            await DeleteAsync([.. some.Select(i => i.Id)], cancellationToken);
        }
        return deleted;
    }

    private static async Task<int> DropAsync(Session session, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        List<SqlParameter> parameters = [.. ids.Select(Param.Text)];
        var list = string.Join(", ", Enumerable.Range(1, ids.Count).Select(i => "$" + i.ToString(CultureInfo.InvariantCulture)));
        foreach (var (table, column) in ((string, string)[])[(WorkflowTables.Journal, "instance_id"), (WorkflowTables.Task, "instance_id"), (WorkflowTables.Bookmark, "instance_id")])
        {
            await session.ExecuteAsync($"DELETE FROM \"{table}\" WHERE \"{column}\" IN ({list})", parameters, cancellationToken);
        }
        return await session.ExecuteAsync($"DELETE FROM \"{WorkflowTables.Instance}\" WHERE \"id\" IN ({list})", parameters, cancellationToken);
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
                return Said(() => change(burst.Run)) ? burst : throw new ProblemException(Problem.Of(ProblemKind.Conflict, "workflow.activity.missing", what ?? ""));
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
