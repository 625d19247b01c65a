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
        async () => (await axe.run(document, {
                runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'],
                resultTypes: ['violations'] })).violations
            .filter(v => ['serious', 'critical'].includes(v.impact))
            .map(v => ({ ...v, nodes: v.nodes.map(n => ({ where: n.target.join(' '), why: n.any.concat(n.all).map(c => c.message)[0] })) }))
            // What lies under an open menu is not offered at that moment.
            .map(v => ({ ...v, nodes: v.nodes.filter(n => v.id !== 'target-size' || !/obscured/.test(n.why)) }))
            .filter(v => v.nodes.length > 0)
            .map(v => `${v.id}: ${v.help} (${v.nodes.slice(0, 3).map(n => `${n.where} ${n.why}`).join(' | ')})`)
        """;

    /// <summary>No colour is on its way to another one, which has no contrast yet.</summary>
    private const string Settled = "() => Promise.allSettled(document.getAnimations().filter(a => a.effect?.getTiming().iterations !== Infinity).map(a => a.finished)).then(() => null)";

    private static string Script => Environment.GetEnvironmentVariable("CRM_AXE") is { Length: > 0 } script ? script : Repository.File("artifacts", "npm", "node_modules", "axe-core", "axe.min.js");

    /// <summary>Skips the test where axe-core could not be restored.</summary>
    public static void SkipWithout() => Assert.SkipUnless(File.Exists(Script), "needs axe-core, which ./test restores from npm (CRM_AXE names its axe.min.js)");

    /// <summary>Everything serious or critical on the page as it is now.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(IPage page)
    {
        if (!await page.EvaluateAsync<bool>("() => 'axe' in window"))
        {
            await page.EvaluateAsync(await File.ReadAllTextAsync(Script, TestContext.Current.CancellationToken));
        }
        await page.EvaluateAsync(Settled);
        return await page.EvaluateAsync<string[]>(Serious);
    }

    /// <summary>Nothing serious or critical is on the page as it is now; where axe-core could not be restored, that is said and the check left out.</summary>
    public static async Task CheckAsync(IPage page)
    {
        if (!File.Exists(Script))
        {
            TestContext.Current.SendDiagnosticMessage("axe-core was not run: ./test restores it from npm");
            return;
        }
        (await FindAsync(page)).ShouldBeEmpty(page.Url);
    }
}
