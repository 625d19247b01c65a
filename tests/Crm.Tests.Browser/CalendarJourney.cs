using System.Globalization;
using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser;

/// <summary>A meeting is moved with the mouse and by key, and stays where it was put.</summary>
public sealed class CalendarJourney(RunningServer server, Chromium chromium) : Journey(server, chromium)
{
    [Fact]
    public async Task A_meeting_is_dragged_to_another_day_and_nudged_by_key()
    {
        var page = await OpenSignedInAsync();
        var id = await Api.CreateAsync(page, "meeting", new() { ["subject"] = "Moved about", ["start"] = "2031-03-12T09:00:00Z", ["end"] = "2031-03-12T10:00:00Z" });
        await page.GotoAsync("/e/meeting/calendar?on=2031-03-12");
        var entry = page.GetByTestId("entry").Filter(new() { HasText = "Moved about" });
        await Expect(entry).ToHaveAttributeAsync("data-from", "2031-03-12");

        await DragAsync(page, entry, page.Locator("[data-day='2031-03-20']"));
        await Expect(entry).ToHaveAttributeAsync("data-from", "2031-03-20");
        (await StartAsync(page, id)).ShouldBe("2031-03-20T09:00:00Z");

        await entry.FocusAsync();
        await page.Keyboard.PressAsync("Alt+ArrowLeft");
        await Expect(entry).ToHaveAttributeAsync("data-from", "2031-03-19");
        await page.ReloadAsync();
        await Expect(entry).ToHaveAttributeAsync("data-from", "2031-03-19");
    }

    private static async Task<string> StartAsync(IPage page, string id)
    {
        var start = (await Api.GetAsync(page, $"/api/records/meeting/{id}")).GetProperty("start").GetDateTimeOffset();
        return start.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    private static async Task DragAsync(IPage page, ILocator what, ILocator where)
    {
        var (from, to) = ((await what.BoundingBoxAsync())!, (await where.BoundingBoxAsync())!);
        await page.Mouse.MoveAsync(from.X + (from.Width / 3), from.Y + (from.Height / 2));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(to.X + (to.Width / 2), to.Y + (to.Height / 2), new() { Steps = 8 });
        await page.Mouse.UpAsync();
    }
}
