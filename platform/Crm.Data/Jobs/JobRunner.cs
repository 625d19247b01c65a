using System.Data.Common;
using System.Reflection;
using Crm.Metadata;
using Crm.Rules;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Crm.Data;

/// <summary>Runs queued jobs, one after the other, in the name of the person who asked, and keeps the leases of those that run.</summary>
internal sealed partial class JobRunner(Database database, JobStore jobs, ActorDirectory actors, Registry<JobKindAttribute, IJobKind> kinds, IServiceProvider services, TimeProvider time, ILogger<JobRunner> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5), BetweenBeats = JobStore.Lease / 6;

    private readonly string[] _repeating = [.. kinds.Names.Where(name => kinds.Find(name)!.GetCustomAttribute<JobKindAttribute>()!.Repeats)];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!database.IsShared)
        {
            await PersistAsync(() => jobs.ReleaseAllAsync(stoppingToken), stoppingToken);
        }
        await PersistAsync(() => jobs.BeatAsync(_repeating, TimeSpan.Zero, stoppingToken), stoppingToken);
        try
        {
            await Task.WhenAll(BeatAsync(stoppingToken), WorkAsync(stoppingToken));
        }
        finally
        {
            await ReleaseAsync();
        }
    }

    private async Task BeatAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenBeats, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await PersistAsync(() => jobs.BeatAsync(_repeating, JobStore.Lease, stoppingToken), stoppingToken);
        }
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        await foreach (var id in jobs.Queue.ReadAllAsync(stoppingToken))
        {
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            Job? job = null;
            await PersistAsync(
                async () =>
                {
                    var found = await jobs.FindAsync(id, stoppingToken);
                    job = found is not null && await jobs.StartAsync(id, cancellation, stoppingToken) ? found : null;
                },
                stoppingToken);
            if (job is not null)
            {
                await RunAsync(job, cancellation.Token, stoppingToken);
            }
        }
    }

    private async Task ReleaseAsync()
    {
        try
        {
            await jobs.ReleaseAsync();
        }
        catch (DbException e)
        {
            // Then the leases run out.
            LogAway(logger, e);
        }
    }

    /// <summary>The database may be away for a while: what has to be noted is noted when it is back.</summary>
    private async Task PersistAsync(Func<Task> work, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (DbException e) when (database.IsAway(e) && !stoppingToken.IsCancellationRequested)
            {
                LogAway(logger, e);
                await Task.Delay(Pause, time, stoppingToken);
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
                await PersistAsync(() => jobs.FinishAsync(job.Id, cancellationToken.IsCancellationRequested ? JobState.Cancelled : JobState.Succeeded, result, null), stoppingToken);
            }
        }
        catch (ProblemException refusal)
        {
            await PersistAsync(() => jobs.FinishAsync(job.Id, JobState.Failed, null, refusal.Problems[0]), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // See above.
        }
        catch (OperationCanceledException)
        {
            await PersistAsync(() => jobs.FinishAsync(job.Id, JobState.Cancelled, null, null), stoppingToken);
        }
#pragma warning disable CA1031 // One job that fails must not stop the others; the fault is logged and shown with the job.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFault(logger, job.Kind, job.Id, e);
            await PersistAsync(() => jobs.FinishAsync(job.Id, JobState.Failed, null, Problem.Of(ProblemKind.Conflict, "job.fault")), stoppingToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Jobs wait for the database.")]
    private static partial void LogAway(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Kind} {Id} failed.")]
    private static partial void LogFault(ILogger logger, string kind, Guid id, Exception exception);
}
