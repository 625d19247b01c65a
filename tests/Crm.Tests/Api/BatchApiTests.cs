using System.Text.Json;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

public sealed class BatchApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_batch_creates_changes_and_deletes_and_answers_for_each_item()
    {
        var (a, b, d) = (await server.CreateAsync("product", """{"name": "Batch a"}"""), await server.CreateAsync("product", """{"name": "Batch b"}"""), await server.CreateAsync("product", """{"name": "Batch d"}"""));

        var answer = await BatchAsync($$$"""
            {"atomic": true, "create": [{"name": "Batch c"}], "update": [{"id": "{{{Id(a)}}}", "version": 1, "series": "x"}], "delete": ["{{{Id(b)}}}"],
             "upsert": {"key": ["name"], "items": [{"name": "Batch d", "code": "1"}, {"name": "Batch new"}]}}
            """);

        answer.Status.ShouldBe(200, answer.Text);
        answer.Json.GetProperty("items").EnumerateArray().Select(i => $"{i.GetProperty("op")} {i.GetProperty("index")}").ShouldBe(["create 0", "update 0", "delete 0", "upsert 0", "upsert 1"]);
        (await NamesAsync("Batch")).ShouldBe(["Batch a", "Batch c", "Batch d", "Batch new"]);
        (await server.Admin.ReadAsync($"/api/records/product/{Id(a)}?fields=series")).Text.ShouldBe($$"""{"id":"{{Id(a)}}","series":"x"}""");
        (await server.Admin.ReadAsync($"/api/records/product/{Id(d)}?fields=code")).Text.ShouldBe($$"""{"id":"{{Id(d)}}","code":"1"}""");
    }

    [Fact]
    public async Task An_atomic_batch_with_a_bad_item_names_every_bad_one_and_writes_nothing()
    {
        var answer = await BatchAsync("""{"atomic": true, "create": [{"name": "Whole a"}, {}, {"name": 5}, {"name": "Whole b"}, {"name": "Whole b"}]}""");

        answer.Status.ShouldBe(400);
        answer.Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("index").GetInt32()).ShouldBe([1, 2, 4]);
        (await NamesAsync("Whole")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_batch_that_is_not_atomic_writes_the_good_and_explains_the_bad()
    {
        var answer = await BatchAsync("""{"create": [{"name": "Part a"}, {}, {"name": "Part b"}], "delete": ["x"]}""");

        answer.Status.ShouldBe(207);
        answer.Json.GetProperty("items").EnumerateArray().Select(i => i.TryGetProperty("problem", out var p) ? p.GetProperty("code").GetString() : "good").ShouldBe(["good", "required", "good", "batch.item"]);
        (await NamesAsync("Part")).ShouldBe(["Part a", "Part b"]);
    }

    [Fact]
    public async Task A_key_matches_exactly_and_an_empty_one_matches_nothing()
    {
        await BatchAsync("""{"create": [{"name": "Key a", "price": "1.5"}, {"name": "Key b"}]}""");

        var answer = await BatchAsync("""{"upsert": {"key": ["price"], "items": [{"name": "Key a2", "price": "1.50"}, {"name": "Key c"}, {"name": "Key d", "price": null}, {"name": "Key e", "price": "1.5001"}]}}""");

        answer.Status.ShouldBe(200, answer.Text);
        (await NamesAsync("Key")).ShouldBe(["Key a2", "Key b", "Key c", "Key d", "Key e"]);
    }

    [Fact]
    public async Task Two_items_with_one_key_and_a_key_that_means_two_records_are_refused()
    {
        await BatchAsync("""{"create": [{"name": "Twin a", "code": "twin"}, {"name": "Twin b", "code": "twin"}]}""");

        var answer = await BatchAsync("""{"upsert": {"key": ["code"], "items": [{"name": "Twin c", "code": "twin"}, {"name": "Twin d", "code": "once"}, {"name": "Twin e", "code": "once"}]}}""");

        answer.Json.GetProperty("items").EnumerateArray().Select(i => i.TryGetProperty("problem", out var p) ? p.GetProperty("code").GetString() : "good").ShouldBe(["key.ambiguous", "good", "key.twice"]);
    }

    [Fact]
    public async Task A_record_is_changed_once_in_a_batch_and_deleted_only_in_the_version_that_is_named()
    {
        var (a, b) = (await server.CreateAsync("product", """{"name": "Once a"}"""), await server.CreateAsync("product", """{"name": "Once b"}"""));

        var answer = await BatchAsync($$"""{"update": [{"id": "{{Id(a)}}", "series": "x"}, {"id": "{{Id(a)}}", "series": "y"}], "delete": [{"id": "{{Id(b)}}", "version": 9}]}""");

        answer.Status.ShouldBe(207, answer.Text);
        answer.Json.GetProperty("items").EnumerateArray().Select(i => i.TryGetProperty("problem", out var p) ? $"{p.GetProperty("status")} {p.GetProperty("code")}" : "good").ShouldBe(["good", "422 record.twice", "412 version.unknown"]);
        (await NamesAsync("Once")).ShouldBe(["Once a", "Once b"]);
    }

    [Fact]
    public async Task More_items_than_allowed_are_refused()
    {
        var answer = await BatchAsync($$"""{"create": [{{string.Join(',', Enumerable.Repeat("{}", 10_001))}}]}""");

        (answer.Status, answer.Code).ShouldBe((400, "batch.tooMany"));
    }

    [Fact]
    public async Task Somebody_without_the_right_writes_nothing()
    {
        var answer = await server.Person.PostAsync("/api/records/product/batch", """{"atomic": true, "create": [{"name": "Not allowed"}]}""");

        answer.Status.ShouldBe(403);
        (await NamesAsync("Not allowed")).ShouldBeEmpty();
    }

    private static string Id(JsonElement record) => record.GetProperty("id").GetString()!;

    private Task<Answer> BatchAsync(string json) => server.Admin.PostAsync("/api/records/product/batch", json);

    private async Task<string?[]> NamesAsync(string start) =>
        [.. (await server.Admin.ReadAsync("/api/records/product?sort=name&fields=name&filter=" + Uri.EscapeDataString($$"""{"field":"name","op":"startsWith","value":"{{start}}"}"""))).Json
            .GetProperty("items").EnumerateArray().Select(i => i.GetProperty("name").GetString())];
}
