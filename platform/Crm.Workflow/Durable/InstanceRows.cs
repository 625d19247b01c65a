using Crm.Data;
using Crm.Metadata;

namespace Crm.Workflow;

/// <summary>An instance as a row; lists leave its state out.</summary>
public sealed record WorkflowInstance(
    string Id, string DefinitionId, string VersionId, int Version, WorkflowStatus Status, WorkflowSubStatus SubStatus, string? CorrelationId, string? Name, string? ParentId, int Incidents, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, DateTimeOffset? FinishedAt)
{
    internal long Revision { get; init; }

    internal long Bursts { get; init; }

    internal string? State { get; init; }
}

/// <summary>The statements over instances, bookmarks and journal.</summary>
internal static class InstanceRows
{
    public const string Columns =
        "\"id\", \"definition_id\", \"version_id\", \"version\", \"status\", \"sub_status\", \"correlation_id\", \"name\", \"parent_id\", \"incidents\", \"created_at\", \"updated_at\", \"finished_at\", \"revision\", \"bursts\", \"state\"";

    public static readonly string ColumnsWithoutState = Columns.Replace("\"state\"", "NULL AS \"state\"", StringComparison.Ordinal);

    private const string InsertInstance =
        $"INSERT INTO \"{WorkflowTables.Instance}\" (\"id\", \"definition_id\", \"version_id\", \"version\", \"status\", \"sub_status\", \"correlation_id\", \"name\", \"parent_id\", \"incidents\", \"revision\", \"bursts\", \"state\", \"created_at\", \"updated_at\", \"finished_at\") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $13, $13, $14)";

    private const string UpdateInstance =
        $"UPDATE \"{WorkflowTables.Instance}\" SET \"version_id\" = $3, \"version\" = $4, \"status\" = $5, \"sub_status\" = $6, \"correlation_id\" = $7, \"name\" = $8, \"incidents\" = $9, \"revision\" = \"revision\" + 1, \"bursts\" = $10, \"state\" = $11, \"updated_at\" = $12, \"finished_at\" = $13 WHERE \"id\" = $1 AND \"revision\" = $2";

    private const string InsertBookmark =
        $"INSERT INTO \"{WorkflowTables.Bookmark}\" (\"id\", \"instance_id\", \"name\", \"hash\", \"payload\", \"activity_id\", \"node_id\", \"activity_instance_id\", \"correlation_id\", \"attempts\", \"created_at\", \"due_at\") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11)";

    public static WorkflowInstance Read(Row row) => new(
        row.Text(0)!, row.Text(1)!, row.Text(2)!, (int)row.Integer(3)!.Value, Enum.Parse<WorkflowStatus>(row.Text(4)!), Enum.Parse<WorkflowSubStatus>(row.Text(5)!), row.Text(6), row.Text(7), row.Text(8),
        (int)row.Integer(9)!.Value, row.Timestamp(10)!.Value, row.Timestamp(11)!.Value, row.Timestamp(12))
    {
        Revision = row.Integer(13)!.Value,
        Bursts = row.Integer(14)!.Value,
        State = row.Text(15),
    };

