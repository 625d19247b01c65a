using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser.Harness;

/// <summary>One kind of page, for what has to hold on all of them.</summary>
/// <param name="Name">What it is called when something is wrong with it.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Arrange">What a person does there first, such as opening a menu.</param>
/// <param name="InShell">Whether it stands in the shell and is connected.</param>
internal sealed record PageKind(string Name, string Address, Func<IPage, Task>? Arrange = null, bool InShell = true)
{
    private static readonly LocatorAssertionsToBeVisibleOptions Patiently = new() { Timeout = 20_000 };

    /// <summary>All of them, around one customer and one opportunity.</summary>
    public static IReadOnlyList<PageKind> All(string customer, string opportunity, FilePayload import) =>
    [
        new("home", "/", page => VisibleAsync(page.GetByTestId("home"))),
        new("dashboard", "/dashboards/sales", page => VisibleAsync(page.GetByTestId("figure").First)),
        new("list", "/e/opportunity/all", page => VisibleAsync(page.GetByTestId("row").First)),
        new("list with a selection", "/e/customer", SelectAsync),
        new("list with a filter", "/e/customer", FilterAsync),
        new("list with a record beside it", $"/e/opportunity/all?open={opportunity}", page => VisibleAsync(page.GetByTestId("peek").GetByTestId("form"))),
        new("board", "/e/opportunity/board", page => VisibleAsync(page.GetByTestId("card").First)),
        new("chart", "/e/opportunity/by_forecast"),
        new("funnel", "/e/opportunity/funnel"),
        new("plan", "/e/task/plan"),
        new("calendar", "/calendar", page => VisibleAsync(page.GetByTestId("calendar"))),
        new("calendar of a week", "/e/meeting/calendar?span=week", page => VisibleAsync(page.GetByTestId("calendar"))),
        new("agenda", "/e/meeting/calendar?span=agenda", page => VisibleAsync(page.GetByTestId("calendar"))),
        new("record", $"/e/opportunity/{opportunity}", page => VisibleAsync(page.GetByTestId("timeline-item").First)),
        new("record with its menu", $"/e/customer/{customer}", page => OpenAsync(page, "record-menu", page.GetByTestId("merge"))),
        new("record with its composer", $"/e/customer/{customer}", ComposeAsync),
        new("record in edit", $"/e/customer/{customer}", page => OpenAsync(page, "edit", page.GetByTestId("save-bar"))),
        new("new form with problems", "/e/customer/new", page => OpenAsync(page, "save", page.GetByTestId("problems"))),
        new("new quote", "/e/quote/new", page => VisibleAsync(page.GetByTestId("form"))),
        new("import", "/import?entity=customer", page => ImportAsync(page, import)),
        new("merge", $"/e/customer/{customer}/merge", page => VisibleAsync(page.GetByTestId("merge-page"))),
        new("recycle bin", "/e/customer?bin=1"),
        new("history", $"/e/customer/{customer}/history", page => VisibleAsync(page.GetByTestId("history-entry").First)),
        new("versions", "/versions"),
        new("outbox", "/outbox"),
        new("tokens", "/tokens"),
        new("palette", "/e/product", PaletteAsync),
        new("notifications", "/e/product", page => MenuAsync(page, "notifications")),
        new("menu of the person", "/e/product", page => MenuAsync(page, "user-menu")),
        new("help", "/e/product", HelpAsync),
        new("record that is not there", "/e/customer/00000000-0000-0000-0000-000000000001", page => VisibleAsync(page.GetByTestId("not-found"))),
        new("address that is no list", "/e/customer?sort=nonsense"),
        new("page that is not there", "/nowhere", InShell: false),
    ];

    /// <summary>Those that look different where there is much to show.</summary>
    public static IReadOnlyList<PageKind> AtWork(string opportunity) =>
    [
        new("home", "/", page => VisibleAsync(page.GetByTestId("home"))),
        new("dashboard", "/dashboards/sales", page => VisibleAsync(page.GetByTestId("figure").First)),
        new("chart", "/e/opportunity/won_by_unit"),
        new("calendar of a week", "/e/meeting/calendar?span=week", page => VisibleAsync(page.GetByTestId("calendar"))),
        new("record", $"/e/opportunity/{opportunity}", page => VisibleAsync(page.GetByTestId("timeline-item").First)),
    ];

    /// <summary>Goes there and waits until nothing is loading any more.</summary>
    public async Task OpenAsync(IPage page)
    {
        await page.GotoAsync(Address);
        if (InShell)
        {
            await Expect(page.GetByTestId("shell")).ToBeVisibleAsync(Patiently);
        }
        await SettleAsync(page);
        if (Arrange is not null)
        {
            await Arrange(page);
            await SettleAsync(page);
        }
    }

    public override string ToString() => Name;

    private static async Task SettleAsync(IPage page)
    {
        await Expect(page.Locator("main :is(h1, [role=alert])").First).ToBeVisibleAsync(Patiently);
        await Expect(page.Locator("main :is([aria-busy=true], .skeleton, .skeleton-board, .widget-skeleton)")).ToHaveCountAsync(0, new() { Timeout = 20_000 });
    }

    private static Task VisibleAsync(ILocator what) => Expect(what).ToBeVisibleAsync(Patiently);

    private static async Task OpenAsync(IPage page, string button, ILocator what)
    {
        await page.GetByTestId(button).ClickAsync();
        await VisibleAsync(what);
    }

    private static async Task SelectAsync(IPage page)
    {
        await page.GetByTestId("row").First.Locator("input[type=checkbox]").CheckAsync();
        await VisibleAsync(page.GetByTestId("bulk"));
    }

    private static async Task FilterAsync(IPage page)
    {
        await page.GetByTestId("add-filter").ClickAsync();
        await VisibleAsync(page.GetByTestId("filter-editor"));
    }

    private static async Task ComposeAsync(IPage page)
    {
        await page.Locator("[data-compose]").First.ClickAsync();
        await VisibleAsync(page.GetByTestId("composer-form"));
    }

    private static async Task ImportAsync(IPage page, FilePayload file)
    {
        // The input is on the page a moment before Blazor listens to it; a person is never that fast.
        await page.WaitForFunctionAsync("() => document.querySelector('[data-testid=import-file]')?._blazorInputFileNextFileId !== undefined");
        await page.GetByTestId("import-file").SetInputFilesAsync(file);
        await VisibleAsync(page.GetByTestId("import-check"));
    }

    private static async Task PaletteAsync(IPage page)
    {
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.Locator("#palette-text")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("a");
        await VisibleAsync(page.GetByTestId("palette-item").First);
    }

    private static async Task MenuAsync(IPage page, string name)
    {
        var menu = page.GetByTestId(name);
        await menu.ClickAsync();
        await VisibleAsync(page.Locator("details.menu[open] .menu-panel"));
    }

    private static async Task HelpAsync(IPage page)
    {
        await page.Keyboard.PressAsync("?");
        await VisibleAsync(page.GetByTestId("help-sheet"));
    }
}
