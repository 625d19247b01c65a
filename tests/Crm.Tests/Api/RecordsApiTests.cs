using System.Text.Json;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>What programs do with records: the calls of the contract, one after the other.</summary>
public sealed class RecordsApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_record_is_created_read_changed_deleted_and_restored()
    {
        var created = await server.Person.PostAsync("/api/records/customer", """{"name": " Acme ", "annual_revenue": 1100.04, "employees": 2822, "website": "acme.com"}""");

        created.Status.ShouldBe(201);
        var id = created.Json.GetProperty("id").GetString();
        created.Headers.Location!.ToString().ShouldBe($"/api/records/customer/{id}");
        (created.ETag, Text(created, "name"), Text(created, "website"), Text(created, "status"), Text(created, "owner")).ShouldBe(("\"1\"", "Acme", "https://acme.com", "prospect", server.PersonId.ToString()));
        created.Json.GetProperty("annual_revenue").GetRawText().ShouldBe("1100.04");

        var read = await server.Person.ReadAsync($"/api/records/customer/{id}");
        (read.Status, read.ETag, read.Text).ShouldBe((200, "\"1\"", created.Text));

        var changed = await server.Person.SendAsync("PATCH", $"/api/records/customer/{id}", """{"city": "Rome"}""", "If-Match: \"1\"");
        (changed.Status, changed.ETag, Text(changed, "city"), Text(changed, "name")).ShouldBe((200, "\"2\"", "Rome", "Acme"));

        (await server.Person.SendAsync("DELETE", $"/api/records/customer/{id}")).Status.ShouldBe(204);
        (await server.Person.ReadAsync($"/api/records/customer/{id}")).Status.ShouldBe(404);
        (await server.Person.SendAsync("DELETE", $"/api/records/customer/{id}")).Status.ShouldBe(404);

        var restored = await server.Person.SendAsync("POST", $"/api/records/customer/{id}/restore");
        (restored.Status, Text(restored, "city")).ShouldBe((200, "Rome"));

        var history = (await server.Person.ReadAsync($"/api/records/customer/{id}/history")).Json.GetProperty("items");
        history.EnumerateArray().Select(h => h.GetProperty("kind").GetString()).ShouldBe(["restore", "delete", "update", "create"]);
        history[2].GetProperty("changes").GetRawText().ShouldBe("""[{"field":"city","from":null,"to":"Rome"}]""");
        history[2].GetProperty("by").GetProperty("name").GetString().ShouldBe("Ada");
        history[2].GetProperty("door").GetString().ShouldBe("api");
    }

    [Fact]
    public async Task Two_who_change_different_fields_are_merged_and_the_same_field_is_a_conflict_with_three_sides()
    {
        var id = (await server.CreateAsync("customer", """{"name": "Base", "city": "x"}""")).GetProperty("id").GetString();
        var url = $"/api/records/customer/{id}";
        (await server.Admin.SendAsync("PATCH", url, """{"name": "Current"}""", "If-Match: \"1\"")).Status.ShouldBe(200);

        var merged = await server.Person.SendAsync("PATCH", url, """{"city": "y"}""", "If-Match: \"1\"");
        var conflict = await server.Person.SendAsync("PATCH", url, """{"name": "Yours", "country": "z"}""", "If-Match: \"1\"");
        var future = await server.Person.SendAsync("PATCH", url, """{"name": "Yours"}""", "If-Match: \"9\"");

        (merged.Status, Text(merged, "name"), Text(merged, "city")).ShouldBe((200, "Current", "y"));
        (conflict.Status, conflict.Problems).ShouldBe((412, "name: version.conflict"));
        conflict.Json.GetProperty("conflicts").GetRawText().ShouldBe("""{"name":{"base":"Base","yours":"Yours","current":"Current"}}""");
        (future.Status, future.Problems).ShouldBe((412, ": version.unknown"));
        Text(await server.Admin.ReadAsync(url), "country").ShouldBeNull();
    }

    [Fact]
    public async Task Without_a_version_only_an_administrator_may_force_a_change()
    {
        var id = (await server.CreateAsync("customer", """{"name": "Forced"}""")).GetProperty("id").GetString();
        var url = $"/api/records/customer/{id}";

        (await server.Person.SendAsync("PATCH", url, """{"city": "a"}""")).Status.ShouldBe(428);
        (await server.Person.SendAsync("PATCH", url + "?force=true", """{"city": "a"}""")).Code.ShouldBe("forbidden.force");
        (await server.Person.SendAsync("PATCH", url, """{"city": "a"}""", "If-Match: *")).Code.ShouldBe("forbidden.force");
        (await server.Admin.SendAsync("PATCH", url + "?force=true", """{"city": "b"}""")).Status.ShouldBe(200);
        (await server.Admin.SendAsync("PATCH", url, """{"city": "c"}""", "If-Match: *")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_deletion_that_names_a_version_spares_what_was_changed_since()
    {
        var id = (await server.CreateAsync("customer", """{"name": "Kept"}""")).GetProperty("id").GetString();
        var url = $"/api/records/customer/{id}";
        (await server.Admin.SendAsync("PATCH", url, """{"city": "a"}""", "If-Match: \"1\"")).Status.ShouldBe(200);

        var stale = await server.Person.SendAsync("DELETE", url, (string?)null, "If-Match: \"1\"");
        var broken = await server.Person.SendAsync("DELETE", url, (string?)null, "If-Match: 1");

        (stale.Status, stale.Problems, stale.IsProblem).ShouldBe((412, ": version.unknown", true));
        (broken.Status, broken.Problems).ShouldBe((400, "If-Match: version.header"));
        (await server.Person.ReadAsync(url)).Status.ShouldBe(200);
        (await server.Person.SendAsync("DELETE", url, (string?)null, "If-Match: \"2\"")).Status.ShouldBe(204);
        (await server.Person.SendAsync("POST", url + "/restore")).Status.ShouldBe(200);
        (await server.Person.SendAsync("DELETE", url, (string?)null, "If-Match: *")).Status.ShouldBe(204, "whatever is there needs no right of its own to be deleted");
    }

    [Fact]
    public async Task Only_the_fields_that_were_asked_for_come_and_paths_nest()
    {
        var parent = (await server.CreateAsync("customer", """{"name": "Upper", "city": "Bonn"}""")).GetProperty("id").GetString();
        var child = (await server.CreateAsync("customer", $$"""{"name": "Lower", "parent": "{{parent}}"}""")).GetProperty("id").GetString();
        var lone = (await server.CreateAsync("customer", """{"name": "Lone"}""")).GetProperty("id").GetString();

        (await server.Admin.ReadAsync($"/api/records/customer/{child}?fields=name,parent.name,parent.city,parent.parent.name")).Text
            .ShouldBe($$$"""{"id":"{{{child}}}","name":"Lower","parent":{"id":"{{{parent}}}","name":"Upper","city":"Bonn","parent":null}}""");
        (await server.Admin.ReadAsync($"/api/records/customer/{lone}?fields=parent.name")).Text.ShouldBe($$"""{"id":"{{lone}}","parent":null}""");
        (await server.Admin.ReadAsync($"/api/records/customer/{child}?fields=parent")).Text.ShouldBe($$"""{"id":"{{child}}","parent":"{{parent}}"}""");
        (await server.Admin.ReadAsync($"/api/records/customer/{child}?fields=parent,parent.id")).Text.ShouldBe($$$"""{"id":"{{{child}}}","parent":{"id":"{{{parent}}}"}}""");
        (await server.Admin.ReadAsync("/api/records/customer?fields=parent.name&filter=" + Uri.EscapeDataString($$"""{"field":"id","op":"eq","value":"{{child}}"}"""))).Json.GetProperty("items").GetRawText()
            .ShouldBe($$$"""[{"id":"{{{child}}}","parent":{"id":"{{{parent}}}","name":"Upper"}}]""");
        (await server.Admin.PostAsync("/api/records/customer", $$$"""{"name": "Again", "parent": {"id": "{{{parent}}}", "name": "Upper"}}""")).Status.ShouldBe(201, "what a path shows is accepted back");
    }

    [Fact]
    public async Task A_list_is_filtered_sorted_paged_and_counted()
    {
        foreach (var (name, price) in new[] { ("List B", "2"), ("list a", "1.5"), ("List Ç", "3"), ("List d", "null"), ("List e", "3") })
        {
            await server.CreateAsync("product", $$"""{"name": "{{name}}", "series": "list", "price": {{price}}}""");
        }
        const string Filter = """{"field": "series", "op": "eq", "value": "list"}""";

        (await NamesAsync("sort=name")).ShouldBe(["list a", "List B", "List Ç", "List d", "List e"]);
        (await NamesAsync("sort=-price,name")).ShouldBe(["List d", "List Ç", "List e", "List B", "list a"]);
        (await NamesAsync("sort=price,-name&limit=2")).ShouldBe(["list a", "List B"]);

        var pages = new List<string>();
        for (var after = ""; after is not null;)
        {
            var page = await ListAsync("sort=price,-name&limit=2&count=exact" + (after.Length > 0 ? "&after=" + after : ""));
            page.GetProperty("count").GetInt64().ShouldBe(5);
            page.GetProperty("countIsExact").GetBoolean().ShouldBeTrue();
            pages.Add(string.Join(",", Names(page)));
            after = page.GetProperty("next").GetString();
        }
        pages.ShouldBe(["list a,List B", "List e,List Ç", "List d"]);
        (await ListAsync("count=none")).TryGetProperty("count", out _).ShouldBeFalse();
        (await ListAsync("count=capped")).GetProperty("count").GetInt64().ShouldBe(5);
        (await server.Admin.ReadAsync("/api/records/product?q=LIST c&fields=name")).Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("name").GetString()).ShouldBe(["List Ç"]);

        async Task<string?[]> NamesAsync(string query) => Names(await ListAsync(query));
        async Task<JsonElement> ListAsync(string query) => (await server.Admin.ReadAsync($"/api/records/product?{query}&filter={Uri.EscapeDataString(Filter)}")).Json;
        static string?[] Names(JsonElement page) => [.. page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("name").GetString())];
    }

    [Fact]
    public async Task A_view_brings_its_columns_filter_and_order_and_the_caller_may_add_to_them()
    {
        foreach (var status in new[] { "prospect", "active" })
        {
            await server.CreateAsync("customer", $$"""{"name": "View {{status}}", "status": "{{status}}", "city": "Viewtown"}""");
        }
        var filter = Uri.EscapeDataString("""{"field": "city", "op": "eq", "value": "Viewtown"}""");

        var item = (await server.Admin.ReadAsync($"/api/records/customer?view=active&filter={filter}")).Json.GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        var named = (await server.Admin.ReadAsync($"/api/records/customer?view=active&filter={filter}&fields=city")).Json.GetProperty("items")[0];

        item.EnumerateObject().Select(p => p.Name).ShouldBe(["id", "name", "industry", "country", "annual_revenue", "employees", "owner"]);
        item.GetProperty("name").GetString().ShouldBe("View active");
        named.EnumerateObject().Select(p => p.Name).ShouldBe(["id", "city"]);
    }

    [Fact]
    public async Task Figures_are_grouped_summed_and_named()
    {
        foreach (var (stage, amount, day) in new[] { ("won", "10.10", "2026-01-31"), ("won", "0.20", "2026-02-01"), ("lost", "7", "2026-02-28") })
        {
            await server.CreateAsync("opportunity", $$"""{"name": "Figure", "stage": "{{stage}}", "amount": {"amount": "{{amount}}", "currency": "USD"}, "close_date": "{{day}}"}""");
        }

        (await RowsAsync("""{"groupBy": ["stage"], "measures": [{"fn": "count"}, {"fn": "sum", "field": "amount", "as": "total"}], "sort": "-total"}"""))
            .ShouldBe("""[{"stage":"won","count":2,"total":"10.30"},{"stage":"lost","count":1,"total":"7.00"}]""");
        (await RowsAsync("""{"groupBy": [{"field": "close_date", "by": "month"}]}""")).ShouldBe("""[{"close_date":"2026-01","count":1},{"close_date":"2026-02","count":2}]""");
        (await RowsAsync("""{"groupBy": ["owner.name"], "measures": [{"fn": "avg", "field": "amount"}, {"fn": "min", "field": "close_date"}, {"fn": "countDistinct", "field": "stage"}]}"""))
            .ShouldBe("""[{"owner.name":"Administrator","avg_amount":"5.7667","min_close_date":"2026-01-31","countDistinct_stage":2}]""");
        (await RowsAsync("""{"measures": [{"fn": "share", "filter": {"field": "stage", "op": "eq", "value": "won"}}, {"fn": "sum", "field": "amount", "as": "won", "filter": {"field": "stage", "op": "eq", "value": "won"}}, {"fn": "days", "from": "close_date", "to": "close_date"}]}"""))
            .ShouldBe("""[{"share":66.6666666667,"won":"10.30","days":0}]""");
        (await RowsAsync("""{"filter": {"field": "stage", "op": "eq", "value": "lost"}}""")).ShouldBe("""[{"count":1}]""");

        async Task<string> RowsAsync(string json)
        {
            var answer = await server.Person.PostAsync("/api/records/opportunity/aggregate", json);
            answer.Status.ShouldBe(200, answer.Text);
            return answer.Json.GetProperty("rows").GetRawText();
        }
    }

    [Fact]
    public async Task A_value_that_must_be_unique_is_refused_as_a_rule()
    {
        await server.CreateAsync("product", """{"name": "Only one"}""");

        var answer = await server.Admin.PostAsync("/api/records/product", """{"name": "Only one"}""");

        (answer.Status, answer.Problems).ShouldBe((422, "name: unique"));
    }

    [Fact]
    public async Task A_record_that_is_used_is_not_deleted_and_the_answer_names_the_rule()
    {
        var customer = (await server.CreateAsync("customer", """{"name": "Used"}""")).GetProperty("id").GetString();
        await server.CreateAsync("contact", $$"""{"name": "Uses it", "customer": "{{customer}}"}""");

        var answer = await server.Admin.SendAsync("DELETE", $"/api/records/customer/{customer}");

        (answer.Status, answer.Json.GetProperty("errors")[0].GetProperty("rule").GetString()).ShouldBe((422, "contact.customer"));
    }

    private static string? Text(Answer answer, string member) => answer.Json.GetProperty(member).GetString();
}
