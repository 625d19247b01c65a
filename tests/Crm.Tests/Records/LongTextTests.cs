using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>A text of a hundred thousand letters in every place that takes texts: it is kept and found, or refused in words at its field.</summary>
public sealed class LongTextTests
{
    private const int Length = 100_000;

    private const string Name = """{"name": "name", "type": "text"}""";

    /// <summary>Letters that no compression makes shorter.</summary>
    private static readonly string Long = Letters(5, Length);

    public static TheoryData<string, string, string, string?> Places { get; } = new()
    {
        { """{"name": "x", "type": "text", "maxLength": 200000}""", "", $"\"{Long}\"", null },
        { """{"name": "x", "type": "text", "maxLength": 200000, "unique": true}""", "", $"\"{Long}\"", "value.indexRoom" },
        { """{"name": "x", "type": "longText", "maxLength": 200000, "unique": true}""", "", $"\"{Long}\"", "value.indexRoom" },
        { """{"name": "x", "type": "longText", "maxLength": 200000}""", """ "unique": [["name", "x"]] """, $"\"{Long}\"", "value.indexRoom" },
        { """{"name": "x", "type": "longText", "maxLength": 200000}""", """ "indexes": [["x"]] """, $"\"{Long}\"", "value.indexRoom" },
        { """{"name": "x", "type": "longText", "maxLength": 200000}""", """ "searchFields": ["x"], "titleField": "x" """, $"\"{Long}\"", null },
        { """{"name": "x", "type": "richText", "maxLength": 200000}""", """ "searchFields": ["x"] """, $"\"{Long}\"", null },
        { """{"name": "x", "type": "markdown", "maxLength": 200000}""", """ "searchFields": ["x"] """, $"\"{Long}\"", null },
        { """{"name": "x", "type": "json", "maxLength": 200000, "unique": true}""", "", $$"""{"a": "{{Long}}"}""", "value.indexRoom" },
        { """{"name": "x", "type": "json", "maxLength": 200000}""", "", $$"""{"a": "{{Long}}"}""", null },
        { """{"name": "x", "type": "tags", "maxLength": 200000}""", """ "indexes": [["x"]], "searchFields": ["x"] """, $"[\"{Long}\"]", "value.indexRoom" },
        { """{"name": "x", "type": "url", "maxLength": 200000}""", """ "indexes": [["x"]] """, $"\"https://example.com/{Long}\"", "value.indexRoom" },
        { """{"name": "x", "type": "url", "multiple": true, "maxLength": 200000}""", """ "searchFields": ["x"] """, $"\"https://example.com/{Long}\"", null },
        { """{"name": "x", "type": "email"}""", "", $"\"{Long}@example.com\"", "value.tooLong" },
        { """{"name": "x", "type": "phone"}""", "", $"\"{Long}\"", "value.phone" },
        { """{"name": "x", "type": "multiChoice", "options": [{"value": "a"}]}""", "", $"[\"{Long}\"]", "value.choice" },
        { """{"name": "x", "type": "address"}""", "", $$"""{"city": "{{Long}}"}""", "value.tooLong" },
        { """{"name": "x", "type": "secret"}""", "", $"\"{Long}\"", "value.tooLong" },
    };

    public static TheoryData<string> Hows { get; } = [.. Enum.GetNames<MatchHow>()];

    [Theory]
    [MemberData(nameof(Places), DisableDiscoveryEnumeration = true)]
    public async Task A_text_of_any_length_is_kept_and_found_or_refused_at_its_field(string field, string more, string value, string? refusal)
    {
        await using var store = await TestStore.OpenAsync("thing", $"{Name}, {field}", more);
        // Indexes of SQLite take whatever there is.
        var isKept = refusal is null || (refusal == "value.indexRoom" && PostgresServer.Current is null);

        RecordChange[] changes;
        try
        {
            changes = [.. await store.WriteAsync(atomic: false, store.Creation("thing", $$"""{"name": "long", "x": {{value}}}"""), store.Creation("thing", """{"name": "short"}"""))];
        }
        catch (ArgumentException e)
        {
            // It was refused while it was read.
            e.Message.ShouldEndWith(refusal!);
            return;
        }

        changes[1].Failed.ShouldBeFalse("one text does not take other records along");
        changes[0].Problems.Select(p => $"{p.Field}: {p.Code}").ShouldBe(isKept ? [] : [$"x: {refusal}"]);
        (await store.CountAsync("thing")).ShouldBe(isKept ? 2 : 1);
        if (isKept)
        {
            var stored = await store.GetAsync(changes[0].After!);
            stored.Entity["x"].Type.AreEqual(stored["x"], changes[0].After!["x"]).ShouldBeTrue();
            await store.UpdateAsync(stored, """{"name": "long again"}""");
            await AskAsync(store, stored);
        }
    }

