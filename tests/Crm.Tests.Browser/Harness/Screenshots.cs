using Microsoft.Playwright;
using Xunit;

namespace Crm.Tests.Browser.Harness;

/// <summary>Pictures for two readers: whoever looks into a failed run, and whoever reads the README.</summary>
public static class Screenshots
{
    /// <summary>Replaces a picture of the documentation, in runs that ask for it: pictures would otherwise change with every run.</summary>
    public static async Task ForReadmeAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("CRM_UPDATE_SCREENSHOTS") == "1")
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Repository.File("platform", "docs", "images", $"{name}.png") });
        }
    }

    internal static async Task OfFailureAsync(IEnumerable<IPage> pages)
    {
        var test = TestContext.Current.Test?.TestDisplayName ?? "unknown";
        var name = string.Concat(test.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? c : '-'));
        var number = 0;
        foreach (var page in pages)
        {
            var path = Repository.File("artifacts", "screenshots", $"{name}-{++number}.png");
            try
            {
                await page.ScreenshotAsync(new PageScreenshotOptions { Path = path, FullPage = true, Timeout = 5000 });
                TestContext.Current.TestOutputHelper?.WriteLine($"{page.Url} looked like {path}");
            }
            catch (Exception e) when (e is PlaywrightException or TimeoutException)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{page.Url} could not be pictured: {e.Message}");
            }
        }
    }
}
