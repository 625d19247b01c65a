using Crm.Tests.Browser.Harness;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser;

public sealed class CrashJourney(RunningServer server, Chromium chromium) : Journey(server, chromium)
{
    [Fact]
    public async Task After_the_server_was_killed_what_was_saved_is_there_and_work_goes_on()
    {
        await using var own = await RunningServer.StartAsync();
        var page = await OpenSignedInAsync(on: own);
        await page.GotoAsync("/e/customer/new");
        await page.Locator("[data-field=name] input").FillAsync("Saved before the crash");
        await page.GetByTestId("save").ClickAsync();
        await Expect(page).Not.ToHaveURLAsync(Places.NewRecord);
        // The open page loses its connection, and says so.
        Complaints.Expect("websocket");
        Complaints.Expect("connection");
        Complaints.Expect("negotiation");
        Complaints.Expect("ERR_CONNECTION_REFUSED");

        await own.RestartAsync();

        await page.GotoAsync("/e/customer");
        await Expect(page.GetByTestId("row").First).ToContainTextAsync("Saved before the crash");
        await page.CloseAsync();
    }
}
