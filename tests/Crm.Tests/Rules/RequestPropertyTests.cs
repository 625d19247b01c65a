using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Records;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace Crm.Tests.Rules;

/// <summary>
/// Conditions of fields are asked before a request is written, about what will be after it. Whatever the request writes (records, rows, links, moves from one to
/// another, deletions with all that follows), they hold for those records that SQL selects when everything is written, and before it for those that SQL selects then.
/// </summary>
public sealed class RequestPropertyTests
{
    private const int Requests = 200;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_is_foreseen_before_a_request_is_written_is_what_sql_selects_after_it(int seed)
    {
        var (store, live) = await CollectionScenario.FillAsync(seed);
        await using var opened = store;
        var bin = (await store.QueryAsync(new(store["line"]) { Deleted = true, Fields = [], Limit = 1000 })).Items.Select(i => i.Id).ToList();
        var foresight = new Foresight(store["thing"]);
        var records = new RecordStore(store.Database, new WritePath(new(store.Model), store.Database, store.Ids, store.Clock, store.Feed, store.Outbox, new ReversedSecrets(), [foresight, new Sight(foresight)]), store.Clock);
        var written = 0;

        var trees = new CollectionConditions().Trees;
        var cases = Arb.From(trees.Generator.Zip(Gen.Choose(0, int.MaxValue)), c => trees.Shrinker(c.Item1).Select(tree => (tree, c.Item2)));
        Check.One(Rounds.Of(Requests).WithStartSize(10).WithEndSize(60), Prop.ForAll(cases, c => Agree(c.Item1, new Random(c.Item2))));

        written.ShouldBeGreaterThan(Requests / 2, "most requests are not refused");

        void Agree(ConditionTree tree, Random dice)
        {
            foresight.Condition = ConditionReader.Read(tree.Json, store["thing"]);
            var request = new WriteRequest(Actor.Platform, Door.Api, [.. RandomChanges.Of(store, live, bin, dice)]) { DryRun = true };
            try
            {
                records.WriteAsync(request, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
            }
            catch (ProblemException)
            {
                // A random request may be refused, such as one that points to what it deletes.
                return;
            }
            written++;
            var asked = string.Join("; ", request.Changes.Select(c => $"{c.Kind} {c.Entity} {c.Id:N} {string.Join(", ", c.Values.Select(v => $"{v.Field.Name}={(v.Value is null ? "" : v.Field.Type.ToText(v.Value, System.Globalization.CultureInfo.InvariantCulture))}"))}"));
            foresight.Before.ShouldBe(foresight.StoredBefore, ignoreOrder: true, $"before: {tree} for {asked}");
            foresight.After.ShouldBe(foresight.StoredAfter, ignoreOrder: true, $"after: {tree} for {asked}");
        }
    }

    /// <summary>At the place where requests are valid by themselves: asks in memory what is and what will be, and SQL what is.</summary>
    private sealed class Foresight(Entity thing) : IWriteExtension
    {
        public WriteSlot Slot => WriteSlot.Gates;

        public Entity Thing => thing;

        public Condition Condition { get; set; } = Condition.Always;

        public List<Guid> Before { get; private set; } = [];

        public HashSet<Guid> StoredBefore { get; private set; } = [];

        public List<Guid> After { get; private set; } = [];

        public HashSet<Guid> StoredAfter { get; set; } = [];

        public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
        {
            var all = (await batch.Session.QueryAsync("SELECT \"id\" FROM \"thing\" WHERE \"deleted_at\" IS NULL", [], row => row.Uuid(0)!.Value, cancellationToken)).ToHashSet();
            var loaded = await EntityTable.Of(thing).LoadAsync(batch.Session, [.. all], cancellationToken);
            var stored = new RelatedRecords();
            var toBe = new BatchRecords(batch, stored);
            var changed = batch.Pending.Where(c => c.Entity == thing).GroupBy(c => c.Id).Select(g => g.Last()).ToList();
            var remaining = all.Concat(changed.Where(c => c.Kind != ChangeKind.Delete).Select(c => c.Id)).Except(changed.Where(c => c.Kind == ChangeKind.Delete).Select(c => c.Id)).Distinct();
            Before = await HoldingAsync(batch, stored, [.. loaded.Values.Select(r => stored.Of(r.Id, r))], cancellationToken);
            After = await HoldingAsync(batch, toBe, [.. remaining.Select(id => toBe.Of(id, toBe.Find(thing, id) ?? loaded[id]))], cancellationToken);
            StoredBefore = await StoredAsync(batch, cancellationToken);
        }

        public async Task<HashSet<Guid>> StoredAsync(WriteBatch batch, CancellationToken cancellationToken)
        {
            var all = await batch.Session.QueryAsync("SELECT \"id\" FROM \"thing\" WHERE \"deleted_at\" IS NULL", [], row => row.Uuid(0)!.Value, cancellationToken);
            return await EntityTable.Of(thing).FittingAsync(batch.Session, batch.Dialect, Condition, batch.Request.Actor.ScopeAt(batch.Now), all, cancellationToken);
        }

        private async Task<List<Guid>> HoldingAsync(WriteBatch batch, RelatedRecords among, IReadOnlyList<KnownRecord> records, CancellationToken cancellationToken)
        {
            var scope = batch.Request.Actor.ScopeAt(batch.Now);
            await new RelatedReader(batch.Session, batch.Dialect, scope).AddAsync(among, records, [Condition], cancellationToken);
            return [.. records.Where(r => ConditionEvaluator.Holds(Condition, r, scope)).Select(r => r.Id)];
        }
    }

    /// <summary>Once everything is written: asks SQL.</summary>
    private sealed class Sight(Foresight foresight) : IWriteExtension
    {
        public WriteSlot Slot => WriteSlot.Saved;

        public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken) => foresight.StoredAfter = await foresight.StoredAsync(batch, cancellationToken);
    }
}

