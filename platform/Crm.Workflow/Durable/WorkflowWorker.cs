using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Crm.Workflow;

/// <summary>
/// Does what is due, on every node: at once what this process knows of, and in sweeps what the database says, timers and schedules among it. A row
/// that is taken in the transaction of its effect decides who was first, so nodes need not talk to each other.
/// </summary>
internal sealed partial class WorkflowWorker(WorkflowEngine engine, DefinitionStore definitions, WorkflowFolders folders, TimeProvider time, ILogger<WorkflowWorker> logger) : BackgroundService
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1), BetweenRounds = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        engine.Options.Failed ??= (what, e) => LogFailed(logger, what, e);
        try
        {
            foreach (var problem in await definitions.LoadAsync(folders.Paths, stoppingToken))
            {
                LogFile(logger, problem);
            }
            await Task.WhenAll(WorkAsync(stoppingToken), SweepAsync(stoppingToken), KeepHouseAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; whatever was under way is kept or begun again at the next start.
        }
    }

    private Task WorkAsync(CancellationToken stoppingToken) => System.Threading.Tasks.Parallel.ForEachAsync(
        engine.Work.Reader.ReadAllAsync(stoppingToken), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = stoppingToken },
        async (item, token) => await engine.WorkAsync(item, token));

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await definitions.RefreshAsync(stoppingToken);
                if (await engine.SweepAsync(stoppingToken) == 0)
                {
                    var sleep = await engine.NextDueAsync(stoppingToken) - time.GetUtcNow();
                    await Task.Delay(sleep is { } span && span < LongestSleep ? span > TimeSpan.Zero ? span : TimeSpan.FromMilliseconds(50) : LongestSleep, time, stoppingToken);
                }
            }
#pragma warning disable CA1031 // The database may be away for a while; what is due waits.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogFailed(logger, "sweep", e);
                await Task.Delay(LongestSleep, time, stoppingToken);
            }
        }
    }

    private async Task KeepHouseAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenRounds, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await engine.WatchAsync(stoppingToken);
                await engine.ForgetAsync(stoppingToken);
            }
#pragma warning disable CA1031 // See above.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogFailed(logger, "housekeeping", e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Workflow work could not be done and will be tried again: {What}")]
    private static partial void LogFailed(ILogger logger, string what, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "A workflow file was left out: {Problem}")]
    private static partial void LogFile(ILogger logger, string problem);
}

/// <summary>Where the product's workflow files lie.</summary>
public sealed record WorkflowFolders(IReadOnlyList<string> Paths);
