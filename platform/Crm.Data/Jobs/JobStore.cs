using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Jobs as rows, with an explicit state; the queue in memory only says that there is something to look at. Each node that works on the database has
/// a store of its own. A running job belongs to its node for as long as that renews its lease; whoever finds a lease run out takes the job away.
/// </summary>
public sealed class JobStore(Database database, IdSource ids, TimeProvider time)
{
    /// <summary>How long a node may be silent before its jobs are taken for cut off.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private const string Select =
        $"SELECT \"id\", \"kind\", \"state\", \"done\", \"total\", \"input\", \"result\", \"problem\", \"created_at\", \"finished_at\", \"created_by\" FROM \"{SystemTables.Job}\" WHERE ";

    private readonly Guid _node = ids.Next();
    private readonly Channel<Guid> _queue = Channel.CreateUnbounded<Guid>();
    private readonly ConcurrentDictionary<Guid, bool> _waiting = new();
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _running = new();

    internal ChannelReader<Guid> Queue => _queue.Reader;

    public async Task<Job> EnqueueAsync(string kind, JsonObject input, Guid createdBy, CancellationToken cancellationToken)
    {
        var job = NewJob(kind, input, createdBy);
        await database.WriteAsync(async session => await InsertAsync(session, job, cancellationToken), cancellationToken);
        Offer(job.Id);
        return job;
    }

    /// <summary>Keeps what was done at once, so that it can be asked about later like any other job.</summary>
    public async Task<Job> KeepAsync(string kind, JsonObject input, JsonObject result, long count, DateTimeOffset begun, Guid createdBy, CancellationToken cancellationToken)
    {
        var done = NewJob(kind, input, createdBy);
        var job = done with { State = JobState.Succeeded, Done = count, Total = count, Result = result, CreatedAt = Iso8601.ToMicroseconds(begun), FinishedAt = done.CreatedAt };
        await database.WriteAsync(async session => await InsertAsync(session, job, cancellationToken), cancellationToken);
        return job;
    }

    /// <summary>Asks in the platform's own name for something that is to be done, unless that waits to be done already.</summary>
    internal async Task EnqueueOnceAsync(string kind, CancellationToken cancellationToken)
    {
        var job = NewJob(kind, [], createdBy: null);
        var added = await database.WriteAsync(
            async session =>
                await session.FirstAsync($"SELECT 1 FROM \"{SystemTables.Job}\" WHERE \"kind\" = $1 AND \"state\" = $2", [Param.Text(kind), Param.Text(Names.Of(JobState.Queued))], row => row.Integer(0), cancellationToken) is null &&
                await InsertAsync(session, job, cancellationToken) == 1,
            cancellationToken);
        if (added)
        {
            Offer(job.Id);
        }
    }

    /// <summary>The job, or null if there is none or it is somebody else's and the actor is no administrator.</summary>
    public async Task<Job?> FindAsync(Guid id, Actor actor, CancellationToken cancellationToken)
    {
        var job = await FindAsync(id, cancellationToken);
        return job is not null && (actor.IsAdministrator || job.CreatedBy == actor.UserId) ? job : null;
    }

    /// <summary>The last of a person's jobs of a kind whose input <paramref name="fits"/>, among the latest; null if none does.</summary>
    public async Task<Job?> LastAsync(string kind, Guid createdBy, Func<JsonObject, bool> fits, CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        var latest = await session.QueryAsync(Select + "\"created_by\" = $1 AND \"kind\" = $2 ORDER BY \"id\" DESC LIMIT 100", [Param.Uuid(createdBy), Param.Text(kind)], Read, cancellationToken);
        return latest.FirstOrDefault(j => fits(j.Input));
    }

