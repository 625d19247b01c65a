using System.IO.Compression;
using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>Published versions over HTTP, and the platform's own tables as records: administrators see them, nobody writes them.</summary>
public sealed class ModelVersionsApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_version_is_listed_exported_and_rolled_back()
    {
        var publisher = server.Services.GetRequiredService<ModelPublisher>();
        var number = (await publisher.PublishAsync("Shelves", [new MetadataFile("entities", "shelf", """{"name": "shelf", "fields": [{"name": "name", "type": "text"}]}""")], Actor.Platform, cancellationToken: Cancelled)).Number;
        await server.CreateAsync("shelf", """{"name": "top"}""");

        var versions = (await server.Admin.ReadAsync("/api/model/versions")).Json.GetProperty("items");
        versions[0].GetProperty("number").GetInt64().ShouldBe(number);
        versions[0].GetProperty("changes")[0].GetProperty("name").GetString().ShouldBe("shelf");
        (await server.Admin.ReadAsync("/api/model")).Json.GetProperty("version").GetInt64().ShouldBe(number);
        (await EntriesAsync()).ShouldContain("entities/shelf.json");
        (await server.Admin.ReadAsync("/api/records/model_version?sort=-number&fields=number,title")).Json.GetProperty("items")[0].GetProperty("title").GetString().ShouldBe("Shelves");

        var back = await server.Admin.SendAsync("POST", $"/api/model/versions/{number}/rollback");
        back.Status.ShouldBe(200, back.Text);
        back.Json.GetProperty("number").GetInt64().ShouldBe(number + 1);
        (await server.Admin.ReadAsync("/api/records/shelf")).Status.ShouldBe(400);
        (await EntriesAsync()).ShouldNotContain("entities/shelf.json");
        (await server.Admin.SendAsync("POST", "/api/model/versions/99999/rollback")).Status.ShouldBe(404);
        (await server.Admin.SendAsync("POST", "/api/model/versions/x/rollback")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task New_figures_and_duplicate_rules_are_brought_to_old_records_by_a_job_that_is_listed()
    {
        var publisher = server.Services.GetRequiredService<ModelPublisher>();
        const string Crate = """{"name": "crate", "fields": [{"name": "name", "type": "text"}, {"name": "box", "type": "lookup", "target": "box"}]}""";
        await publisher.PublishAsync("Boxes", [new("entities", "box", """{"name": "box", "fields": [{"name": "name", "type": "text"}]}"""), new("entities", "crate", Crate)], Actor.Platform, cancellationToken: Cancelled);
        var box = (await server.CreateAsync("box", """{"name": "Acme Ltd."}""")).GetProperty("id").GetString();
        await server.CreateAsync("crate", $$"""{"box": "{{box}}"}""");

        await publisher.PublishAsync(
            "Figures",
            [new("entities", "box", """
                {"name": "box", "fields": [{"name": "name", "type": "text"}, {"name": "crates", "type": "rollup", "function": "count", "source": "crate.box"}],
                 "duplicates": [{"name": "name", "match": [{"field": "name", "how": "name"}], "action": "block"}]}
                """)],
            Actor.Platform, cancellationToken: Cancelled);

        var job = await RefreshOfAsync("box.crates");
        job.GetProperty("state").GetString().ShouldBe("succeeded");
        (job.GetProperty("done").GetInt64() - job.GetProperty("total").GetInt64()).ShouldBe(0);
        job.GetProperty("result").GetProperty("renewed").EnumerateArray().Select(n => n.GetString()).ShouldContain("box.name");
        (await server.Admin.ReadAsync($"/api/records/box/{box}")).Json.GetProperty("crates").GetInt64().ShouldBe(1);
        (await server.Admin.PostAsync("/api/records/box", """{"name": "ACME Limited"}""")).Status.ShouldBe(422);
    }

    /// <summary>The ended job that made a figure anew; a job for an earlier change that is still under way takes a later one along.</summary>
    private async Task<JsonElement> RefreshOfAsync(string figure)
    {
        var ended = "/api/records/job?fields=state&filter=" + Uri.EscapeDataString("""{"all": [{"field": "kind", "op": "eq", "value": "refresh"}, {"field": "state", "op": "in", "value": ["succeeded", "failed"]}]}""");
        while (true)
        {
            foreach (var item in (await server.Admin.ReadAsync(ended)).Json.GetProperty("items").EnumerateArray())
            {
                var job = (await server.Admin.ReadAsync($"/api/jobs/{item.GetProperty("id").GetString()}")).Json;
                item.GetProperty("state").GetString().ShouldBe("succeeded", job.ToString());
                if (job.GetProperty("result").GetProperty("renewed").EnumerateArray().Any(n => n.GetString() == figure))
                {
                    return job;
                }
            }
            await Task.Yield();
        }
    }

    [Theory]
    [InlineData("GET", "/api/model/versions")]
    [InlineData("GET", "/api/model/export")]
    [InlineData("POST", "/api/model/versions/1/rollback")]
    [InlineData("GET", "/api/records/audit_entry")]
    [InlineData("GET", "/api/records/job")]
    [InlineData("GET", "/api/records/access_token")]
    [InlineData("GET", "/api/records/change_set")]
    public async Task Only_administrators_come_in(string method, string url) => (await server.Person.SendAsync(method, url)).Status.ShouldBe(403);

    [Fact]
    public async Task Changes_are_records_that_can_be_filtered_and_counted()
    {
        var unit = (await server.CreateAsync("unit", """{"name": "Audited"}""")).GetProperty("id").GetString();
        var filter = Uri.EscapeDataString($$"""{"all": [{"field": "record", "op": "eq", "value": "{{unit}}"}, {"field": "entity", "op": "contains", "value": "UNIT"}, {"field": "at", "op": "within", "value": "last7days"}]}""");

        var page = await server.Admin.ReadAsync($"/api/records/audit_entry?filter={filter}&fields=kind,by.name,door&count=exact&sort=-at");
        page.Status.ShouldBe(200, page.Text);
        page.Json.GetProperty("count").GetInt64().ShouldBe(1);
        var entry = page.Json.GetProperty("items")[0];
        (entry.GetProperty("kind").GetString(), entry.GetProperty("by").GetProperty("name").GetString(), entry.GetProperty("door").GetString()).ShouldBe(("create", "Administrator", "api"));
        var one = await server.Admin.ReadAsync($"/api/records/audit_entry/{entry.GetProperty("id").GetString()}");
        one.Json.GetProperty("record").GetString().ShouldBe(unit, one.Text);
        var counted = await server.Admin.PostAsync("/api/records/audit_entry/aggregate", """{"groupBy": ["entity", {"field": "at", "by": "day"}], "measures": [{"fn": "count"}]}""");
        counted.Status.ShouldBe(200, counted.Text);
        (await server.Admin.ReadAsync("/api/records/audit_entry?q=unit")).Json.GetProperty("items").GetArrayLength().ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("job", """{"kind": "x"}""")]
    [InlineData("audit_entry", """{"entity": "x"}""")]
    [InlineData("model_version", """{"title": "x"}""")]
    [InlineData("access_token", """{"name": "x", "scope": "write"}""")]
    [InlineData("change_set", """{"entity": "x"}""")]
    public async Task Nobody_writes_what_the_platform_keeps(string entity, string json)
    {
        (await server.Admin.PostAsync($"/api/records/{entity}", json)).Status.ShouldBeOneOf(400, 403, 422);
        (await server.Admin.PostAsync($"/api/records/{entity}", "{}")).Code.ShouldBe("forbidden.create");
        var id = SequentialIds.Unknown;
        (await server.Admin.SendAsync("DELETE", $"/api/records/{entity}/{id}")).Code.ShouldBe("forbidden.delete");
        (await server.Admin.SendAsync("PATCH", $"/api/records/{entity}/{id}", "{}", "If-Match: *")).Code.ShouldBe("forbidden.update");
        var may = (await server.Admin.ReadAsync("/api/model")).Json.GetProperty("entities").EnumerateArray().Single(e => e.GetProperty("name").GetString() == entity).GetProperty("may");
        may.EnumerateArray().Select(m => m.GetString()).ShouldBe(["read"]);
    }

    [Fact]
    public async Task A_person_with_changes_can_still_be_deleted()
    {
        var id = await server.CreatePersonAsync("Grace", "grace@example.com");
        using var grace = await server.SignInAsync("grace@example.com", ApiServer.Password);
        (await grace.PostAsync("/api/records/customer", """{"name": "Graceful"}""")).Status.ShouldBe(201);
        (await server.Admin.ReadAsync($"/api/records/audit_entry?filter={Uri.EscapeDataString($$"""{"field": "by", "op": "eq", "value": "{{id}}"}""")}")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);

        var customers = Uri.EscapeDataString("""{"field": "name", "op": "eq", "value": "Graceful"}""");
        var customer = (await server.Admin.ReadAsync($"/api/records/customer?filter={customers}")).Json.GetProperty("items")[0].GetProperty("id").GetString();
        (await server.Admin.SendAsync("DELETE", $"/api/records/customer/{customer}")).Status.ShouldBe(204);
        var deleted = await server.Admin.SendAsync("DELETE", $"/api/records/user/{id}");
        deleted.Status.ShouldBe(204, deleted.Text);
    }

    private async Task<List<string>> EntriesAsync()
    {
        using var response = await server.Admin.GetAsync(new Uri("/api/model/export", UriKind.Relative), Cancelled);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync(Cancelled);
        await using var zip = await ZipArchive.CreateAsync(stream, ZipArchiveMode.Read, leaveOpen: false, null, Cancelled);
        return [.. zip.Entries.Select(e => e.FullName)];
    }
}
