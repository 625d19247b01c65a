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

    [Fact]
    public async Task What_another_node_changed_holds_here_within_half_a_minute()
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        // A feed of its own, as on another node: it hears nothing of what is written here.
        using var directory = new ActorDirectory(new ModelSource(data.Model), data.Store, new ChangeFeed(), data.Clock);
        var ada = await data.CreateAsync("user", """{"name": "Ada", "administrator": true}""");
        (await directory.FindAsync(ada.Id, TestContext.Current.CancellationToken))!.IsAdministrator.ShouldBeTrue();
        ada = await data.UpdateAsync(ada, """{"administrator": false}""");
        data.Clock.Advance(TimeSpan.FromSeconds(30));

        (await directory.FindAsync(ada.Id, TestContext.Current.CancellationToken))!.IsAdministrator.ShouldBeFalse();

        await data.UpdateAsync(ada, """{"active": false}""");
        data.Clock.Advance(TimeSpan.FromSeconds(30));
        (await directory.FindAsync(ada.Id, TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    [Fact]
    public async Task Who_was_looked_up_while_something_changed_is_looked_up_again()
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        var feed = new ChangeFeed();
        var ada = await data.CreateAsync("user", """{"name": "Ada"}""");
        using var directory = new ActorDirectory(new ModelSource(data.Model), data.Store, feed, new Meanwhile(() => feed.Publish([new("role", ada.Id, ChangeKind.Update, null)])));
        (await directory.FindAsync(ada.Id, TestContext.Current.CancellationToken))!.Roles.ShouldBe([Actor.Everyone]);
        await data.CreateAsync("role", $$"""{"label": "Seller", "name": "seller", "members": [{"id": "{{ada.Id}}"}]}""");

        (await directory.FindAsync(ada.Id, TestContext.Current.CancellationToken))!.Roles.ShouldBe([Actor.Everyone, "seller"]);
    }

    private static ActorDirectory Directory(TestStore data) => new(new ModelSource(data.Model), data.Store, data.Feed, data.Clock);

    /// <summary>A clock at which something happens when it is first looked at, which is after a look-up began.</summary>
    private sealed class Meanwhile(Action happens) : TimeProvider
    {
        private Action? _happens = happens;

        public override DateTimeOffset GetUtcNow()
        {
            Interlocked.Exchange(ref _happens, null)?.Invoke();
            return ManualTimeProvider.Start;
        }
    }
}
