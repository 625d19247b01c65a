using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

public sealed class PasswordTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string New = "a new battery staple";

    [Fact]
    public async Task An_administrator_gives_a_person_a_password_and_their_old_sign_ins_end()
    {
        var id = await server.CreatePersonAsync("Given", "given@example.com");
        using var before = await server.SignInAsync("given@example.com", ApiServer.Password);

        var answer = await server.Admin.PostAsync($"/api/users/{id}/password", $$"""{"password": "{{New}}"}""");

        answer.Status.ShouldBe(204, answer.Text);
        (await before.ReadAsync("/api/model")).Status.ShouldBe(401);
        using var after = await server.SignInAsync("given@example.com", New);
        (await after.ReadAsync("/api/model")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_person_changes_only_their_own_password_and_must_know_the_current_one()
    {
        var id = await server.CreatePersonAsync("Own", "own@example.com");
        using var own = await server.SignInAsync("own@example.com", ApiServer.Password);

        (await server.Person.PostAsync($"/api/users/{id}/password", $$"""{"password": "{{New}}"}""")).Status.ShouldBe(403);
        (await own.PostAsync($"/api/users/{id}/password", $$"""{"password": "{{New}}", "current": "guess"}""")).Code.ShouldBe("password.current");
        (await own.PostAsync($"/api/users/{id}/password", $$"""{"password": "short", "current": "{{ApiServer.Password}}"}""")).Code.ShouldBe("password.weak");
        (await own.PostAsync($"/api/users/{id}/password", $$"""{"password": "{{New}}", "current": "{{ApiServer.Password}}"}""")).Status.ShouldBe(204);

        using var after = await server.SignInAsync("own@example.com", New);
        (await after.ReadAsync("/api/model")).Status.ShouldBe(200);
    }
}
