using System.Globalization;
using Crm.Metadata;
using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

public sealed class ValidationTests
{
    private const string Fields = """
        {"name": "name", "type": "text", "required": true, "maxLength": 5},
        {"name": "count", "type": "integer", "min": 1, "max": 10},
        {"name": "share", "type": "percent", "min": 0, "max": 100},
        {"name": "rate", "type": "decimal", "scale": 2},
        {"name": "price", "type": "money", "min": 0},
        {"name": "kind", "type": "choice", "options": [{"value": "a"}, {"value": "b"}]},
        {"name": "partner", "type": "lookup", "target": "thing", "onDelete": "clear"}
        """;

    [Theory]
    [InlineData("""{}""", "name: required", ProblemKind.Refused)]
    [InlineData("""{"name": null}""", "name: required", ProblemKind.Refused)]
    [InlineData("""{"name": "   "}""", "name: required", ProblemKind.Refused)]
    [InlineData("""{"name": "123456"}""", "name: value.tooLong", ProblemKind.Invalid)]
    [InlineData("""{"name": "a", "count": 0}""", "count: value.tooSmall", ProblemKind.Invalid)]
    [InlineData("""{"name": "a", "count": 11}""", "count: value.tooLarge", ProblemKind.Invalid)]
    [InlineData("""{"name": "a", "share": 100.0001}""", "share: value.tooLarge", ProblemKind.Invalid)]
    [InlineData("""{"name": "a", "share": 0.00001}""", "share: value.scale", ProblemKind.Invalid)]
    [InlineData("""{"name": "a", "rate": 1.234}""", "rate: value.scale", ProblemKind.Invalid)]
    [InlineData("""{"name": "a", "rate": 92233720368547759}""", "rate: value.tooLarge", ProblemKind.Invalid)]
    [InlineData("""{"name": "a", "price": "-0.01"}""", "price: value.tooSmall", ProblemKind.Invalid)]
    [InlineData("""{"name": "a", "price": {"amount": "1", "currency": "EUR"}}""", "price: value.currency", ProblemKind.Invalid)]
    [InlineData("""{"name": "a", "kind": "A"}""", "kind: value.choice", ProblemKind.Invalid)]
    [InlineData("""{"name": "a", "partner": "0190aaaa-bbbb-7ccc-8ddd-000000000001"}""", "partner: lookup.missing", ProblemKind.Invalid)]
    [InlineData("""{"count": 0, "kind": "z"}""", "name: required; count: value.tooSmall; kind: value.choice", ProblemKind.Invalid)]
    public async Task A_value_that_breaks_a_rule_is_refused_and_nothing_is_written(string json, string problems, ProblemKind kind)
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);

        var refusal = await Refusal.ExceptionOfAsync(() => store.CreateAsync("thing", json));

        refusal.Message.ShouldBe(problems);
        refusal.Kind.ShouldBe(kind);
        (await store.CountAsync("thing")).ShouldBe(0);
    }

    [Theory]
    [InlineData("""{"name": "12345", "count": 1, "share": 0, "rate": 0.01, "price": "0", "kind": "a"}""")]
    [InlineData("""{"name": "😀😀", "count": 10, "share": 100, "rate": -99.99, "kind": "b"}""")]
    [InlineData("""{"name": "a", "rate": 1.2300000}""")]
    public async Task Values_on_the_edge_of_the_rules_are_taken(string json)
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);

        await store.CreateAsync("thing", json);

        (await store.CountAsync("thing")).ShouldBe(1);
    }

    [Fact]
    public async Task An_update_answers_only_for_what_it_changes()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var thing = await store.CreateAsync("thing", """{"name": "a", "count": 5}""");

        (await Refusal.OfAsync(() => store.UpdateAsync(thing, """{"count": 11}"""))).ShouldBe("count: value.tooLarge");
        (await Refusal.OfAsync(() => store.UpdateAsync(thing, """{"name": ""}"""))).ShouldBe("name: required");
        (await store.UpdateAsync(thing, """{"count": 6}"""))["count"].ShouldBe(6L);
    }

    [Fact]
    public async Task A_lookup_to_a_deleted_record_is_refused()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var (gone, thing) = (await store.CreateAsync("thing", """{"name": "gone"}"""), await store.CreateAsync("thing", """{"name": "here"}"""));
        await store.DeleteAsync(gone);

        (await Refusal.OfAsync(() => store.UpdateAsync(thing, $$"""{"partner": "{{gone.Id}}"}"""))).ShouldBe("partner: lookup.missing");
    }

    [Fact]
    public async Task A_record_may_point_to_one_that_is_created_with_it()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var id = store.Ids.Next();

        await store.WriteAsync(atomic: true, store.Creation("thing", """{"name": "first"}""", id), store.Creation("thing", $$"""{"name": "child", "partner": "{{id}}"}"""));

        (await store.NamesAsync("thing", """{"field": "partner.name", "op": "eq", "value": "first"}""")).ShouldBe(["child"]);
    }

    [Theory]
    [InlineData("integer", "1.5")]
    [InlineData("integer", "\"x\"")]
    [InlineData("integer", "9223372036854775808")]
    [InlineData("integer", "1e400")]
    [InlineData("integer", "true")]
    [InlineData("integer", "\"1,5\"")]
    [InlineData("integer", "\" 1234 \"")]
    [InlineData("decimal", "1e-30")]
    [InlineData("decimal", "1e400")]
    [InlineData("decimal", "0.12345678901234567890123456789012345")]
    [InlineData("decimal", "[]")]
    [InlineData("decimal", "\"1,5\"")]
    [InlineData("decimal", "\"1,234.5\"")]
    [InlineData("decimal", "\"0.12345678901234567890123456789012345\"")]
    [InlineData("percent", "\"1,5\"")]
    [InlineData("percent", "\"25%\"")]
    [InlineData("money", "{}")]
    [InlineData("money", "{\"amount\": \"1\", \"x\": 1}")]
    [InlineData("money", "\"1 000\"")]
    [InlineData("money", "{\"amount\": null}")]
    [InlineData("boolean", "1")]
    [InlineData("date", "\"2026-02-30\"")]
    [InlineData("date", "\"2026-2-3\"")]
    [InlineData("date", "20260203")]
    [InlineData("dateTime", "\"2026-02-03T10:00:00\"")]
    [InlineData("dateTime", "\"2026-02-03\"")]
    [InlineData("dateTime", "\"2026-02-03T25:00:00Z\"")]
    [InlineData("text", "1")]
    [InlineData("text", "\"a\\u0000b\"")]
    [InlineData("text", "\"line\\nbreak\"")]
    [InlineData("text", "{}")]
    [InlineData("email", "\"no at\"")]
    [InlineData("email", "\"a@b\"")]
    [InlineData("email", "\"a@@b.co\"")]
    [InlineData("phone", "\"call me\"")]
    [InlineData("url", "\"javascript:alert(1)\"")]
    [InlineData("url", "\"ftp://example.com\"")]
    [InlineData("lookup", "\"0190aaaabbbb7ccc8ddd000000000001\"")]
    [InlineData("lookup", "5")]
    public async Task Json_that_is_no_value_of_the_type_is_not_understood(string type, string json)
    {
        await using var store = await TestStore.OpenAsync(folder => folder.WithEntity("other", """{"name": "name", "type": "text"}""").WithEntity("thing", FieldTypeSamples.Field(type)));

        Should.Throw<ArgumentException>(() => store.Values("thing", $$"""{"value": {{json}}}"""));
    }

    [Theory]
    [InlineData("", "1,234,567.5", "1234567.5")]
    [InlineData("", "-1,234", "-1234")]
    [InlineData("", "1234.5", "1234.5")]
    [InlineData("", "1,5", null)]
    [InlineData("", "0,500", null)]
    [InlineData("", "1234,567", null)]
    [InlineData("de-DE", "1.234,5", "1234.5")]
    [InlineData("de-DE", "1.5", null)]
    [InlineData("fr-FR", "1 234,5", "1234.5")]
    [InlineData("fr-FR", "1 5", null)]
    [InlineData("en-IN", "12,34,567", "1234567")]
    public void Numbers_that_people_write_are_grouped_as_their_language_groups_or_not_at_all(string culture, string text, string? number)
    {
        var format = new TextFormat(CultureInfo.GetCultureInfo(culture));
        decimal? expected = number is null ? null : decimal.Parse(number, CultureInfo.InvariantCulture);
        long? expectedWhole = expected is { } exact && exact == decimal.Truncate(exact) ? (long)exact : null;

        var read = new DecimalFieldType().FromText(text, format).Value as decimal?;
        var amount = (new MoneyFieldType { Currency = "EUR" }.FromText(text, format).Value as Money)?.Amount;
        var whole = new IntegerFieldType().FromText(text, format).Value as long?;

        (read, amount, whole).ShouldBe((expected, expected, expectedWhole));
    }

    [Theory]
    [InlineData("integer", "\"1234\"", "1234")]
    [InlineData("integer", "5.0", "5")]
    [InlineData("decimal", "\"1.50\"", "1.5")]
    [InlineData("percent", "\"25\"", "25")]
    [InlineData("email", "\" Ada@EXAMPLE.com \"", "\"Ada@example.com\"")]
    [InlineData("url", "\"example.com/a\"", "\"https://example.com/a\"")]
    [InlineData("dateTime", "\"2026-01-31T10:00:00.1234567+08:00\"", "\"2026-01-31T02:00:00.123456Z\"")]
    [InlineData("money", "12.5", "{\"amount\":\"12.50\",\"currency\":\"USD\"}")]
    [InlineData("money", "{\"currency\": \"usd\", \"amount\": 3}", "{\"amount\":\"3.00\",\"currency\":\"USD\"}")]
    [InlineData("text", "\"  trimmed  \"", "\"trimmed\"")]
    public async Task Values_are_brought_into_their_stored_form(string type, string json, string stored)
    {
        await using var store = await TestStore.OpenAsync("thing", FieldTypeSamples.Field(type));
        var field = store["thing"]["value"];

        var value = store.Values("thing", $$"""{"value": {{json}}}""")[0].Value!;

        using var stream = new MemoryStream();
        await using (var writer = new System.Text.Json.Utf8JsonWriter(stream))
        {
            field.Type.WriteJson(writer, value);
        }
        System.Text.Encoding.UTF8.GetString(stream.ToArray()).ShouldBe(stored);
    }
}
