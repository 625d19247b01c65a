using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser;

public sealed class RecordJourney(RunningServer server, Chromium chromium) : Journey(server, chromium)
{
    [Fact]
    public async Task A_customer_is_created_changed_found_deleted_and_brought_back()
    {
        var page = await OpenSignedInAsync();
        await CreateAsync(page, "Brightwater Pumps");

        await page.Locator("[data-field=city]").HoverAsync();
        await page.Locator("[data-field=city]").GetByTestId("pencil").ClickAsync();
        await Expect(Field(page, "city")).ToBeFocusedAsync();
        await Field(page, "city").FillAsync("Rotterdam");
        await page.Keyboard.PressAsync("Control+s");
        await Expect(page.GetByTestId("save")).ToHaveCountAsync(0);
        await page.ReloadAsync();
        await Expect(page.Locator("[data-field=city] .value")).ToHaveTextAsync("Rotterdam");

        await page.GotoAsync("/e/customer?q=brightwater");
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(1);
        await page.GetByTestId("row").GetByRole(AriaRole.Link).First.ClickAsync();
        await page.GetByTestId("record-menu").ClickAsync();
        await page.GetByTestId("delete").ClickAsync();
        await page.GetByTestId("toast").GetByRole(AriaRole.Button).First.ClickAsync();
        await page.GotoAsync("/e/customer?q=brightwater");
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_form_that_breaks_a_rule_says_so_at_the_field_and_keeps_what_was_typed()
    {
        var page = await OpenSignedInAsync();
        await page.GotoAsync("/e/customer/new");

        await Field(page, "city").FillAsync("Rotterdam");
        await page.GetByTestId("save").ClickAsync();

        await Expect(page.Locator("[data-field=name]")).ToContainTextAsync("Name is required.");
        await Expect(Field(page, "city")).ToHaveValueAsync("Rotterdam");
        await Field(page, "name").FillAsync("Rule keepers");
        await page.GetByTestId("save").ClickAsync();
        await Expect(page).Not.ToHaveURLAsync(Places.NewRecord);
    }

    [Fact]
    public async Task Two_people_who_change_the_same_field_choose_whose_value_stays()
    {
        var mine = await OpenSignedInAsync();
        await CreateAsync(mine, "Contested Ltd");
        var theirs = await OpenSignedInAsync();
        await theirs.GotoAsync(mine.Url);

        await mine.GetByTestId("edit").ClickAsync();
        await Field(mine, "city").FillAsync("Bergen");
        await theirs.Locator("[data-field=city] .value").DblClickAsync();
        await Field(theirs, "city").FillAsync("Oslo");
        await theirs.GetByTestId("save").ClickAsync();
        await Expect(theirs.GetByTestId("save")).ToHaveCountAsync(0);
        await mine.GetByTestId("save").ClickAsync();

        await Expect(mine.GetByTestId("conflict")).ToContainTextAsync("Oslo");
        await Expect(mine.GetByTestId("conflict")).ToContainTextAsync("Bergen");
        await mine.GetByTestId("take-theirs").CheckAsync();
        await mine.GetByTestId("resolve").ClickAsync();
        await Expect(mine.Locator("[data-field=city]")).ToContainTextAsync("Oslo");
    }

    [Fact]
    public async Task A_signature_is_saved_although_the_pen_was_lifted_only_just_before()
    {
        var page = await OpenSignedInAsync();
        await page.GotoAsync("/e/service_request/new");
        await Field(page, "subject").FillAsync("Signed for");
        var pad = page.Locator("[data-field=signature] canvas");
        await pad.ScrollIntoViewIfNeededAsync();
        var box = (await pad.BoundingBoxAsync())!;

        await page.Mouse.MoveAsync(box.X + 40, box.Y + 40);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + 160, box.Y + 90);
        await page.Mouse.UpAsync();
        await page.GetByTestId("save").ClickAsync();

        await Expect(page).Not.ToHaveURLAsync(Places.NewRecord);
        await Expect(page.Locator("[data-field=signature] figure img")).ToBeVisibleAsync();
    }

    private static async Task CreateAsync(IPage page, string name)
    {
        await page.GotoAsync("/e/customer/new");
        await Field(page, "name").FillAsync(name);
        await page.GetByTestId("save").ClickAsync();
        await Expect(page).Not.ToHaveURLAsync(Places.NewRecord);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync(name);
    }

    private static ILocator Field(IPage page, string name) => page.Locator($"[data-field={name}] input");
}
