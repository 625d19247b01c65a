using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Jobs as rows, with an explicit state; the queue in memory only says that there is something to look at.</summary>
public sealed class JobStore(Database database, IdSource ids, TimeProvider time)
{
    private const string Select =
        $"SELECT \"id\", \"kind\", \"state\", \"done\", \"total\", \"input\", \"result\", \"problem\", \"created_at\", \"finished_at\", \"created_by\" FROM \"{SystemTables.Job}\" WHERE ";

    private readonly Channel<Guid> _queue = Channel.CreateUnbounded<Guid>();
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _running = new();

    internal ChannelReader<Guid> Queue => _queue.Reader;

    public async Task<Job> EnqueueAsync(string kind, JsonObject input, Guid createdBy, CancellationToken cancellationToken)
    {
        var job = NewJob(kind, input, createdBy);
        await database.WriteAsync(async session => await InsertAsync(session, job, cancellationToken), cancellationToken);
        await _queue.Writer.WriteAsync(job.Id, cancellationToken);
        return job;
    }

    /// <summary>Asks in the platform's own name for something that is to be done, unless that waits to be done already.</summary>
    internal async Task EnqueueOnceAsync(string kind, CancellationToken cancellationToken)
    {
        var job = NewJob(kind, [], createdBy: null);
        var added = await database.WriteAsync(
            async session =>
                await session.FirstAsync($"SELECT 1 FROM \"{SystemTables.Job}\" WHERE \"kind\" = $1 AND \"state\" = $2", [Param.Text(kind), Param.Text(NameOf(JobState.Queued))], row => row.Integer(0), cancellationToken) is null &&
                await InsertAsync(session, job, cancellationToken) == 1,
            cancellationToken);
        if (added)
        {
            await _queue.Writer.WriteAsync(job.Id, cancellationToken);
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

    /// <summary>Asks a job to stop; one that is over stays as it is.</summary>
    public async Task CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            async session => await session.ExecuteAsync(
                $"UPDATE \"{SystemTables.Job}\" SET \"state\" = $2, \"finished_at\" = $3 WHERE \"id\" = $1 AND \"state\" = $4",
                [Param.Uuid(id), Param.Text(NameOf(JobState.Cancelled)), Param.Timestamp(time.GetUtcNow()), Param.Text(NameOf(JobState.Queued))],
                cancellationToken),
            cancellationToken);
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

    internal async Task<Job?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync(Select + "\"id\" = $1", [Param.Uuid(id)], Read, cancellationToken);
    }

    /// <summary>After a start: what was running has been cut off and fails; what was queued runs.</summary>
    internal async Task RecoverAsync(CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            async session => await session.ExecuteAsync(
                $"UPDATE \"{SystemTables.Job}\" SET \"state\" = $1, \"problem\" = $2, \"finished_at\" = $3 WHERE \"state\" = $4",
                [
                    Param.Text(NameOf(JobState.Failed)), Param.Text(ProblemJson(Problem.Of(ProblemKind.Conflict, "job.interrupted")).ToJsonString()), Param.Timestamp(time.GetUtcNow()),
                    Param.Text(NameOf(JobState.Running)),
                ],
                cancellationToken),
            cancellationToken);
        await using var session = await database.ReadAsync(cancellationToken);
        var queued = await session.QueryAsync(Select + "\"state\" = $1 ORDER BY \"id\"", [Param.Text(NameOf(JobState.Queued))], row => row.Uuid(0)!.Value, cancellationToken);
        foreach (var id in queued)
        {
            await _queue.Writer.WriteAsync(id, cancellationToken);
        }
    }

    /// <summary>Takes a queued job; false if it was cancelled meanwhile.</summary>
    internal async Task<bool> StartAsync(Guid id, CancellationTokenSource cancellation, CancellationToken cancellationToken)
    {
        _running[id] = cancellation;
        var taken = await database.WriteAsync(
            async session => await session.ExecuteAsync(
                $"UPDATE \"{SystemTables.Job}\" SET \"state\" = $2, \"started_at\" = $3 WHERE \"id\" = $1 AND \"state\" = $4",
                [Param.Uuid(id), Param.Text(NameOf(JobState.Running)), Param.Timestamp(time.GetUtcNow()), Param.Text(NameOf(JobState.Queued))],
                cancellationToken),
            cancellationToken);
        if (taken == 0)
        {
            _running.TryRemove(id, out _);
        }
        return taken == 1;
    }

    internal Task ReportAsync(Guid id, long done, long? total) => database.WriteAsync(
        async session => await session.ExecuteAsync(
            $"UPDATE \"{SystemTables.Job}\" SET \"done\" = $2, \"total\" = $3 WHERE \"id\" = $1", [Param.Uuid(id), Param.Integer(done), Param.Integer(total)]));

    internal async Task FinishAsync(Guid id, JobState state, JsonObject? result, Problem? problem)
    {
        _running.TryRemove(id, out _);
        await database.WriteAsync(async session => await session.ExecuteAsync(
            $"UPDATE \"{SystemTables.Job}\" SET \"state\" = $2, \"result\" = $3, \"problem\" = $4, \"finished_at\" = $5 WHERE \"id\" = $1",
            [
                Param.Uuid(id), Param.Text(NameOf(state)), Param.Text(result?.ToJsonString()), Param.Text(problem is null ? null : ProblemJson(problem).ToJsonString()),
                Param.Timestamp(time.GetUtcNow()),
            ]));
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
        $"INSERT INTO \"{SystemTables.Job}\" (\"id\", \"kind\", \"state\", \"done\", \"input\", \"created_at\", \"created_by\", \"cancel\") VALUES ($1, $2, $3, 0, $4, $5, $6, $7)",
        [
            Param.Uuid(job.Id), Param.Text(job.Kind), Param.Text(NameOf(job.State)), Param.Text(job.Input.ToJsonString()), Param.Timestamp(job.CreatedAt), Param.Uuid(job.CreatedBy),
            new(false, ColumnKind.Boolean, 0),
        ],
        cancellationToken);

    private static Job Read(Row row) => new(
        row.Uuid(0)!.Value, row.Text(1)!, Enum.Parse<JobState>(row.Text(2)!, ignoreCase: true), row.Integer(3)!.Value, row.Integer(4), Json(row.Text(5))!, Json(row.Text(6)), Json(row.Text(7)),
        row.Timestamp(8)!.Value, row.Timestamp(9), row.Uuid(10));

    private static JsonObject? Json(string? text) => text is null ? null : JsonNode.Parse(text)!.AsObject();

    private static string NameOf(JobState state) => JsonNamingPolicy.CamelCase.ConvertName(state.ToString());
}
