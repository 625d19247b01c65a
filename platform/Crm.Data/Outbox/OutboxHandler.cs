using Crm.Metadata;

namespace Crm.Data;

/// <summary>Names the items that a handler handles; for a <see cref="RecordSubscriber"/>, the subscription.</summary>
public sealed class OutboxHandlerAttribute(string kind) : RegisteredAttribute(kind);

/// <summary>
/// Handles items of the outbox. There is one instance in each process; it is made when it is first needed and must not keep anything of an
/// item. Handlers derive from <see cref="OutboxDelivery"/>, <see cref="OutboxWork"/> or <see cref="RecordSubscriber"/>.
/// </summary>
public abstract class OutboxHandler
{
    /// <summary>After so many attempts an item is dead and waits for an administrator.</summary>
    public virtual int MaxAttempts => 12;

    private protected OutboxHandler()
    {
    }
}

/// <summary>
/// Carries something outside the database: mail, an HTTP call. It happens at least once; the receiver is given <see cref="OutboxItem.Key"/>
/// so that it can leave out what it has already done. Throwing means that it is tried again later.
/// </summary>
public abstract class OutboxDelivery : OutboxHandler
{
    public abstract Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken);
}

/// <summary>
/// Does work in the database. It shares a transaction with marking the item done, so it happens exactly once. It must use only the session
/// that it is given, and be short: on SQLite every other write waits for it.
/// </summary>
public abstract class OutboxWork : OutboxHandler
{
    public abstract Task RunAsync(OutboxItem item, Session session, CancellationToken cancellationToken);
}

/// <summary>Hears of every change of records that it wants, exactly once, in order for each record, in a transaction like that of <see cref="OutboxWork"/>.</summary>
public abstract class RecordSubscriber : OutboxHandler
{
    /// <summary>Asked while the change is being written: answers from memory, because nothing is stored for what nobody wants.</summary>
    public abstract bool Wants(RecordChange change);

    public abstract Task HandleAsync(RecordEvent change, Session session, CancellationToken cancellationToken);
}

/// <summary>Thrown by a handler that knows that trying again is of no use: the item is dead at once.</summary>
public sealed class UndeliverableException(string message, Exception? cause = null) : Exception(message, cause);
