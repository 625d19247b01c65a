using System.Text.Json.Nodes;
using Crm.Data;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Two nodes on one database: each leaves the other's jobs alone for as long as the other is heard of.</summary>
public sealed class JobLeaseTests : IAsyncLifetime
{
    private const string Once = "once", Again = "again";

    private static readonly string[] Repeating = [Again];
    private static readonly TimeSpan Part = JobStore.Lease * 0.6;

    private TestStore _data = default!;
    private Database _elsewhere = default!;
    private JobStore _first = default!, _second = default!;

    public async ValueTask InitializeAsync()
    {
        _data = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}""");
        _elsewhere = await _data.Home.OpenAsync();
        _first = new(_data.Database, _data.Ids, _data.Clock);
        _second = new(_elsewhere, _data.Ids, _data.Clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _elsewhere.DisposeAsync();
        await _data.DisposeAsync();
    }

    [Fact]
    public async Task A_node_that_starts_leaves_the_jobs_of_a_living_one_alone_however_long_they_take()
    {
        using var cancellation = new CancellationTokenSource();
        var job = await StartAsync(_first, Once, cancellation);

        for (var i = 0; i < 5; i++)
        {
            await BeatAsync(_second);
            _data.Clock.Advance(Part);
            await BeatAsync(_first);
        }
        await BeatAsync(_second);

        (await StateAsync(job)).ShouldBe(JobState.Running);
        await _first.FinishAsync(job, JobState.Succeeded, new JsonObject { ["created"] = 1 }, null);
        ((await StateAsync(job)), cancellation.IsCancellationRequested).ShouldBe((JobState.Succeeded, false));
    }

    [Fact]
    public async Task A_job_whose_node_is_silent_fails_and_nothing_the_node_says_later_counts()
    {
        using var cancellation = new CancellationTokenSource();
        var job = await StartAsync(_first, Once, cancellation);

        _data.Clock.Advance(JobStore.Lease);
        await BeatAsync(_second);
        (await StateAsync(job)).ShouldBe(JobState.Running, "the lease ends now, not before");
        _data.Clock.Advance(TimeSpan.FromSeconds(1));
        await BeatAsync(_second);

        var failed = await FindAsync(job);
        (failed.State, failed.ProblemOf()?.Code).ShouldBe((JobState.Failed, "job.interrupted"));
        await _first.ReportAsync(job, 7, 9);
        await _first.FinishAsync(job, JobState.Succeeded, [], null);
        (await FindAsync(job)).ShouldSatisfyAllConditions(j => j.State.ShouldBe(JobState.Failed), j => j.Done.ShouldBe(0));
    }

    [Fact]
    public async Task A_node_that_was_thought_dead_stops_what_was_taken_from_it()
    {
        using var cancellation = new CancellationTokenSource();
        await StartAsync(_first, Once, cancellation);
        _data.Clock.Advance(JobStore.Lease * 2);
        await BeatAsync(_second);

        await BeatAsync(_first);

        cancellation.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task What_may_begin_again_is_run_by_the_other_node()
    {
        using var cancellation = new CancellationTokenSource();
        using var other = new CancellationTokenSource();
        var job = await StartAsync(_first, Again, cancellation);
        await _first.ReportAsync(job, 3, 5);
        _data.Clock.Advance(JobStore.Lease * 2);

        await BeatAsync(_second);

        (await FindAsync(job)).ShouldSatisfyAllConditions(j => j.State.ShouldBe(JobState.Queued), j => j.Done.ShouldBe(0));
        _second.Queue.TryRead(out var offered).ShouldBeTrue();
        offered.ShouldBe(job);
        (await _second.StartAsync(job, other, Cancelled)).ShouldBeTrue();
        await _first.FinishAsync(job, JobState.Failed, null, null);
        (await StateAsync(job)).ShouldBe(JobState.Running);
        await _second.FinishAsync(job, JobState.Succeeded, [], null);
        (await StateAsync(job)).ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task A_node_that_goes_in_order_keeps_nobody_waiting()
    {
        using var cancellation = new CancellationTokenSource();
        var job = await StartAsync(_first, Again, cancellation);

        await _first.ReleaseAsync();
        await BeatAsync(_second);

        (await StateAsync(job)).ShouldBe(JobState.Queued);
    }

    [Fact]
    public async Task Where_there_is_one_node_only_what_was_cut_off_is_known_as_soon_as_it_starts()
    {
        using var cancellation = new CancellationTokenSource();
        var job = await StartAsync(_first, Once, cancellation);

        await _second.ReleaseAllAsync(Cancelled);
        await BeatAsync(_second);

        (await StateAsync(job)).ShouldBe(JobState.Failed);
    }

    [Fact]
    public async Task A_job_is_stopped_from_a_node_that_does_not_run_it()
    {
        using var cancellation = new CancellationTokenSource();
        var job = await StartAsync(_first, Once, cancellation);

        await _second.CancelAsync(job, Cancelled);
        cancellation.IsCancellationRequested.ShouldBeFalse();
        await BeatAsync(_first);

        cancellation.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task A_queued_job_is_taken_by_one_node_and_offered_once_to_each()
    {
        using var cancellation = new CancellationTokenSource();
        var job = (await _first.EnqueueAsync(Once, [], _data.Ids.Next(), Cancelled)).Id;
        await BeatAsync(_second);
        _second.Queue.TryRead(out _).ShouldBeFalse("the node that queued it mostly runs it");
        _data.Clock.Advance(JobStore.Lease);
        await BeatAsync(_second);
        await BeatAsync(_second);
        await BeatAsync(_first);

        bool[] taken = [await _second.StartAsync(job, cancellation, Cancelled), await _first.StartAsync(job, cancellation, Cancelled)];

        taken.ShouldBe([true, false]);
        (_second.Queue.TryRead(out _), _second.Queue.TryRead(out _)).ShouldBe((true, false));
        (_first.Queue.TryRead(out _), _first.Queue.TryRead(out _)).ShouldBe((true, false));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static Task BeatAsync(JobStore node) => node.BeatAsync(Repeating, JobStore.Lease, Cancelled);

    private async Task<Guid> StartAsync(JobStore node, string kind, CancellationTokenSource cancellation)
    {
        var job = await node.EnqueueAsync(kind, [], _data.Ids.Next(), Cancelled);
        node.Queue.TryRead(out _);
        (await node.StartAsync(job.Id, cancellation, Cancelled)).ShouldBeTrue();
        return job.Id;
    }

    private async Task<Job> FindAsync(Guid id) => (await _second.FindAsync(id, Cancelled))!;

    private async Task<JobState> StateAsync(Guid id) => (await FindAsync(id)).State;
}
