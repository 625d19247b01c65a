using System.Data.Common;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Crm.Data;

/// <summary>The job behind a change of definitions: people see that figures are being made anew, and how far it is.</summary>
[JobKind(Name, Repeats = true)]
internal sealed class ModelRefreshJob(ModelRefresh refresh) : IJobKind
{
    public const string Name = "refresh";

    public async Task<JsonObject> RunAsync(JobRun run)
    {
        var renewed = await refresh.RunAsync(run.ReportAsync, run.CancellationToken);
        return new() { ["renewed"] = new JsonArray([.. renewed.Select(name => (JsonNode?)name)]) };
    }
}

/// <summary>Starts that job when a Model comes into force whose definitions ask for it: after the start, after every publishing.</summary>
internal sealed partial class ModelRefreshStarter(ModelRefresh refresh, ModelSource models, JobStore jobs, TimeProvider time, ILogger<ModelRefreshStarter> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = models.Subscribe(_ => _changes.Writer.TryWrite(true));
        _changes.Writer.TryWrite(true);
        await foreach (var _ in _changes.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                if (await refresh.IsNeededAsync(stoppingToken))
                {
                    await jobs.EnqueueOnceAsync(ModelRefreshJob.Name, stoppingToken);
                }
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