/// <summary>Random requests over the records of <see cref="CollectionScenario"/>.</summary>
internal sealed class RandomChanges
{
    private readonly TestStore _store;
    private readonly Random _dice;
    private readonly List<Guid> _things;
    private readonly List<Record> _lines;

    private RandomChanges(TestStore store, IReadOnlyList<Record> live, Random dice)
    {
        (_store, _dice) = (store, dice);
        _things = [.. live.Where(r => r.Entity == store["thing"]).Select(r => r.Id)];
        _lines = [.. live.Where(r => r.Entity == store["line"])];
    }

    /// <summary>One to six changes of different records; later ones may point to what earlier ones make.</summary>
    public static IEnumerable<RecordChange> Of(TestStore store, IReadOnlyList<Record> live, IReadOnlyList<Guid> bin, Random dice)
    {
        var (random, touched) = (new RandomChanges(store, live, dice), new HashSet<Guid>());
        for (var left = dice.Next(6); left >= 0; left--)
        {
            var (thing, line, deleted) = (random.Any(random._things), random._lines[dice.Next(random._lines.Count)].Id, bin[dice.Next(bin.Count)]);
            switch (dice.Next(10))
            {
                case 0 or 1:
                    var made = store.Ids.Next();
                    yield return store.Creation("thing", random.Thing(isNew: true), made);
                    random._things.Add(made);
                    break;
                case 2:
                    yield return store.Creation("line", random.Line(whole: true));
                    break;
                case 3 or 4 or 5 when live.Any(r => r.Id == thing) && touched.Add(thing):
                    yield return RecordChange.Update(store["thing"], thing, store.Values("thing", random.Thing(isNew: false, thing)), null);
                    break;
                case 6 when touched.Add(line):
                    yield return RecordChange.Update(store["line"], line, store.Values("line", random.Line(whole: false)), null);
                    break;
                case 7 when touched.Add(line):
                    yield return RecordChange.Delete(store["line"], line);
                    break;
                case 8 when live.Any(r => r.Id == thing) && touched.Add(thing):
                    yield return RecordChange.Delete(store["thing"], thing);
                    break;
                case 9 when touched.Add(deleted):
                    yield return RecordChange.Restore(store["line"], deleted);
                    break;
            }
        }
    }

    private Guid Any(List<Guid> ids) => ids[_dice.Next(ids.Count)];

    private string Thing(bool isNew, Guid id = default)
    {
        var members = new List<string>();
        Add(members, 2, "name", Text());
        Add(members, 2, "size", Size());
        Add(members, 2, "parent", _dice.Next(4) == 0 ? "null" : $"\"{Any(_things)}\"");
        Add(members, 2, "friends", $"[{string.Join(", ", Enumerable.Range(0, _dice.Next(3)).Select(_ => Any(_things)).Distinct().Select(f => $$"""{"id": "{{f}}", "role": {{Text()}}}"""))}]");
        var own = _lines.Where(l => Equals(l["thing"], id)).Select(l => l.Id).ToList();
        var rows = string.Join(", ", own.Where(_ => _dice.Next(2) == 0).Select(row => $$"""{"id": "{{row}}", "size": {{Size()}}}""").Concat(Enumerable.Range(0, _dice.Next(3)).Select(_ => Row())));
        Add(members, 2, "lines", isNew || _dice.Next(2) == 0 ? $"[{rows}]" : $$"""{"set": [{{rows}}], "remove": [{{string.Join(", ", own.Where(row => !rows.Contains(row.ToString(), StringComparison.Ordinal) && _dice.Next(2) == 0).Select(row => $"\"{row}\""))}}]}""");
        return $"{{{string.Join(", ", members)}}}";
    }

    private string Row() => $$"""{"name": {{Text()}}, "size": {{Size()}}, "about": {{About()}}}""";

    private string Line(bool whole)
    {
        var members = new List<string>();
        Add(members, whole ? 1 : 2, "thing", $"\"{Any(_things)}\"");
        Add(members, 2, "size", Size());
        Add(members, 2, "name", Text());
        Add(members, 3, "day", $"\"{CollectionScenario.Days[_dice.Next(CollectionScenario.Days.Length)]}\"");
        Add(members, 2, "about", About());
        return $"{{{string.Join(", ", members)}}}";
    }

    private void Add(List<string> members, int oneIn, string name, string value)
    {
        if (_dice.Next(oneIn) == 0)
        {
            members.Add($"\"{name}\": {value}");
        }
    }

    private string About() => _dice.Next(2) == 0 ? "null" : $$"""{"entity": "thing", "id": "{{Any(_things)}}"}""";

    private string Text() => _dice.Next(4) == 0 ? "null" : JsonSerializer.Serialize(CollectionScenario.Names[_dice.Next(CollectionScenario.Names.Length)]);

    private string Size() => _dice.Next(4) == 0 ? "null" : _dice.Next(-1, 4).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
