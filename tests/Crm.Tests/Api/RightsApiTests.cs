using System.Text.Json;
using Crm.Data;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>What somebody without special rights sees and may do, through the same doors as everybody.</summary>
public sealed class RightsApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("user")]
    [InlineData("unit")]
    [InlineData("product")]
    public async Task What_only_administrators_may_write_is_read_only_for_others(string entity)
    {
        var record = (await server.CreateAsync(entity, $$"""{"name": "Kept {{entity}}"}""")).GetProperty("id").GetString();

        (await server.Person.ReadAsync($"/api/records/{entity}/{record}")).Status.ShouldBe(200);
        Refused(await server.Person.PostAsync($"/api/records/{entity}", """{"name": "Mine"}"""), "forbidden.create");
        Refused(await server.Person.SendAsync("PATCH", $"/api/records/{entity}/{record}", """{"name": "Mine"}""", "If-Match: \"1\""), "forbidden.update");
        Refused(await server.Person.SendAsync("DELETE", $"/api/records/{entity}/{record}"), "forbidden.delete");
        Refused(await server.Person.SendAsync("POST", $"/api/records/{entity}/{record}/restore"), "forbidden.delete");
        Refused(await server.Person.PostAsync($"/api/records/{entity}/mass", """{"ids": [], "restore": true}"""), "forbidden.delete");
        (await server.Admin.ReadAsync($"/api/records/{entity}/{record}")).Json.GetProperty("version").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_makes_themselves_an_administrator() =>
        Refused(await server.Person.SendAsync("PATCH", $"/api/records/user/{server.PersonId}", """{"administrator": true}""", "If-Match: \"1\""), "forbidden.update");

    [Fact]
    public async Task The_model_says_what_each_person_may_do()
    {
        (await MayAsync(server.Admin)).ShouldBe(["read", "create", "update", "delete"]);
        (await MayAsync(server.Person)).ShouldBe(["read"]);
        (await server.Person.ReadAsync("/api/model")).Json.TryGetProperty("problems", out _).ShouldBeFalse();

        static async Task<string?[]> MayAsync(HttpClient client) =>
            [.. (await client.ReadAsync("/api/model")).Json.GetProperty("entities").EnumerateArray().Single(e => e.GetProperty("name").GetString() == "user").GetProperty("may").EnumerateArray().Select(m => m.GetString())];
    }

    [Fact]
    public async Task The_model_shows_entities_with_fields_operators_and_views()
    {
        var model = (await server.Person.ReadAsync("/api/model")).Json;

        var opportunity = model.GetProperty("entities").EnumerateArray().Single(e => e.GetProperty("name").GetString() == "opportunity");
        var stage = opportunity.GetProperty("fields").EnumerateArray().Single(f => f.GetProperty("name").GetString() == "stage");
        stage.GetProperty("operators").EnumerateArray().Select(o => o.GetString()).ShouldContain("notIn");
        stage.GetProperty("options")[0].GetProperty("value").GetString().ShouldBe("prospecting");
        opportunity.GetProperty("views").EnumerateArray().Select(v => v.GetProperty("name").GetString()).ShouldContain("funnel");
        model.GetProperty("menus").GetArrayLength().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task The_model_shows_menus_and_dashboards_without_what_one_may_not_see()
    {
        await server.Services.GetRequiredService<ModelPublisher>().PublishAsync(
            "Figures",
            [
                new("dashboards", "mixed", """{"name": "mixed", "widgets": [{"name": "mixed_jobs", "kind": "tile", "entity": "job"}, {"name": "mixed_customers", "kind": "tile", "entity": "customer"}]}"""),
                new("dashboards", "closed", """{"name": "closed", "widgets": [{"name": "closed_jobs", "kind": "tile", "entity": "job"}]}"""),
            ],
            Actor.Platform, cancellationToken: TestContext.Current.CancellationToken);

        var (all, some) = ((await server.Admin.ReadAsync("/api/model")).Json, (await server.Person.ReadAsync("/api/model")).Json);

        Widgets(all).ShouldBe(["closed_jobs", "mixed_customers", "mixed_jobs"], ignoreOrder: true);
        Widgets(some).ShouldBe(["mixed_customers"]);
        Dashboards(some).ShouldNotContain("closed");
        Entries(all, "page").ShouldContain("/versions");
        Entries(all, "entity").ShouldContain("job");
        Entries(some, "page").ShouldNotContain("/versions");
        Entries(some, "entity").ShouldNotContain("job");
        Entries(some, "entity").ShouldContain("customer");

        static IEnumerable<string?> Dashboards(JsonElement model) => model.GetProperty("dashboards").EnumerateArray().Select(d => d.GetProperty("name").GetString());

        static IEnumerable<string?> Widgets(JsonElement model) => model.GetProperty("dashboards").EnumerateArray()
            .SelectMany(d => d.GetProperty("widgets").EnumerateArray()).Select(w => w.GetProperty("name").GetString()).Where(n => n!.StartsWith("mixed_", StringComparison.Ordinal) || n.StartsWith("closed_", StringComparison.Ordinal));

        static IEnumerable<string?> Entries(JsonElement model, string member) => model.GetProperty("menus").EnumerateArray().SelectMany(m => m.GetProperty("groups").EnumerateArray())
            .SelectMany(g => g.GetProperty("items").EnumerateArray()).Select(i => i.TryGetProperty(member, out var value) ? value.GetString() : null);
    }

    [Theory]
    [InlineData("entities")]
    [InlineData("menus")]
    [InlineData("imports")]
    [InlineData("organisation")]
    public async Task There_is_a_schema_for_each_kind_of_metadata(string kind)
    {
        var answer = await server.Person.ReadAsync($"/api/model/schemas/{kind}");

        (answer.Status, answer.Json.GetProperty("properties").EnumerateObject().Any()).ShouldBe((200, true));
    }

    private static void Refused(Answer answer, string code) => (answer.Status, answer.Code, answer.IsProblem).ShouldBe((403, code, true), answer.Text);
}
