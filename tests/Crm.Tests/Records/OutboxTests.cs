using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Crm.Data;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>What follows from a change happens after its commit, whatever fails in between: once in the database, at least once outside.</summary>
public sealed class OutboxTests
{
    private static Task<TestStore> OpenAsync(string kind, OutboxHandler handler) => TestStore.OpenAsync(
        folder => folder.WithEntity("thing", """{"name": "name", "type": "text"}, {"name": "size", "type": "integer"}""").WithEntity("echo", """{"name": "name", "type": "text"}"""),
        new Dictionary<string, OutboxHandler> { [kind] = handler });

    private static OutboxEffect Mail(string to) => new("mail", new() { ["to"] = to });

    private static Task<int> EnqueueAsync(TestStore store, params OutboxEffect[] effects) => store.Database.WriteAsync(session => store.Outbox.EnqueueAsync(session, effects, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_subscriber_hears_what_happened_to_a_record_in_order()
    {
        var heard = new Listener();
        await using var store = await OpenAsync("listener", heard);
        var thing = await store.CreateAsync("thing", """{"name": "one"}""");
        await store.UpdateAsync(thing, """{"name": "two", "size": 3}""");
        await store.DeleteAsync(thing);
        await store.RestoreAsync(thing);

        await store.RunOutboxAsync();

        heard.Events.Select(e => (e.Kind, e.Version, string.Join(',', e.Fields))).ShouldBe(
            [(ChangeKind.Create, 1, "name"), (ChangeKind.Update, 2, "name,size"), (ChangeKind.Delete, 3, ""), (ChangeKind.Restore, 4, "")]);
        heard.Events.ShouldAllBe(e => e.RecordId == thing.Id && e.Entity == "thing" && e.Door == Door.Api);
        heard.Events[0].ChangeSet.ShouldBe((await store.HistoryAsync(thing))[^1].ChangeSet);
        (await store.OutboxAsync(OutboxState.Pending)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_is_stored_for_what_nobody_wants_nor_for_what_was_refused()
    {
        var heard = new Listener { Entity = "echo" };
        await using var store = await OpenAsync("listener", heard);

        await store.CreateAsync("thing", """{"name": "unheard"}""");
        await Refusal.OfAsync(() => store.WriteAsync(atomic: true, store.Creation("echo", """{"name": "a"}"""), RecordChange.Delete(store["echo"], SequentialIds.Unknown)));

        (await store.OutboxAsync(OutboxState.Pending)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_subscriber_writes_shares_the_fate_of_its_event()
    {
        var heard = new Listener { Entity = "thing" };
        await using var store = await OpenAsync("listener", heard);
        var failures = 2;
        heard.Then = async (change, session) =>
        {
            await store.Store.WriteAsync(session, new(Actor.Platform, Door.Platform, [store.Creation("echo", """{"name": "heard"}""")]), TestContext.Current.CancellationToken);
            if (failures-- > 0)
            {
                throw new InvalidOperationException("not yet");
            }
        };
        await store.CreateAsync("thing", "{}");

        for (var i = 0; i < 3; i++)
        {
            await store.RunOutboxAsync();
            store.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        heard.Events.Count.ShouldBe(3, "it was tried three times");
        (await store.CountAsync("echo")).ShouldBe(1, "and what the failed attempts wrote is gone");
    }

    [Fact]
    public async Task A_refused_write_inside_a_handler_leaves_nothing_and_the_rest_of_its_work_stays()
    {
        var heard = new Listener { Entity = "thing" };
        await using var store = await OpenAsync("listener", heard);
        heard.Then = async (_, session) =>
        {
            await Refusal.OfAsync(() => store.Store.WriteAsync(session, new(
                Actor.Platform, Door.Platform, [store.Creation("echo", """{"name": "refused"}"""), RecordChange.Delete(store["echo"], SequentialIds.Unknown)]), TestContext.Current.CancellationToken));
            await store.Store.WriteAsync(session, new(Actor.Platform, Door.Platform, [store.Creation("echo", """{"name": "kept"}""")]), TestContext.Current.CancellationToken);
        };
        await store.CreateAsync("thing", "{}");

        await store.RunOutboxAsync();

        (await store.NamesAsync("echo")).ShouldBe(["kept"]);
    }

    [Fact]
    public async Task A_delivery_that_fails_is_tried_again_with_the_same_key_after_growing_pauses()
    {
        var post = new Post { Failures = 3 };
        await using var store = await OpenAsync("mail", post);
        await EnqueueAsync(store, Mail("ada"));

        var due = new List<TimeSpan>();
        for (var i = 0; i < 3; i++)
        {
            await store.RunOutboxAsync();
            var waiting = (await store.OutboxAsync(OutboxState.Pending)).ShouldHaveSingleItem();
            (waiting.Attempts, waiting.LastError).ShouldBe((i + 1, "unreachable"));
            due.Add(waiting.DueAt!.Value - store.Clock.GetUtcNow());
            store.Clock.Advance(due[^1]);
        }
        await store.RunOutboxAsync();

        due.ShouldBe([TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)]);
        post.Keys.Count.ShouldBe(4);
        post.Keys.Distinct().ShouldHaveSingleItem();
        (await store.OutboxAsync(OutboxState.Done)).ShouldHaveSingleItem().Attempts.ShouldBe(4);
    }

    [Fact]
    public async Task A_key_is_delivered_once_however_often_it_is_enqueued()
    {
        var post = new Post();
        await using var store = await OpenAsync("mail", post);

        var first = await EnqueueAsync(store, Mail("ada") with { Key = "welcome-1" });
        await store.RunOutboxAsync();
        var second = await EnqueueAsync(store, Mail("ada") with { Key = "welcome-1" }, Mail("bob"));
        await store.RunOutboxAsync();

        (first, second).ShouldBe((1, 1));
        post.Keys.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_secret_of_an_effect_reaches_its_handler_and_nobody_who_reads_the_outbox()
    {
        var post = new Post { Failures = 1 };
        await using var store = await OpenAsync("mail", post);
        await EnqueueAsync(store, new OutboxEffect("mail", new() { ["subject"] = "hello", [OutboxEffect.Secrets] = new JsonObject { ["to"] = "carla" } }));

        await store.RunOutboxAsync();
        var waiting = (await store.OutboxAsync(OutboxState.Pending)).ShouldHaveSingleItem().Payload;
        store.Clock.Advance(TimeSpan.FromMinutes(1));
        await store.RunOutboxAsync();

        post.Delivered.ShouldBe(["carla"]);
        waiting["subject"]!.GetValue<string>().ShouldBe("hello");
        waiting.ToJsonString().ShouldNotContain("carla");
        (await store.OutboxAsync(OutboxState.Done)).ShouldHaveSingleItem().Payload.ToJsonString().ShouldNotContain("carla");
    }

    [Fact]
    public async Task What_is_not_due_yet_waits()
    {
        var post = new Post();
        await using var store = await OpenAsync("mail", post);
        await EnqueueAsync(store, Mail("ada") with { NotBefore = store.Clock.GetUtcNow().AddHours(1) });

        await store.RunOutboxAsync();
        post.Keys.ShouldBeEmpty();
        store.Clock.Advance(TimeSpan.FromHours(1));
        await store.RunOutboxAsync();

        post.Keys.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_item_in_hands_that_do_not_come_back_is_taken_over_once_its_lease_is_over()
    {
        var post = new Post { Hanging = 1 };
        await using var store = await OpenAsync("mail", post);
        await EnqueueAsync(store, Mail("ada"));
        var lost = store.RunOutboxAsync();
        await post.Hangs.Task;

        await store.RunOutboxAsync();
        post.Delivered.ShouldBeEmpty("somebody holds it");
        store.Clock.Advance(TimeSpan.FromMinutes(1));
        await store.RunOutboxAsync();
        post.Delivered.ShouldBe(["ada"]);

        post.Free.SetException(new InvalidOperationException("too late"));
        await lost;
        (await store.OutboxAsync(OutboxState.Done)).ShouldHaveSingleItem("whoever comes back too late changes nothing").LastError.ShouldBeNull();
    }

    [Fact]
    public async Task Effects_about_one_record_wait_for_each_other_and_those_about_others_do_not()
    {
        var (first, second) = (SequentialIds.Unknown, new SequentialIds().Next());
        var post = new Post { Failures = 1 };
        await using var store = await OpenAsync("mail", post);
        await EnqueueAsync(store, Mail("a1") with { Subject = first }, Mail("a2") with { Subject = first }, Mail("b1") with { Subject = second });

        await store.RunOutboxAsync();
        post.Delivered.ShouldBe(["b1"]);
        store.Clock.Advance(TimeSpan.FromMinutes(1));
        await store.RunOutboxAsync();

        post.Delivered.ShouldBe(["b1", "a1", "a2"]);
    }

    [Fact]
    public async Task An_item_that_nothing_helps_is_dead_until_an_administrator_retries_it()
    {
        var post = new Post { Failures = 1, Hopeless = true };
        await using var store = await OpenAsync("mail", post);
        await EnqueueAsync(store, Mail("ada"));
        await store.RunOutboxAsync();
        var dead = (await store.OutboxAsync(OutboxState.Dead)).ShouldHaveSingleItem();
        dead.LastError.ShouldBe("no such address");

        var person = await store.PersonAsync("Ada");
        (await Refusal.OfAsync(() => store.Queue.RetryAsync(dead.Id, store.Outbox, person, TestContext.Current.CancellationToken))).ShouldContain("forbidden");
        await store.Queue.RetryAsync(dead.Id, store.Outbox, Actor.Platform, TestContext.Current.CancellationToken);
        await store.RunOutboxAsync();

        post.Delivered.ShouldBe(["ada"]);
    }

    [Fact]
    public async Task Many_attempts_end()
    {
        var post = new Post { Failures = int.MaxValue };
        await using var store = await OpenAsync("mail", post);
        await EnqueueAsync(store, Mail("ada"));

        for (var i = 0; i < post.MaxAttempts + 3; i++)
        {
            await store.RunOutboxAsync();
            store.Clock.Advance(TimeSpan.FromHours(2));
        }

        post.Keys.Count.ShouldBe(post.MaxAttempts);
        (await store.OutboxAsync(OutboxState.Dead)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Two_dispatchers_share_the_work_and_do_nothing_twice()
    {
        var heard = new Listener { Entity = "thing" };
        await using var store = await OpenAsync("listener", heard);
        var other = new OutboxDispatcher(store.Database, store.Outbox, store.Queue, store.Clock);
        await store.WriteAsync(atomic: true, [.. Enumerable.Range(0, 300).Select(i => store.Creation("thing", $$"""{"size": {{i}}}"""))]);

        await Task.WhenAll(store.RunOutboxAsync(), other.RunDueAsync(TestContext.Current.CancellationToken));

        heard.Events.Count.ShouldBe(300);
        heard.Events.Select(e => e.RecordId).Distinct().Count().ShouldBe(300);
    }

    [Fact]
    public async Task The_running_dispatcher_wakes_when_something_is_committed()
    {
        var post = new Post();
        await using var store = await OpenAsync("mail", post);
        await store.Dispatcher.StartAsync(TestContext.Current.CancellationToken);

        await EnqueueAsync(store, Mail("ada"));
        await post.First.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        await store.Dispatcher.StopAsync(TestContext.Current.CancellationToken);
        post.Delivered.ShouldBe(["ada"]);
    }

    [Fact]
    public async Task What_is_done_is_swept_away_although_the_database_was_away_at_one_sweep()
    {
        await using var store = await OpenAsync("mail", new Post());
        await EnqueueAsync(store, Mail("ada"));
        await store.RunOutboxAsync();
        (await store.OutboxAsync(OutboxState.Done)).ShouldHaveSingleItem();
        var (clock, log) = (new FaultingClock(), new Journal());
        var nobody = new Outbox(store.Ids, store.Clock, OutboxHandlers.None, new ReversedSecrets());
        using var dispatcher = new OutboxDispatcher(store.Database, nobody, new OutboxQueue(store.Database, store.Ids, clock), clock, log);
        await dispatcher.StartAsync(TestContext.Current.CancellationToken);
        await log.Written.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        clock.Tick();

        while ((await store.OutboxAsync(OutboxState.Done)).Count > 0)
        {
            await Task.Yield();
        }
        await dispatcher.StopAsync(TestContext.Current.CancellationToken);
    }

    private sealed class Listener : RecordSubscriber
    {
        private readonly ConcurrentQueue<RecordEvent> _events = new();

        public string? Entity { get; init; }

        public Func<RecordEvent, Session, Task>? Then { get; set; }

        public IReadOnlyList<RecordEvent> Events => [.. _events];

        public override bool Wants(RecordChange change) => Entity is null || change.Entity.Name == Entity;

        public override Task HandleAsync(RecordEvent change, Session session, CancellationToken cancellationToken)
        {
            _events.Enqueue(change);
            return Then?.Invoke(change, session) ?? Task.CompletedTask;
        }
    }

    private sealed class Post : OutboxDelivery
    {
        private readonly ConcurrentQueue<string> _keys = new(), _delivered = new();
        private int _failures;

        public int Failures { init => _failures = value; }

        public int Hanging { get; set; }

        public TaskCompletionSource Hangs { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Free { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Hopeless { get; init; }

        public IReadOnlyList<string> Keys => [.. _keys];

        public IReadOnlyList<string> Delivered => [.. _delivered];

        public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
        {
            _keys.Enqueue(item.Key);
            if (Hanging > 0)
            {
                Hanging--;
                Hangs.SetResult();
                return Free.Task;
            }
            if (_failures > 0)
            {
                _failures--;
                throw Hopeless ? new UndeliverableException("no such address") : new InvalidOperationException("unreachable");
            }
            _delivered.Enqueue(item.Payload["to"]!.GetValue<string>());
            First.TrySetResult();
            return Task.CompletedTask;
        }
    }

    /// <summary>A month later, with a timer that the test moves. Once it is there, the next look at the clock fails.</summary>
    private sealed class FaultingClock : TimeProvider
    {
        private int _faults;
        private Action _tick = () => { };

        public void Tick() => _tick();

        public override DateTimeOffset GetUtcNow() =>
            Interlocked.Exchange(ref _faults, 0) == 0 ? ManualTimeProvider.Start.AddDays(31) : throw new TimeoutException("The database is away.");

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _tick = () => callback(state);
            Interlocked.Exchange(ref _faults, 1);
            return new StillTimer();
        }

        private sealed class StillTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
                // Nothing runs.
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    private sealed class Journal : ILogger<OutboxDispatcher>
    {
        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Written.TrySetResult();
    }
}
