using Crm.Data;
using Crm.Rules;
using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>What requests at the same time must not do to each other, whether one or many of them write at once.</summary>
public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Requests_with_the_same_key_create_one_record()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}, {"name": "code", "type": "text"}""");

        await TogetherAsync(20, i => store.WriteAsync(atomic: true, RecordChange.Upsert(store["thing"], [store["thing"]["code"]], store.Values("thing", $$"""{"code": "c{{i % 2}}", "name": "{{i}}"}"""))));

        (await store.NamesAsync("thing", sort: "code", field: "code")).ShouldBe(["c0", "c1"]);
    }

    [Fact]
    public async Task Of_records_with_the_same_unique_value_one_is_created_and_the_others_are_refused_in_words()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text", "unique": true}""");
        var refusals = 0;

        await TogetherAsync(20, async _ =>
        {
            try
            {
                await store.CreateAsync("thing", """{"name": "only"}""");
            }
            catch (ProblemException e) when (e.Problems is [{ Code: "unique" }])
            {
                Interlocked.Increment(ref refusals);
            }
        });

        (refusals, await store.CountAsync("thing")).ShouldBe((19, 1));
    }

    [Fact]
    public async Task Nothing_comes_to_point_to_a_record_while_it_is_deleted()
    {
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("parent", """{"name": "name", "type": "text"}""")
            .WithEntity("child", """{"name": "name", "type": "text"}, {"name": "parent", "type": "lookup", "target": "parent"}"""));
        for (var round = 0; round < 30; round++)
        {
            var parent = await store.CreateAsync("parent", """{"name": "p"}""");
            var (created, deleted) = (false, false);

            await TogetherAsync(2, async i =>
            {
                try
                {
                    if (i == 0)
                    {
                        await store.CreateAsync("child", $$"""{"name": "c", "parent": "{{parent.Id}}"}""");
                        created = true;
                    }
                    else
                    {
                        await store.DeleteAsync(parent);
                        deleted = true;
                    }
                }
                catch (ProblemException)
                {
                    // Whoever comes second is refused.
                }
            });

            (created ^ deleted).ShouldBeTrue($"created: {created}, deleted: {deleted}");
        }
    }

    [Fact]
    public async Task Changes_of_the_same_records_in_opposite_order_all_arrive()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "a", "type": "integer"}, {"name": "b", "type": "integer"}""");
        var (first, second) = (await store.CreateAsync("thing", "{}"), await store.CreateAsync("thing", "{}"));

        await TogetherAsync(20, i => store.WriteAsync(
            atomic: true,
            store.Change(i % 2 == 0 ? first : second, $$"""{"a": {{i + 1}}}"""),
            store.Change(i % 2 == 0 ? second : first, $$"""{"b": {{i + 1}}}""")));

        ((await store.GetAsync(first)).Version, (await store.GetAsync(second)).Version).ShouldBe((21, 21));
        (await store.HistoryAsync(first)).Count.ShouldBe(21);
    }

    [Fact]
    public async Task A_refused_part_of_a_request_leaves_the_others_alone()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text", "required": true, "unique": true}""");
        await store.CreateAsync("thing", """{"name": "taken"}""");

        var changes = await store.WriteAsync(
            atomic: false,
            store.Creation("thing", """{"name": "a"}"""), store.Creation("thing", """{"name": "taken"}"""), store.Creation("thing", "{}"), store.Creation("thing", """{"name": "a"}"""), store.Creation("thing", """{"name": "b"}"""));

        changes.Select(c => c.Failed).ShouldBe([false, true, true, true, false]);
        (await store.NamesAsync("thing", sort: "name")).ShouldBe(["a", "b", "taken"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_change_that_misses_its_record_leaves_nothing_behind(int changes)
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}""");

        var fault = await Should.ThrowAsync<Exception>(() => store.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("INSERT INTO \"thing\" (\"id\", \"version\") VALUES ($1, 1)", [Param.Uuid(store.Ids.Next())], TestContext.Current.CancellationToken);
                for (var i = 0; i < changes; i++)
                {
                    await session.ExecuteLaterAsync("UPDATE \"thing\" SET \"version\" = 2 WHERE \"id\" = $1", [Param.Uuid(SequentialIds.Unknown)], TestContext.Current.CancellationToken);
                }
                return true;
            },
            TestContext.Current.CancellationToken));

        fault.Message.ShouldStartWith("Not one row was changed");
        (await store.CountAsync("thing")).ShouldBe(0);
        await store.CreateAsync("thing", """{"name": "the connection is still good"}""");
    }

    [Fact, PostgresOnly("it lets one write while another is under way")]
    public async Task A_change_before_which_another_slips_in_begins_again_and_overwrites_nothing()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "a", "type": "integer"}, {"name": "b", "type": "integer"}""");
        var thing = await store.CreateAsync("thing", """{"a": 1, "b": 1}""");
        var between = new Between(() => store.UpdateAsync(thing, """{"b": 2}"""));
        var records = new RecordStore(store.Database, new WritePath(new(store.Model), store.Database, store.Ids, store.Clock, store.Feed, store.Outbox, new ReversedSecrets(), [between]), store.Clock);

        await records.WriteAsync(new(Actor.Platform, Door.Api, [store.Change(thing, """{"a": 2}""")]), TestContext.Current.CancellationToken);

        var after = await store.GetAsync(thing);
        (after["a"], after["b"], after.Version, between.Times).ShouldBe((2L, 2L, 3L, 2));
        (await store.HistoryAsync(thing)).Select(e => e.Version).ShouldBe([3L, 2L, 1L]);
    }

    /// <summary>Does something in the middle of the first attempt of a write.</summary>
    private sealed class Between(Func<Task> work) : IWriteExtension
    {
        public WriteSlot Slot => WriteSlot.Rules;

        public int Times { get; private set; }

        public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
        {
            if (++Times == 1)
            {
                await work();
            }
        }
    }

    private static Task TogetherAsync(int count, Func<int, Task> work)
    {
        var start = new TaskCompletionSource();
        var tasks = Enumerable.Range(0, count).Select(i => Task.Run(async () =>
        {
            await start.Task;
            await work(i);
        })).ToList();
        start.SetResult();
        return Task.WhenAll(tasks);
    }
}
