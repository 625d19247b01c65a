using System.Text.Json;
using Crm.Tests.Api;
using Shouldly;
using Xunit;

namespace Crm.Tests.Collections;

/// <summary>Rows and links over HTTP: written with their record, read with it, asked about in filters.</summary>
public sealed class CollectionApiTests(CollectionServer server) : IClassFixture<CollectionServer>
{
    [Fact]
    public async Task Rows_are_made_changed_and_taken_away_with_their_record()
    {
        var created = await server.Person.PostAsync("/api/records/deal", """{"name": "Rows", "lines": [{"quantity": 1, "note": "a"}, {"quantity": 2}]}""");
        created.Status.ShouldBe(201, created.Text);
        Lines(created.Json).ShouldBe(["1:1:a", "2:2:as usual"]);
        var url = "/api/records/deal/" + created.Json.GetProperty("id").GetString();
        var first = created.Json.GetProperty("lines")[0].GetProperty("id").GetString();
        (await server.Person.ReadAsync(url)).Text.ShouldBe(created.Text);

        var changed = await server.Person.SendAsync("PATCH", url, $$"""{"lines": [{"quantity": 7, "note": "new"}, {"id": "{{first}}", "quantity": 9}]}""", "If-Match: \"1\"");

        (changed.Status, changed.ETag).ShouldBe((200, "\"2\""), changed.Text);
        Lines(changed.Json).ShouldBe(["1:7:new", "2:9:a"]);
        (await server.Person.ReadAsync(url)).Text.ShouldBe(changed.Text);

        var partly = await server.Person.SendAsync("PATCH", url, $$"""{"lines": {"set": [{"quantity": 3}], "remove": ["{{first}}"]} }""", "If-Match: \"2\"");
        Lines(partly.Json).ShouldBe(["1:7:new", "3:3:as usual"]);

        var history = (await server.Person.ReadAsync(url + "/history")).Json.GetProperty("items");
        history[2].GetProperty("changes").EnumerateArray().Select(c => c.GetProperty("field").GetString()).ShouldContain("lines");
        history[1].GetProperty("changes")[0].GetProperty("to").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Links_carry_columns_and_read_through_to_what_they_link()
    {
        var (ada, bob) = (await PersonAsync("Ada L", 36), await PersonAsync("Bob", 50));
        var created = await server.Person.PostAsync("/api/records/deal", $$"""{"name": "Links", "people": [{"id": "{{ada}}", "role": "decider", "since": "2026-01-31"}, "{{bob}}"]}""");
        created.Status.ShouldBe(201, created.Text);
        created.Json.GetProperty("people").GetRawText().ShouldBe($$"""[{"id":"{{ada}}","role":"decider","since":"2026-01-31"},{"id":"{{bob}}","role":null,"since":null}]""");
        var id = created.Json.GetProperty("id").GetString();

        var page = await server.Person.ReadAsync($$"""/api/records/deal?fields=name,people.name,people.role&filter={"field":"id","op":"eq","value":"{{id}}"}""");
        page.Json.GetProperty("items")[0].GetRawText().ShouldBe($$"""{"id":"{{id}}","name":"Links","people":[{"id":"{{ada}}","name":"Ada L","role":"decider"},{"id":"{{bob}}","name":"Bob","role":null}]}""");

        var one = await server.Person.SendAsync("PATCH", "/api/records/deal/" + id, $$"""{"people": {"set": [{"id": "{{bob}}", "role": "user"}]} }""", "If-Match: \"1\"");
        one.Json.GetProperty("people").EnumerateArray().Select(p => p.GetProperty("role").GetString()).ShouldBe(["decider", "user"]);
        (await server.Person.SendAsync("DELETE", "/api/records/person/" + ada)).Status.ShouldBe(204);
        (await server.Person.ReadAsync("/api/records/deal/" + id)).Json.GetProperty("people").GetArrayLength().ShouldBe(1);
        (await server.Person.ReadAsync("/api/records/deal.people?fields=target.name,role")).Json.GetProperty("items").GetArrayLength().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Filters_reach_into_rows_and_links_and_not_is_the_complement()
    {
        var (cleo, dan) = (await PersonAsync("Cleo", 20), await PersonAsync("Dan", 70));
        await server.CreateAsync("deal", $$"""{"name": "F1", "lines": [{"quantity": 10}, {"quantity": 20}], "people": [{"id": "{{cleo}}", "role": "decider"}]}""");
        var f2 = (await server.CreateAsync("deal", $$"""{"name": "F2", "lines": [{"quantity": 20, "note": "rush"}], "people": [{"id": "{{dan}}", "role": "user"}]}""")).GetProperty("id");
        await server.CreateAsync("deal", $$"""{"name": "F3", "parent": "{{f2}}"}""");

        (await NamesAsync("""{"field": "lines.quantity", "op": "gt", "value": 15}""")).ShouldBe("F1 F2");
        (await NamesAsync("""{"field": "lines.quantity", "op": "lt", "value": 15}""")).ShouldBe("F1");
        (await NamesAsync("""{"not": {"field": "lines.quantity", "op": "lt", "value": 15}}""")).ShouldBe("F2 F3");
        (await NamesAsync("""{"field": "lines", "op": "isNull"}""")).ShouldBe("F3");
        (await NamesAsync("""{"field": "lines", "op": "exists"}""")).ShouldBe("F1 F2");
        (await NamesAsync("""{"field": "lines", "op": "notExists", "value": {"field": "note", "op": "contains", "value": "RUSH"}}""")).ShouldBe("F1 F3");
        (await NamesAsync("""{"field": "people", "op": "exists", "value": {"all": [{"field": "role", "op": "eq", "value": "user"}, {"field": "age", "op": "gt", "value": 60}]}}""")).ShouldBe("F2");
        (await NamesAsync("""{"field": "people.name", "op": "startsWith", "value": "cl"}""")).ShouldBe("F1");
        (await NamesAsync("""{"field": "parent.lines.note", "op": "eq", "value": "rush"}""")).ShouldBe("F3");
        (await NamesAsync("""{"field": "deal.parent", "op": "exists", "value": {"field": "name", "op": "eq", "value": "F3"}}""")).ShouldBe("F2");
        (await NamesAsync("""{"field": "deal.parent.name", "op": "eq", "value": "F3"}""")).ShouldBe("F2");
        var people = await server.Person.ReadAsync("""/api/records/person?filter={"field":"deal.people.target","op":"exists","value":{"field":"source.name","op":"eq","value":"F1"}}""");
        people.Json.GetProperty("items")[0].GetProperty("name").GetString().ShouldBe("Cleo");
    }

    [Theory]
    [InlineData("""{"lines": 5}""", 400, "lines: value.list")]
    [InlineData("""{"lines": [5]}""", 400, "lines[0]: value.list")]
    [InlineData("""{"lines": [{"quantity": 1}, {"quantity": "x"}]}""", 400, "lines[1].quantity: value.integer")]
    [InlineData("""{"lines": [{"quantity": 1, "nothing": 1}]}""", 400, "lines[0].nothing: value.member")]
    [InlineData("""{"lines": [{"quantity": 0}]}""", 400, "lines[0].quantity: value.tooSmall")]
    [InlineData("""{"lines": [{}]}""", 422, "lines[0].quantity: required")]
    [InlineData("""{"lines": [{"id": "0190aaaa-bbbb-7ccc-8ddd-000000000001", "quantity": 1}]}""", 400, "lines[0].id: collection.unknown")]
    [InlineData("""{"lines": [{"quantity":1},{"quantity":1},{"quantity":1},{"quantity":1},{"quantity":1},{"quantity":1}]}""", 400, "lines: value.tooMany")]
    [InlineData("""{"people": ["0190aaaa-bbbb-7ccc-8ddd-000000000001"]}""", 400, "people[0].target: lookup.missing")]
    [InlineData("""{"people": ["0190aaaa-bbbb-7ccc-8ddd-000000000001", "0190aaaa-bbbb-7ccc-8ddd-000000000001"]}""", 400, "people[1]: value.twice")]
    [InlineData("""{"people": [{"role": "user"}]}""", 400, "people[0]: value.lookup")]
    [InlineData("""{"people": {"add": []}}""", 400, "people: value.list")]
    public async Task What_is_wrong_with_an_entry_is_said_with_its_place_and_nothing_is_written(string json, int status, string problem)
    {
        var before = (await server.CountAsync("deal"), await server.CountAsync("deal_line"));

        var answer = await server.Person.PostAsync("/api/records/deal", json);

        (answer.Status, answer.Problems).ShouldBe((status, problem), answer.Text);
        (await server.CountAsync("deal"), await server.CountAsync("deal_line")).ShouldBe(before);
        var batch = await server.Person.PostAsync("/api/records/deal/batch", $$"""{"create": [{{json}}, {"name": "stays"}]}""");
        batch.Status.ShouldBe(207, batch.Text);
        (await server.CountAsync("deal"), await server.CountAsync("deal_line")).ShouldBe((before.Item1 + 1, before.Item2));
    }

    [Fact]
    public async Task Deleting_a_record_takes_its_rows_and_links_along()
    {
        var eve = await PersonAsync("Eve", 30);
        var created = await server.CreateAsync("deal", $$"""{"name": "Gone", "lines": [{"quantity": 1}], "people": ["{{eve}}"]}""");
        var lines = await server.CountAsync("deal_line");

        (await server.Person.SendAsync("DELETE", "/api/records/deal/" + created.GetProperty("id").GetString())).Status.ShouldBe(204);

        (await server.CountAsync("deal_line")).ShouldBe(lines - 1);
        (await server.Person.ReadAsync($$"""/api/records/deal.people?filter={"field":"target","op":"eq","value":"{{eve}}"}""")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Two_who_change_the_rows_of_one_record_are_a_conflict()
    {
        var url = "/api/records/deal/" + (await server.CreateAsync("deal", """{"name": "Both", "lines": [{"quantity": 1}]}""")).GetProperty("id").GetString();
        (await server.Admin.SendAsync("PATCH", url, """{"lines": [{"quantity": 2}]}""", "If-Match: \"1\"")).Status.ShouldBe(200);

        var late = await server.Person.SendAsync("PATCH", url, """{"lines": []}""", "If-Match: \"1\"");
        var other = await server.Person.SendAsync("PATCH", url, """{"name": "Both!"}""", "If-Match: \"1\"");

        (late.Status, late.Problems).ShouldBe((412, "lines: version.conflict"));
        late.Json.GetProperty("conflicts").GetProperty("lines").GetProperty("current")[0].GetProperty("quantity").GetInt32().ShouldBe(2);
        other.Status.ShouldBe(200);
        other.Json.GetProperty("lines").GetArrayLength().ShouldBe(1);
    }

    private static string[] Lines(JsonElement record) =>
        [.. record.GetProperty("lines").EnumerateArray().Select(l => $"{l.GetProperty("number")}:{l.GetProperty("quantity")}:{l.GetProperty("note")}")];

    private async Task<string> PersonAsync(string name, int age) => (await server.CreateAsync("person", $$"""{"name": "{{name}}", "age": {{age}}}""")).GetProperty("id").GetString()!;

    private async Task<string> NamesAsync(string filter)
    {
        var ours = """{"field":"name","op":"startsWith","value":"F"}""";
        var page = await server.Person.ReadAsync($"/api/records/deal?sort=name&fields=name&filter={Uri.EscapeDataString($$"""{"all": [{{ours}}, {{filter}}]}""")}");
        page.Status.ShouldBe(200, page.Text);
        return string.Join(' ', page.Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("name").GetString()));
    }
}
