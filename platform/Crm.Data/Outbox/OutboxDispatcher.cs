using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Crm.Data;

/// <summary>
/// Hands what is due to its handlers. It sleeps until something is committed or becomes due. What works in the database and what is carried
/// outside run beside each other, so that a slow mail server holds up no workflow.
/// </summary>
public sealed partial class OutboxDispatcher(Database database, Outbox outbox, OutboxQueue queue, TimeProvider time, ILogger<OutboxDispatcher>? logger = null) : BackgroundService
{
    /// <summary>Attempts under way at once, of each of the two sorts.</summary>
    private const int Width = 16;

    /// <summary>A delivery must be over well before its lease is.</summary>
    private static readonly TimeSpan DeliveryTimeout = OutboxQueue.Lease * 0.75;

    /// <summary>Another node may have died with items in its hands, which nothing announces.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30), BetweenSweeps = TimeSpan.FromHours(6);

    /// <summary>Carries on until nothing is due any more; what is started is finished.</summary>
    public async Task RunDueAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var items = await queue.ClaimAsync([.. outbox.Handlers.Kinds(outside: false), .. outbox.Handlers.Kinds(outside: true)], Width, cancellationToken);
            if (items.Count == 0)
            {
                return;
            }
            await Task.WhenAll(items.Select(item => AttemptAsync(item, cancellationToken)));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The web server is not to wait for the handlers being made.
        await Task.Yield();
        if (!database.IsShared)
        {
            await queue.ReleaseAllAsync(stoppingToken);
        }
        await Task.WhenAll(PumpAsync(outbox.Handlers.Kinds(outside: false), stoppingToken), PumpAsync(outbox.Handlers.Kinds(outside: true), stoppingToken), SweepAsync(stoppingToken));
    }

    private async Task PumpAsync(IReadOnlyList<string> kinds, CancellationToken stoppingToken)
    {
        var running = new List<Task>();
        while (kinds.Count > 0 && !stoppingToken.IsCancellationRequested)
        {
            // Asked for before looking, so that what is enqueued in between is not slept through.
            var woken = outbox.Woken;
            try
            {
                var items = running.Count < Width ? await queue.ClaimAsync(kinds, Width - running.Count, stoppingToken) : [];
                running.AddRange(items.Select(item => AttemptAsync(item, stoppingToken)));
                if (items.Count == 0)
                {
                    await SleepAsync([woken, .. running], stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // The database may be away for a while; what is due waits.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogLook(e);
                await Task.WhenAny(Task.Delay(LongestSleep, time, stoppingToken));
            }
            running.RemoveAll(task => task.IsCompleted);
        }
        await Task.WhenAll(running);
    }

    private async Task SleepAsync(IEnumerable<Task> untilOneOf, CancellationToken stoppingToken)
    {
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var untilDue = await queue.NextDueAsync(stoppingToken) - time.GetUtcNow();
        var sleep = untilDue is { } span && span < LongestSleep ? TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(span.TotalMilliseconds))) : LongestSleep;
        await Task.WhenAny([.. untilOneOf, Task.Delay(sleep, time, awake.Token)]);
        await awake.CancelAsync();
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenSweeps, time);
        try
        {
            do
            {
                try
                {
                    await queue.SweepAsync(stoppingToken);
                }
#pragma warning disable CA1031 // The database may be away for a while; the next sweep takes what this one left.
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    LogLook(e);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task AttemptAsync(LeasedItem leased, CancellationToken stoppingToken)
    {
        var handler = outbox.Handlers.Of(leased.Item.Kind);
        try
        {
            // Whoever takes an item down with the process each time would do so for ever.
            if (leased.Item.Attempts > handler.MaxAttempts)
            {
                await queue.FailAsync(leased, leased.Item.LastError ?? "The attempts did not come back.", isDead: true);
                return;
            }
            await (handler is OutboxDelivery delivery ? DeliverAsync(delivery, leased, stoppingToken) : WorkAsync(handler, leased, stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await queue.ReleaseAsync(leased);
        }
#pragma warning disable CA1031 // A handler may throw anything; the item keeps the reason and its turn comes again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await NoteAsync(leased, handler, e);
        }
    }

    private async Task DeliverAsync(OutboxDelivery delivery, LeasedItem leased, CancellationToken stoppingToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        timeout.CancelAfter(DeliveryTimeout);
        await delivery.DeliverAsync(outbox.Open(leased.Item), timeout.Token);
        await database.WriteAsync(session => queue.FinishAsync(session, leased, keep: true, CancellationToken.None), CancellationToken.None);
        outbox.Wake();
    }

    private async Task WorkAsync(OutboxHandler handler, LeasedItem leased, CancellationToken stoppingToken)
    {
        await database.WriteAsync(
            async session =>
            {
                // Events are not kept: what happened stands in the history of the record.
                var done = await queue.FinishAsync(session, leased, keep: handler is not RecordSubscriber, stoppingToken);
                if (done && handler is RecordSubscriber subscriber)
                {
                    await subscriber.HandleAsync(RecordEvent.Of(leased.Item), session, stoppingToken);
                }
                else if (done)
                {
                    await ((OutboxWork)handler).RunAsync(outbox.Open(leased.Item), session, stoppingToken);
                }
                return done;
            },
            stoppingToken);
        outbox.Wake();
    }

    private async Task NoteAsync(LeasedItem leased, OutboxHandler handler, Exception e)
    {
        var isDead = e is UndeliverableException || leased.Item.Attempts >= handler.MaxAttempts;
        LogAttempt(leased.Item.Kind, leased.Item.Id, leased.Item.Attempts, isDead, e);
        try
        {
            await queue.FailAsync(leased, e.Message, isDead);
            outbox.Wake();
        }
#pragma warning disable CA1031 // Then the lease runs out, and the item comes again.
        catch (Exception again)
#pragma warning restore CA1031
        {
            LogLook(again);
        }
    }

    private void LogAttempt(string kind, Guid id, int attempt, bool isDead, Exception e)
    {
        if (logger is null)
        {
            return;
        }
        if (isDead)
        {
            LogDead(logger, kind, id, e);
        }
        else
        {
            LogFailed(logger, attempt, kind, id, e);
        }
    }

    private void LogLook(Exception e)
    {
        if (logger is not null)
        {
            LogUnreachable(logger, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Attempt {Attempt} at {Kind} {Id} failed; it will be tried again.")]
    private static partial void LogFailed(ILogger logger, int attempt, string kind, Guid id, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Kind} {Id} is given up and waits for an administrator.")]
    private static partial void LogDead(ILogger logger, string kind, Guid id, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The outbox cannot be reached.")]
    private static partial void LogUnreachable(ILogger logger, Exception exception);
}
