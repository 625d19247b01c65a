using Crm.Data;
using Crm.Rules;
using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Writers that wait at the same time share one commit. They must not share anything else.</summary>
public sealed class WriteLaneTests
{
    private const string Fields = """{"name": "name", "type": "text", "required": true}""";

    [Fact, SqliteOnly("writers wait in one lane and share a commit")]
    public async Task One_writer_of_a_group_that_fails_does_not_take_the_others_along()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        using var gate = new SemaphoreSlim(0);
        var held = store.Database.WriteAsync(async _ => { await gate.WaitAsync(); return 0; }, TestContext.Current.CancellationToken);

        // Everything below waits behind the gate, so that it becomes one group.
        var good = Enumerable.Range(0, 10).Select(i => store.CreateAsync("thing", $$"""{"name": "good {{i}}"}""")).ToList();
        var refused = store.CreateAsync("thing", "{}");
        var thrown = store.Database.WriteAsync<int>(
            async session =>
            {
                await session.ExecuteAsync("DELETE FROM \"thing\"", [], TestContext.Current.CancellationToken);
                throw new InvalidOperationException("after it did harm");
            },
            TestContext.Current.CancellationToken);
        var broken = store.Database.WriteAsync(async session => await session.ExecuteAsync("no sql", [], TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        var more = store.CreateAsync("thing", """{"name": "more"}""");
        gate.Release();

        await held;
        await Task.WhenAll(good);
        await more;
        await Should.ThrowAsync<ProblemException>(refused);
        (await Should.ThrowAsync<InvalidOperationException>(thrown)).Message.ShouldBe("after it did harm");
        await Should.ThrowAsync<System.Data.Common.DbException>(broken);
        (await store.CountAsync("thing")).ShouldBe(11);
    }

    [Fact, SqliteOnly("writers wait in one lane")]
    public async Task A_writer_that_gives_up_while_waiting_writes_nothing()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        using var gate = new SemaphoreSlim(0);
        using var patience = new CancellationTokenSource();
        var held = store.Database.WriteAsync(async _ => { await gate.WaitAsync(); return 0; }, TestContext.Current.CancellationToken);
        var waiting = store.Store.CreateAsync(store["thing"], store.Values("thing", """{"name": "late"}"""), Actor.Platform, Door.Api, patience.Token);

        await patience.CancelAsync();
        gate.Release();

        await held;
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        (await store.CountAsync("thing")).ShouldBe(0);
    }

    [Fact]
    public async Task A_listener_that_throws_harms_neither_the_writer_nor_the_next_one()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var heard = 0;
        using var faulty = store.Feed.Subscribe(_ => throw new InvalidOperationException("a screen that has gone"));
        using var sound = store.Feed.Subscribe(_ => heard++);

        await store.CreateAsync("thing", """{"name": "a"}""").WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await store.CreateAsync("thing", """{"name": "b"}""").WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        heard.ShouldBe(2);
    }

    [Fact]
    public async Task Readers_see_what_is_committed_while_a_writer_is_at_work()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        await store.CreateAsync("thing", """{"name": "before"}""");
        using var gate = new SemaphoreSlim(0);
        var written = new TaskCompletionSource();
        var writing = store.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("UPDATE \"thing\" SET \"name\" = 'after'", [], TestContext.Current.CancellationToken);
                written.SetResult();
                await gate.WaitAsync();
                return 0;
            },
            TestContext.Current.CancellationToken);
        await written.Task;

        var during = await store.NamesAsync("thing");
        gate.Release();
        await writing;

        during.ShouldBe(["before"]);
        (await store.NamesAsync("thing")).ShouldBe(["after"]);
    }

    [Fact]
    public async Task Many_writers_and_readers_at_once_lose_nothing()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);

        var work = Enumerable.Range(0, 40).Select(i => Task.Run(async () =>
        {
            var record = await store.CreateAsync("thing", $$"""{"name": "{{i}}"}""");
            await store.UpdateAsync(record, $$"""{"name": "{{i}} changed"}""", record.Version);
            return (await store.GetAsync(record))["name"];
        }));

        (await Task.WhenAll(work)).ShouldBe(Enumerable.Range(0, 40).Select(i => $"{i} changed"), ignoreOrder: true);
    }

    [Fact, SqliteOnly("writes gather in a log")]
    public async Task The_log_goes_into_the_file_and_begins_anew_while_others_read_at_every_moment()
    {
        const int Writes = 2_500, Size = 100_000;
        await using var store = await TestStore.OpenAsync("thing", Fields);
        await store.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteOnceAsync("CREATE TABLE \"_load\" (\"id\" INTEGER PRIMARY KEY, \"content\" BLOB)", TestContext.Current.CancellationToken);
                return 0;
            },
            TestContext.Current.CancellationToken);
        using var over = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                await using var session = await store.Database.ReadAsync(TestContext.Current.CancellationToken);
                await session.FirstAsync("SELECT length(\"content\") FROM \"_load\" ORDER BY \"id\" DESC LIMIT 1", [], row => row.Integer(0), TestContext.Current.CancellationToken);
            }
        })).ToList();

        for (var i = 0; i < Writes; i++)
        {
            await store.Database.WriteAsync(session => session.ExecuteAsync($"INSERT INTO \"_load\" (\"content\") VALUES (randomblob({Size}))", [], TestContext.Current.CancellationToken).AsTask(), TestContext.Current.CancellationToken);
        }
        await over.CancelAsync();
        await Task.WhenAll(readers);

        new FileInfo(store.Home.Address).Length.ShouldBeGreaterThan((long)Writes * Size / 2);
        new FileInfo(store.Home.Address + "-wal").Length.ShouldBeLessThan((long)Writes * Size * 6 / 10);
        (await store.Database.WriteAsync(session => session.FirstAsync("SELECT count(*), sum(length(\"content\")) FROM \"_load\"", [], row => (row.Integer(0), row.Integer(1)), TestContext.Current.CancellationToken).AsTask(), TestContext.Current.CancellationToken))
            .ShouldBe((Writes, (long)Writes * Size));
    }
}
