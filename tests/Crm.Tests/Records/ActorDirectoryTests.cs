using Crm.Data;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Who somebody is: roles, teams, people below and time zone follow from records, and change with them.</summary>
public sealed class ActorDirectoryTests
{
    [Fact]
    public async Task A_user_has_the_roles_and_teams_that_name_them_as_member()
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        using var directory = Directory(data);
        var ada = await data.CreateAsync("user", """{"name": "Ada"}""");
        var team = await data.CreateAsync("team", $$"""{"name": "Tender desk", "members": [{"id": "{{ada.Id}}"}]}""");
        await data.CreateAsync("team", """{"name": "Others"}""");
        await data.CreateAsync("role", $$"""{"label": "Seller", "name": "seller", "members": [{"id": "{{ada.Id}}"}]}""");
        await data.CreateAsync("role", """{"label": "Service", "name": "service"}""");

        var actor = (await directory.FindAsync(ada.Id, TestContext.Current.CancellationToken)).ShouldNotBeNull();

        actor.Roles.ShouldBe([Actor.Everyone, "seller"]);
        actor.Teams.ShouldBe([team.Id]);
    }

    [Fact]
    public async Task Who_leaves_a_team_or_gets_a_role_is_somebody_else_at_once()
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        using var directory = Directory(data);
        var ada = await data.CreateAsync("user", """{"name": "Ada"}""");
        var team = await data.CreateAsync("team", $$"""{"name": "Tender desk", "members": [{"id": "{{ada.Id}}"}]}""");
        var role = await data.CreateAsync("role", """{"label": "Administrator", "name": "administrator"}""");
        (await directory.FindAsync(ada.Id, TestContext.Current.CancellationToken))!.IsAdministrator.ShouldBeFalse();

        await data.UpdateAsync(team, """{"members": []}""");
        await data.UpdateAsync(role, $$"""{"members": [{"id": "{{ada.Id}}"}]}""");

        var actor = (await directory.FindAsync(ada.Id, TestContext.Current.CancellationToken))!;
        actor.Teams.ShouldBeEmpty();
        actor.IsAdministrator.ShouldBeTrue();
    }

    [Fact]
    public async Task Records_of_my_teams_are_found()
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        using var directory = Directory(data);
        var ada = await data.CreateAsync("user", """{"name": "Ada"}""");
        var team = await data.CreateAsync("team", $$"""{"name": "Tender desk", "members": [{"id": "{{ada.Id}}"}]}""");
        var other = await data.CreateAsync("team", """{"name": "Others"}""");
        await data.CreateAsync("queue", $$"""{"name": "Tenders", "team": "{{team.Id}}"}""");
        await data.CreateAsync("queue", $$"""{"name": "Hotline", "team": "{{other.Id}}"}""");
        var actor = await directory.FindAsync(ada.Id, TestContext.Current.CancellationToken);

        var page = await data.QueryAsync("queue", """{"field": "team", "op": "in", "value": {"var": "myTeams"}}""", actor: actor, fields: "name");

        page.Items.Select(i => i[0]).ShouldBe(["Tenders"]);
    }

    [Theory]
    [InlineData("Asia/Shanghai", "Asia/Shanghai")]
    [InlineData("Nowhere/Atlantis", "UTC")]
    [InlineData("", "UTC")]
    public async Task A_user_has_the_own_time_zone_and_otherwise_that_of_the_organisation(string entered, string expected)
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        using var directory = Directory(data);
        var ada = await data.CreateAsync("user", $$"""{"name": "Ada", "time_zone": "{{entered}}"}""");

        (await directory.FindAsync(ada.Id, TestContext.Current.CancellationToken))!.TimeZone.Id.ShouldBe(expected);
    }

    private static ActorDirectory Directory(TestStore data) => new(new ModelSource(data.Model), data.Store, data.Feed);
}
