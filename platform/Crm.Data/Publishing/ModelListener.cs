using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Crm.Data;

/// <summary>Hears from other nodes that the Model changed. What was published while the line was down is found when it is up again.</summary>
internal sealed partial class ModelListener(Database database, ModelPublisher publisher, TimeProvider time, ILogger<ModelListener> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await database.ListenAsync(ModelPublisher.Channel, () => publisher.ReloadAsync(stoppingToken), stoppingToken))
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is DbException or IOException or System.Net.Sockets.SocketException)
            {
                LogBroken(logger, e);
                await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The line to other nodes broke; trying again.")]
    private static partial void LogBroken(ILogger logger, Exception exception);
}
