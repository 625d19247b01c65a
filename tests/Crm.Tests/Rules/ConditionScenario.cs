using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Crm.Tests.Rules;

/// <summary>A condition as JSON with the smaller ones that it is made of, which is how a failing one shrinks.</summary>
internal sealed record ConditionTree(string Json, IReadOnlyList<ConditionTree> Parts)
{
    public override string ToString() => Json;
}

/// <summary>Random conditions over the entity of <see cref="ConditionRows"/>; values come from the same small pools, so that they often hit.</summary>
internal static class ConditionScenario
{
    private static readonly (string Field, string Kind)[] Fields =
    [
        ("name", "text"), ("notes", "text"), ("mail", "text"), ("stage", "choice"), ("size", "integer"), ("rate", "decimal"), ("share", "decimal"), ("fine", "decimal"), ("price", "money"),
        ("active", "boolean"), ("day", "date"), ("until", "date"), ("moment", "moment"), ("owner", "owner"), ("owner.owner", "owner"), ("owner.unit", "unit"), ("owner.unit.name", "text"), ("parent.owner.name", "text"), ("unit", "unit"), ("parent", "parent"), ("id", "parent"), ("parent.parent", "parent"), ("created_at", "moment"),
        ("parent.name", "text"), ("parent.size", "integer"), ("parent.rate", "decimal"), ("parent.parent.day", "date"), ("parent.price", "money"), ("owner.name", "text"), ("parent.stage", "choice"),
        ("tags", "tags"), ("areas", "areas"), ("mails", "mails"), ("phone", "phone"), ("phones", "phones"), ("at", "time"), ("spent", "duration"), ("stars", "rating"), ("ink", "color"), ("code", "text"),
        ("home.city", "city"), ("home.country", "country"), ("home", "address"), ("place.lat", "decimal"), ("place.lon", "decimal"), ("fee", "fee"), ("fee.currency", "currency"), ("fee.converted", "decimal"),
        ("body", "rich"), ("text", "text"), ("data", "json"), ("parent.tags", "tags"), ("parent.fee", "fee"), ("parent.home.city", "city"), ("parent.phones", "phones"),
        ("about", "any"), ("other", "any"), ("parent.about", "any"),
    ];

    private static readonly string[] Spans = ["today", "yesterday", "tomorrow", "last7days", "next30days", "thisWeek", "lastWeek", "thisMonth", "nextMonth", "thisQuarter", "lastYear", "last2weeks", "next3months", "last1months", "last2quarters", "next5years"];

    private static readonly string[] HourSpans = [.. Spans, "last12hours", "next36hours", "last1hours"];

    public static Arbitrary<ConditionTree> Trees { get; } = Arb.From(Gen.Sized(size => Tree(Math.Min(size / 12, 4))), Shrink);

    private static Gen<ConditionTree> Tree(int depth) => depth == 0
        ? Leaf()
        : Gen.Frequency(
            (3, Leaf()),
            (2, Branch("all", depth)),
            (2, Branch("any", depth)),
            (2, Tree(depth - 1).Select(inner => new ConditionTree($$"""{"not": {{inner.Json}}}""", [inner]))));

    private static Gen<ConditionTree> Branch(string word, int depth) =>
        from count in Gen.Choose(0, 3)
        from parts in Tree(depth - 1).ListOf(count)
        select new ConditionTree($$"""{"{{word}}": [{{string.Join(", ", parts.Select(p => p.Json))}}]}""", [.. parts]);

    private static Gen<ConditionTree> Leaf() =>
        from field in Gen.Elements(Fields)
        from json in Leaf(field.Field, field.Kind)
        select new ConditionTree(json, []);

