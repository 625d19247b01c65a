using System.Text.Json;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>Search over everything, pages in both directions, views by name and the list of slow queries, over HTTP.</summary>
public sealed class SearchApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Search_answers_ranked_hits_with_snippet_and_marks()
    {
        var customer = await server.CreateAsync("customer", """{"name": "Quixotic Mills"}""");
        await server.CreateAsync("opportunity", $$"""{"name": "Windmill deal", "customer": "{{customer.GetProperty("id").GetString()}}"}""");

        var answer = await server.Person.ReadAsync("/api/search?q=QUIXOTIC");

        answer.Status.ShouldBe(200, answer.Text);
        var hits = answer.Json.GetProperty("hits").EnumerateArray().ToList();
        hits.Select(h => $"{Text(h, "entity")} {Text(h, "title")} {Text(h, "field")} {Text(h, "snippet")} {h.GetProperty("marks")}").ShouldBe(
        [
            "customer Quixotic Mills name Quixotic Mills [[0,8]]",
            "opportunity Windmill deal customer.name Quixotic Mills [[0,8]]",
        ]);
        (await server.Person.ReadAsync("/api/search?q=quixotic&entity=opportunity&limit=1")).Json.GetProperty("hits").GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [InlineData("/api/search", "q: parameter.missing")]
    [InlineData("/api/search?q=x&limit=0", "limit: limit")]
    [InlineData("/api/search?q=x&more=1", "more: parameter.unknown")]
    [InlineData("/api/records/customer?before=x", "before: cursor")]
    [InlineData("/api/records/customer?page=2", "page: parameter.unknown")]
    [InlineData("/api/records/customer?view=nothing", "view: view.unknown")]
    [InlineData("/api/records/customer?count=some", "count: count")]
    public async Task What_cannot_be_understood_is_refused_by_name(string url, string problem)
    {
        var answer = await server.Person.ReadAsync(url);

        answer.Status.ShouldBe(400, answer.Text);
        answer.Problems.ShouldBe(problem);
    }

    [Fact]
    public async Task Pages_lead_forwards_and_back_to_where_they_began()
    {
        foreach (var n in Enumerable.Range(0, 7))
        {
            await server.CreateAsync("product", $$"""{"name": "Paged {{n}}", "code": "PG{{n}}"}""");
        }
        var url = $"/api/records/product?sort=name&limit=3&fields=name&filter={Uri.EscapeDataString("""{"field": "name", "op": "startsWith", "value": "Paged"}""")}";
        var first = await server.Person.ReadAsync(url);
        first.Json.GetProperty("previous").ValueKind.ShouldBe(JsonValueKind.Null);
        var second = await server.Person.ReadAsync($"{url}&after={Text(first.Json, "next")}");

        var back = await server.Person.ReadAsync($"{url}&before={Text(second.Json, "previous")}");

        back.Json.GetProperty("items").ToString().ShouldBe(first.Json.GetProperty("items").ToString());
        Names(second.Json).ShouldBe(["Paged 3", "Paged 4", "Paged 5"]);
        back.Json.GetProperty("previous").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_view_gives_filter_order_and_columns_unless_the_request_says_otherwise()
    {
        foreach (var (name, stage, amount) in new[] { ("View low", "proposal", 5), ("View high", "proposal", 50), ("View lost", "lost", 500) })
        {
            await server.CreateAsync("opportunity", $$"""{"name": "{{name}}", "stage": "{{stage}}", "amount": {{amount}}}""");
        }

        var plain = await server.Person.ReadAsync("/api/records/opportunity?view=open&q=view&count=exact");
        var sorted = await server.Person.ReadAsync("/api/records/opportunity?view=open&q=view&sort=name&fields=name&count=none");

        Names(plain.Json).ShouldBe(["View high", "View low"]);
        (plain.Json.GetProperty("count").GetInt32(), plain.Json.GetProperty("countIsExact").GetBoolean()).ShouldBe((2, true));
        plain.Json.GetProperty("items")[0].TryGetProperty("next_step", out _).ShouldBeTrue();
        plain.Json.GetProperty("items")[0].TryGetProperty("description", out _).ShouldBeFalse();
        Names(sorted.Json).ShouldBe(["View high", "View low"]);
        sorted.Json.GetProperty("items")[0].EnumerateObject().Select(p => p.Name).ShouldBe(["id", "name"]);
        sorted.Json.TryGetProperty("count", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Aggregates_say_whether_there_are_more_groups_and_what_they_are_called()
    {
        var answer = await server.Person.PostAsync("/api/records/user/aggregate", """{"groupBy": ["administrator", "id"], "measures": [{"fn": "count"}], "limit": 1, "titles": true}""");

        answer.Status.ShouldBe(200, answer.Text);
        answer.Json.GetProperty("more").GetBoolean().ShouldBeTrue();
        answer.Json.GetProperty("titles").TryGetProperty("administrator", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Slow_queries_are_for_administrators()
    {
        (await server.Person.ReadAsync("/api/admin/queries")).Status.ShouldBe(403);
        var answer = await server.Admin.ReadAsync("/api/admin/queries");

        answer.Status.ShouldBe(200, answer.Text);
        answer.Json.GetProperty("queries").ValueKind.ShouldBe(JsonValueKind.Array);
    }

    private static string Text(JsonElement json, string member) => json.GetProperty(member).GetString()!;

    private static IEnumerable<string> Names(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(i => Text(i, "name"));
}
