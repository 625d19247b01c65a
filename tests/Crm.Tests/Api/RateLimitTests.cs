using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>How often somebody may ask, and try to sign in. Each test asks as somebody else, or somewhere else.</summary>
[SqliteOnly("it is the same over any database")]
public sealed class RateLimitTests(LimitedServer server) : IClassFixture<LimitedServer>
{
    private const int Often = 60;

    [Fact]
    public async Task Who_asks_too_often_is_asked_to_wait_and_nobody_else()
    {
        var answers = new List<Answer>();
        for (var i = 0; i < Often; i++)
        {
            answers.Add(await server.Person.ReadAsync("/api/records/customer?limit=1"));
        }

        var refused = answers.Where(a => a.Status != 200).ToList();
        refused.ShouldNotBeEmpty();
        refused.ShouldAllBe(a => a.Status == 429 && a.IsProblem && a.Code == "tooMany" && a.Headers.RetryAfter != null);
        (await server.Admin.ReadAsync("/api/records/customer?limit=1")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_token_that_is_made_up_anew_for_each_request_does_not_count_as_another_caller()
    {
        var answers = new List<Answer>();
        for (var i = 0; i < Often; i++)
        {
            answers.Add(await server.Anonymous.SendAsync("GET", i % 2 == 0 ? "/api/model" : "/API/model", (string?)null, $"Authorization: Bearer crm_{i}"));
        }

        answers.Select(a => a.Status).Distinct().ShouldBe([401, 429], ignoreOrder: true);
    }

    [Fact]
    public async Task Guessing_passwords_is_limited_at_the_form_and_at_the_call_together()
    {
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Anonymous.BaseAddress };
        var led = new List<string?>();
        for (var i = 0; i < Often; i++)
        {
            using var guess = new FormUrlEncodedContent([new("email", $"nobody{i}@example.com"), new("password", "guessed")]);
            using var answer = await browser.PostAsync(i % 2 == 0 ? "/sign-in" : "/Sign-In", guess, TestContext.Current.CancellationToken);
            led.Add(answer.Headers.Location?.ToString());
        }
        var called = new List<int>();
        for (var i = 0; i < 10; i++)
        {
            called.Add((await server.Anonymous.PostAsync("/api/auth/token", """{"email": "nobody@example.com", "password": "guessed"}""")).Status);
        }

        led.ShouldContain("/sign-in?error=locked", "a person is shown the page");
        called.ShouldContain(429);
        (await server.Anonymous.SendAsync("GET", "/sign-in")).Status.ShouldBe(200, "the page may be looked at");
    }
}
