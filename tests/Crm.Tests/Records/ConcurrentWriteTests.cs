using System.Globalization;
using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Many writers at once: nothing is lost, nothing is done twice, numbers have no gaps.</summary>
public sealed class ConcurrentWriteTests
{
    private const int Writers = 200;

    [Fact]
    public async Task Two_hundred_writers_of_one_record_lose_nothing()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "who", "type": "longText"}""");
        var thing = await store.CreateAsync("thing", """{"who": "nobody"}""");

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(i => Task.Run(() => AppendAsync(store, thing, i))));

        var after = await store.GetAsync(thing);
        ((string)after["who"]!).Split(' ').Skip(1).Select(w => int.Parse(w, CultureInfo.InvariantCulture)).Order().ShouldBe(Enumerable.Range(0, Writers));
        after.Version.ShouldBe(Writers + 1);
        (await store.HistoryAsync(thing)).Select(e => e.Version).ShouldBe(Enumerable.Range(1, Writers + 1).Reverse().Select(v => (long)v));
    }

    /// <summary>Reads, adds itself, writes with the version that was read; whoever was too late does it again.</summary>
    private static async Task AppendAsync(TestStore store, Record thing, int writer)
    {
        while (true)
        {
            var seen = await store.GetAsync(thing);
            try
            {
                await store.UpdateAsync(thing, $$"""{"who": "{{seen["who"]}} {{writer}}"}""", seen.Version);
                return;
            }
            catch (ProblemException refusal) when (refusal.Kind == ProblemKind.VersionConflict)
            {
                // Somebody else was faster.
            }
        }
    }

    [Fact]
    public async Task Numbers_given_to_many_writers_have_no_gaps_although_some_are_refused()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "number", "type": "autonumber", "pattern": "{0000}"}, {"name": "name", "type": "text", "required": true, "unique": true}""");

        var made = await Task.WhenAll(Enumerable.Range(0, Writers).Select(i => Task.Run(async () =>
        {
            // Every fourth is refused: its name is taken or missing.
            var json = (i % 8) switch { 0 => "{}", 4 => """{"name": "taken"}""", _ => $$"""{"name": "n{{i}}"}""" };
            return await store.WriteAsync(atomic: false, store.Creation("thing", json));
        })));

        var numbers = made.SelectMany(m => m).Where(c => !c.Failed).Select(c => int.Parse((string)c.After!["number"]!, CultureInfo.InvariantCulture)).Order().ToList();
        numbers.ShouldBe(Enumerable.Range(1, numbers.Count));
        numbers.Count.ShouldBe((Writers / 8 * 6) + 1);
    }
}
