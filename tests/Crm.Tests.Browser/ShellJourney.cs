using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser;

/// <summary>Going anywhere and making anything by keyboard; dashboards that lead to their records; phone, dark and Chinese.</summary>
public sealed class ShellJourney(RunningServer server, Chromium chromium, DemoServer demo) : Journey(server, chromium)
{
    [Fact]
    public async Task A_record_is_made_and_found_again_without_the_mouse()
    {
        var page = await OpenSignedInAsync();
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.Locator("#palette-text")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("new customer");
        await Expect(page.GetByTestId("palette-item").First).ToContainTextAsync("New customer");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.GetByTestId("create-dialog").Locator("[data-field=name] input")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Keyboard Ltd <script>document.title='taken'</script>");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.Locator("#create-open")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Keyboard Ltd <script>");

        await page.GotoAsync("/e/product");
        await Expect(page.GetByTestId("recent")).ToContainTextAsync("Keyboard Ltd");
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("keyb lt");
        await Expect(page.GetByTestId("palette-item").First).ToContainTextAsync("Keyboard Ltd");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Keyboard Ltd");
        (await page.TitleAsync()).ShouldNotBe("taken");

        await page.GotoAsync("/e/product");
        await Expect(page.GetByTestId("shell")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("?");
        await Expect(page.GetByTestId("help-sheet")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_dashboard_leads_to_the_records_behind_its_figures()
    {
        var running = await demo.StartedAsync();
        var page = await OpenSignedInAsync(Visitor.Desk, DemoServer.Manager, DemoServer.Password, running);
        await page.GotoAsync("/dashboards/sales?period=thisYear");
        var deals = page.Locator("[data-widget=deals]");
        var figure = await deals.GetByTestId("figure").TextContentAsync();
        await deals.GetByTestId("figure").ClickAsync();
        await Expect(page.GetByTestId("count")).ToContainTextAsync(figure!);

        await page.GoBackAsync();
        await page.GetByTestId("period").SelectOptionAsync("custom");
        await Expect(page.GetByTestId("period-from")).ToBeVisibleAsync();
        page.Url.ShouldContain("..");
        await page.CloseAsync();

        foreach (var visitor in new[] { Visitor.Phone, Visitor.Desk with { Dark = true }, Visitor.Phone with { Locale = "zh-CN", Dark = true } })
        {
            var other = await OpenSignedInAsync(visitor, DemoServer.Manager, DemoServer.Password, running);
            await other.GotoAsync("/dashboards/sales");
            await Expect(other.GetByTestId("figure").First).ToBeVisibleAsync();
            await Expect(other.Locator("[aria-busy=true]")).ToHaveCountAsync(0);
            (await Overflow.OfAsync(other)).ShouldBeNull($"{visitor}");
            (await other.GetByTestId("widget-problem").CountAsync()).ShouldBe(0);
            if (visitor.Locale == "zh-CN")
            {
                await Expect(other.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("销售");
            }
            await Axe.CheckAsync(other);
            await other.CloseAsync();
        }
    }
}
