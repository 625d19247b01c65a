using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>What HTTP expects of every address: methods, media types, conditions, limits, and one shape of refusal.</summary>
public sealed class MannersTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task The_gallery_is_not_there_where_the_product_is_used()
    {
        (await server.Anonymous.SendAsync("GET", "/gallery")).Status.ShouldBe(404, "a page that is there would ask to sign in");
    }

    [Fact]
    public async Task An_unknown_page_is_the_products_own_and_says_404()
    {
        var page = await server.Anonymous.SendAsync("GET", "/nonsense/deep?x=1");

        page.Status.ShouldBe(404);
        page.ContentType.ShouldBe("text/html");
        page.Text.ShouldContain("data-testid=\"not-found\"");
        page.Text.ShouldNotContain("class=\"boot\"");
    }

    [Theory]
    [InlineData("GET", "/api/nonsense", 404, "address.unknown")]
    [InlineData("POST", "/api/nonsense/deep", 404, "address.unknown")]
    [InlineData("PUT", "/api/records/customer", 405, "method")]
    [InlineData("DELETE", "/api/model", 405, "method")]
    public async Task What_is_not_there_is_refused_in_the_one_shape(string method, string url, int status, string code)
    {
        var answer = await server.Admin.SendAsync(method, url, method is "GET" or "DELETE" ? null : "{}");

        (answer.Status, answer.IsProblem, answer.Code).ShouldBe((status, true, code), answer.Text);
    }

    [Fact]
    public async Task An_address_has_room_for_a_thousand_ids()
    {
        var ids = string.Join(',', Enumerable.Range(0, 1_000).Select(i => $"\"{new Guid(i, 0, 0, new byte[8])}\""));

        var answer = await server.Admin.ReadAsync("/api/records/customer?filter=" + Uri.EscapeDataString($$"""{"field": "id", "op": "in", "value": [{{ids}}]}"""));

        answer.Status.ShouldBe(200, answer.Text);
    }

    [Fact]
    public async Task Only_JSON_is_taken_and_given()
    {
        using var text = new StringContent("name=Acme", Encoding.UTF8, "application/x-www-form-urlencoded");
        (await server.Admin.SendAsync("POST", "/api/records/customer", text)).Code.ShouldBe("mediaType");
        var refused = await server.Admin.SendAsync("GET", "/api/records/customer", (string?)null, "Accept: text/xml");
        (refused.Status, refused.IsProblem).ShouldBe((406, true));
        foreach (var accept in new[] { "*/*", "application/json", "application/problem+json", "text/html, */*;q=0.1", "application/*" })
        {
            (await server.Admin.SendAsync("GET", "/api/records/customer", (string?)null, "Accept: " + accept)).Status.ShouldBe(200, accept);
        }
    }

    [Fact]
    public async Task HEAD_answers_like_GET_without_a_body_and_OPTIONS_says_what_is_allowed()
    {
        var head = await server.Admin.SendAsync("HEAD", "/api/records/customer");
        (head.Status, head.Text, head.ContentType).ShouldBe((200, "", "application/json"));
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/records/customer");
        using var options = await server.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        options.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        options.Content.Headers.Allow.ShouldBe(["GET", "HEAD", "POST"], ignoreOrder: true);
    }

    [Fact]
    public async Task Who_has_the_version_already_is_not_sent_it_again()
    {
        var customer = await server.CreateAsync("customer", """{"name": "Known"}""");
        var url = $"/api/records/customer/{customer.GetProperty("id").GetString()}";
        var own = url + "?fields=name,industry";

        var known = await server.Admin.SendAsync("GET", own, (string?)null, "If-None-Match: \"1\"");
        (known.Status, known.Text, known.ETag).ShouldBe((304, "", "\"1\""));
        (await server.Admin.SendAsync("GET", own, (string?)null, "If-None-Match: \"2\"")).Status.ShouldBe(200);
        (await server.Admin.SendAsync("GET", own, (string?)null, "If-None-Match: *")).Status.ShouldBe(304);
        // What another record is called can change without this one getting a new version.
        (await server.Admin.SendAsync("GET", url + "?fields=owner.name", (string?)null, "If-None-Match: \"1\"")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_token_for_reading_reads_and_does_nothing_else()
    {
        var made = await server.Person.PostAsync("/api/tokens", """{"name": "report", "scopes": ["read"]}""");
        made.Status.ShouldBe(201, made.Text);
        using var program = With(made.Json.GetProperty("token").GetString()!);

        (await program.ReadAsync("/api/records/customer")).Status.ShouldBe(200);
        (await program.PostAsync("/api/records/customer/aggregate", "{}")).Status.ShouldBe(200);
        (await program.PostAsync("/api/records/customer", """{"name": "No"}""")).Code.ShouldBe("token.readOnly");
        (await program.PostAsync("/API/records/customer", """{"name": "No"}""")).Code.ShouldBe("token.readOnly", "an address is the same in any case");
        (await program.PostAsync("/api/tokens", """{"name": "more", "scopes": ["write"]}""")).Code.ShouldBe("token.readOnly");
    }

    [Fact]
    public async Task A_token_is_shown_once_listed_without_its_secret_and_ends_when_it_is_revoked()
    {
        var made = (await server.Person.PostAsync("/api/tokens", """{"name": "sync", "scopes": ["read", "write"], "expiresAt": "2099-01-01T00:00:00Z"}"""));
        made.Problems.ShouldBe("expiresAt: token.expires");
        made = await server.Person.PostAsync("/api/tokens", """{"name": "sync", "scopes": ["read", "write"]}""");
        using var program = With(made.Json.GetProperty("token").GetString()!);
        (await program.PostAsync("/api/records/customer", """{"name": "By token"}""")).Status.ShouldBe(201);

        var list = await server.Person.ReadAsync("/api/tokens");
        list.Text.ShouldContain("\"sync\"");
        list.Text.ShouldNotContain("\"token\"");
        (await server.Admin.ReadAsync("/api/tokens")).Text.ShouldNotContain("\"sync\"");
        var id = made.Json.GetProperty("id").GetString();
        (await server.Admin.SendAsync("DELETE", $"/api/tokens/{id}")).Status.ShouldBe(404);
        (await server.Person.SendAsync("DELETE", $"/api/tokens/{id}")).Status.ShouldBe(204);
        (await program.ReadAsync("/api/records/customer")).Status.ShouldBe(401);
    }

    private HttpClient With(string token)
    {
        var client = server.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
