using System.Text;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>
/// Whatever comes in, the answer is never a fault of ours, never shows the inside, and what is refused leaves nothing behind. Each case is
/// made from a seed, which a failure names.
/// </summary>
public sealed class HostileRequestsTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Nobody = "0190aaaa-bbbb-7ccc-8ddd-000000000001";

    private static readonly string[] Posts =
    [
        "/api/records/customer", "/api/records/opportunity", "/api/records/user", "/api/records/customer/aggregate", "/api/records/opportunity/aggregate", "/api/records/customer/batch", "/api/records/product/batch", "/api/auth/token", "/api/imports",
    ];

    private static readonly string[] Requests =
    [
        """{"name": "Acme", "status": "active", "annual_revenue": 1.5, "employees": 10, "parent": null, "website": "https://example.com", "email": "a@example.com"}""",
        """{"groupBy": ["status", {"field": "created_at", "by": "month"}], "measures": [{"fn": "sum", "field": "employees", "as": "total"}, {"fn": "count"}], "filter": {"field": "name", "op": "contains", "value": "a"}, "sort": "-total", "limit": 10}""",
        """{"atomic": true, "create": [{"name": "a"}], "update": [{"id": "0190aaaa-bbbb-7ccc-8ddd-000000000001", "version": 1}], "upsert": {"key": ["name"], "items": [{"name": "b"}]}, "delete": ["0190aaaa-bbbb-7ccc-8ddd-000000000001"]}""",
        """{"email": "admin@example.com", "password": "wrong"}""",
    ];

    private static readonly string[] Lists = ["filter", "sort", "fields", "after", "q", "view", "limit", "count"];

    private static readonly string[] Filters =
    [
        """{"all": [{"field": "name", "op": "contains", "value": "a"}, {"not": {"field": "employees", "op": "between", "value": [1, 5]}}]}""",
        """{"field": "annual_revenue", "op": "in", "value": [1, 2.5, null]}""",
        """{"any": [{"field": "created_at", "op": "within", "value": "last7days"}, {"field": "owner", "op": "eq", "value": {"var": "me"}}]}""",
        """{"field": "name", "op": "eq", "value": {"field": "city"}}""",
    ];

    [Fact]
    public async Task Any_body_is_answered_and_refused_ones_change_nothing()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var hostile = new Hostile(seed);
            var url = Posts[seed % Posts.Length];
            var body = seed % 2 == 0 ? hostile.Body() : Encoding.UTF8.GetBytes(hostile.Like(Requests[seed / 2 % Requests.Length]));
            var entity = url.Contains("opportunity", StringComparison.Ordinal) ? "opportunity" : url.Contains("user", StringComparison.Ordinal) ? "user" : url.Contains("product", StringComparison.Ordinal) ? "product" : "customer";
            var before = await server.CountAsync(entity);

            var answer = await server.Admin.SendAsync("POST", url, HttpRequests.Json(body));

            Check(answer, $"seed {seed}: POST {url} {Encoding.UTF8.GetString(body)}");
            if (answer.Status is not (201 or 200 or 207))
            {
                (await server.CountAsync(entity)).ShouldBe(before, $"seed {seed}");
            }
        }
    }

    [Fact]
    public async Task Any_change_of_a_record_is_answered_and_refused_ones_change_nothing()
    {
        var record = await server.CreateAsync("customer", """{"name": "Kept", "city": "Rome"}""");
        var url = $"/api/records/customer/{record.GetProperty("id").GetString()}";
        for (var seed = 1_000; seed < 1_200; seed++)
        {
            var hostile = new Hostile(seed);
            var before = await server.Admin.ReadAsync(url);

            var answer = await server.Admin.SendAsync("PATCH", url, HttpRequests.Json(seed % 2 == 0 ? hostile.Body() : Encoding.UTF8.GetBytes(hostile.Like(Requests[0]))), "If-Match: " + before.ETag);

            Check(answer, $"seed {seed}: PATCH");
            if (answer.Status != 200)
            {
                (await server.Admin.ReadAsync(url)).Text.ShouldBe(before.Text, $"seed {seed}");
            }
        }
    }

    [Fact]
    public async Task Any_question_is_answered()
    {
        for (var seed = 2_000; seed < 2_500; seed++)
        {
            var hostile = new Hostile(seed);
            var parameter = Lists[seed % Lists.Length];
            var text = parameter == "filter" && seed % 3 > 0 ? hostile.Like(Filters[seed / 3 % Filters.Length]) : hostile.Text();
            var url = $"/api/records/customer?{parameter}={Uri.EscapeDataString(text)}";

            var answer = await server.Person.ReadAsync(url);

            Check(answer, $"seed {seed}: GET {Uri.UnescapeDataString(url)}");
        }
    }

    [Theory]
    [InlineData("filter", """{"field": "name", "op": "contains", "value": TEXT}""")]
    [InlineData("filter", """{"field": "name", "op": "in", "value": [TEXT]}""")]
    [InlineData("filter", """{"field": TEXT, "op": "eq", "value": 1}""")]
    [InlineData("filter", """{"field": "name", "op": TEXT, "value": 1}""")]
    [InlineData("filter", """{"field": "owner", "op": "eq", "value": {"var": TEXT}}""")]
    [InlineData("filter", """{"field": "name", "op": "eq", "value": {"field": TEXT}}""")]
    [InlineData("filter", """{"field": "created_at", "op": "within", "value": TEXT}""")]
    [InlineData("filter", """{TEXT: []}""")]
    [InlineData("sort", "RAW")]
    [InlineData("sort", "name,-RAW")]
    [InlineData("fields", "name,RAW")]
    [InlineData("fields", "parent.RAW")]
    [InlineData("after", "RAW")]
    [InlineData("q", "RAW")]
    [InlineData("view", "RAW")]
    [InlineData("RAW", "1")]
    public async Task Harmful_text_is_only_text_wherever_it_stands(string parameter, string template)
    {
        foreach (var text in Hostile.Texts)
        {
            var value = template.Replace("TEXT", System.Text.Json.JsonSerializer.Serialize(text), StringComparison.Ordinal).Replace("RAW", text, StringComparison.Ordinal);
            var url = $"/api/records/customer?{Uri.EscapeDataString(parameter.Replace("RAW", text, StringComparison.Ordinal))}={Uri.EscapeDataString(value)}";

            Check(await server.Person.ReadAsync(url), $"{parameter}={value}");
        }
    }

    [Fact]
    public async Task Harmful_text_that_may_be_stored_comes_back_as_it_was()
    {
        foreach (var text in Hostile.Texts.Where(t => t.Trim().Length > 0))
        {
            var answer = await server.Admin.PostAsync("/api/records/customer", $$"""{"name": "x", "description": {{System.Text.Json.JsonSerializer.Serialize(text)}}}""");

            Check(answer, text);
            if (answer.Status == 201)
            {
                answer.Json.GetProperty("description").GetString().ShouldBe(text.TrimEnd());
                var filter = Uri.EscapeDataString($$"""{"field": "description", "op": "eq", "value": {{System.Text.Json.JsonSerializer.Serialize(text.TrimEnd())}}}""");
                (await server.Admin.ReadAsync($"/api/records/customer?filter={filter}&count=exact")).Json.GetProperty("count").GetInt64().ShouldBe(1, text);
            }
            else
            {
                answer.Problems.ShouldBe("description: value.controlCharacters", text);
            }
        }
    }

    [Theory]
    [InlineData("/api/records/RAW")]
    [InlineData("/api/records/customer/RAW")]
    [InlineData("/api/records/customer/RAW/history")]
    [InlineData("/api/model/schemas/RAW")]
    [InlineData("/api/jobs/RAW")]
    [InlineData("/api/RAW")]
    public async Task Harmful_addresses_lead_nowhere(string template)
    {
        foreach (var text in Hostile.Texts.Where(t => t is not ("" or "." or "..")))
        {
            var answer = await server.Admin.ReadAsync(template.Replace("RAW", Uri.EscapeDataString(text), StringComparison.Ordinal));

            (answer.Status is >= 400 and < 500).ShouldBeTrue($"{template} {text}: {answer.Status}");
            Inside(answer, text);
        }
    }

    [Theory]
    [InlineData("If-Match")]
    [InlineData("Authorization")]
    [InlineData("Accept-Language")]
    [InlineData("Cookie")]
    public async Task Harmful_headers_do_no_harm(string header)
    {
        foreach (var text in Hostile.Texts.Where(t => t.All(c => c is >= ' ' and <= '~')))
        {
            var answer = await server.Admin.SendAsync("PATCH", $"/api/records/customer/{Nobody}", "{}", $"{header}: {text}");

            Check(answer, $"{header}: {text}");
        }
    }

    private static void Check(Answer answer, string what)
    {
        answer.Status.ShouldBeLessThan(500, $"{what}\n{answer.Text}");
        if (answer.Status >= 400)
        {
            answer.IsProblem.ShouldBeTrue($"{what}\n{answer.Status} {answer.Text}");
            answer.Code.ShouldNotBeNullOrEmpty();
        }
        Inside(answer, what);
    }

    /// <summary>No stack trace, no class of ours, no SQL in an answer.</summary>
    private static void Inside(Answer answer, string what)
    {
        foreach (var word in new[] { "   at ", "Exception", "SELECT ", "FROM \"", "Sqlite", "SQLite", "System.", "Crm." })
        {
            answer.Text.Contains(word, StringComparison.Ordinal).ShouldBeFalse($"{what}\n{answer.Text}");
        }
    }
}
