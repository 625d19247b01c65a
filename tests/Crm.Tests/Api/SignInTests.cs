using Crm.Host.Identity;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

public sealed class SignInTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task The_right_password_gives_a_token_that_expires()
    {
        var answer = await server.Anonymous.PostAsync("/api/auth/token", $$"""{"email": "ADA@example.com", "password": "{{ApiServer.Password}}"}""");

        answer.Status.ShouldBe(200);
        answer.Json.GetProperty("accessToken").GetString().ShouldNotBeNullOrEmpty();
        answer.Json.GetProperty("expiresAt").GetDateTimeOffset().ShouldBeGreaterThan(TimeProvider.System.GetUtcNow());
    }

    [Theory]
    [InlineData("""{"email": "ada@example.com", "password": "wrong"}""", 401, "signIn.wrong")]
    [InlineData("""{"email": "nobody@example.com", "password": "correct horse"}""", 401, "signIn.wrong")]
    [InlineData("""{"email": "", "password": ""}""", 401, "signIn.wrong")]
    [InlineData("""{"email": "ada@example.com"}""", 400, "value.text")]
    [InlineData("""{"email": ["ada@example.com"], "password": 1}""", 400, "value.text")]
    [InlineData("""[]""", 400, "json.object")]
    [InlineData("", 400, "json")]
    [InlineData("""{"email": "\ud800", "password": "x"}""", 400, "value.brokenUnicode")]
    [InlineData("""{"email": "a\u0000", "password": "x"}""", 401, "signIn.wrong")]
    public async Task Wrong_credentials_are_told_from_requests_that_make_no_sense(string body, int status, string code)
    {
        var answer = await server.Anonymous.PostAsync("/api/auth/token", body);

        (answer.Status, answer.Code, answer.IsProblem).ShouldBe((status, code, true), answer.Text);
    }

    [Fact]
    public async Task After_five_wrong_passwords_even_the_right_one_is_refused_for_a_while()
    {
        await server.CreatePersonAsync("Locked", "locked@example.com");
        for (var i = 0; i < 5; i++)
        {
            (await TryAsync("wrong")).Status.ShouldBe(i < 4 ? 401 : 423);
        }

        var answer = await TryAsync(ApiServer.Password);

        (answer.Status, answer.Code).ShouldBe((423, "signIn.locked"));
        (await server.Anonymous.PostAsync("/api/auth/token", $$"""{"email": "{{ApiServer.PersonEmail}}", "password": "{{ApiServer.Password}}"}""")).Status.ShouldBe(200, "others may sign in");

        Task<Answer> TryAsync(string password) => server.Anonymous.PostAsync("/api/auth/token", $$"""{"email": "locked@example.com", "password": "{{password}}"}""");
    }

    [Fact]
    public async Task Wrong_passwords_that_are_sent_at_once_all_count()
    {
        await server.CreatePersonAsync("Hurried", "hurried@example.com");

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => TryAsync("wrong")));

        (await TryAsync(ApiServer.Password)).Status.ShouldBe(423);

        Task<Answer> TryAsync(string password) => server.Anonymous.PostAsync("/api/auth/token", $$"""{"email": "hurried@example.com", "password": "{{password}}"}""");
    }

    [Fact]
    public async Task A_wrong_password_that_was_being_looked_at_while_a_new_one_was_set_does_not_bring_the_old_one_back()
    {
        var id = await server.CreatePersonAsync("Changing", "changing@example.com");
        await using var scope = server.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        var read = (await users.FindByIdAsync(id.ToString("D")))!;
        (await server.Admin.PostAsync($"/api/users/{id}/password", """{"password": "a new battery staple"}""")).Status.ShouldBe(204);

        await users.AccessFailedAsync(read);

        (await TryAsync(ApiServer.Password)).Status.ShouldBe(401);
        (await TryAsync("a new battery staple")).Status.ShouldBe(200);

        Task<Answer> TryAsync(string password) => server.Anonymous.PostAsync("/api/auth/token", $$"""{"email": "changing@example.com", "password": "{{password}}"}""");
    }

    [Theory]
    [InlineData("GET", "/api/records/customer")]
    [InlineData("POST", "/api/records/customer")]
    [InlineData("GET", "/api/records/nothing")]
    [InlineData("GET", "/api/records/customer/1")]
    [InlineData("GET", "/api/model")]
    [InlineData("GET", "/api/model/schemas/entities")]
    [InlineData("POST", "/api/imports")]
    [InlineData("GET", "/api/jobs/1")]
    public async Task Without_a_token_nothing_is_told(string method, string url)
    {
        var answer = await server.Anonymous.SendAsync(method, url);

        (answer.Status, answer.IsProblem, answer.Code).ShouldBe((401, true, "signIn.needed"), answer.Text);
    }

    [Theory]
    [InlineData("Bearer crm_made_up")]
    [InlineData("bearer x y z")]
    public async Task A_token_that_nobody_gave_out_is_none(string authorization)
    {
        var answer = await server.Anonymous.SendAsync("GET", "/api/model", (string?)null, "Authorization: " + authorization);

        (answer.Status, answer.Code).ShouldBe((401, "signIn.needed"));
        answer.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
    }

    [Fact]
    public async Task The_token_of_somebody_who_left_opens_nothing()
    {
        var id = await server.CreatePersonAsync("Gone", "gone@example.com");
        var gone = await server.SignInAsync("gone@example.com", ApiServer.Password);
        (await gone.ReadAsync("/api/model")).Status.ShouldBe(200);

        (await server.Admin.SendAsync("PATCH", $"/api/records/user/{id}", """{"active": false}""", "If-Match: \"1\"")).Status.ShouldBe(200);

        (await gone.ReadAsync("/api/model")).Status.ShouldBe(403);
        (await gone.ReadAsync("/api/records/customer")).Status.ShouldBe(403);
        (await server.Anonymous.PostAsync("/api/auth/token", $$"""{"email": "gone@example.com", "password": "{{ApiServer.Password}}"}""")).Status.ShouldBe(401);
    }

    [Theory]
    [InlineData("/health/live", "live")]
    [InlineData("/health/ready", "ready")]
    public async Task Everybody_may_ask_how_the_server_is(string url, string status)
    {
        var answer = await server.Anonymous.ReadAsync(url);

        (answer.Status, answer.Json.GetProperty("status").GetString()).ShouldBe((200, status));
    }
}
