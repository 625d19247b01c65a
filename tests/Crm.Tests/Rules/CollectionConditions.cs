using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Crm.Tests.Rules;

/// <summary>Random conditions over the things of <see cref="CollectionScenario"/>, which reach from one record to others at any depth.</summary>
/// <param name="fields">Which fields they may read; all if null.</param>
/// <param name="paths">Which ways to lists they may go; all if null.</param>
internal sealed class CollectionConditions(Func<string, bool>? fields = null, Func<string, bool>? paths = null)
{
    public Arbitrary<ConditionTree> Trees => Arb.From(Gen.Sized(size => Tree("thing", Math.Min(size / 15, 3))), tree => tree.Parts);

    /// <summary>A condition over an entity; those over several records carry the one over each as a part of its own only where it could stand alone.</summary>
    private Gen<ConditionTree> Tree(string entity, int depth) => depth == 0
        ? Leaf(entity)
        : Gen.Frequency((2, Leaf(entity)), (4, Children(entity, depth)), (1, Branch(entity, "all", depth)), (1, Branch(entity, "any", depth)), (1, Tree(entity, depth - 1).Select(t => new ConditionTree($$"""{"not": {{t.Json}}}""", [t]))));

    private Gen<ConditionTree> Branch(string entity, string word, int depth) =>
        from count in Gen.Choose(0, 3)
        from parts in Tree(entity, depth - 1).ListOf(count)
        select new ConditionTree($$"""{"{{word}}": [{{string.Join(", ", parts.Select(p => p.Json))}}]}""", [.. parts]);

    private Gen<ConditionTree> Children(string entity, int depth) =>
        from path in Gen.Elements(PathsFrom(entity).Where(p => paths?.Invoke(p.Path) != false).ToArray())
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

    private Gen<ConditionTree> Leaf(string entity)
    {
        var (texts, sizes, things, days) = entity switch
        {
            "thing" => (Allowed("name", "parent.name"), Allowed("size", "parent.size"), Allowed("id", "parent", "parent.parent"), Array.Empty<string>()),
            "line" => (Allowed("name", "thing.name"), Allowed("size", "thing.size"), Allowed("thing"), Allowed("day")),
            _ => (Allowed("role", "target.name", "source.parent.name"), Allowed("target.size"), Allowed("target", "source"), Array.Empty<string>()),
        };
        var name = Gen.Elements(CollectionScenario.Names.Select(n => JsonSerializer.Serialize(n)).Append("null").ToArray());
        var size = Gen.Elements("-1", "0", "1", "2", "3", "null");
        var thing = Gen.Elements(Enumerable.Range(0, 8).Select(i => $"\"{CollectionScenario.Thing(i)}\"").ToArray());
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
            leaves.Add(With(sizes, Gen.Elements("eq", "gt"), Gen.Elements("""{"field": "size"}""", """{"field": "thing.size"}""")));
        }
        return Gen.OneOf(leaves).Select(json => new ConditionTree(json, []));

        string[] Allowed(params string[] names) => [.. names.Where(n => fields?.Invoke(n) != false)];

        static Gen<string> With(string[] fields, Gen<string> op, Gen<string> value) =>
            from f in Gen.Elements(fields) from o in op from v in value select $$"""{"field": "{{f}}", "op": "{{o}}", "value": {{v}}}""";
    }
}
