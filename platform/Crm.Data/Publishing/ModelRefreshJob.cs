using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;

namespace Crm.Data;

/// <summary>The job behind a change of definitions: people see that figures are being made anew, and how far it is.</summary>
[JobKind(Name)]
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
internal sealed class ModelRefreshStarter(ModelRefresh refresh, ModelSource models, JobStore jobs) : BackgroundService
{
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = models.Subscribe(_ => _changes.Writer.TryWrite(true));
        _changes.Writer.TryWrite(true);
        await foreach (var _ in _changes.Reader.ReadAllAsync(stoppingToken))
        {
            if (await refresh.IsNeededAsync(stoppingToken))
            {
                await jobs.EnqueueOnceAsync(ModelRefreshJob.Name, stoppingToken);
            }
        }
    }
}
