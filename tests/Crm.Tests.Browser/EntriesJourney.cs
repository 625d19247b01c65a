using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser;

/// <summary>A quote with its lines and people, written with mouse and keyboard, at a desk and on a phone.</summary>
public sealed class EntriesJourney(RunningServer server, Chromium chromium) : Journey(server, chromium)
{
    [Fact]
    public async Task A_quote_is_written_line_by_line_with_people_and_visits_and_read_on_a_phone()
    {
        await using var own = await RunningServer.StartAsync(new ServerSettings
        {
            Environment = new Dictionary<string, string> { ["Crm__MetadataPath"] = Repository.File("tests", "Crm.Tests.Browser", "Quotes") },
        });
        var page = await OpenSignedInAsync(Visitor.Desk, on: own);
        await CreateAsync(page, "product", "Pump");
        await CreateAsync(page, "product", "Valve");
        await CreateAsync(page, "contact", "Ada Lovelace");

        await page.GotoAsync("/e/quote/new");
        await page.Locator("[data-field=name] input").FillAsync("Water works");
        await WriteLinesAsync(page);
        await LinkAsync(page, "Ada Lovelace");
        await page.GetByTestId("save").ClickAsync();
        await Expect(page).Not.ToHaveURLAsync(Places.NewRecord);
        await ExpectLinesAsync(page, "Pump 3", "Valve 2");

        await page.GetByTestId("edit").ClickAsync();
        await Expect(page.GetByTestId("save-bar")).ToBeVisibleAsync();
        await Rows(page).Nth(1).GetByRole(AriaRole.Button, new() { Name = "Move Line 2 up" }).ClickAsync();
        await Expect(Cell(page, 0, "product")).ToHaveValueAsync("Valve");
        await Cell(page, 0, "quantity").FillAsync("0");
        await page.GetByTestId("save").ClickAsync();
        await Expect(Rows(page).Nth(0).GetByTestId("item-problem")).ToContainTextAsync("at least 1");
        await page.GetByTestId("problems").GetByRole(AriaRole.Link).ClickAsync();
        await Expect(Cell(page, 0, "quantity")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("4");
        await Cell(page, 0, "quantity").FillAsync("4");
        await page.Locator(".side a").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Stay" }).ClickAsync();
        await page.Keyboard.PressAsync("Control+s");
        await Expect(page.GetByTestId("save")).ToHaveCountAsync(0);
        await page.ReloadAsync();
        await ExpectLinesAsync(page, "Valve 4", "Pump 3");

        await page.GotoAsync(new Uri(page.Url).AbsolutePath + "/history");
        await Expect(page.GetByTestId("history-entry").First).ToContainTextAsync("changed Valve");
        await page.GoBackAsync();
        await page.Locator("[data-tab='visit.regarding']").ClickAsync();
        await page.GetByTestId("related-new").ClickAsync();
        await Expect(page.Locator("[data-field=regarding] input")).ToHaveValueAsync("Water works");
        await page.Locator("[data-field=subject] input").FillAsync("On site");
        await page.GetByTestId("save").ClickAsync();
        await Expect(page).Not.ToHaveURLAsync(Places.NewRecord);
        await page.GotoAsync("/e/visit");
        await Expect(page.GetByTestId("row").Locator(".cell-any a")).ToHaveTextAsync("Water works");
        await page.GetByTestId("row").Locator(".cell-any a").ClickAsync();
        await Expect(page.GetByTestId("record-title")).ToHaveTextAsync("Water works");
        var quote = new Uri(page.Url).AbsolutePath;
        await page.CloseAsync();

        var phone = await OpenSignedInAsync(Visitor.Phone, on: own);
        await phone.GotoAsync(quote);
        await ExpectLinesAsync(phone, "Valve 4", "Pump 3");
        var (card, screen) = ((await Rows(phone).First.BoundingBoxAsync())!, phone.ViewportSize!.Width);
        Assert.InRange(card.X + card.Width, 0, screen);
        Assert.True(card.Height > 100, "each line is a card of its own");
        await phone.GetByTestId("edit").ClickAsync();
        await Expect(phone.GetByTestId("save-bar")).ToBeVisibleAsync();
        await Cell(phone, 1, "quantity").FillAsync("30");
        await phone.GetByTestId("save").ClickAsync();
        await Expect(phone.GetByTestId("save")).ToHaveCountAsync(0);
        await phone.ReloadAsync();
        await ExpectLinesAsync(phone, "Valve 4", "Pump 30");
        await phone.CloseAsync();
    }

    /// <summary>Only the keyboard: Enter takes and goes on, Ctrl+Enter begins the next line.</summary>
    private static async Task WriteLinesAsync(IPage page)
    {
        await page.GetByTestId("item-add").ClickAsync();
        await FillLineAsync(page, 0, "Pump", "3", "10");
        await page.Keyboard.PressAsync("Control+Enter");
        await FillLineAsync(page, 1, "Valve", "2", "2.50");
        await Expect(page.Locator("[data-total=quantity]")).ToContainTextAsync("5");
        await Expect(page.Locator("[data-total=price]")).ToContainTextAsync("12.50");
    }

    private static async Task FillLineAsync(IPage page, int row, string product, string quantity, string price)
    {
        await Expect(Cell(page, row, "product")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(product);
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = product, Selected = true })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".lookup-option")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("Enter");
        await Expect(Cell(page, row, "quantity")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(quantity);
        await page.Keyboard.PressAsync("Enter");
        await Expect(Cell(page, row, "price")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(price);
    }

    private static async Task LinkAsync(IPage page, string name)
    {
        await page.Locator("[data-field=people] .items-add input").FillAsync(name);
        await page.GetByRole(AriaRole.Option, new() { Name = name }).First.ClickAsync();
        await Expect(page.Locator("[data-field=people]").GetByTestId("item")).ToContainTextAsync(name);
    }

    private static async Task CreateAsync(IPage page, string entity, string name)
    {
        await page.GotoAsync($"/e/{entity}/new");
        await page.Locator("[data-field=name] input").FillAsync(name);
        await page.GetByTestId("save").ClickAsync();
        await Expect(page).Not.ToHaveURLAsync(Places.NewRecord);
    }

    private static async Task ExpectLinesAsync(IPage page, params string[] lines)
    {
        await Expect(Rows(page)).ToHaveCountAsync(lines.Length);
        for (var i = 0; i < lines.Length; i++)
        {
            await Expect(Cell(page, i, "product")).ToHaveTextAsync(lines[i].Split(' ')[0]);
            await Expect(Cell(page, i, "quantity")).ToHaveTextAsync(lines[i].Split(' ')[1]);
        }
    }

    private static ILocator Rows(IPage page) => page.Locator("[data-field=lines]").GetByTestId("item");

    private static ILocator Cell(IPage page, int row, string column) => page.Locator($"#field-quote-lines-{row}-{column}");
}
