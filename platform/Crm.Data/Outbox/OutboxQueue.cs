using System.Text.Json.Nodes;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// The rows behind the outbox. An attempt moves the row's due time past the attempt's end and notes a lease; whoever finishes must still hold
/// that lease. So a process that dies in between gives its items back by doing nothing, and two nodes never both finish one.
/// </summary>
public sealed class OutboxQueue(Database database, IdSource ids, TimeProvider time)
{
    /// <summary>An attempt that has not come back by then is lost.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>So long the key of a finished effect is known, and the administrator sees what became of it.</summary>
    private static readonly TimeSpan KeepDone = TimeSpan.FromDays(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5), LongestPause = TimeSpan.FromHours(1);

    private const int MaxError = 2_000;

    private const string Columns =
        "\"id\", \"kind\", \"key\", \"subject\", \"payload\", \"state\", \"due_at\", \"attempts\", \"last_error\", \"created_at\", \"finished_at\"";

    /// <summary>Takes up to <paramref name="limit"/> due items, the oldest first; of items about one record only the first.</summary>
    internal async Task<IReadOnlyList<LeasedItem>> ClaimAsync(IReadOnlyList<string> kinds, int limit, CancellationToken cancellationToken)
    {
        if (kinds.Count == 0 || !await AnyDueAsync(kinds, cancellationToken))
        {
            return [];
        }
        var (now, lease) = (Now, ids.Next());
        List<SqlParameter> parameters = [Param.Timestamp(now), Param.Timestamp(now + Lease), Param.Uuid(lease), Param.Text(Names.Of(OutboxState.Pending)), Param.Integer(limit), .. kinds.Select(Param.Text)];
        var sql = $"UPDATE \"{SystemTables.Outbox}\" SET \"due_at\" = $2, \"lease\" = $3, \"attempts\" = \"attempts\" + 1 WHERE \"id\" IN (" +
            $"SELECT o.\"id\" FROM \"{SystemTables.Outbox}\" o WHERE o.\"state\" = $4 AND o.\"due_at\" <= $1 AND o.\"kind\" IN {SqlList.Of(kinds.Count, 5)} " +
            $"AND NOT EXISTS (SELECT 1 FROM \"{SystemTables.Outbox}\" e WHERE e.\"subject\" = o.\"subject\" AND e.\"kind\" = o.\"kind\" AND e.\"state\" = $4 AND (e.\"place\", e.\"id\") < (o.\"place\", o.\"id\")) " +
            $"ORDER BY o.\"due_at\", o.\"id\" LIMIT $5{database.Dialect.SkipLockedRows}) AND \"state\" = $4 AND \"due_at\" <= $1 RETURNING {Columns}";
        var items = await database.WriteAsync(session => session.QueryAsync(sql, parameters, Read, cancellationToken).AsTask(), cancellationToken);
        return [.. items.OrderBy(i => i.Id).Select(i => new LeasedItem(i, lease))];
    }

