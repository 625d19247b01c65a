using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser;

public sealed class ListJourney(RunningServer server, Chromium chromium) : Journey(server, chromium)
{
    [Fact]
    public async Task Selected_records_are_changed_together_and_it_is_taken_back()
    {
        var page = await OpenSignedInAsync();
        await CreateAsync(page, "Bulky one");
        await CreateAsync(page, "Bulky two");
        await page.GotoAsync("/e/customer?q=bulky");
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(2);

        await page.GetByTestId("select-shown").CheckAsync();
        await page.GetByTestId("bulk-edit").ClickAsync();
        await page.GetByTestId("bulk-editor").Locator(".rz-dropdown").First.ClickAsync();
        await page.Locator(".rz-dropdown-filter").FillAsync("City");
        await page.Locator(".rz-dropdown-item", new() { HasText = "City" }).First.ClickAsync();
        await page.Locator("#bulk-value").FillAsync("Bergen");
        await page.GetByTestId("bulk-apply").ClickAsync();

        await Expect(page.GetByTestId("toast").First).ToContainTextAsync("2 records changed");
        await Expect(page.GetByTestId("row").First).ToContainTextAsync("Bergen");
        await page.GetByTestId("toast-action").First.ClickAsync();
        await Expect(page.GetByTestId("row").First).Not.ToContainTextAsync("Bergen");
    }

    [Fact]
    public async Task A_cell_is_edited_with_the_keyboard_alone()
    {
        var page = await OpenSignedInAsync();
        await CreateAsync(page, "Keyed Ltd");
        await page.GotoAsync("/e/customer?q=keyed");
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(1);

        await Expect(page.Locator("[data-testid=list][data-ready]")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("j");
        await Expect(page.Locator("td:focus")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("e");
        await Expect(page.Locator("td[data-editing] input")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Keyed and renamed");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("td[data-editing]")).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("row")).ToContainTextAsync("Keyed and renamed");
        await page.ReloadAsync();
        await Expect(page.GetByTestId("row")).ToContainTextAsync("Keyed and renamed");
    }

    [Fact]
    public async Task What_one_person_saves_the_other_sees_without_reloading()
    {
        var mine = await OpenSignedInAsync();
        await CreateAsync(mine, "Watched GmbH");
        var theirs = await OpenSignedInAsync();
        await mine.GotoAsync("/e/customer?q=watched");
        await theirs.GotoAsync("/e/customer?q=watched");
        await Expect(mine.GetByTestId("row")).ToHaveCountAsync(1);
        await Expect(theirs.GetByTestId("row")).ToHaveCountAsync(1);

        await Expect(mine.Locator("[data-testid=list][data-ready]")).ToHaveCountAsync(1);
        await mine.Keyboard.PressAsync("j");
        await mine.Keyboard.PressAsync("e");
        await Expect(mine.Locator("td[data-editing] input")).ToBeFocusedAsync();
        await mine.Keyboard.TypeAsync("Watched and seen");
        await mine.Keyboard.PressAsync("Enter");

        await Expect(theirs.GetByTestId("row")).ToContainTextAsync("Watched and seen");
    }

    [Fact]
    public async Task A_record_opens_beside_the_list_and_the_next_one_by_key()
    {
        var page = await OpenSignedInAsync();
        await CreateAsync(page, "Peeked one");
        await CreateAsync(page, "Peeked two");
        await page.GotoAsync("/e/customer?q=peeked");
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(2);

        await page.Locator("[data-testid=row] .row-link").First.ClickAsync();
        await Expect(page.GetByTestId("peek").GetByTestId("record-title")).ToContainTextAsync("Peeked");
        var first = await page.GetByTestId("peek").GetByTestId("record-title").TextContentAsync();
        await page.Keyboard.PressAsync("j");

        await Expect(page.GetByTestId("peek").GetByTestId("record-title")).Not.ToHaveTextAsync(first!);
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(2);
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByTestId("peek")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_card_is_dragged_to_another_column_and_stays_there()
    {
        var page = await OpenSignedInAsync();
        await page.GotoAsync("/e/opportunity/new");
        await page.Locator("[data-field=name] input").FillAsync("Dragged deal");
        await page.GetByTestId("save").ClickAsync();
        await Expect(page).Not.ToHaveURLAsync(Places.NewRecord);
        await page.GotoAsync("/e/opportunity?as=kanban&q=dragged");

        await page.GetByTestId("card").DragToAsync(page.Locator("[data-column='1'] .board-cards"));

        await Expect(page.Locator("[data-column='1']").GetByTestId("card")).ToContainTextAsync("Dragged deal");
        await page.ReloadAsync();
        await Expect(page.Locator("[data-column='1']").GetByTestId("card")).ToContainTextAsync("Dragged deal");
    }

    private static async Task CreateAsync(IPage page, string name)
    {
        await page.GotoAsync("/e/customer/new");
        await page.Locator("[data-field=name] input").FillAsync(name);
        await page.GetByTestId("save").ClickAsync();
        await Expect(page).Not.ToHaveURLAsync(Places.NewRecord);
    }
}