    /// <summary>Keeps an instance; false if somebody else kept it since it was read.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="run">The instance.</param>
    /// <param name="stored">What the database knows of it; <see cref="StoredRun.New"/> for a new one.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async ValueTask<bool> KeepAsync(Session session, WorkflowRun run, StoredRun stored, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var definition = run.Graph.Definition;
        DateTimeOffset? finished = run.Status == WorkflowStatus.Finished ? now : null;
        // What is over needs no state, unless it failed: then somebody may want to go on from there.
        var state = run.Status == WorkflowStatus.Running || run.SubStatus == WorkflowSubStatus.Faulted ? RunState.Write(run) : EndedState.Write(run);
        var journal = run.Journal.Count == 0 ? 0 : 1 + ((run.Journal.Count - 1) / JournalPiece);
        if (stored.IsNew)
        {
            await session.ExecuteAsync(
                InsertInstance,
                [
                    Param.Text(run.Id), Param.Text(definition.DefinitionId), Param.Text(definition.Id), Param.Integer(definition.Version), Param.Text(Name(run.Status)), Param.Text(Name(run.SubStatus)),
                    Param.Text(run.CorrelationId), Param.Text(run.Name), Param.Text(run.ParentInstanceId), Param.Integer(run.Incidents.Count), Param.Integer(journal), Param.Text(state), Param.Timestamp(now), Param.Timestamp(finished),
                ],
                cancellationToken);
        }
        else if (await session.ExecuteAsync(
            UpdateInstance,
            [
                Param.Text(run.Id), Param.Integer(stored.Revision), Param.Text(definition.Id), Param.Integer(definition.Version), Param.Text(Name(run.Status)), Param.Text(Name(run.SubStatus)), Param.Text(run.CorrelationId),
                Param.Text(run.Name), Param.Integer(run.Incidents.Count), Param.Integer(stored.Bursts + journal), Param.Text(state), Param.Timestamp(now), Param.Timestamp(finished),
            ],
            cancellationToken) == 0)
        {
            return false;
        }
        if (!await KeepBookmarksAsync(session, run, stored, cancellationToken))
        {
            return false;
        }
        for (var piece = 0; piece < journal; piece++)
        {
            var from = piece * JournalPiece;
            await session.ExecuteAsync(
                $"INSERT INTO \"{WorkflowTables.Journal}\" (\"instance_id\", \"number\", \"at\", \"entries\") VALUES ($1, $2, $3, $4)",
                [Param.Text(run.Id), Param.Integer(stored.Bursts + piece), Param.Timestamp(now), Param.Text(JournalText.Write(run.Journal, from, Math.Min(JournalPiece, run.Journal.Count - from)))],
                cancellationToken);
        }
        return true;
    }

    private const int JournalPiece = 1_000;

    private static async ValueTask<bool> KeepBookmarksAsync(Session session, WorkflowRun run, StoredRun stored, CancellationToken cancellationToken)
    {
        // Nobody wakes up an instance that is over; what one that failed waited for is in its state, for the day it goes on.
        foreach (var gone in stored.Bookmarks.Where(id => run.Status != WorkflowStatus.Running || !run.Bookmarks.Exists(b => b.Id == id)))
        {
            if (await session.ExecuteAsync($"DELETE FROM \"{WorkflowTables.Bookmark}\" WHERE \"id\" = $1", [Param.Text(gone)], cancellationToken) == 0)
            {
                return false;
            }
        }
        if (run.Status != WorkflowStatus.Running)
        {
            return true;
        }
        if (stored.Bookmarks.Count > 0 && run.CorrelationId != stored.CorrelationId)
        {
            await session.ExecuteAsync($"UPDATE \"{WorkflowTables.Bookmark}\" SET \"correlation_id\" = $2 WHERE \"instance_id\" = $1", [Param.Text(run.Id), Param.Text(run.CorrelationId)], cancellationToken);
        }
        foreach (var bookmark in run.Bookmarks.Where(b => !b.IsStored))
        {
            await session.ExecuteAsync(
                InsertBookmark,
                [
                    Param.Text(bookmark.Id), Param.Text(run.Id), Param.Text(bookmark.Name), Param.Text(bookmark.Hash), Param.Text(Values.ToJson(bookmark.Payload)), Param.Text(bookmark.ActivityId), Param.Text(bookmark.NodeId),
                    Param.Text(bookmark.ActivityInstanceId), Param.Text(run.CorrelationId), Param.Timestamp(bookmark.CreatedAt), Param.Timestamp(bookmark.DueAt is { } due ? Iso8601.ToMicroseconds(due) : null),
                ],
                cancellationToken);
        }
        return true;
    }

    private static string Name(WorkflowStatus status) => status == WorkflowStatus.Running ? nameof(WorkflowStatus.Running) : nameof(WorkflowStatus.Finished);

    private static string Name(WorkflowSubStatus status) => status switch
    {
        WorkflowSubStatus.Pending => nameof(WorkflowSubStatus.Pending),
        WorkflowSubStatus.Executing => nameof(WorkflowSubStatus.Executing),
        WorkflowSubStatus.Suspended => nameof(WorkflowSubStatus.Suspended),
        WorkflowSubStatus.Finished => nameof(WorkflowSubStatus.Finished),
        WorkflowSubStatus.Faulted => nameof(WorkflowSubStatus.Faulted),
        _ => status.ToString(),
    };
}

/// <summary>What the database knows of an instance that a burst works on.</summary>
internal sealed record StoredRun(bool IsNew, long Revision, long Bursts, IReadOnlyCollection<string> Bookmarks, string? CorrelationId, bool IsOver)
{
    public static readonly StoredRun New = new(true, 0, 0, [], null, false);

    public static StoredRun Of(WorkflowInstance row, WorkflowRun run)
    {
        foreach (var bookmark in run.Bookmarks)
        {
            bookmark.IsStored = row.Status == WorkflowStatus.Running;
        }
        return new(false, row.Revision, row.Bursts, [.. run.Bookmarks.Where(b => b.IsStored).Select(b => b.Id)], row.CorrelationId, row.Status == WorkflowStatus.Finished);
    }
}
