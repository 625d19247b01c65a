using Crm.Tests.Browser.Harness;
using Shouldly;
using Xunit;

namespace Crm.Tests.Browser;

/// <summary>
/// Every kind of page around records full of hostile texts: nothing of them runs, no page breaks or is wider than the screen, and axe-core finds nothing
/// serious. Colours are the same on every screen, so the dark theme is looked at on a desk and the light one on a phone.
/// </summary>
public sealed class EveryPageJourney(RunningServer server, Chromium chromium, DemoServer demo) : Journey(server, chromium)
{
    [Theory]
    [InlineData(false, "en-US")]
    [InlineData(true, "zh-CN")]
    public async Task Every_page_is_for_everybody_and_withstands_every_text(bool phone, string locale)
    {
        Axe.SkipWithout();
        Complaints.Expect("404");
        await using var running = await RunningServer.StartAsync();
        Complaints.Expect($"({new Uri(running.Address, "nowhere")}");
        var visitor = (phone ? Visitor.Phone : Visitor.Desk with { Dark = true }) with { Locale = locale };
        var walk = new Walk();

        var door = await OpenAsync(visitor, running);
        await door.GotoAsync(SignIn.Path);
        await walk.LookAsync(door, "sign-in");
        await door.CloseAsync();

        var page = await OpenSignedInAsync(visitor, on: running);
        page.Dialog += (_, dialog) =>
        {
            walk.Faults.Add($"{page.Url} opened a dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        var records = await Furnishing.MakeAsync(page, HostileText.Of);
        await walk.ThroughAsync(page, [.. PageKind.All(records["customer"], records["opportunity"], HostileText.File), .. Furnishing.Kinds.Select(entity => new PageKind(entity, $"/e/{entity}/{records[entity]}"))]);
        await page.CloseAsync();

        walk.Faults.ShouldBeEmpty();
        running.Output.ShouldNotContain("Unhandled exception");
        running.Output.ShouldNotContain("A screen failed");
    }

    /// <summary>Where figures and colours come from many records.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_page_of_a_company_at_work_is_for_everybody(bool phone)
    {
        Axe.SkipWithout();
        var page = await OpenSignedInAsync(phone ? Visitor.Phone : Visitor.Desk with { Dark = true }, DemoServer.Manager, DemoServer.Password, await demo.StartedAsync());
        var walk = new Walk();
        await walk.ThroughAsync(page, PageKind.AtWork(await Api.FirstAsync(page, "opportunity")));
        await page.CloseAsync();
        walk.Faults.ShouldBeEmpty();
    }
}
