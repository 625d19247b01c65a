using Crm.Metadata;
using Crm.Rules;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Crm.Data;

/// <summary>Runs queued jobs, one after the other, in the name of the person who asked.</summary>
internal sealed partial class JobRunner(JobStore jobs, ActorDirectory actors, Registry<JobKindAttribute, IJobKind> kinds, IServiceProvider services, ILogger<JobRunner> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await jobs.RecoverAsync(stoppingToken);
        await foreach (var id in jobs.Queue.ReadAllAsync(stoppingToken))
        {
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            if (await jobs.FindAsync(id, stoppingToken) is { } job && await jobs.StartAsync(id, cancellation, stoppingToken))
            {
                await RunAsync(job, cancellation.Token, stoppingToken);
            }
        }
    }

    private async Task RunAsync(Job job, CancellationToken cancellationToken, CancellationToken stoppingToken)
    {
        try
        {
            var actor = job.CreatedBy is not { } asker ? Actor.Platform : await actors.FindAsync(asker, cancellationToken) ?? throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "user.inactive"));
            var kind = kinds.Find(job.Kind) ?? throw new InvalidOperationException($"There is no kind of job '{job.Kind}'.");
            var work = (IJobKind)ActivatorUtilities.CreateInstance(services, kind);
            var result = await work.RunAsync(new(job, actor, (done, total) => jobs.ReportAsync(job.Id, done, total), cancellationToken));
            // A server that stops leaves the job as running: the next start says that it was interrupted.
            if (!stoppingToken.IsCancellationRequested)
            {
                await jobs.FinishAsync(job.Id, cancellationToken.IsCancellationRequested ? JobState.Cancelled : JobState.Succeeded, result, null);
            }
        }
        catch (ProblemException refusal)
        {
            await jobs.FinishAsync(job.Id, JobState.Failed, null, refusal.Problems[0]);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // See above.
        }
        catch (OperationCanceledException)
        {
            await jobs.FinishAsync(job.Id, JobState.Cancelled, null, null);
        }
#pragma warning disable CA1031 // One job that fails must not stop the others; the fault is logged and shown with the job.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFault(logger, job.Kind, job.Id, e);
            await jobs.FinishAsync(job.Id, JobState.Failed, null, Problem.Of(ProblemKind.Conflict, "job.fault"));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Kind} {Id} failed.")]
    private static partial void LogFault(ILogger logger, string kind, Guid id, Exception exception);
}