    /// <summary>Asks a job to stop; one that is over stays as it is. One that another node runs stops when that node looks next.</summary>
    public async Task CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    $"UPDATE \"{SystemTables.Job}\" SET \"state\" = $2, \"finished_at\" = $3 WHERE \"id\" = $1 AND \"state\" = $4",
                    [Param.Uuid(id), Param.Text(Names.Of(JobState.Cancelled)), Param.Timestamp(time.GetUtcNow()), Param.Text(Names.Of(JobState.Queued))],
                    cancellationToken);
                return await session.ExecuteAsync(
                    $"UPDATE \"{SystemTables.Job}\" SET \"cancel\" = $2 WHERE \"id\" = $1 AND \"state\" = $3",
                    [Param.Uuid(id), new(true, ColumnKind.Boolean, 0), Param.Text(Names.Of(JobState.Running))],
                    cancellationToken);
            },
            cancellationToken);
        await StopAsync(id);
    }

    internal async Task<Job?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync(Select + "\"id\" = $1", [Param.Uuid(id)], Read, cancellationToken);
    }

    /// <summary>
    /// What a node does from time to time: it renews its leases, stops what somebody wants stopped or what was taken from it, takes away what belongs
    /// to nodes that are gone, and looks for jobs that wait.
    /// </summary>
    /// <param name="repeating">The kinds that begin again after they were cut off; others fail.</param>
    /// <param name="waitedFor">How long a job must have waited to be looked at: a node that has just queued one mostly runs it itself.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async Task BeatAsync(IReadOnlyCollection<string> repeating, TimeSpan waitedFor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    $"UPDATE \"{SystemTables.Job}\" SET \"lease_until\" = $1 WHERE \"node\" = $2 AND \"state\" = $3",
                    [Param.Timestamp(now + Lease), Param.Uuid(_node), Param.Text(Names.Of(JobState.Running))],
                    cancellationToken);
                foreach (var (id, kind) in await session.QueryAsync(
                    $"SELECT \"id\", \"kind\" FROM \"{SystemTables.Job}\" WHERE \"state\" = $1 AND (\"lease_until\" IS NULL OR \"lease_until\" < $2) ORDER BY \"id\"",
                    [Param.Text(Names.Of(JobState.Running)), Param.Timestamp(now)],
                    row => (row.Uuid(0)!.Value, row.Text(1)!),
                    cancellationToken))
                {
                    await TakeAwayAsync(session, id, repeating.Contains(kind), now, cancellationToken);
                }
                return true;
            },
            cancellationToken);
        // Looked up before asking, so that what starts in between is not taken for lost.
        var running = _running.Keys.ToList();
        await using var session = await database.ReadAsync(cancellationToken);
        var ours = await session.QueryAsync(
            $"SELECT \"id\", \"cancel\" FROM \"{SystemTables.Job}\" WHERE \"node\" = $1 AND \"state\" = $2",
            [Param.Uuid(_node), Param.Text(Names.Of(JobState.Running))],
            row => (Id: row.Uuid(0)!.Value, Cancel: row.Value(1, ColumnKind.Boolean) is true),
            cancellationToken);
        foreach (var id in running.Where(id => !ours.Contains((id, false))))
        {
            await StopAsync(id);
        }
        var queued = await session.QueryAsync(
            Select + "\"state\" = $1 AND \"created_at\" <= $2 ORDER BY \"id\"", [Param.Text(Names.Of(JobState.Queued)), Param.Timestamp(now - waitedFor)], row => row.Uuid(0)!.Value, cancellationToken);
        queued.ForEach(Offer);
    }

    /// <summary>Takes a queued job for this node; false if it was cancelled or taken by another meanwhile.</summary>
    internal async Task<bool> StartAsync(Guid id, CancellationTokenSource cancellation, CancellationToken cancellationToken)
    {
        _waiting.TryRemove(id, out _);
        var now = time.GetUtcNow();
        var taken = await database.WriteAsync(
            async session => await session.ExecuteAsync(
                $"UPDATE \"{SystemTables.Job}\" SET \"state\" = $2, \"started_at\" = $3, \"node\" = $5, \"lease_until\" = $6 WHERE \"id\" = $1 AND \"state\" = $4",
                [Param.Uuid(id), Param.Text(Names.Of(JobState.Running)), Param.Timestamp(now), Param.Text(Names.Of(JobState.Queued)), Param.Uuid(_node), Param.Timestamp(now + Lease)],
                cancellationToken),
            cancellationToken);
        if (taken == 1)
        {
            _running[id] = cancellation;
        }
        return taken == 1;
    }

    internal Task ReportAsync(Guid id, long done, long? total) => database.WriteAsync(
        async session => await session.ExecuteAsync(
            $"UPDATE \"{SystemTables.Job}\" SET \"done\" = $2, \"total\" = $3 WHERE \"id\" = $1 AND \"node\" = $4", [Param.Uuid(id), Param.Integer(done), Param.Integer(total), Param.Uuid(_node)]));

    /// <summary>Notes how a job ended; one that was taken away meanwhile is no business of this node any more.</summary>
    internal async Task FinishAsync(Guid id, JobState state, JsonObject? result, Problem? problem)
    {
        await database.WriteAsync(async session => await session.ExecuteAsync(
            $"UPDATE \"{SystemTables.Job}\" SET \"state\" = $2, \"result\" = $3, \"problem\" = $4, \"finished_at\" = $5, \"lease_until\" = NULL WHERE \"id\" = $1 AND \"node\" = $6 AND \"state\" = $7",
            [
                Param.Uuid(id), Param.Text(Names.Of(state)), Param.Text(result?.ToJsonString()), Param.Text(problem is null ? null : ProblemJson(problem).ToJsonString()),
                Param.Timestamp(time.GetUtcNow()), Param.Uuid(_node), Param.Text(Names.Of(JobState.Running)),
            ]));
        _running.TryRemove(id, out _);
    }

    /// <summary>A node that goes in order lets go of what it could not finish, so that nobody waits for its leases.</summary>
    internal Task ReleaseAsync() => database.WriteAsync(async session => await session.ExecuteAsync(
        $"UPDATE \"{SystemTables.Job}\" SET \"lease_until\" = NULL WHERE \"node\" = $1 AND \"state\" = $2", [Param.Uuid(_node), Param.Text(Names.Of(JobState.Running))]));

    /// <summary>Where there is one node only, whatever is said to run when it starts was cut off.</summary>
    internal Task ReleaseAllAsync(CancellationToken cancellationToken) => database.WriteAsync(
        async session => await session.ExecuteAsync($"UPDATE \"{SystemTables.Job}\" SET \"lease_until\" = NULL WHERE \"state\" = $1", [Param.Text(Names.Of(JobState.Running))], cancellationToken),
        cancellationToken);

    private static ValueTask<int> TakeAwayAsync(Session session, Guid id, bool repeats, DateTimeOffset now, CancellationToken cancellationToken)
    {
        const string StillSo = "WHERE \"id\" = $1 AND \"state\" = $2 AND (\"lease_until\" IS NULL OR \"lease_until\" < $3)";
        var (job, running, at) = (Param.Uuid(id), Param.Text(Names.Of(JobState.Running)), Param.Timestamp(now));
        return repeats
            ? session.ExecuteAsync(
                $"UPDATE \"{SystemTables.Job}\" SET \"state\" = $4, \"node\" = NULL, \"lease_until\" = NULL, \"done\" = 0, \"total\" = NULL, \"started_at\" = NULL {StillSo}",
                [job, running, at, Param.Text(Names.Of(JobState.Queued))],
                cancellationToken)
            : session.ExecuteAsync(
                $"UPDATE \"{SystemTables.Job}\" SET \"state\" = $4, \"problem\" = $5, \"finished_at\" = $3, \"node\" = NULL, \"lease_until\" = NULL {StillSo}",
                [job, running, at, Param.Text(Names.Of(JobState.Failed)), Param.Text(ProblemJson(Problem.Of(ProblemKind.Conflict, "job.interrupted")).ToJsonString())],
                cancellationToken);
    }

    private void Offer(Guid id)
    {
        if (_waiting.TryAdd(id, true))
        {
            _queue.Writer.TryWrite(id);
        }
    }

    private async Task StopAsync(Guid id)
    {
        if (_running.TryGetValue(id, out var running))
        {
            try
            {
                await running.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself in the same moment.
            }
        }
    }

    internal static JsonObject ProblemJson(Problem problem) => new()
    {
        ["field"] = problem.Field,
        ["code"] = problem.Code,
        ["arguments"] = new JsonArray([.. problem.Arguments.Select(a => (JsonNode?)a.ToString())]),
    };

    private Job NewJob(string kind, JsonObject input, Guid? createdBy) =>
        new(ids.Next(), kind, JobState.Queued, 0, null, input, null, null, Iso8601.ToMicroseconds(time.GetUtcNow()), null, createdBy);

    private static async Task<int> InsertAsync(Session session, Job job, CancellationToken cancellationToken) => await session.ExecuteAsync(
        $"INSERT INTO \"{SystemTables.Job}\" (\"id\", \"kind\", \"state\", \"done\", \"total\", \"input\", \"result\", \"created_at\", \"finished_at\", \"created_by\", \"cancel\") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        [
            Param.Uuid(job.Id), Param.Text(job.Kind), Param.Text(Names.Of(job.State)), Param.Integer(job.Done), Param.Integer(job.Total), Param.Text(job.Input.ToJsonString()), Param.Text(job.Result?.ToJsonString()),
            Param.Timestamp(job.CreatedAt), Param.Timestamp(job.FinishedAt), Param.Uuid(job.CreatedBy), new(false, ColumnKind.Boolean, 0),
        ],
        cancellationToken);

    private static Job Read(Row row) => new(
        row.Uuid(0)!.Value, row.Text(1)!, Names.Parse<JobState>(row.Text(2)!), row.Integer(3)!.Value, row.Integer(4), Json(row.Text(5))!, Json(row.Text(6)), Json(row.Text(7)),
        row.Timestamp(8)!.Value, row.Timestamp(9), row.Uuid(10));

    private static JsonObject? Json(string? text) => text is null ? null : JsonNode.Parse(text, null, new() { MaxDepth = 256 })!.AsObject();
}
