using System.Text.Json.Nodes;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// What is to happen after a change, written in the transaction of the change: it happens if that is committed, and only then. A dispatcher
/// hands it to its handler afterwards, over restarts and failures.
/// </summary>
public sealed class Outbox(IdSource ids, TimeProvider time, OutboxHandlers handlers, ISecretProtector protector)
{
    private const string OnceEachKey = " ON CONFLICT (\"key\") DO NOTHING";

    private static readonly RowsInsert Insert = new(
        SystemTables.Outbox, ["id", "kind", "key", "subject", "place", "payload", "state", "due_at", "attempts", "created_at"], OnceEachKey);

    private volatile TaskCompletionSource _woken = New();

    /// <summary>Done when something was enqueued, or otherwise became worth a look, since this was asked for.</summary>
    internal Task Woken => _woken.Task;

    internal OutboxHandlers Handlers => handlers;

    /// <summary>Enqueues effects with the transaction in progress.</summary>
    /// <returns>How many were new: an effect whose key is known already is left out.</returns>
    public async Task<int> EnqueueAsync(Session session, IReadOnlyList<OutboxEffect> effects, CancellationToken cancellationToken = default)
    {
        var now = Iso8601Now();
        // The clock orders what one transaction after the other enqueues about a record, the id what a single one does.
        var place = now.UtcTicks;
        var drafts = effects.Select(e => new Draft(e.Kind, e.Key, e.Subject, place, e.Payload, Later(e.NotBefore, now)));
        var inserted = await session.InsertNewAsync(Insert, Values([.. drafts], now), cancellationToken);
        if (inserted > 0)
        {
            session.AfterCommit.Add(Wake);
        }
        return inserted;
    }

    /// <summary>Tells the subscribers that want to know what happened to records.</summary>
    internal async Task AnnounceAsync(WriteBatch batch, IReadOnlyList<RecordChange> changes, CancellationToken cancellationToken)
    {
        var drafts = new List<Draft>();
        foreach (var (kind, subscriber) in handlers.Subscribers)
        {
            // The version is the place in the record's order, which holds over all nodes whatever their clocks say.
            drafts.AddRange(changes.Where(subscriber.Wants).Select(c => new Draft(kind, null, c.Id, c.After!.Version, RecordEvent.Payload(c, batch), batch.Now)));
        }
        if (drafts.Count > 0)
        {
            await batch.Session.InsertAsync(Insert, Values(drafts, batch.Now), cancellationToken);
            batch.Session.AfterCommit.Add(Wake);
        }
    }

    /// <summary>The item as its handler sees it.</summary>
    internal OutboxItem Open(OutboxItem item)
    {
        if (item.Payload[OutboxEffect.Secrets] is not JsonValue kept)
        {
            return item;
        }
        var payload = item.Payload.DeepClone().AsObject();
        payload.Remove(OutboxEffect.Secrets);
        foreach (var (name, secret) in JsonNode.Parse(protector.Unprotect(kept.GetValue<string>()))!.AsObject())
        {
            payload[name] = secret?.DeepClone();
        }
        return item with { Payload = payload };
    }

    internal void Wake() => Interlocked.Exchange(ref _woken, New()).TrySetResult();

    internal DateTimeOffset Iso8601Now() => Metadata.Iso8601.ToMicroseconds(time.GetUtcNow());

    private List<SqlParameter> Values(List<Draft> drafts, DateTimeOffset now)
    {
        var values = new List<SqlParameter>(drafts.Count * 10);
        foreach (var draft in drafts)
        {
            values.AddRange(
            [
                Param.Uuid(ids.Next()), Param.Text(draft.Kind), Param.Text(draft.Key), Param.Uuid(draft.Subject), Param.Integer(draft.Place), Param.Text(Kept(draft.Payload)),
                Param.Text(Names.Of(OutboxState.Pending)), Param.Timestamp(draft.DueAt), Param.Integer(0), Param.Timestamp(now),
            ]);
        }
        return values;
    }

    /// <summary>A payload as it is stored: its secrets are one encrypted text.</summary>
    private string Kept(JsonObject payload)
    {
        if (payload[OutboxEffect.Secrets] is not JsonObject secrets)
        {
            return payload.ToJsonString();
        }
        var kept = payload.DeepClone().AsObject();
        kept[OutboxEffect.Secrets] = protector.Protect(secrets.ToJsonString());
        return kept.ToJsonString();
    }

    private static DateTimeOffset Later(DateTimeOffset? wanted, DateTimeOffset now) => wanted > now ? Metadata.Iso8601.ToMicroseconds(wanted.Value) : now;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Draft(string Kind, string? Key, Guid? Subject, long Place, JsonObject Payload, DateTimeOffset DueAt);
}
