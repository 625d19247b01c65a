using System.Text.Json.Nodes;
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
internal sealed class ModelRefreshStarter(ModelRefresh refresh, ModelSource models, JobStore jobs, TimeProvider time, ILogger<ModelRefreshStarter> logger) : ModelFollower(models, time, logger)
{
    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        if (await refresh.IsNeededAsync(cancellationToken))
        {
            await jobs.EnqueueOnceAsync(ModelRefreshJob.Name, cancellationToken);
        }
    }
}
