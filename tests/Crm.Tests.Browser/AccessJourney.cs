using System.Text;
using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Crm.Tests.Browser;

/// <summary>Every kind of page on two screens and in two themes: for readers of screens as for eyes, and never wider than the screen.</summary>
public sealed class AccessJourney(RunningServer server, Chromium chromium, DemoServer demo) : Journey(server, chromium)
{
    private static readonly FilePayload Import = new() { Name = "customers.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes("Name;City;Unknown\nAcme;Bergen;1\nNorthwind;Oslo;2\n") };

    [Theory]
    [InlineData(false, "en-US")]
    [InlineData(true, "zh-CN")]
    public async Task Axe_finds_nothing_serious_on_any_page_light_or_dark(bool phone, string locale)
    {
        Axe.SkipWithout();
        Complaints.Expect("404");
        var visitor = (phone ? Visitor.Phone : Visitor.Desk) with { Locale = locale };
        await using var running = await RunningServer.StartAsync();
        var found = new List<string>();

        var door = await OpenAsync(visitor, running);
        await door.GotoAsync(SignIn.Path);
        await LookAsync(door, "sign-in", found);
        await door.CloseAsync();

        var page = await OpenSignedInAsync(visitor, on: running);
        var records = await Furnishing.MakeAsync(page, Text);
        foreach (var kind in PageKind.All(records["customer"], records["opportunity"], Import))
        {
            await kind.OpenAsync(page);
            await LookAsync(page, kind.Name, found);
        }
        await page.CloseAsync();
        found.ShouldBeEmpty();
    }

    /// <summary>Where figures and colours come from many records.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Axe_finds_nothing_serious_at_a_company_at_work(bool phone)
    {
        Axe.SkipWithout();
        var page = await OpenSignedInAsync(phone ? Visitor.Phone : Visitor.Desk, DemoServer.Manager, DemoServer.Password, await demo.StartedAsync());
        var found = new List<string>();
        foreach (var kind in PageKind.AtWork(await Api.FirstAsync(page, "opportunity")))
        {
            await kind.OpenAsync(page);
            await LookAsync(page, kind.Name, found);
        }
        await page.CloseAsync();
        found.ShouldBeEmpty();
    }

    private static string Text(int most) => "Pumps and valves for the northern works 苏州 and Bergen"[..Math.Min(most, 40)];

    private static async Task LookAsync(IPage page, string name, List<string> found)
    {
        found.AddRange((await Axe.FindAsync(page)).Select(finding => $"{name}, {finding}"));
        if (await Overflow.OfAsync(page) is { } wide)
        {
            found.Add($"{name}: {wide}");
        }
    }
}
