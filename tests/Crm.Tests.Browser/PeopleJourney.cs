using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser;

/// <summary>Two people at two browsers: what the one saves stands on the other's screen, wherever that one is.</summary>
public sealed class PeopleJourney(RunningServer server, Chromium chromium, DemoServer demo) : Journey(server, chromium)
{
    private static readonly LocatorAssertionsToContainTextOptions Soon = new() { Timeout = 15_000 };

    [Fact]
    public async Task What_one_saves_the_other_sees_on_list_board_and_record_without_reloading()
    {
        var running = await demo.StartedAsync();
        var mine = await OpenSignedInAsync(Visitor.Desk, DemoServer.Manager, DemoServer.Password, running);
        var theirs = await OpenSignedInAsync(Visitor.Desk, DemoServer.Seller, DemoServer.Password, running);
        var id = await Api.CreateAsync(theirs, "opportunity", new() { ["name"] = "Shared sight", ["stage"] = "prospecting", ["amount"] = 1000 });

        await mine.GotoAsync($"/e/opportunity/{id}");
        await theirs.GotoAsync("/e/opportunity/all?q=shared+sight");
        await Expect(theirs.GetByTestId("row")).ToContainTextAsync("Shared sight");
        await RenameAsync(mine, "Shared sight in a list");
        await Expect(theirs.GetByTestId("row")).ToContainTextAsync("Shared sight in a list", Soon);

        await theirs.GotoAsync("/e/opportunity/board?q=shared+sight");
        await Expect(theirs.GetByTestId("card")).ToContainTextAsync("Shared sight in a list");
        await RenameAsync(mine, "Shared sight on a board");
        await Expect(theirs.GetByTestId("card")).ToContainTextAsync("Shared sight on a board", Soon);

        await theirs.GotoAsync($"/e/opportunity/{id}");
        await Expect(theirs.GetByTestId("record-title")).ToHaveTextAsync("Shared sight on a board");
        await RenameAsync(mine, "Shared sight of a record");
        await Expect(theirs.GetByTestId("record-title")).ToContainTextAsync("Shared sight of a record", Soon);
        await mine.CloseAsync();
        await theirs.CloseAsync();
    }

    [Fact]
    public async Task A_view_that_one_shares_the_other_opens()
    {
        var running = await demo.StartedAsync();
        var mine = await OpenSignedInAsync(Visitor.Desk, DemoServer.Manager, DemoServer.Password, running);
        await mine.GotoAsync("/e/customer/all?sort=-name");
        await Expect(mine.GetByTestId("row").First).ToBeVisibleAsync();
        await mine.GetByTestId("view-menu").ClickAsync();
        await mine.GetByTestId("view-name").FillAsync("Backwards for all");
        await mine.GetByTestId("view-shared").SelectOptionAsync("all");
        await mine.GetByTestId("view-create").ClickAsync();
        await Expect(mine.Locator(".tab.is-active")).ToContainTextAsync("Backwards for all");
        var first = await mine.GetByTestId("row").First.GetAttributeAsync("data-id");
        await mine.CloseAsync();

        var theirs = await OpenSignedInAsync(Visitor.Desk, DemoServer.Seller, DemoServer.Password, running);
        await theirs.GotoAsync("/e/customer");
        await theirs.Locator(".tab", new() { HasText = "Backwards for all" }).ClickAsync();
        await Expect(theirs.Locator(".tab.is-active")).ToContainTextAsync("Backwards for all");
        await Expect(theirs.GetByTestId("row").First).ToHaveAttributeAsync("data-id", first!);
        await theirs.CloseAsync();
    }

    private static async Task RenameAsync(IPage page, string name)
    {
        await page.Locator("[data-field=name] .value").DblClickAsync();
        await page.Locator("[data-field=name] input").FillAsync(name);
        await page.GetByTestId("save").ClickAsync();
        await Expect(page.GetByTestId("save")).ToHaveCountAsync(0);
    }
}
