using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>What happened around a record, in words.</summary>
public sealed class TimelineTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Changes_and_what_was_made_for_a_record_come_newest_first_in_the_askers_language()
    {
        var customer = (await server.CreateAsync("customer", """{"name": "Acme", "status": "prospect"}""")).GetProperty("id").GetString()!;
        var url = $"/api/records/customer/{customer}";
        (await server.Admin.SendAsync("PATCH", url, $$"""{"status": "active", "owner": "{{server.PersonId}}"}""", "If-Match: \"1\"")).Status.ShouldBe(200);
        await server.CreateAsync("contact", $$"""{"name": "Bo Li", "customer": "{{customer}}"}""");

        var items = (await server.Person.ReadAsync(url + "/timeline")).Json.GetProperty("items").EnumerateArray().ToList();

        items.Select(i => i.GetProperty("kind").GetString()).ShouldBe(["related", "updated", "created"]);
        items[0].GetProperty("text").GetString().ShouldBe("Contact added: Bo Li");
        items[0].GetProperty("link").GetString().ShouldStartWith("/e/contact/");
        items[1].GetProperty("text").GetString()!.ShouldContain("Ada");
        items[1].GetProperty("changes").EnumerateArray().Select(c => c.GetString()).ShouldContain("Status: Prospect → Active");
        items[1].GetProperty("by").GetProperty("name").GetString().ShouldBe("Administrator");
        items[1].GetProperty("door").GetString().ShouldBe("api");
        var chinese = (await server.Person.SendAsync("GET", url + "/timeline", (string?)null, "Accept-Language: zh-CN")).Json;
        chinese.GetProperty("items")[0].GetProperty("text").GetString().ShouldBe("新增联系人：Bo Li");
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repetition()
    {
        var customer = (await server.CreateAsync("customer", """{"name": "Paged"}""")).GetProperty("id").GetString()!;
        for (var i = 0; i < 7; i++)
        {
            await server.CreateAsync("contact", $$"""{"name": "Contact {{i}}", "customer": "{{customer}}"}""");
            (await server.Admin.SendAsync("PATCH", $"/api/records/customer/{customer}", $$"""{"employees": {{i + 1}}}""", $"If-Match: \"{i + 1}\"")).Status.ShouldBe(200);
        }
        var whole = (await server.Admin.ReadAsync($"/api/records/customer/{customer}/timeline?limit=200")).Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("text").GetString()).ToList();
        whole.Count.ShouldBe(15);

        var paged = new List<string?>();
        for (string? after = ""; after is not null;)
        {
            var page = (await server.Admin.ReadAsync($"/api/records/customer/{customer}/timeline?limit=2{(after.Length > 0 ? "&after=" + after : "")}")).Json;
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("text").GetString()));
            after = page.GetProperty("next").GetString();
        }

        paged.ShouldBe(whole);
        (await server.Admin.ReadAsync($"/api/records/customer/{customer}/timeline?after=dDEsMQ")).Problems.ShouldBe("after: cursor");
    }

    [Fact]
    public async Task A_history_is_paged_from_the_newest_change_to_the_first()
    {
        var customer = (await server.CreateAsync("customer", """{"name": "Changed"}""")).GetProperty("id").GetString()!;
        for (var i = 1; i < 5; i++)
        {
            (await server.Admin.SendAsync("PATCH", $"/api/records/customer/{customer}", $$"""{"employees": {{i}}}""", $"If-Match: \"{i}\"")).Status.ShouldBe(200);
        }

        var pages = new List<string>();
        for (string? after = ""; after is not null;)
        {
            var page = (await server.Admin.ReadAsync($"/api/records/customer/{customer}/history?limit=2{(after.Length > 0 ? "&after=" + after : "")}")).Json;
            pages.Add($"{string.Join(' ', page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("version").GetInt64()))} {page.GetProperty("whole").GetBoolean()}");
            after = page.GetProperty("next").GetString();
        }

        pages.ShouldBe(["5 4 False", "3 2 False", "1 True"]);
        var timeline = (await server.Admin.ReadAsync($"/api/records/customer/{customer}/timeline?limit=2")).Json.GetProperty("next").GetString();
        (await server.Admin.ReadAsync($"/api/records/customer/{customer}/history?after={timeline}")).Problems.ShouldBe("after: cursor", "a cursor is one of its list");
        (await server.Admin.ReadAsync($"/api/records/customer/{customer}/history?limit=1001")).Problems.ShouldBe("limit: limit");
    }

    [Fact]
    public async Task Any_number_of_records_of_one_moment_are_paged_through_to_what_was_before_them()
    {
        var customer = (await server.CreateAsync("customer", """{"name": "Crowded"}""")).GetProperty("id").GetString()!;
        var contacts = string.Join(", ", Enumerable.Range(0, 120).Select(i => $$"""{"name": "Crowd {{i}}", "customer": "{{customer}}"}"""));
        (await server.Admin.PostAsync("/api/records/contact/batch", $$"""{"atomic": true, "create": [{{contacts}}]}""")).Status.ShouldBe(200);

        var kinds = new List<string?>();
        var seen = new HashSet<string?>();
        for (string? after = ""; after is not null;)
        {
            var page = (await server.Admin.ReadAsync($"/api/records/customer/{customer}/timeline?limit=50{(after.Length > 0 ? "&after=" + after : "")}")).Json;
            kinds.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("kind").GetString()));
            seen.UnionWith(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()));
            after = page.GetProperty("next").GetString();
        }

        kinds.ShouldBe([.. Enumerable.Repeat("related", 120), "created"]);
        seen.Count.ShouldBe(121);
    }
}
