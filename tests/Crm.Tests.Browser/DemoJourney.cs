using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser;

/// <summary>What a newcomer sees after <c>./run --demo</c>; the README's pictures are made here.</summary>
public sealed class DemoJourney(RunningServer server, Chromium chromium, DemoServer demo) : Journey(server, chromium)
{
    [Fact]
    public async Task A_newcomer_finds_a_company_at_work()
    {
        var running = await demo.StartedAsync();
        var page = await OpenSignedInAsync(Visitor.Desk, DemoServer.Seller, DemoServer.Password, running);
        await Expect(page.GetByTestId("home")).ToBeVisibleAsync();
        await Screenshots.ForReadmeAsync(page, "home");

        await page.GotoAsync("/e/opportunity/open?sort=-amount");
        await Expect(page.GetByTestId("row").First).ToBeVisibleAsync();
        await Screenshots.ForReadmeAsync(page, "list");

        await page.GetByTestId("row").GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(page.GetByTestId("peek").GetByTestId("form")).ToBeVisibleAsync();
        await page.GetByTestId("peek-open").ClickAsync();
        await Expect(page.GetByTestId("peek")).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("form")).ToBeVisibleAsync();
        await Screenshots.ForReadmeAsync(page, "record");
        await page.CloseAsync();

        var phone = await OpenSignedInAsync(Visitor.Phone with { Locale = "zh-CN", Dark = true }, DemoServer.Manager, DemoServer.Password, running);
        await phone.GotoAsync("/e/customer");
        await Expect(phone.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("客户");
        await Expect(phone.GetByTestId("row").First).ToBeVisibleAsync();
        await Screenshots.ForReadmeAsync(phone, "phone");
        await phone.CloseAsync();
    }
}
