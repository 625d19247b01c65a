using System.Net.Http.Headers;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>Access tokens and change sets as records: administrators list, filter and sum them; what must stay secret is not in them.</summary>
public sealed class SystemEntitiesApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_token_tells_whom_it_speaks_for_what_it_may_and_when_it_was_used_but_never_itself()
    {
        var made = await server.Person.PostAsync("/api/tokens", """{"name": "nightly", "scopes": ["read"]}""");
        var (id, secret) = (made.Json.GetProperty("id").GetString(), made.Json.GetProperty("token").GetString()!);
        var before = await OneAsync("access_token", $$"""{"field": "name", "op": "eq", "value": "nightly"}""", "id,user.name,owner,scope,created_at,expires_at,used_at");
        using var program = server.CreateClient();
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);

        (await program.ReadAsync("/api/records/customer?limit=1")).Status.ShouldBe(200);

        before.GetProperty("id").GetString().ShouldBe(id);
        before.GetProperty("user").GetProperty("name").GetString().ShouldBe("Ada");
        before.GetProperty("owner").GetGuid().ShouldBe(server.PersonId);
        before.GetProperty("scope").GetString().ShouldBe("read");
        before.GetProperty("used_at").ValueKind.ShouldBe(JsonValueKind.Null);
        before.GetProperty("expires_at").GetDateTimeOffset().ShouldBe(made.Json.GetProperty("expiresAt").GetDateTimeOffset());
        var after = await server.Admin.ReadAsync($"/api/records/access_token/{id}");
        after.Json.GetProperty("used_at").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(after.Json.GetProperty("created_at").GetDateTimeOffset());
        after.Text.ShouldNotContain(secret);
        after.Text.ShouldNotContain("hash", Case.Insensitive);
        (await server.Admin.ReadAsync("/api/records/access_token?view=never_used")).Text.ShouldNotContain("nightly");
    }

    [Theory]
    [InlineData("""{"field": "name", "op": "contains", "value": "uber n"}""")]
    [InlineData("""{"field": "name", "op": "startsWith", "value": "ÜBER"}""")]
    [InlineData("""{"field": "name", "op": "eq", "value": "Über Nacht"}""")]
    public async Task Case_and_accents_count_no_more_than_in_any_other_record(string filter)
    {
        var made = await server.Person.PostAsync("/api/tokens", """{"name": "Über Nacht", "scopes": ["read"]}""");

        (await OneAsync("access_token", filter, "id")).GetProperty("id").GetString().ShouldBe(made.Json.GetProperty("id").GetString());

        (await server.Person.SendAsync("DELETE", $"/api/tokens/{made.Json.GetProperty("id").GetString()}")).Status.ShouldBe(204);
    }

    [Fact]
    public async Task Signing_in_leaves_no_token_in_the_list_and_ending_one_takes_it_out()
    {
        var made = await server.Person.PostAsync("/api/tokens", """{"name": "short", "scopes": ["read", "write"]}""");
        using var again = await server.SignInAsync(ApiServer.PersonEmail, ApiServer.Password);
        (await again.SendAsync("DELETE", $"/api/tokens/{made.Json.GetProperty("id").GetString()}")).Status.ShouldBe(204);

        var left = await server.Admin.ReadAsync("/api/records/access_token?fields=name");

        left.Json.GetProperty("items").EnumerateArray().ShouldAllBe(t => t.GetProperty("name").GetString() != "short" && t.GetProperty("name").GetString() != null);
    }

    [Fact]
    public async Task A_change_set_is_one_record_however_many_it_changed_and_leads_to_its_undo()
    {
        var batch = await server.Admin.PostAsync("/api/records/unit/batch", """{"atomic": true, "create": [{"name": "Set one"}, {"name": "Set two"}, {"name": "Set three"}]}""");
        batch.Status.ShouldBe(200, batch.Text);
        var entry = await OneAsync("audit_entry", $$"""{"field": "record", "op": "eq", "value": "{{batch.Json.GetProperty("items")[1].GetProperty("id").GetString()}}"}""", "change_set");
        var id = entry.GetProperty("change_set").GetString();

        var set = await server.Admin.ReadAsync($"/api/records/change_set/{id}?fields=entity,records,at,by.name,door,cause");
        set.Status.ShouldBe(200, set.Text);
        (set.Json.GetProperty("entity").GetString(), set.Json.GetProperty("records").GetInt64(), set.Json.GetProperty("by").GetProperty("name").GetString(), set.Json.GetProperty("door").GetString())
            .ShouldBe(("unit", 3, "Administrator", "api"));
        var listed = await server.Admin.ReadAsync("/api/records/change_set?view=all&count=exact&limit=200&fields=id");
        listed.Json.GetProperty("items").EnumerateArray().Count(i => i.GetProperty("id").GetString() == id).ShouldBe(1);

        (await server.Admin.SendAsync("POST", $"/api/changes/{id}/undo")).Status.ShouldBe(200);

        var undone = await OneAsync("change_set", $$"""{"field": "cause", "op": "contains", "value": "{{id}}"}""", "records,entity");
        undone.GetProperty("records").GetInt64().ShouldBe(3);
    }

    [Fact]
    public async Task Change_sets_are_filtered_by_their_size_and_summed_by_their_door()
    {
        var batch = await server.Admin.PostAsync("/api/records/unit/batch", """{"atomic": true, "create": [{"name": "Sum one"}, {"name": "Sum two"}]}""");
        batch.Status.ShouldBe(200, batch.Text);

        var large = await server.Admin.ReadAsync("/api/records/change_set?fields=records&sort=-records,-at&filter=" + Uri.EscapeDataString("""{"all": [{"field": "records", "op": "ge", "value": 2}, {"field": "at", "op": "within", "value": "today"}]}"""));
        var sums = await server.Admin.PostAsync("/api/records/change_set/aggregate", """{"groupBy": ["door"], "measures": [{"fn": "count"}, {"fn": "sum", "field": "records", "as": "records"}]}""");

        large.Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("records").GetInt64()).ShouldAllBe(n => n >= 2);
        large.Json.GetProperty("items").GetArrayLength().ShouldBeGreaterThan(0);
        sums.Status.ShouldBe(200, sums.Text);
        sums.Json.GetProperty("rows").EnumerateArray().ShouldContain(r => r.GetProperty("door").GetString() == "api" && r.GetProperty("records").GetInt64() > r.GetProperty("count").GetInt64());
    }

    private async Task<JsonElement> OneAsync(string entity, string filter, string fields)
    {
        var page = await server.Admin.ReadAsync($"/api/records/{entity}?fields={fields}&filter={Uri.EscapeDataString(filter)}");
        page.Status.ShouldBe(200, page.Text);
        page.Json.GetProperty("items").GetArrayLength().ShouldBe(1, page.Text);
        return page.Json.GetProperty("items")[0];
    }
}
