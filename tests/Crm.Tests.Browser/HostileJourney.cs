using System.Text;
using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Crm.Tests.Browser;

/// <summary>Records whose every text field holds what an attacker, a cat on the keyboard or another script would type, seen on every kind of page.</summary>
public sealed class HostileJourney(RunningServer server, Chromium chromium) : Journey(server, chromium)
{
    private const string Scripts = "<script>window.hostile=1</script><img src=x onerror=\"window.hostile=1\"><svg onload=\"window.hostile=1\"></svg>'\"><a href=\"javascript:window.hostile=1\">{{7*7}}</a> ";
    private const string Rtl = "\u202Eمرحبا بالعالم\u202C שלום ";
    private const string Marks = "👩‍👩‍👧‍👦🏳️‍🌈 Z̷̢̛̖͖͔͎̬͐̊̈́̒a̴̧̟͎͂̽͛͘l̷̨̰̲̤̀̈́͗g̴̙̱͓̟̓̇ǫ 한국어 ";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_that_stands_in_a_record_runs_or_breaks_a_page(bool phone)
    {
        await using var own = await RunningServer.StartAsync();
        Complaints.Expect("404 GET " + new Uri(own.Address, "nowhere"));
        Complaints.Expect($"({new Uri(own.Address, "nowhere")}");
        var page = await OpenSignedInAsync(phone ? Visitor.Phone : Visitor.Desk, on: own);
        var faults = new List<string>();
        page.Dialog += (_, dialog) =>
        {
            faults.Add($"{page.Url} opened a dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        var records = await Furnishing.MakeAsync(page, Text);

        foreach (var kind in PageKind.All(records["customer"], records["opportunity"], ImportFile()))
        {
            await kind.OpenAsync(page);
            await LookAsync(page, kind.Name, faults);
        }
        foreach (var entity in Furnishing.Kinds)
        {
            await new PageKind(entity, $"/e/{entity}/{records[entity]}").OpenAsync(page);
            await LookAsync(page, entity, faults);
        }
        await page.CloseAsync();

        faults.ShouldBeEmpty();
        own.Output.ShouldNotContain("Unhandled exception");
        own.Output.ShouldNotContain("A screen failed");
    }

    private static async Task LookAsync(IPage page, string name, List<string> faults)
    {
        if (await page.EvaluateAsync<bool>("() => 'hostile' in window"))
        {
            faults.Add($"{name}: what stands in a record was run");
        }
        if (await page.EvaluateAsync<bool>("() => !!document.querySelector('main img[src=x], main [onerror], main [onload], main a[href^=javascript]')"))
        {
            faults.Add($"{name}: what stands in a record became part of the page");
        }
        if (await page.GetByTestId("crash").CountAsync() > 0 || await page.Locator("#blazor-error-ui").IsVisibleAsync())
        {
            faults.Add($"{name}: the page broke");
        }
        if (await Overflow.OfAsync(page) is { } wide)
        {
            faults.Add($"{name}: {wide}");
        }
    }

    /// <summary>As many characters as fit; a short field gets another beginning than a long one, so that each kind of text comes first somewhere.</summary>
    private static string Text(int most)
    {
        var whole = most < 100 ? Rtl + Marks + Scripts : most < 220 ? Scripts + Rtl + Marks : Scripts + Rtl + Marks + string.Concat(Enumerable.Repeat("W", 600)) + " ";
        var text = new StringBuilder(whole);
        while (text.Length < most)
        {
            text.Append(whole);
        }
        // Half a character is no text.
        var end = char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
        return text.ToString(0, end).Trim();
    }

    private static FilePayload ImportFile()
    {
        var cell = '"' + Text(200).Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
        return new() { Name = "<img src=x onerror=alert(1)>.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes($"Name;City;{cell}\n{cell};{cell};{cell}\n") };
    }
}