    private static Gen<string> Leaf(string field, string kind)
    {
        if (kind is "tags" or "areas" or "mails" or "phones" or "address" or "rich")
        {
            return MemberLeaf(field, kind);
        }
        var value = Gen.Elements(ConditionRows.Pool(kind).Append("null").ToArray());
        var others = Fields.Where(f => f.Kind == kind && f.Field != field).Select(f => $$"""{"field": "{{f.Field}}"}""").ToArray();
        var operand = others.Length == 0 ? value : Gen.Frequency((4, value), (1, Gen.Elements(others)));
        var variable = Gen.Elements(kind switch { "owner" => new[] { "me" }, "unit" => ["myUnit"], "date" or "moment" => ["now", "today"], _ => ["none"] }).Select(v => $$"""{"var": "{{v}}"}""");
        var single = kind is "owner" or "unit" or "date" or "moment" ? Gen.Frequency((3, operand), (1, variable)) : operand;
        List<Gen<string>> leaves = [With(Gen.Elements("eq", "ne"), single), Gen.Elements("isNull", "notNull").Select(op => $$"""{"field": "{{field}}", "op": "{{op}}"}""")];
        if (kind is "phone" or "city")
        {
            leaves.Add(With(Gen.Elements("contains", "startsWith", "endsWith"), Gen.Frequency((3, value), (1, operand))));
        }
        if (kind is "fee")
        {
            leaves.Add(With(Gen.Elements("lt", "le", "gt", "ge"), Gen.Elements(ConditionRows.Pool("fee order").ToArray())));
            leaves.Add(With(Gen.Constant("between"), List(Gen.Elements(ConditionRows.Pool("fee order").ToArray()), 2, 2)));
        }
        if (kind is not "boolean" and not "json")
        {
            var listed = kind is "owner" or "unit" or "date" or "moment" ? Gen.Frequency((4, value), (1, variable)) : value;
            leaves.Add(With(Gen.Elements("in", "notIn"), List(listed, 0, 4)));
        }
        if (kind is "text")
        {
            leaves.Add(With(Gen.Elements("contains", "startsWith", "endsWith"), Gen.Frequency((3, value), (1, operand), (3, Gen.Elements(ConditionRows.Snippets)))));
        }
        if (kind is "text")
        {
            var words = from some in Gen.Elements(ConditionRows.Pool("text").Concat(ConditionRows.Snippets).ToArray()).ListOf(2) select JsonSerializer.Serialize(string.Join(' ', some.Select(s => JsonSerializer.Deserialize<string>(s))));
            leaves.Add(With(Gen.Constant("matches"), words));
        }
        if (kind is "owner")
        {
            leaves.Add(With(Gen.Elements("in", "notIn"), Gen.Elements("""{"var": "mySubordinates"}""", """[{"var": "mySubordinates"}, {"var": "me"}]""", """{"var": "myTeams"}""")));
        }
        if (kind is "parent")
        {
            leaves.Add(With(Gen.Constant("under"), Gen.Frequency((3, value), (1, List(value, 0, 3)))));
        }
        if (kind is "text" or "integer" or "decimal" or "money" or "date" or "moment" or "time" or "duration" or "rating" or "city" or "phone")
        {
            leaves.Add(With(Gen.Elements("lt", "le", "gt", "ge"), single));
            leaves.Add(With(Gen.Constant("between"), List(kind is "date" or "moment" ? Gen.Frequency((3, value), (1, variable)) : value, 2, 2)));
        }
        if (kind is "date" or "moment")
        {
            leaves.Add(With(Gen.Constant("within"), Gen.Elements(kind is "date" ? Spans : HourSpans).Select(s => JsonSerializer.Serialize(s))));
        }
        return Gen.OneOf(leaves);

        Gen<string> With(Gen<string> op, Gen<string> operands) => op.SelectMany(o => operands.Select(v => $$"""{"field": "{{field}}", "op": "{{o}}", "value": {{v}}}"""));
    }

    /// <summary>Lists are asked for members; with what a whole list compares depends on its kind.</summary>
    private static Gen<string> MemberLeaf(string field, string kind)
    {
        if (kind is "address" or "rich")
        {
            var words = Gen.Elements(ConditionRows.Pool(kind == "rich" ? "text" : "city").Concat(ConditionRows.Snippets).Append("null").ToArray());
            return Gen.OneOf(words.Select(w => $$"""{"field": "{{field}}", "op": "contains", "value": {{w}}}"""), Gen.Elements("isNull", "notNull").Select(op => $$"""{"field": "{{field}}", "op": "{{op}}"}"""));
        }
        var member = Gen.Elements(ConditionRows.Pool(kind + " member").Append("null").ToArray());
        var equal = kind is "tags" or "areas" ? Gen.Elements(ConditionRows.Pool(kind).Append("null").ToArray()) : member;
        return Gen.OneOf(
            member.Select(v => $$"""{"field": "{{field}}", "op": "contains", "value": {{v}}}"""),
            from op in Gen.Elements("in", "notIn") from list in List(member, 0, 3) select $$"""{"field": "{{field}}", "op": "{{op}}", "value": {{list}}}""",
            from op in Gen.Elements("eq", "ne") from v in equal select $$"""{"field": "{{field}}", "op": "{{op}}", "value": {{v}}}""",
            Gen.Elements("isNull", "notNull").Select(op => $$"""{"field": "{{field}}", "op": "{{op}}"}"""));
    }

    private static Gen<string> List(Gen<string> value, int least, int most) =>
        from count in Gen.Choose(least, most)
        from values in value.ListOf(count)
        select $"[{string.Join(", ", values)}]";

    private static IEnumerable<ConditionTree> Shrink(ConditionTree tree) => tree.Parts;
}
