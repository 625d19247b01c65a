using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;
using Xunit;

namespace Crm.Tests.Browser.Harness;

/// <summary>Somebody who goes from page to page and notes what is wrong with each.</summary>
internal sealed class Walk
{
    /// <summary>What was wrong, with the page it was seen on.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Opens each page and looks at it; a page that does not come is a fault like any other, and the walk goes on.</summary>
    public async Task ThroughAsync(IPage page, IEnumerable<PageKind> kinds)
    {
        foreach (var kind in kinds)
        {
            var clock = Stopwatch.StartNew();
            try
            {
                await kind.OpenAsync(page);
                await LookAsync(page, kind.Name);
            }
            catch (PlaywrightException problem)
            {
                Faults.Add($"{kind.Name}: {problem.Message}");
            }
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind.Name}: {clock.Elapsed.TotalSeconds:N1} s"));
        }
    }

    public async Task LookAsync(IPage page, string name)
    {
        Faults.AddRange((await HostileText.FaultsAsync(page)).Select(fault => $"{name}: {fault}"));
        if (await Overflow.OfAsync(page) is { } wide)
        {
            Faults.Add($"{name}: {wide}");
        }
        Faults.AddRange((await Axe.FindAsync(page)).Select(finding => $"{name}, {finding}"));
    }
}
