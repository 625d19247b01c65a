using Microsoft.Extensions.Logging;

namespace Crm.Data;

/// <summary>Brings the records that a published Model begins with; those of the start are there before anybody is let in.</summary>
internal sealed partial class SeedBringer(Seeds seeds, ModelSource models, TimeProvider time, ILogger<SeedBringer> logger) : ModelFollower(models, time, logger)
{
    protected override bool FollowsStart => false;

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        foreach (var problem in await seeds.BringAsync(cancellationToken))
        {
            LogRefused(logger, problem.ToString());
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A record to begin with was refused: {Problem}")]
    private static partial void LogRefused(ILogger logger, string problem);
}
