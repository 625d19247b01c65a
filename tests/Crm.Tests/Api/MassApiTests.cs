using System.Text.Json;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>Changing and deleting many records at once, over HTTP, and taking it back.</summary>
public sealed class MassApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static string Where(string prefix) => $$"""{"field": "name", "op": "startsWith", "value": "{{prefix}}"}""";

    private async Task CreateAsync(string prefix, int count)
    {
        var items = string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"name": "{{prefix}} {{i}}", "city": "Bonn"}"""));
        var answer = await server.Admin.PostAsync("/api/records/customer/batch", $$"""{"atomic": true, "create": [{{items}}]}""");
        answer.Status.ShouldBe(200, answer.Text);
    }

    private async Task<JsonElement> RunAsync(string body)
    {
        var started = await server.Admin.PostAsync("/api/records/customer/mass", body);
        started.Status.ShouldBe(202, started.Text);
        while (true)
        {
            var job = (await server.Admin.ReadAsync("/api/jobs/" + started.Json.GetProperty("id").GetString())).Json;
            if (job.GetProperty("state").GetString() is not ("queued" or "running"))
            {
                job.GetProperty("state").GetString().ShouldBe("succeeded", job.ToString());
                return job.GetProperty("result");
            }
            await Task.Yield();
        }
    }

    private async Task<long> CountAsync(string filter) =>
        (await server.Admin.ReadAsync($"/api/records/customer?count=exact&limit=1&filter={Uri.EscapeDataString(filter)}")).Json.GetProperty("count").GetInt64();

    [Fact]
    public async Task What_a_filter_finds_is_changed_in_one_change_set_and_taken_back()
    {
        await CreateAsync("Massy", 1_200);

        var result = await RunAsync($$"""{"filter": {{Where("massy")}}, "set": {"city": "Ulm"} }""");

        result.GetProperty("updated").GetInt32().ShouldBe(1_200);
        var inUlm = $$"""{"all": [{{Where("massy")}}, {"field": "city", "op": "eq", "value": "Ulm"}]}""";
        (await CountAsync(inUlm)).ShouldBe(1_200);
        var undone = await server.Admin.PostAsync($"/api/changes/{result.GetProperty("changeSet").GetString()}/undo", "{}");
        undone.Status.ShouldBe(200, undone.Text);
        undone.Json.GetProperty("updated").GetInt32().ShouldBe(1_200);
        (await CountAsync(inUlm)).ShouldBe(0);
        var read = await server.Admin.ReadAsync("/api/changes/" + undone.Json.GetProperty("changeSet").GetString());
        (read.Status, read.Json.GetProperty("whole").GetBoolean(), read.Json.GetProperty("items").GetArrayLength()).ShouldBe((200, false, 1_000));
    }

    [Fact]
    public async Task Deleting_leaves_out_what_is_held_back_and_says_why()
    {
        await CreateAsync("Doomed", 3);
        var held = (await server.Admin.ReadAsync($"/api/records/customer?limit=1&filter={Uri.EscapeDataString(Where("doomed"))}")).Json.GetProperty("items")[0].GetProperty("id").GetString();
        await server.CreateAsync("opportunity", $$"""{"name": "holds it", "customer": "{{held}}"}""");

        var result = await RunAsync($$"""{"filter": {{Where("doomed")}}, "delete": true}""");

        (result.GetProperty("deleted").GetInt32(), result.GetProperty("errors").GetInt32()).ShouldBe((2, 1));
        var problem = result.GetProperty("problems")[0];
        (problem.GetProperty("id").GetString(), problem.GetProperty("code").GetString()).ShouldBe((held, "delete.referenced"));
    }

    [Theory]
    [InlineData("""{"set": {"city": "x"}}""")]
    [InlineData("""{"ids": [], "delete": true, "set": {"city": "x"}}""")]
    [InlineData("""{"ids": []}""")]
    [InlineData("""{"ids": ["x"], "delete": true}""")]
    [InlineData("""{"filter": {"field": "nothing", "op": "eq", "value": 1}, "delete": true}""")]
    [InlineData("""{"ids": [], "set": {"nothing": 1}}""")]
    [InlineData("""{"all": true, "delete": true}""")]
    public async Task What_cannot_be_understood_starts_nothing(string body) => (await server.Admin.PostAsync("/api/records/customer/mass", body)).Status.ShouldBe(400);

    [Fact]
    public async Task Records_are_merged_and_the_loser_names_the_winner()
    {
        var (winner, loser) = ((await server.CreateAsync("customer", """{"name": "Stays"}""")).GetProperty("id").GetString(), (await server.CreateAsync("customer", """{"name": "Goes"}""")).GetProperty("id").GetString());

        var merged = await server.Admin.PostAsync($"/api/records/customer/{winner}/merge", $$"""{"losers": ["{{loser}}"], "values": {"city": "Ulm"} }""");

        (merged.Status, merged.Json.GetProperty("city").GetString()).ShouldBe((200, "Ulm"), merged.Text);
        var gone = await server.Admin.ReadAsync($"/api/records/customer/{loser}");
        (gone.Status, gone.Code, gone.Json.GetProperty("errors")[0].GetProperty("records")[0].GetString()).ShouldBe((404, "merged", winner));
        (await server.Admin.ReadAsync($"/api/records/customer/{winner}/duplicates")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task The_outbox_is_for_administrators()
    {
        (await server.Admin.ReadAsync("/api/outbox")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        (await server.Person.ReadAsync("/api/outbox")).Status.ShouldBe(403);
        (await server.Admin.ReadAsync("/api/outbox?state=odd")).Status.ShouldBe(400);
        (await server.Admin.ReadAsync("/api/outbox?after=x")).Problems.ShouldBe("after: cursor");
        (await server.Admin.ReadAsync("/api/outbox?limit=1")).Json.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
        (await server.Admin.PostAsync($"/api/outbox/{Guid.Empty}/retry", "{}")).Status.ShouldBe(404);
    }
}
