namespace Crm.Data;

/// <summary>Puts what was written into the outbox, for those who subscribed to it.</summary>
internal sealed class AnnounceStep(Outbox outbox) : IWriteStep
{
    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        if (outbox.Handlers.Subscribers.Count > 0)
        {
            await outbox.AnnounceAsync(batch, [.. batch.Pending.Where(c => !c.IsNoChange)], cancellationToken);
        }
    }
}
