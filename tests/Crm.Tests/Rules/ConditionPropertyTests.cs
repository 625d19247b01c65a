using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Databases;
using Crm.Tests.Records;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace Crm.Tests.Rules;

/// <summary>
/// One condition, two back-ends, one meaning: what SQL selects is what evaluation in memory selects, and <c>not</c> selects the rest.
/// A failure prints the seed with which FsCheck repeats it, and the smallest condition that shows it.
/// </summary>
public sealed class ConditionPropertyTests
{
    private const int Rows = 150, Conditions = 300;

    [Theory]
    [InlineData(1, "UTC")]
    [InlineData(2, "Asia/Shanghai")]
    [InlineData(3, "America/New_York")]
    public async Task Sql_selects_what_evaluation_selects_and_not_selects_the_rest(int seed, string zone)
    {
        var (store, records) = await ConditionRows.FillAsync(seed, Rows);
        await using var opened = store;
        var related = new RelatedRecords();
        foreach (var record in records.Concat(await RelatedAsync(store)))
        {
            related.Add(record.Entity, record.Id, record);
        }
        var actor = new Actor(ConditionRows.People[0], "Ada", ConditionRows.People[1], [Actor.Everyone], null, TimeZoneInfo.FindSystemTimeZoneById(zone))
        {
            Subordinates = [ConditionRows.People[1], ConditionRows.People[2]],
            Teams = [ConditionRows.Teams[0]],
        };

        Check.One(Rounds.Of(Conditions).WithEndSize(60), Prop.ForAll(ConditionScenario.Trees, Agree));

        void Agree(ConditionTree tree)
        {
            var condition = ConditionReader.Read(tree.Json, store["thing"]);
            var expected = records.Where(r => ConditionEvaluator.Holds(condition, path => related.Read(r, path), actor.ScopeAt(store.Clock.GetUtcNow()))).Select(r => r.Id).ToHashSet();

            var (selected, rest) = (Select(condition), Select(new Not(condition)));

            selected.ShouldBe(expected, ignoreOrder: true, $"{tree}");
            rest.ShouldBe(records.Select(r => r.Id).Where(id => !expected.Contains(id)), ignoreOrder: true, $"not {tree}");
        }

        // The database is a file beside the test and answers at once; FsCheck's properties are synchronous.
        IEnumerable<Guid> Select(Condition condition) =>
            [.. store.Store.QueryAsync(new(store["thing"]) { Filter = condition, Fields = [], Limit = Rows }, actor, TestContext.Current.CancellationToken).GetAwaiter().GetResult().Items.Select(i => i.Id)];
    }

    [Fact]
    public async Task A_tree_that_runs_in_a_circle_ends_where_it_began()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}, {"name": "parent", "type": "lookup", "target": "thing"}""");
        var a = await store.CreateAsync("thing", """{"name": "a"}""");
        var b = await store.CreateAsync("thing", $$"""{"name": "b", "parent": "{{a.Id}}"}""");
        await store.CreateAsync("thing", $$"""{"name": "c", "parent": "{{b.Id}}"}""");
        await store.CreateAsync("thing", """{"name": "d"}""");
        await store.UpdateAsync(a, $$"""{"parent": "{{b.Id}}"}""");

        (await store.NamesAsync("thing", $$"""{"field": "id", "op": "under", "value": "{{b.Id}}"}""", sort: "name")).ShouldBe(["a", "b", "c"]);
        (await store.NamesAsync("thing", $$$"""{"not": {"field": "parent", "op": "under", "value": "{{{b.Id}}}"}}""", sort: "name")).ShouldBe(["d"]);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Sql_sorts_every_field_as_its_type_compares(int seed)
    {
        var (store, records) = await ConditionRows.FillAsync(seed, Rows);
        await using var opened = store;
        foreach (var field in store["thing"].Fields.Where(f => f.IsStored && f.Type.IsSortable && f.Name != "deleted_at"))
        {
            var upwards = records
                .OrderBy(r => r[field] is null)
                .ThenBy(r => r[field], Comparer<object?>.Create((l, r) => l is null || r is null ? 0 : field.Type.Compare(l, r)))
                .ThenBy(r => r.Id)
                .Select(r => r.Id).ToList();

            (await store.QueryAsync("thing", sort: field.Name)).Items.Select(i => i.Id).ShouldBe(upwards, $"{field}, seed {seed}");
            (await store.QueryAsync("thing", sort: "-" + field.Name)).Items.Select(i => i.Id).ShouldBe(Enumerable.Reverse(upwards), $"-{field}, seed {seed}");
        }
    }

    [Fact, NoDatabase]
    public void Folding_what_is_folded_changes_nothing() =>
        Check.One(
            Rounds.Of(3_000),
            Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), text => Folding.Fold(Folding.Fold(text.Get)) == Folding.Fold(text.Get)));

    [Fact, NoDatabase]
    public void Folding_one_letter_twice_is_folding_it_once() =>
        Enumerable.Range(1, 0x1FFFF).Where(System.Text.Rune.IsValid).Select(c => new System.Text.Rune(c).ToString())
            .Where(letter => Folding.Fold(Folding.Fold(letter)) != Folding.Fold(letter))
            .Select(letter => $"U+{char.ConvertToUtf32(letter, 0):X4}").ShouldBeEmpty();

    private static async Task<IEnumerable<Record>> RelatedAsync(TestStore store)
    {
        var found = new List<Record>();
        foreach (var (entity, id) in ConditionRows.People.SelectMany(id => new[] { ("user", id), ("unit", id) }).Concat(ConditionRows.Teams.Select(id => ("team", id))))
        {
            found.Add(await store.Store.GetAsync(store[entity], id, Actor.Platform));
        }
        return found;
    }
}
