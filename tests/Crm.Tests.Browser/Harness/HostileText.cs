using System.Text;
using Microsoft.Playwright;

namespace Crm.Tests.Browser.Harness;

/// <summary>What an attacker, a cat on the keyboard or somebody with another script would type into a field.</summary>
internal static class HostileText
{
    private const string Scripts = "<script>window.hostile=1</script><img src=x onerror=\"window.hostile=1\"><svg onload=\"window.hostile=1\"></svg>'\"><a href=\"javascript:window.hostile=1\">{{7*7}}</a> ";
    private const string RightToLeft = "\u202Eمرحبا بالعالم\u202C שלום ";
    private const string Marks = "👩‍👩‍👧‍👦🏳️‍🌈 Z̷̢̛̖͖͔͎̬͐̊̈́̒a̴̧̟͎͂̽͛͘l̷̨̰̲̤̀̈́͗g̴̙̱͓̟̓̇ǫ 한국어 ";

    /// <summary>A file of two columns whose name, head and cells are hostile.</summary>
    public static FilePayload File
    {
        get
        {
            var cell = '"' + Of(200).Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
            return new() { Name = "<img src=x onerror=alert(1)>.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes($"Name;City;{cell}\n{cell};{cell};{cell}\n") };
        }
    }

    /// <summary>As many characters as fit; a short field gets another beginning than a long one, so that each kind of text comes first somewhere.</summary>
    public static string Of(int most)
    {
        var whole = most < 100 ? RightToLeft + Marks + Scripts : most < 220 ? Scripts + RightToLeft + Marks : Scripts + RightToLeft + Marks + new string('W', 600) + " ";
        var text = new StringBuilder(whole);
        while (text.Length < most)
        {
            text.Append(whole);
        }
        // Half a character is no text.
        var end = char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
        return text.ToString(0, end).Trim();
    }

    /// <summary>What such a text has done to a page.</summary>
    public static async Task<IReadOnlyList<string>> FaultsAsync(IPage page)
    {
        var faults = new List<string>();
        if (await page.EvaluateAsync<bool>("() => 'hostile' in window"))
        {
            faults.Add("what stands in a record was run");
        }
        if (await page.EvaluateAsync<bool>("() => !!document.querySelector('main img[src=x], main [onerror], main [onload], main a[href^=javascript]')"))
        {
            faults.Add("what stands in a record became part of the page");
        }
        if (await page.GetByTestId("crash").CountAsync() > 0 || await page.Locator("#blazor-error-ui").IsVisibleAsync())
        {
            faults.Add("the page broke");
        }
        return faults;
    }
}
