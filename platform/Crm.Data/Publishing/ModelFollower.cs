using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Crm.Data;

/// <summary>Does what follows from a Model that comes into force: after the start, after every publishing. While the database is away it waits.</summary>
internal abstract partial class ModelFollower(ModelSource models, TimeProvider time, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Whether the Model of the start is followed too; not where the start itself has done it.</summary>
    protected virtual bool FollowsStart => true;

    /// <summary>Does it; a fault is logged, and the next Model tries anew.</summary>
    protected abstract Task FollowAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = models.Subscribe(_ => _changes.Writer.TryWrite(true));
        if (FollowsStart)
        {
            _changes.Writer.TryWrite(true);
        }
        await foreach (var _ in _changes.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (DbException e) when (!stoppingToken.IsCancellationRequested)
            {
                LogAway(logger, e);
                _changes.Writer.TryWrite(true);
                await Task.Delay(Pause, time, stoppingToken);
            }
#pragma warning disable CA1031 // What is wrong here must not stop the server; the fault is logged, and the next Model tries anew.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogFault(logger, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What follows from the new Model waits for the database.")]
    private static partial void LogAway(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "What follows from the new Model cannot be found out.")]
    private static partial void LogFault(ILogger logger, Exception exception);
}
