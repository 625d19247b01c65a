using Bunit;
using Crm.Ui.Records;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Teams where people may stand: chosen in the same box, followed to their own page.</summary>
public sealed class TeamOwnerScreenTests
{
    [Fact]
    public async Task A_record_is_assigned_to_a_team_in_the_box_in_which_people_are_looked_up()
    {
        await using var screen = await Screen.OpenAsync();
        var team = await screen.Data.CreateAsync("team", """{"name": "Tender desk"}""");
        var lead = await screen.Data.CreateAsync("lead", """{"name": "Casper"}""");
        var dialog = screen.Render<AssignDialog>(p => p.Add(d => d.Record, lead));

        await dialog.InvokeAsync(() => dialog.Find("#assign-owner").Focus());
        dialog.WaitForAssertion(() => dialog.FindAll(".lookup-option .lookup-title").Select(o => o.TextContent.Trim()).ShouldBe(["Ada Lovelace", "Tender desk"]));
        dialog.FindAll(".lookup-option .rzi").Count.ShouldBe(2, "an icon tells which is which");
        await dialog.InvokeAsync(() => dialog.FindAll(".lookup-option")[1].TriggerEventAsync("onmousedown", new MouseEventArgs()));
        await dialog.InvokeAsync(() => dialog.Find("[data-testid=assign-save]").ClickAsync(new()));

        (await screen.Data.GetAsync(lead))["owner"].ShouldBe(team.Id);
    }

    [Fact]
    public async Task The_address_of_a_person_that_is_a_team_leads_on_to_the_team()
    {
        await using var screen = await Screen.OpenAsync();
        var team = await screen.Data.CreateAsync("team", """{"name": "Tender desk"}""");

        var sheet = screen.Render<RecordSheet>(p => p.Add(s => s.EntityName, "user").Add(s => s.Id, team.Id));

        var navigation = screen.Service<NavigationManager>();
        sheet.WaitForAssertion(() => navigation.Uri.ShouldEndWith(Addresses.Record(screen["team"], team.Id)));
    }

    [Fact]
    public async Task A_place_that_was_visited_under_a_wrong_name_is_no_place()
    {
        await using var screen = await Screen.OpenAsync();
        var team = await screen.Data.CreateAsync("team", """{"name": "Tender desk"}""");
        var places = screen.Render<SidePlaces>(_ => { });

        foreach (var entity in new[] { screen["user"], screen["team"], screen["customer"] })
        {
            screen.Service<NavigationManager>().NavigateTo(Addresses.Record(entity, team.Id));
        }

        places.WaitForAssertion(() => places.FindAll(".side-place .side-label").Select(p => p.TextContent).ShouldBe(["Tender desk"]));
        places.Find(".side-place a").GetAttribute("href").ShouldBe(Addresses.Record(screen["team"], team.Id));
    }
}
