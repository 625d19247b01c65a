using Crm.Data;
using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

public sealed class AutonumberTests
{
    private const string Fields = """
        {"name": "name", "type": "text", "required": true},
        {"name": "number", "type": "autonumber", "pattern": "N-{yyyy}-{000}"}
        """;

    [Fact]
    public async Task A_number_may_be_required_because_the_platform_gives_it()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "number", "type": "autonumber", "required": true}, {"name": "total", "type": "rollup", "function": "sum", "source": "thing.parent", "field": "size", "required": true}, {"name": "size", "type": "integer"}, {"name": "parent", "type": "lookup", "target": "thing"}""");

        (await store.CreateAsync("thing", "{}"))["number"].ShouldBe("00001");
    }

    [Fact]
    public async Task Numbers_are_without_gaps_in_the_order_of_commit_whoever_is_refused_meanwhile()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);

        var creations = Enumerable.Range(0, 60).Select(i => Task.Run(async () =>
        {
            try
            {
                await store.CreateAsync("thing", i % 4 == 0 ? "{}" : """{"name": "x"}""");
            }
            catch (ProblemException)
            {
                // Every fourth has no name: its number must not be lost.
            }
        }));
        var all = Task.WhenAll(creations);
        var seen = new List<string[]>();
        while (!all.IsCompleted)
        {
            seen.Add(await store.NamesAsync("thing", sort: "number", field: "number"));
        }
        await all;
        seen.Add(await store.NamesAsync("thing", sort: "number", field: "number"));

        // Whoever looks in between sees no number without those before it.
        seen.ShouldAllBe(numbers => numbers.SequenceEqual(Enumerable.Range(1, numbers.Length).Select(i => $"N-2026-{i:000}")));
        seen[^1].Length.ShouldBe(45);
    }

    /// <summary>The one who has a number is not through yet; were numbers given away before, the others would be seen with theirs meanwhile.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nobody_commits_a_later_number_before_an_earlier_one_is_decided(bool commits)
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var (taken, decided) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = store.Database.WriteAsync(async session =>
        {
            var made = await store.Store.WriteAsync(session, new(Actor.Platform, Door.Api, [store.Creation("thing", """{"name": "first"}""")]), TestContext.Current.CancellationToken);
            taken.TrySetResult();
            await decided.Task;
            return commits ? made[0].After!["number"] : throw new InvalidOperationException("Taken back.");
        }, TestContext.Current.CancellationToken);
        await taken.Task;

        var others = Enumerable.Range(0, 6).Select(_ => store.CreateAsync("thing", """{"name": "other"}""")).ToList();
        for (var i = 0; i < 200; i++)
        {
            (await store.NamesAsync("thing", field: "number")).ShouldBeEmpty();
        }
        others.ShouldAllBe(o => !o.IsCompleted);
        decided.SetResult();

        var numbers = (await Task.WhenAll(others)).Select(o => (string)o["number"]!).Order(StringComparer.Ordinal);
        if (commits)
        {
            (await first).ShouldBe("N-2026-001");
            numbers.ShouldBe(Enumerable.Range(2, 6).Select(i => $"N-2026-{i:000}"));
        }
        else
        {
            await Should.ThrowAsync<InvalidOperationException>(() => first);
            numbers.ShouldBe(Enumerable.Range(1, 6).Select(i => $"N-2026-{i:000}"));
        }
    }

    [Fact]
    public async Task A_batch_numbers_its_records_in_order_and_leaves_out_the_refused()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);

        var changes = await store.WriteAsync(
            atomic: false, store.Creation("thing", """{"name": "a"}"""), store.Creation("thing", "{}"), store.Creation("thing", """{"name": "b"}"""));

        (changes[0].After!["number"], changes[2].After!["number"]).ShouldBe(("N-2026-001", "N-2026-002"));
    }

    [Fact]
    public async Task A_new_year_begins_a_new_series()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        await store.CreateAsync("thing", """{"name": "old"}""");
        store.Clock.Advance(TimeSpan.FromDays(365));

        var next = await store.CreateAsync("thing", """{"name": "new"}""");

        next["number"].ShouldBe("N-2027-001");
    }

    [Fact]
    public async Task A_counter_grows_beyond_its_width()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "number", "type": "autonumber", "pattern": "{0}"}""");

        await store.WriteAsync(atomic: true, [.. Enumerable.Range(0, 12).Select(_ => store.Creation("thing", "{}"))]);

        (await store.NamesAsync("thing", sort: "-id", field: "number"))[0].ShouldBe("12");
    }
}
