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
/// Conditions that reach into rows, links and what points to a record, at any depth: what SQL selects is what evaluation in memory selects, and <c>not</c>
/// selects the rest. Some of the records that would decide lie in the recycle bin.
/// </summary>
public sealed class CollectionPropertyTests
{
    private const int Things = 40, Conditions = 250;

    private static readonly string[] Names = ["Acme", "acme", "ACMÉ", "Straße", "客户", "a_b", ""];

    private static readonly string[] Days = ["2026-03-17", "2026-03-18", "2026-04-01"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Sql_selects_what_evaluation_selects_among_records_that_belong_together(int seed)
    {
        var (store, all) = await FillAsync(seed);
        await using var opened = store;
        var things = all.Where(r => r.Entity == store["thing"]).ToList();
        var byId = all.ToDictionary(r => (r.Entity, r.Id));
        var scope = Actor.Platform.ScopeAt(store.Clock.GetUtcNow());

        Check.One(Rounds.Of(Conditions).WithEndSize(60), Prop.ForAll(Arb.From(Gen.Sized(size => Tree("thing", Math.Min(size / 15, 3))), tree => tree.Parts), Agree));

        void Agree(ConditionTree tree)
        {
            var condition = ConditionReader.Read(tree.Json, store["thing"]);
            var expected = things.Where(r => ConditionEvaluator.Holds(condition, new Subject(r, byId), scope)).Select(r => r.Id).ToHashSet();

            Select(condition).ShouldBe(expected, ignoreOrder: true, $"{tree}");
            Select(new Not(condition)).ShouldBe(things.Select(r => r.Id).Where(id => !expected.Contains(id)), ignoreOrder: true, $"not {tree}");
        }

        IEnumerable<Guid> Select(Condition condition) =>
            [.. store.Store.QueryAsync(new(store["thing"]) { Filter = condition, Fields = [], Limit = 1000 }, Actor.Platform, TestContext.Current.CancellationToken).GetAwaiter().GetResult().Items.Select(i => i.Id)];
    }

    /// <summary>A condition over an entity; those over several records carry the one over each as a part of its own only where it could stand alone.</summary>
    private static Gen<ConditionTree> Tree(string entity, int depth) => depth == 0
        ? Leaf(entity)
        : Gen.Frequency((2, Leaf(entity)), (4, Children(entity, depth)), (1, Branch(entity, "all", depth)), (1, Branch(entity, "any", depth)), (1, Tree(entity, depth - 1).Select(t => new ConditionTree($$"""{"not": {{t.Json}}}""", [t]))));

    private static Gen<ConditionTree> Branch(string entity, string word, int depth) =>
        from count in Gen.Choose(0, 3)
        from parts in Tree(entity, depth - 1).ListOf(count)
        select new ConditionTree($$"""{"{{word}}": [{{string.Join(", ", parts.Select(p => p.Json))}}]}""", [.. parts]);

    private static Gen<ConditionTree> Children(string entity, int depth) =>
        from path in Gen.Elements(PathsFrom(entity))
        from inner in Tree(path.Child, depth - 1)
        from op in Gen.Elements("exists", "notExists")
        from bare in Gen.Elements($$"""{"field": "{{path.Path}}", "op": "isNull"}""", $$"""{"field": "{{path.Path}}", "op": "notNull"}""", $$"""{"field": "{{path.Path}}", "op": "exists"}""")
        from leaf in Leaf(path.Child)
        from json in Gen.Frequency(
            (4, Gen.Constant($$"""{"field": "{{path.Path}}", "op": "{{op}}", "value": {{inner.Json}}}""")),
            (1, Gen.Constant(bare)),
            (2, Gen.Constant($$"""{"field": "{{path.Path}}.{{leaf.Json["{'field': '".Length..]}}""")))
        select new ConditionTree(json, []);

    private static (string Path, string Child)[] PathsFrom(string entity) => entity switch
    {
        "thing" =>
        [
            ("lines", "line"), ("parent.lines", "line"), ("friends", "link"), ("parent.parent.friends", "link"), ("line.thing", "line"), ("thing.parent", "thing"), ("parent.thing.parent", "thing"), ("line.about", "line"),
        ],
        "line" => [("thing.lines", "line"), ("thing.friends", "link"), ("thing.parent.lines", "line")],
        _ => [("source.lines", "line"), ("target.friends", "link"), ("target.lines", "line")],
    };

    private static Gen<ConditionTree> Leaf(string entity)
    {
        var (texts, sizes, things, days) = entity switch
        {
            "thing" => (new[] { "name", "parent.name" }, new[] { "size", "parent.size" }, new[] { "id", "parent", "parent.parent" }, Array.Empty<string>()),
            "line" => (["name", "thing.name"], ["size", "thing.size"], ["thing"], ["day"]),
            _ => (["role", "target.name", "source.parent.name"], ["target.size"], ["target", "source"], Array.Empty<string>()),
        };
        var name = Gen.Elements(Names.Select(n => JsonSerializer.Serialize(n)).Append("null").ToArray());
        var size = Gen.Elements("-1", "0", "1", "2", "3", "null");
        var thing = Gen.Elements(Enumerable.Range(0, 8).Select(i => $"\"{Thing(i)}\"").ToArray());
        List<Gen<string>> leaves =
        [
            With(texts, Gen.Elements("eq", "ne", "contains", "startsWith", "lt"), name),
            With(sizes, Gen.Elements("eq", "ne", "gt", "le"), size),
            With(sizes, Gen.Elements("in", "notIn"), size.ListOf(2).Select(v => $"[{string.Join(", ", v)}]")),
            With(things, Gen.Elements("eq", "ne", "under"), thing),
            Gen.Elements([.. texts, .. sizes, .. things]).SelectMany(f => Gen.Elements("isNull", "notNull").Select(op => $$"""{"field": "{{f}}", "op": "{{op}}"}""")),
        ];
        if (days.Length > 0)
        {
            leaves.Add(With(days, Gen.Constant("within"), Gen.Elements("\"today\"", "\"thisMonth\"", "\"nextMonth\"")));
            leaves.Add(With(sizes, Gen.Elements("eq", "gt"), Gen.Constant("""{"field": "size"}""")));
        }
        return Gen.OneOf(leaves).Select(json => new ConditionTree(json, []));

        static Gen<string> With(string[] fields, Gen<string> op, Gen<string> value) =>
            from f in Gen.Elements(fields) from o in op from v in value select $$"""{"field": "{{f}}", "op": "{{o}}", "value": {{v}}}""";
    }

    private static Guid Thing(int number) => FieldTypeSamples.TargetId(1_000 + number);

    private static async Task<(TestStore Store, List<Record> Live)> FillAsync(int seed)
    {
        var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("thing", """
                {"name": "name", "type": "text"}, {"name": "size", "type": "integer"}, {"name": "parent", "type": "lookup", "target": "thing", "onDelete": "clear"},
                {"name": "lines", "type": "rows", "target": "line", "via": "thing"}, {"name": "friends", "type": "links", "target": "thing", "columns": [{"name": "role", "type": "text"}]}
                """)
            .WithEntity("line", """
                {"name": "thing", "type": "lookup", "target": "thing", "onDelete": "cascade"}, {"name": "name", "type": "text"}, {"name": "size", "type": "integer"}, {"name": "day", "type": "date"},
                {"name": "about", "type": "anyLookup", "targets": ["thing", "user"], "onDelete": "clear"}
                """));
        var dice = new Random(seed);
        var changes = new List<RecordChange>();
        for (var i = 0; i < Things; i++)
        {
            changes.Add(store.Creation("thing", Json(("name", Text()), ("size", Size()), ("parent", i == 0 || dice.Next(4) == 0 ? "null" : $"\"{Thing(dice.Next(i))}\"")), Thing(i)));
        }
        await store.WriteAsync(atomic: true, [.. changes]);
        var more = new List<RecordChange>();
        for (var i = 0; i < Things * 2; i++)
        {
            var about = dice.Next(2) == 0 ? "null" : $$"""{"entity": "thing", "id": "{{Thing(dice.Next(Things))}}"}""";
            more.Add(store.Creation("line", Json(("thing", $"\"{Thing(dice.Next(Things))}\""), ("name", Text()), ("size", Size()), ("day", $"\"{Days[dice.Next(Days.Length)]}\""), ("about", about))));
        }
        foreach (var change in changes)
        {
            var friends = Enumerable.Range(0, dice.Next(3)).Select(_ => dice.Next(Things)).Distinct().Select(n => $$"""{"id": "{{Thing(n)}}", "role": {{Text()}}}""");
            more.Add(RecordChange.Update(store["thing"], change.Id, store.Values("thing", $$"""{"friends": [{{string.Join(", ", friends)}}]}"""), null));
        }
        await store.WriteAsync(atomic: true, [.. more]);
        await store.WriteAsync(atomic: true, [.. changes.Where(c => dice.Next(10) == 0).Concat(more.Where(c => c.Kind == ChangeKind.Create && dice.Next(8) == 0)).Select(c => RecordChange.Delete(c.Entity, c.Id))]);
        var live = new List<Record>();
        foreach (var entity in new[] { store["thing"], store["line"], ((CollectionFieldType)store["thing"]["friends"].Type).Child })
        {
            foreach (var item in (await store.QueryAsync(new(entity) { Fields = [], Limit = 1000 })).Items)
            {
                live.Add(await store.Store.GetAsync(entity, item.Id, Actor.Platform));
            }
        }
        return (store, live);

        string Text() => dice.Next(4) == 0 ? "null" : JsonSerializer.Serialize(Names[dice.Next(Names.Length)]);

        string Size() => dice.Next(4) == 0 ? "null" : dice.Next(-1, 4).ToString(System.Globalization.CultureInfo.InvariantCulture);

        static string Json(params (string Name, string Value)[] members) => $"{{{string.Join(", ", members.Select(m => $"\"{m.Name}\": {m.Value}"))}}}";
    }

    private sealed class Subject(Record record, Dictionary<(Entity Entity, Guid Id), Record> live) : IConditionSubject
    {
        public object? Read(FieldPath path)
        {
            var at = record;
            for (var i = 0; i < path.Steps.Count - 1; i++)
            {
                if (at[path.Steps[i]] is not Guid id || !live.TryGetValue((path.Steps[i].Target!, id), out var next))
                {
                    return null;
                }
                at = next;
            }
            return at[path.Field];
        }

        public IEnumerable<IConditionSubject> Children(ChildPath path)
        {
            var to = path.Through is { } through ? Read(through) as Guid? : record.Id;
            var target = path.Through is { } lookup ? lookup.Field.Target : record.Entity;
            return live.Values.Where(r => r.Entity == path.Child && path.Parent.PointedTo(r[path.Parent]) is var (entity, id) && entity == target && id == to).Select(r => new Subject(r, live));
        }
    }
}
