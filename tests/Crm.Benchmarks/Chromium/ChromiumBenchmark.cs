using System.Globalization;
using Crm.Benchmarks.Startup;
using Microsoft.Playwright;

namespace Crm.Benchmarks.Chromium;

/// <summary>What a person waits for in front of a million opportunities: from the click to what was asked for on the screen, in Chromium.</summary>
internal static class ChromiumBenchmark
{
    private const int Rounds = 5, Scrolled = 40;

    private const string Row = "[data-testid=row]", Form = "main [data-testid=form]", Empty = "/tokens";

    /// <summary>Goes there inside the circuit, as a link does, and waits for what <c>ready</c> names.</summary>
    private const string Go =
        """
        async ([place, ready]) => {
            const began = performance.now();
            Blazor.navigateTo(place);
            while (![...document.querySelectorAll(ready)].some(e => e.getClientRects().length > 0)) await new Promise(requestAnimationFrame);
            return performance.now() - began;
        }
        """;

    private const string Search =
        """
        async ([text, wanted]) => {
            const box = document.querySelector('[data-shortcut="/"]'), began = performance.now();
            box.value = text;
            box.dispatchEvent(new Event('input', { bubbles: true }));
            const found = () => { const count = document.querySelector('[data-testid=count]'); return count && count.textContent.replace(/\D/g, '') === wanted; };
            while (!found()) await new Promise(requestAnimationFrame);
            return performance.now() - began;
        }
        """;

    private const string Scroll =
        """
        async page => {
            const began = performance.now();
            document.querySelector('.load-more').scrollIntoView();
            while (!document.querySelector(`tbody[data-page="${page}"]`)) await new Promise(requestAnimationFrame);
            return performance.now() - began;
        }
        """;

    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("crm-chromium-");
        try
        {
            using var server = ServerUnderTest.StartCrm(folder.FullName, demo: "large");
            var filled = await server.WaitForAsync("/sign-in");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"demo company with 1,000,000 opportunities in {filled.TotalSeconds:N0} s, files {Directory.GetFiles(folder.FullName, "crm.db*").Sum(f => new FileInfo(f).Length) / 1048576.0:N0} MB"));
            await MeasureAsync(server.Address);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(Uri address)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CRM_CHROMIUM") is { Length: > 0 } path ? path : "/usr/bin/chromium", Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
        var page = await browser.NewPageAsync(new() { BaseURL = address.ToString(), ViewportSize = new() { Width = 1280, Height = 800 } });
        await page.GotoAsync("/sign-in");
        await page.FillAsync("input[name=email]", ServerUnderTest.Email);
        await page.FillAsync("input[name=password]", ServerUnderTest.Password);
        await page.ClickAsync("button[type=submit]");
        await page.GetByTestId("shell").WaitForAsync();

        await TellAsync("list, newest first", _ => GoAsync(page, "/e/opportunity/all", Row));
        await TellAsync("list by amount downwards", _ => GoAsync(page, "/e/opportunity/all?sort=-amount", Row));
        await TellAsync("list of the open ones", _ => GoAsync(page, "/e/opportunity/open", Row));
        await TellAsync("board, all columns", _ => GoAsync(page, "/e/opportunity/board", "[data-testid=board]:not([aria-busy=true]) [data-testid=card]"));
        await TellAsync("search in the list, one record", i => SearchAsync(page, string.Create(CultureInfo.InvariantCulture, $"OPP-L{(i + 7) * 37123:D7}"), "1"));
        await TellAsync("search in the list, 1,000 records", i => SearchAsync(page, string.Create(CultureInfo.InvariantCulture, $"OPP-L{(i + 7) * 79:D4}"), "1000"));
        var id = await page.EvaluateAsync<string>("async () => (await (await fetch('/api/records/opportunity?limit=1&fields=id&q=OPP-L0500500')).json()).items[0].id");
        await TellAsync("form of a record", _ => GoAsync(page, "/e/opportunity/" + id, Form));
        await TellAsync("new form", _ => GoAsync(page, "/e/opportunity/new", Form));
        await TellAsync("dashboard of a sales manager, all figures", _ => GoAsync(page, "/dashboards/sales", "main:not(:has(.widget-skeleton)) [data-testid=figure]"));

        await GoAsync(page, "/e/opportunity/all?sort=-amount", Row);
        var scrolled = new List<double>();
        for (var i = 1; i <= Scrolled; i++)
        {
            scrolled.Add(await page.EvaluateAsync<double>(Scroll, i));
        }
        Tell($"scrolling, pages 1 to {Scrolled / 2}", [.. scrolled.Take(Scrolled / 2)]);
        Tell($"scrolling, pages {(Scrolled / 2) + 1} to {Scrolled}", [.. scrolled.Skip(Scrolled / 2)]);
    }

    /// <summary>From a page with none of it.</summary>
    private static async Task<double> GoAsync(IPage page, string place, string ready)
    {
        await page.EvaluateAsync("place => Blazor.navigateTo(place)", Empty);
        await page.WaitForURLAsync("**" + Empty);
        await page.WaitForFunctionAsync("ready => document.querySelectorAll(ready).length === 0", ready);
        return await page.EvaluateAsync<double>(Go, new[] { place, ready });
    }

    private static async Task<double> SearchAsync(IPage page, string text, string wanted)
    {
        await GoAsync(page, "/e/opportunity/all", Row);
        return await page.EvaluateAsync<double>(Search, new[] { text, wanted });
    }

    private static async Task TellAsync(string what, Func<int, Task<double>> time)
    {
        var times = new List<double>();
        for (var i = -1; i < Rounds; i++)
        {
            var took = await time(i + 1);
            if (i >= 0)
            {
                times.Add(took);
            }
        }
        Tell(what, times);
    }

    private static void Tell(string what, List<double> times)
    {
        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-40}{times[times.Count / 2],8:N0} ms{times[^1],8:N0} ms at most"));
    }
}
