using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser;

public sealed class ImportJourney(RunningServer server, Chromium chromium) : Journey(server, chromium)
{
    private const string SalesTeams = "sales_teams.csv", Accounts = "accounts.csv", Products = "products.csv", Pipeline = "sales_pipeline.csv";

    [Fact]
    public async Task A_years_pipeline_goes_in_through_the_wizard_and_stands_in_the_funnel()
    {
        _ = SharedData.Path("maven_crm");
        await using var own = await RunningServer.StartAsync();
        var page = await OpenSignedInAsync(Visitor.Desk, on: own);

        await ChooseAsync(page, "user", SalesTeams);
        await TickAsync(page, "manager");
        await TickAsync(page, "regional_office");
        await CheckAsync(page, expected: 35);
        await ImportAsync(page, expected: 35);

        await ChooseAsync(page, "customer", Accounts);
        await CheckAsync(page, expected: 85);
        await ImportAsync(page, expected: 85);

        await ChooseAsync(page, "product", Products);
        await CheckAsync(page, expected: 7);
        await ImportAsync(page, expected: 7);

        await ChooseAsync(page, "opportunity", Pipeline);
        await page.GetByTestId("import-key").SelectOptionAsync("opportunity_id");
        await CheckAsync(page, expected: 7_320);
        await Expect(Figure(page, "errors")).ToHaveTextAsync("1,480");
        await page.Locator("[data-testid=unknown-value][data-value=GTXPro] input").FillAsync("GTX Pro");
        await page.Keyboard.PressAsync("Tab");
        await page.GetByTestId("import-recheck").ClickAsync();
        await Expect(page.GetByTestId("import-run")).ToBeVisibleAsync(Patiently);
        await Expect(Figure(page, "errors")).ToHaveTextAsync("0");
        await ImportAsync(page, expected: 8_800);

        await page.GotoAsync("/e/opportunity/funnel");
        await ExpectStageAsync(page, "prospecting", "500");
        await ExpectStageAsync(page, "engaging", "1,589");
        await ExpectStageAsync(page, "lost", "2,473");
        await ExpectStageAsync(page, "won", "4,238");
        await Expect(Stage(page, "won").GetByTestId("stage-sum")).ToContainTextAsync("10,005,534");
        await Screenshots.ForReadmeAsync(page, "funnel");

        await page.GotoAsync("/e/opportunity/won_by_unit");
        await Expect(Stage(page, "West").GetByTestId("stage-sum")).ToContainTextAsync("3,568,647");
        await Expect(Stage(page, "Central").GetByTestId("stage-sum")).ToContainTextAsync("3,346,293");
        await Expect(Stage(page, "East").GetByTestId("stage-sum")).ToContainTextAsync("3,090,594");
        // Before its server goes.
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_file_that_is_no_table_is_refused_in_words()
    {
        var page = await OpenSignedInAsync();

        await page.GotoAsync("/import?entity=customer");
        await ListeningAsync(page);
        await page.GetByTestId("import-file").SetInputFilesAsync(new FilePayload { Name = "empty.csv", MimeType = "text/csv", Buffer = [] });

        await Expect(page.GetByText("The file holds no rows.")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("import-file")).ToBeEnabledAsync();
    }

    [Fact]
    public async Task A_file_with_problems_is_mended_by_a_value_map_imported_and_taken_back()
    {
        var page = await OpenSignedInAsync();
        await page.GotoAsync("/import?entity=product");
        await ListeningAsync(page);
        var file = "Name;SKU;Art;Unit price\nJourney lamp;J-1;Ware;1.234,50\nJourney bulb;J-2;service;3,20\n;J-3;service;1,00\n"u8.ToArray();
        await page.GetByTestId("import-file").SetInputFilesAsync(new FilePayload { Name = "journey.csv", MimeType = "text/csv", Buffer = file });
        await Expect(page.GetByTestId("import-check")).ToBeVisibleAsync(Patiently);
        await Expect(page.GetByTestId("import-reading")).ToContainTextAsync("Semicolon");
        await page.Locator("[data-testid=import-column][data-column=Art] td:nth-child(3) select").SelectOptionAsync("kind");

        await page.GetByTestId("import-check").ClickAsync();
        await Expect(Figure(page, "errors")).ToHaveTextAsync("2", new() { Timeout = 60_000 });
        await page.Locator("[data-testid=unknown-value][data-value=Ware] select").SelectOptionAsync("product");
        await page.GetByTestId("import-recheck").ClickAsync();
        await Expect(page.GetByTestId("import-run")).ToBeVisibleAsync(Patiently);
        await Expect(Figure(page, "created")).ToHaveTextAsync("2");
        await Expect(page.GetByTestId("import-preview")).ToContainTextAsync("Journey lamp");

        await ImportAsync(page, expected: 2);
        await page.GetByTestId("import-undo").ClickAsync();
        await Expect(page.GetByTestId("import-undone")).ToBeVisibleAsync(Patiently);
        await page.GotoAsync("/e/product?q=Journey");
        await Expect(page.GetByText("Journey lamp")).ToHaveCountAsync(0);
    }

    private static LocatorAssertionsToBeVisibleOptions Patiently => new() { Timeout = 60_000 };

    private static async Task ChooseAsync(IPage page, string entity, string file)
    {
        await page.GotoAsync("/import?entity=" + entity);
        await ListeningAsync(page);
        await page.GetByTestId("import-file").SetInputFilesAsync(SharedData.Path("maven_crm", file));
        await Expect(page.GetByTestId("import-check")).ToBeVisibleAsync(Patiently);
    }

    /// <summary>The input is on the page a moment before Blazor listens to it; a person is never that fast.</summary>
    private static Task ListeningAsync(IPage page) =>
        page.WaitForFunctionAsync("() => document.querySelector('[data-testid=import-file]')?._blazorInputFileNextFileId !== undefined");

    private static Task TickAsync(IPage page, string column) =>
        page.Locator($"[data-testid=import-column][data-column={column}] input[type=checkbox]").CheckAsync();

    private static async Task CheckAsync(IPage page, int expected)
    {
        await page.GetByTestId("import-check").ClickAsync();
        await Expect(page.GetByTestId("import-run")).ToBeVisibleAsync(Patiently);
        await Expect(Figure(page, "created")).ToHaveTextAsync(expected.ToString("N0", System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task ImportAsync(IPage page, int expected)
    {
        await page.GetByTestId("import-run").ClickAsync();
        await Expect(page.GetByTestId("import-another")).ToBeVisibleAsync(Patiently);
        await Expect(Figure(page, "created")).ToHaveTextAsync(expected.ToString("N0", System.Globalization.CultureInfo.InvariantCulture));
    }

    private static ILocator Figure(IPage page, string name) => page.Locator($"[data-figure={name}] dd");

    private static ILocator Stage(IPage page, string value) => page.GetByTestId("stage-" + value);

    private static Task ExpectStageAsync(IPage page, string value, string count) => Expect(Stage(page, value).GetByTestId("stage-count")).ToHaveTextAsync(count);
}