    /// <summary>When the next item that is not due yet will be; null if none waits.</summary>
    internal async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync(
            $"SELECT min(\"due_at\") FROM \"{SystemTables.Outbox}\" WHERE \"state\" = $1 AND \"due_at\" > $2",
            [Param.Text(Names.Of(OutboxState.Pending)), Param.Timestamp(Now)], row => row.Timestamp(0), cancellationToken);
    }

    /// <summary>Takes an item off with the transaction in progress; false if its lease has run out and somebody else has it.</summary>
    internal async Task<bool> FinishAsync(Session session, LeasedItem item, bool keep, CancellationToken cancellationToken) => keep
        ? await session.ExecuteAsync(
            $"UPDATE \"{SystemTables.Outbox}\" SET \"state\" = $3, \"due_at\" = NULL, \"lease\" = NULL, \"last_error\" = NULL, \"finished_at\" = $4 WHERE \"id\" = $1 AND \"lease\" = $2",
            [Param.Uuid(item.Item.Id), Param.Uuid(item.Lease), Param.Text(Names.Of(OutboxState.Done)), Param.Timestamp(Now)],
            cancellationToken) == 1
        : await session.ExecuteAsync(
            $"DELETE FROM \"{SystemTables.Outbox}\" WHERE \"id\" = $1 AND \"lease\" = $2", [Param.Uuid(item.Item.Id), Param.Uuid(item.Lease)], cancellationToken) == 1;

    /// <summary>Notes a failed attempt: it is tried again after a pause that doubles each time, or is dead.</summary>
    internal Task FailAsync(LeasedItem item, string error, bool isDead) => database.WriteAsync(async session => await session.ExecuteAsync(
        $"UPDATE \"{SystemTables.Outbox}\" SET \"state\" = $3, \"due_at\" = $4, \"lease\" = NULL, \"last_error\" = $5, \"finished_at\" = $6 WHERE \"id\" = $1 AND \"lease\" = $2",
        [
            Param.Uuid(item.Item.Id), Param.Uuid(item.Lease), Param.Text(Names.Of(isDead ? OutboxState.Dead : OutboxState.Pending)),
            Param.Timestamp(isDead ? null : Now + Pause(item.Item.Attempts)), Param.Text(error.Length > MaxError ? error[..MaxError] : error), Param.Timestamp(isDead ? Now : null),
        ]));

    /// <summary>Gives an item back that was not finished because the server stops; the attempt does not count.</summary>
    internal Task ReleaseAsync(LeasedItem item) => database.WriteAsync(async session => await session.ExecuteAsync(
        $"UPDATE \"{SystemTables.Outbox}\" SET \"due_at\" = $3, \"lease\" = NULL, \"attempts\" = \"attempts\" - 1 WHERE \"id\" = $1 AND \"lease\" = $2",
        [Param.Uuid(item.Item.Id), Param.Uuid(item.Lease), Param.Timestamp(Now)]));

    /// <summary>After a start of the only process: whatever was under way was cut off, so nobody needs to wait for its lease.</summary>
    internal Task ReleaseAllAsync(CancellationToken cancellationToken) => database.WriteAsync(
        async session => await session.ExecuteAsync(
            $"UPDATE \"{SystemTables.Outbox}\" SET \"due_at\" = $1, \"lease\" = NULL WHERE \"state\" = $2 AND \"lease\" IS NOT NULL",
            [Param.Timestamp(Now), Param.Text(Names.Of(OutboxState.Pending))], cancellationToken),
        cancellationToken);

    /// <summary>Forgets what was finished long ago.</summary>
    internal Task SweepAsync(CancellationToken cancellationToken) => database.WriteAsync(
        async session => await session.ExecuteAsync(
            $"DELETE FROM \"{SystemTables.Outbox}\" WHERE \"state\" = $1 AND \"finished_at\" < $2", [Param.Text(Names.Of(OutboxState.Done)), Param.Timestamp(Now - KeepDone)], cancellationToken),
        cancellationToken);

    /// <summary>Items in one state, the newest first, or those made before another; administrators only.</summary>
    /// <exception cref="ProblemException">The actor is no administrator.</exception>
    public async Task<IReadOnlyList<OutboxItem>> ListAsync(OutboxState state, int limit, Actor actor, Guid? before = null, CancellationToken cancellationToken = default)
    {
        Demand(actor);
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.QueryAsync(
            $"SELECT {Columns} FROM \"{SystemTables.Outbox}\" WHERE \"state\" = $1{(before is null ? "" : " AND \"id\" < $3")} ORDER BY \"id\" DESC LIMIT $2",
            [Param.Text(Names.Of(state)), Param.Integer(limit), .. before is { } id ? [Param.Uuid(id)] : (SqlParameter[])[]],
            Read,
            cancellationToken);
    }

    /// <summary>Tries a dead item again, with all its attempts; administrators only.</summary>
    /// <exception cref="ProblemException">The actor is no administrator, or there is no such dead item.</exception>
    public async Task RetryAsync(Guid id, Outbox outbox, Actor actor, CancellationToken cancellationToken = default)
    {
        Demand(actor);
        var revived = await database.WriteAsync(
            async session => await session.ExecuteAsync(
                $"UPDATE \"{SystemTables.Outbox}\" SET \"state\" = $2, \"due_at\" = $3, \"attempts\" = 0, \"finished_at\" = NULL WHERE \"id\" = $1 AND \"state\" = $4",
                [Param.Uuid(id), Param.Text(Names.Of(OutboxState.Pending)), Param.Timestamp(Now), Param.Text(Names.Of(OutboxState.Dead))],
                cancellationToken),
            cancellationToken);
        if (revived == 0)
        {
            throw new ProblemException(Problem.Of(ProblemKind.NotFound, "outbox.unknown", id.ToString("D")));
        }
        outbox.Wake();
    }

    /// <summary>Forgets a dead item: what it would have done never happens; administrators only.</summary>
    /// <exception cref="ProblemException">The actor is no administrator, or there is no such dead item.</exception>
    public async Task DropAsync(Guid id, Actor actor, CancellationToken cancellationToken = default)
    {
        Demand(actor);
        var dropped = await database.WriteAsync(
            async session => await session.ExecuteAsync($"DELETE FROM \"{SystemTables.Outbox}\" WHERE \"id\" = $1 AND \"state\" = $2", [Param.Uuid(id), Param.Text(Names.Of(OutboxState.Dead))], cancellationToken),
            cancellationToken);
        if (dropped == 0)
        {
            throw new ProblemException(Problem.Of(ProblemKind.NotFound, "outbox.unknown", id.ToString("D")));
        }
    }

    /// <summary>Looking first keeps a node without work from writing.</summary>
    private async Task<bool> AnyDueAsync(IReadOnlyList<string> kinds, CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync(
            $"SELECT 1 FROM \"{SystemTables.Outbox}\" WHERE \"state\" = $1 AND \"due_at\" <= $2 AND \"kind\" IN {SqlList.Of(kinds.Count, 2)} LIMIT 1",
            [Param.Text(Names.Of(OutboxState.Pending)), Param.Timestamp(Now), .. kinds.Select(Param.Text)], _ => true, cancellationToken);
    }

    private static void Demand(Actor actor)
    {
        if (!actor.IsAdministrator)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden"));
        }
    }

    private DateTimeOffset Now => Metadata.Iso8601.ToMicroseconds(time.GetUtcNow());

    private static TimeSpan Pause(int attempts) => attempts > 12 ? LongestPause : TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Max(0, attempts - 1)));

    private static OutboxItem Read(Row row) => new(
        row.Uuid(0)!.Value, row.Text(1)!, row.Text(2) ?? row.Uuid(0)!.Value.ToString("D"), row.Uuid(3), JsonNode.Parse(row.Text(4)!)!.AsObject(), Names.Parse<OutboxState>(row.Text(5)!),
        row.Timestamp(6), (int)row.Integer(7)!.Value, row.Text(8), row.Timestamp(9)!.Value, row.Timestamp(10));
}

/// <summary>An item that this process holds for one attempt.</summary>
internal sealed record LeasedItem(OutboxItem Item, Guid Lease);
