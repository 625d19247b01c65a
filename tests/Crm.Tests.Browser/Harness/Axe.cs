using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Crm.Tests.Browser.Harness;

/// <summary>
/// What axe-core finds on a page. It is no part of the product and not shipped with it: <c>./test</c> restores the version of <c>package-lock.json</c>
/// into <c>artifacts/npm</c>; <c>CRM_AXE</c> names another <c>axe.min.js</c>.
/// </summary>
internal static class Axe
{
    private const string Serious = """
        async colours => (await axe.run(document, {
                runOnly: colours ? { type: 'rule', values: ['color-contrast'] } : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'],
                resultTypes: ['violations'] })).violations
            .filter(v => ['serious', 'critical'].includes(v.impact))
            .map(v => ({ ...v, nodes: v.nodes.map(n => ({ where: n.target.join(' '), why: n.any.concat(n.all).map(c => c.message)[0] })) }))
            // What lies under an open menu is not offered at that moment.
            .map(v => ({ ...v, nodes: v.nodes.filter(n => v.id !== 'target-size' || !/obscured/.test(n.why)) }))
            .filter(v => v.nodes.length > 0)
            .map(v => `${v.id}: ${v.help} (${v.nodes.slice(0, 3).map(n => `${n.where} ${n.why}`).join(' | ')})`)
        """;

    /// <summary>The other theme is on, and no colour is on its way to another one, which has no contrast yet.</summary>
    private const string Themed = """
        async theme => {
            const frame = () => new Promise(requestAnimationFrame);
            while (document.documentElement.dataset.theme !== theme) await frame();
            await frame();
            // Chromium now and then keeps an inherited colour of the theme before until an element is laid out anew.
            document.body.style.display = 'none';
            await frame();
            document.body.style.display = '';
            await frame();
            await Promise.allSettled(document.getAnimations().filter(a => a.effect?.getTiming().iterations !== Infinity).map(a => a.finished));
        }
        """;

    private static string Script => Environment.GetEnvironmentVariable("CRM_AXE") is { Length: > 0 } script ? script : Repository.File("artifacts", "npm", "node_modules", "axe-core", "axe.min.js");

    /// <summary>Skips the test where axe-core could not be restored.</summary>
    public static void SkipWithout() => Assert.SkipUnless(File.Exists(Script), "needs axe-core, which ./test restores from npm (CRM_AXE names its axe.min.js)");

    /// <summary>Everything serious or critical on the page as it is now, in light and, if asked for, in dark.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(IPage page, bool bothThemes)
    {
        if (!await page.EvaluateAsync<bool>("() => 'axe' in window"))
        {
            await page.EvaluateAsync(await File.ReadAllTextAsync(Script, TestContext.Current.CancellationToken));
        }
        var found = new List<string>();
        // The themes differ in their colours only.
        foreach (var scheme in bothThemes ? [ColorScheme.Dark, ColorScheme.Light] : new[] { ColorScheme.Light })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
            await page.EvaluateAsync(Themed, scheme == ColorScheme.Dark ? "dark" : "light");
            found.AddRange((await page.EvaluateAsync<string[]>(Serious, scheme == ColorScheme.Dark)).Select(finding => $"{scheme}: {finding}"));
        }
        return found;
    }

    /// <summary>Nothing serious or critical is on the page as it is now; where axe-core could not be restored, that is said and the check left out.</summary>
    public static async Task CheckAsync(IPage page)
    {
        if (!File.Exists(Script))
        {
            TestContext.Current.SendDiagnosticMessage("axe-core was not run: ./test restores it from npm");
            return;
        }
        await page.EvaluateAsync(await File.ReadAllTextAsync(Script, TestContext.Current.CancellationToken));
        (await page.EvaluateAsync<string[]>(Serious, false)).ShouldBeEmpty(page.Url);
    }
}
