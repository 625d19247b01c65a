using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Records;
using Crm.Ui.Records;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace Crm.Tests.Rules;

/// <summary>What a form says of a condition while a record with its rows and links is typed is what SQL says of the record once it is saved as it was typed.</summary>
public sealed class DraftPropertyTests
{
    private const int Drafts = 200;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task A_form_says_what_sql_says_once_it_is_saved(int seed, bool isNew)
    {
        var (store, live) = await CollectionScenario.FillAsync(seed);
        await using var opened = store;
        var (thing, line) = (store["thing"], store["line"]);
        List<Record> things = [.. live.Where(r => r.Entity == thing)];
        var sight = new Sight();
        var records = new RecordStore(store.Database, new WritePath(new(store.Model), store.Database, store.Ids, store.Clock, store.Feed, store.Outbox, new ReversedSecrets(), [sight]), store.Clock);
        var scope = Actor.Platform.ScopeAt(store.Clock.GetUtcNow());

        // What is not stored yet has no id that could be asked for; rows that point to others than their own record are known once they are saved.
        var trees = new CollectionConditions(fields: f => !isNew || f != "id", paths: p => p != "line.about").Trees;
        var cases = Arb.From(trees.Generator.Zip(Gen.Choose(0, int.MaxValue)), c => trees.Shrinker(c.Item1).Select(tree => (tree, c.Item2)));
        Check.One(Rounds.Of(Drafts).WithStartSize(10).WithEndSize(60), Prop.ForAll(cases, c => Agree(c.Item1, new Random(c.Item2)).GetAwaiter().GetResult()));

        async Task Agree(ConditionTree tree, Random dice)
        {
            var condition = ConditionReader.Read(tree.Json, thing);
            var record = isNew ? new Record(thing) : things[dice.Next(things.Count)];
            var draft = new RecordDraft(record, new Dictionary<string, string>(), isNew) { Scope = scope };
            Type(draft, dice);
            await using (var session = await store.Database.ReadAsync(TestContext.Current.CancellationToken))
            {
                await new RelatedReader(session, store.Database.Dialect, scope).AddAsync(draft.Seen[0].Among, [draft.Seen[0]], [condition], TestContext.Current.CancellationToken);
            }
            var said = ConditionEvaluator.Holds(condition, draft.Seen[0], scope);

            sight.Condition = condition;
            var change = isNew ? RecordChange.Create(thing, draft.Values) : RecordChange.Update(thing, record.Id, draft.Values, record.Version);
            await records.WriteAsync(new(Actor.Platform, Door.Form, [change]) { DryRun = true }, TestContext.Current.CancellationToken);
            said.ShouldBe(sight.Holds, $"{tree} for {string.Join(", ", thing.OwnFields.Select(f => $"{f.Name}={(draft.Current[f] is { } value ? f.Type.ToText(value, System.Globalization.CultureInfo.InvariantCulture) : "")}"))} of {record.Id}");
        }

        void Type(RecordDraft draft, Random dice)
        {
            Maybe(() => draft.Set(thing["name"], new(Text(dice))));
            Maybe(() => draft.Set(thing["size"], new(Size(dice))));
            Maybe(() => draft.Set(thing["parent"], new(dice.Next(4) == 0 ? null : things[dice.Next(things.Count)].Id)));
            Maybe(() => draft.Set(thing["lines"], new(Entries(draft, "lines", () => new(Guid.Empty, [new(line["name"], Text(dice)), new(line["size"], Size(dice))]), i => i with { Values = [.. i.Values.Select(v => v.Key.Name == "size" ? new(v.Key, Size(dice)) : v)] }))));
            var role = ((CollectionFieldType)thing["friends"].Type).Child["role"];
            Maybe(() => draft.Set(thing["friends"], new(Entries(draft, "friends", () => new(things[dice.Next(things.Count)].Id, [new(role, Text(dice))]), i => i with { Values = [new(role, Text(dice))] }))));

            void Maybe(Action set)
            {
                if (dice.Next(2) == 0)
                {
                    set();
                }
            }

            ItemList? Entries(RecordDraft of, string field, Func<Item> make, Func<Item, Item> change)
            {
                var kept = ((of.Current[field] as ItemList)?.Items ?? []).Where(_ => dice.Next(3) > 0).Select(i => dice.Next(2) == 0 ? i : change(i));
                List<Item> items = [.. kept.Concat(Enumerable.Range(0, dice.Next(3)).Select(_ => make())).GroupBy(i => i.Id).SelectMany(g => g.Key == Guid.Empty ? g.AsEnumerable() : [g.First()])];
                return items.Count == 0 ? null : ItemList.Whole(items);
            }
        }

        static string? Text(Random dice) => dice.Next(4) == 0 ? null : CollectionScenario.Names[dice.Next(CollectionScenario.Names.Length)] is { Length: > 0 } text ? text : null;

        static object? Size(Random dice) => dice.Next(4) == 0 ? null : (long)dice.Next(-1, 4);
    }

    /// <summary>Once everything is written: asks SQL about the first record of the request.</summary>
    private sealed class Sight : IWriteExtension
    {
        public WriteSlot Slot => WriteSlot.Saved;

        public Condition Condition { get; set; } = Condition.Always;

        public bool Holds { get; private set; }

        public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
        {
            var change = batch.Request.Changes[0];
            Holds = (await EntityTable.Of(change.Entity).FittingAsync(batch.Session, batch.Dialect, Condition, batch.Request.Actor.ScopeAt(batch.Now), [change.Id], cancellationToken)).Count == 1;
        }
    }
}