    [Theory]
    [MemberData(nameof(Hows))]
    public async Task Duplicates_are_found_by_texts_of_any_length(string how)
    {
        var word = char.ToLowerInvariant(how[0]) + how[1..];
        await using var store = await TestStore.OpenAsync(
            "thing", $$"""{{Name}}, {"name": "x", "type": "longText", "maxLength": 200000}""", $$""" "duplicates": [{"name": "same", "match": [{"field": "x", "how": "{{word}}"}], "action": "block"}] """);
        // Digits count where numbers are compared, and the end of them.
        var (one, other) = how == nameof(MatchHow.Phone) ? (new string('1', Length), new string('1', Length - 1) + "2") : (Long, Long[..^1] + "a");
        var first = await store.CreateAsync("thing", $$"""{"x": "{{one}}"}""");

        (await Refusal.OfAsync(() => store.CreateAsync("thing", $$"""{"x": "{{one}}"}"""))).ShouldBe("x: duplicate.block");
        await store.CreateAsync("thing", $$"""{"x": "{{other}}"}""");

        (await store.Duplicates.FindAsync(first.Entity, first.Id, Actor.Platform, TestContext.Current.CancellationToken)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Long_texts_that_were_stored_before_they_had_a_digest_are_found_once_they_are_made_anew()
    {
        const string Rule = "thing.same";
        await using var store = await TestStore.OpenAsync(
            "thing", $$"""{{Name}}, {"name": "x", "type": "longText", "maxLength": 200000}""", """ "duplicates": [{"name": "same", "match": [{"field": "x", "how": "exact"}]}, {"name": "name", "match": [{"field": "name", "how": "exact"}]}] """);
        await store.Refresh.RunAsync(cancellationToken: TestContext.Current.CancellationToken);
        // Long, but such that there was room for it in an index.
        var text = new string('a', 20_000);
        await store.CreateAsync("thing", $$"""{"name": "short", "x": "{{text}}"}""");
        await store.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("UPDATE \"_match\" SET \"form\" = $1 WHERE \"rule\" = $2", [Param.Text(text), Param.Text(Rule)], TestContext.Current.CancellationToken);
                return await session.ExecuteAsync("UPDATE \"_match_rule\" SET \"fingerprint\" = $1 WHERE \"rule\" = $2", [Param.Text("[\"x:Exact:longText\"]"), Param.Text(Rule)], TestContext.Current.CancellationToken);
            },
            TestContext.Current.CancellationToken);

        (await store.Refresh.RunAsync(cancellationToken: TestContext.Current.CancellationToken)).ShouldBe([Rule], "rules over short texts keep what they have");

        (await Refusal.OfAsync(() => store.CreateAsync("thing", $$"""{"x": "{{text}}"}"""))).ShouldBe("x: duplicate.warn");
    }

    [Fact]
    public async Task A_record_is_found_by_a_key_of_any_length()
    {
        await using var store = await TestStore.OpenAsync("thing", $$"""{{Name}}, {"name": "x", "type": "longText", "maxLength": 200000}""");
        var thing = await store.CreateAsync("thing", $$"""{"name": "one", "x": "{{Long}}"}""");
        var key = store["thing"]["x"];

        var changes = await store.WriteAsync(atomic: true, RecordChange.Upsert(store["thing"], [key], store.Values("thing", $$"""{"name": "two", "x": "{{Long}}"}""")));

        (changes[0].Id, (await store.GetAsync(thing))["name"]).ShouldBe((thing.Id, "two"));
    }

    /// <summary>Every kind of question that its type knows is answered.</summary>
    private static async Task AskAsync(TestStore store, Record record)
    {
        var field = record.Entity["x"];
        // A list is asked for one of its members.
        var operand = record["x"] switch { TextSet set => set.Items[0], ContactList list => list.Items[0].Value, var value => value };
        foreach (var op in new[] { ConditionOperator.Eq, ConditionOperator.In, ConditionOperator.Ge }.Where(field.Type.Operators.Contains))
        {
            var found = await store.QueryAsync(new RecordQuery(record.Entity) { Filter = new Comparison(new([field]), op, new Constants([op == ConditionOperator.Eq && record["x"] is TextSet ? record["x"] : operand])), Fields = [] });
            found.Items.Select(i => i.Id).ShouldBe([record.Id], op.ToString());
        }
        if (field.Type.TextPart >= 0)
        {
            foreach (var op in new[] { ConditionOperator.Contains, ConditionOperator.StartsWith, ConditionOperator.EndsWith }.Where(field.Type.Operators.Contains))
            {
                var text = field.Type.ToText(record["x"]!, System.Globalization.CultureInfo.InvariantCulture);
                var found = await store.QueryAsync(new RecordQuery(record.Entity) { Filter = new Comparison(new([field]), op, new Constants([text])), Fields = [] });
                found.Items.Select(i => i.Id).ShouldBe([record.Id], op.ToString());
            }
        }
        if (record.Entity.Definition.SearchFields.Contains("x"))
        {
            (await store.QueryAsync("thing", search: Long[500..520], fields: "name")).Items.Select(i => i.Id).ShouldBe([record.Id]);
            (await store.QueryAsync("thing", search: Long, fields: "name")).Items.Select(i => i.Id).ShouldBe([record.Id]);
            (await store.Store.SearchAsync([record.Entity], Long[500..520], 10, Actor.Platform, TestContext.Current.CancellationToken)).ShouldHaveSingleItem().Id.ShouldBe(record.Id);
        }
        if (field.Type.IsSortable)
        {
            foreach (var sort in new[] { "x", "-x" })
            {
                var (ids, after) = (new List<Guid>(), (string?)null);
                do
                {
                    var page = await store.QueryAsync("thing", sort: sort, limit: 1, after: after, fields: "name");
                    ids.AddRange(page.Items.Select(i => i.Id));
                    after = page.Next;
                }
                while (after is not null);
                (ids.Count, ids.Contains(record.Id)).ShouldBe((2, true), sort);
            }
        }
    }

    private static string Letters(int seed, int count)
    {
        var random = new Random(seed);
        return string.Concat(Enumerable.Range(0, count).Select(_ => (char)random.Next(0x4E00, 0x9FA0)));
    }
}
