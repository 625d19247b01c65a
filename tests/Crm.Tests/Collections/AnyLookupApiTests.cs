using System.Text.Json;
using Crm.Tests.Api;
using Crm.Tests.Imports;
using Shouldly;
using Xunit;

namespace Crm.Tests.Collections;

/// <summary>References to records of several entities over HTTP: their shape in both directions, titles, and what one may not read.</summary>
public sealed class AnyLookupApiTests(CollectionServer server) : IClassFixture<CollectionServer>
{
    [Fact]
    public async Task The_shape_that_is_read_is_accepted_back()
    {
        var person = await IdAsync("person", "Ada");
        var created = await server.Person.PostAsync("/api/records/memo", $$"""{"name": "m", "about": {"entity": "person", "id": "{{person}}"} }""");
        created.Status.ShouldBe(201, created.Text);
        created.Json.GetProperty("about").GetRawText().ShouldBe($$"""{"entity":"person","id":"{{person}}"}""");
        var url = "/api/records/memo/" + created.Json.GetProperty("id").GetString();

        var titled = await server.Person.ReadAsync(url + "?fields=name,about.title");

        titled.Json.GetProperty("about").GetRawText().ShouldBe($$"""{"entity":"person","id":"{{person}}","title":"Ada"}""");
        var back = await server.Person.SendAsync("PATCH", url, $$"""{"name": "n", "about": {{titled.Json.GetProperty("about").GetRawText()}} }""", "If-Match: \"1\"");
        back.Status.ShouldBe(200, back.Text);
        (await server.Person.SendAsync("PATCH", url, """{"about": null}""", "If-Match: \"2\"")).Json.GetProperty("about").ValueKind.ShouldBe(JsonValueKind.Null);
        (await server.Person.ReadAsync(url + "?fields=about.title")).Json.GetProperty("about").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_list_shows_titles_of_every_kind_and_none_of_what_one_may_not_read()
    {
        var (person, article, vault) = (await IdAsync("person", "Grace \"G\""), await IdAsync("article", "Pump 泵"), await IdAsync("vault", "Hidden"));
        await MemoAsync("List 1", "person", person);
        await MemoAsync("List 2", "article", article);
        await MemoAsync("List 3", "vault", vault);
        const string Url = """/api/records/memo?fields=name,about.title&sort=name&filter={"field":"name","op":"startsWith","value":"List"}""";

        (await TitlesAsync(server.Person)).ShouldBe(["Grace \"G\"", "Pump 泵", null]);
        (await TitlesAsync(server.Admin)).ShouldBe(["Grace \"G\"", "Pump 泵", "Hidden"]);

        async Task<string?[]> TitlesAsync(HttpClient client) =>
            [.. (await client.ReadAsync(Url)).Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("about").GetProperty("title").GetString())];
    }

    [Fact]
    public async Task Titles_are_shown_behind_lookups_and_inside_rows()
    {
        var person = await IdAsync("person", "Row person");
        var memo = await MemoAsync("upper", "person", person);
        var child = await server.CreateAsync("memo", $$"""{"name": "lower", "parent": "{{memo}}", "remarks": [{"text": "one", "on": "person:{{person}}"}, {"text": "two"}]}""");

        var read = await server.Person.ReadAsync($"/api/records/memo/{child.GetProperty("id").GetString()}?fields=parent.about.title,remarks.text,remarks.on.title");

        read.Status.ShouldBe(200, read.Text);
        read.Json.GetProperty("parent").GetProperty("about").GetProperty("title").GetString().ShouldBe("Row person");
        read.Json.GetProperty("remarks").EnumerateArray().Select(r => r.GetProperty("on").GetRawText())
            .ShouldBe([$$"""{"entity":"person","id":"{{person}}","title":"Row person"}""", "null"]);
    }

    [Theory]
    [InlineData("\"x\"", "value.reference")]
    [InlineData("5", "value.reference")]
    [InlineData("""{"entity": "person"}""", "value.reference")]
    [InlineData("""{"entity": "person", "id": "x"}""", "value.reference")]
    [InlineData("""{"entity": "deal", "id": "0190aaaa-bbbb-7ccc-8ddd-000000000001"}""", "value.referenceEntity")]
    [InlineData("""{"entity": "person", "id": "0190aaaa-bbbb-7ccc-8ddd-00000000000f"}""", "lookup.missing")]
    public async Task What_is_no_reference_is_refused_at_its_field(string json, string code)
    {
        var answer = await server.Person.PostAsync("/api/records/memo", $$"""{"about": {{json}} }""");

        (answer.Status, answer.Problems).ShouldBe((400, "about: " + code), answer.Text);
    }

    [Fact]
    public async Task Groups_tell_references_of_different_entities_apart()
    {
        var person = await IdAsync("person", "Grouped");
        await MemoAsync("G1", "person", person);
        await MemoAsync("G2", "person", person);

        var rows = await server.Person.PostAsync("/api/records/memo/aggregate", """{"groupBy": ["about"], "filter": {"field": "name", "op": "startsWith", "value": "G"}}""");

        rows.Json.GetProperty("rows").GetRawText().ShouldBe($$"""[{"about":{"entity":"person","id":"{{person}}"},"count":2}]""");
    }

    [Fact]
    public async Task A_file_names_them_by_id_or_by_kind_and_title()
    {
        var (person, article) = (await IdAsync("person", "Imported"), await IdAsync("article", "Imported"));

        var outcome = await server.ImportAsync("memo", $"name,about\nI1,person:{person}\nI2,Person: imported\nI3,article:Imported\nI4,person:Nobody\nI5,Imported\n");

        outcome.Counts.ShouldBe("3, 0, 0, 0, 2");
        outcome.Problems.ShouldBe(["5 about: import.lookupNotFound", "6 about: value.reference"]);
        var page = await server.Person.ReadAsync("""/api/records/memo?fields=about&sort=name&filter={"field":"name","op":"startsWith","value":"I"}""");
        page.Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("about").GetProperty("id").GetString()).ShouldBe([person, person, article]);
    }

    private async Task<string> IdAsync(string entity, string name) =>
        (await server.CreateAsync(entity, JsonSerializer.Serialize(new Dictionary<string, string> { ["name"] = name }))).GetProperty("id").GetString()!;

    private async Task<string> MemoAsync(string name, string entity, string id) =>
        (await server.CreateAsync("memo", $$"""{"name": "{{name}}", "about": {"entity": "{{entity}}", "id": "{{id}}"} }""")).GetProperty("id").GetString()!;
}
