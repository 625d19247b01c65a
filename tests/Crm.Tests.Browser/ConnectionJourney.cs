using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser;

/// <summary>The server goes and comes back under an open page.</summary>
public sealed class ConnectionJourney(RunningServer server, Chromium chromium) : Journey(server, chromium)
{
    private static readonly LocatorAssertionsToBeVisibleOptions Soon = new() { Timeout = 60_000 };

    [Fact]
    public async Task A_lost_connection_is_said_and_what_was_typed_outlives_the_page()
    {
        await using var own = await RunningServer.StartAsync();
        var typing = await OpenSignedInAsync(on: own);
        await typing.GotoAsync("/e/customer/new");
        await typing.Locator("[data-field=name] input").FillAsync("Typed before the loss");
        var reading = await OpenSignedInAsync(on: own);
        await reading.GotoAsync("/e/product");
        await Expect(reading.Locator("main h1")).ToBeVisibleAsync();
        foreach (var lost in new[] { "websocket", "connection", "negotiat", "ERR_CONNECTION_REFUSED", "Failed to fetch", "circuit" })
        {
            Complaints.Expect(lost);
        }

        await own.KillAsync();
        await Expect(typing.Locator("#components-reconnect-modal")).ToBeVisibleAsync(Soon);
        await Expect(reading.Locator("#components-reconnect-modal")).ToBeVisibleAsync(Soon);
        await Expect(typing.Locator("[data-field=name] input")).ToHaveValueAsync("Typed before the loss");

        await own.RestartAsync();
        // Who has typed nothing goes on by themselves; who has, decides when.
        await Expect(reading.Locator("#components-reconnect-modal")).ToBeHiddenAsync(new() { Timeout = 60_000 });
        await Expect(reading.GetByTestId("shell")).ToBeVisibleAsync(Soon);
        await Expect(typing.Locator("#components-reconnect-modal [data-reload]")).ToBeVisibleAsync(Soon);
        await Expect(typing.Locator("[data-field=name] input")).ToHaveValueAsync("Typed before the loss");
        await typing.Locator("#components-reconnect-modal [data-reload]").ClickAsync();
        await typing.GetByTestId("kept-restore").ClickAsync(new() { Timeout = 60_000 });
        await Expect(typing.Locator("[data-field=name] input")).ToHaveValueAsync("Typed before the loss");
        await typing.GetByTestId("save").ClickAsync();
        await Expect(typing.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Typed before the loss");
        (await typing.EvaluateAsync<int>("Object.keys(sessionStorage).filter(k => k.startsWith('crm.form.')).length")).ShouldBe(0);
        await typing.CloseAsync();
        await reading.CloseAsync();
    }
}
