using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Crm.Tests.Browser.Harness;

/// <summary>
/// What axe-core finds on a page. It is no part of the product and not shipped with it: <c>CRM_AXE</c> names its <c>axe.min.js</c>
/// (<c>npm pack axe-core</c>), and where it names none the check says so in the output and is left out.
/// </summary>
internal static class Axe
{
    private const string Serious = """
        async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations
            .filter(v => ['serious', 'critical'].includes(v.impact))
            .map(v => `${v.id}: ${v.help} (${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')})`)
        """;

    public static async Task CheckAsync(IPage page)
    {
        if (Environment.GetEnvironmentVariable("CRM_AXE") is not { Length: > 0 } script || !File.Exists(script))
        {
            TestContext.Current.SendDiagnosticMessage("axe-core was not run: CRM_AXE does not name its axe.min.js");
            return;
        }
        await page.EvaluateAsync(await File.ReadAllTextAsync(script, TestContext.Current.CancellationToken));
        (await page.EvaluateAsync<string[]>(Serious)).ShouldBeEmpty(page.Url);
    }
}
