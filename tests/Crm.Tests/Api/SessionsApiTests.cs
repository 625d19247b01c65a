using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>The browsers in which a person is signed in, each with a cookie of its own.</summary>
public sealed partial class SessionsApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_sees_where_they_are_signed_in_and_ends_it_there()
    {
        await server.CreatePersonAsync("Sessions", "sessions@example.com");
        using var desk = await BrowserAsync("sessions@example.com", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36");
        using var phone = await BrowserAsync("sessions@example.com", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1");

        var seen = (await desk.ReadAsync("/api/sessions")).Json.GetProperty("items").EnumerateArray().ToList();
        seen.Count.ShouldBe(2);
        var here = seen.Single(s => s.GetProperty("current").GetBoolean());
        var there = seen.Single(s => !s.GetProperty("current").GetBoolean());
        here.GetProperty("agent").GetString()!.ShouldContain("Windows");
        there.GetProperty("agent").GetString()!.ShouldContain("iPhone");
        (await phone.ReadAsync("/api/model")).Status.ShouldBe(200);

        (await desk.SendAsync("DELETE", $"/api/sessions/{there.GetProperty("id").GetString()}")).Status.ShouldBe(204);

        (await phone.ReadAsync("/api/model")).Status.ShouldBe(401);
        (await desk.ReadAsync("/api/model")).Status.ShouldBe(200);
        (await desk.ReadAsync("/api/sessions")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_ends_the_sign_in_of_somebody_else()
    {
        await server.CreatePersonAsync("Mine", "mine@example.com");
        using var mine = await BrowserAsync("mine@example.com", "curl/8");
        var id = (await mine.ReadAsync("/api/sessions")).Json.GetProperty("items")[0].GetProperty("id").GetString();

        (await server.Person.SendAsync("DELETE", $"/api/sessions/{id}")).Code.ShouldBe("session.unknown");
        (await server.Person.SendAsync("DELETE", "/api/sessions/nonsense")).Status.ShouldBe(404);

        (await mine.ReadAsync("/api/model")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Signing_out_and_a_new_password_end_sign_ins()
    {
        var id = await server.CreatePersonAsync("Leaving", "leaving@example.com");
        using var first = await BrowserAsync("leaving@example.com", "curl/8");
        using var second = await BrowserAsync("leaving@example.com", "curl/8");

        (await first.PostAsync("/sign-out", new FormUrlEncodedContent(await FormAsync(first, "/sign-in")), Token)).Headers.Location!.ToString().ShouldBe("/sign-in");
        (await second.ReadAsync("/api/sessions")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);

        (await server.Admin.PostAsync($"/api/users/{id}/password", """{"password": "a new battery staple"}""")).Status.ShouldBe(204);
        (await second.ReadAsync("/api/model")).Status.ShouldBe(401);
        using var third = await BrowserAsync("leaving@example.com", "curl/8", "a new battery staple");
        (await third.ReadAsync("/api/sessions")).Json.GetProperty("items").GetArrayLength().ShouldBe(1, "only the one with the new password");
    }

    private async Task<HttpClient> BrowserAsync(string email, string agent, string password = ApiServer.Password)
    {
        var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Anonymous.BaseAddress };
        browser.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", agent);
        var form = await FormAsync(browser, "/sign-in");
        form["email"] = email;
        form["password"] = password;
        var answer = await browser.PostAsync("/sign-in", new FormUrlEncodedContent(form), Token);
        answer.Headers.Location?.ToString().ShouldBe("/");
        return browser;
    }

    /// <summary>What the page's form holds against forgery.</summary>
    private static async Task<Dictionary<string, string>> FormAsync(HttpClient browser, string page) =>
        new(StringComparer.Ordinal) { ["__RequestVerificationToken"] = Forgery().Match(await browser.GetStringAsync(page, Token)).Groups["token"].Value };

    [GeneratedRegex("""__RequestVerificationToken" value="(?<token>[^"]+)""", RegexOptions.None, 1000)]
    private static partial Regex Forgery();
}
