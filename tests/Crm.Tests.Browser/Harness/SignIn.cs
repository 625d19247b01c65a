using Microsoft.Playwright;

namespace Crm.Tests.Browser.Harness;

/// <summary>The sign-in page as a person uses it; the one place that knows its inputs.</summary>
public static class SignIn
{
    public const string Path = "/sign-in";

    /// <summary>Opens the page, fills it in and submits it; what follows is the caller's to look at.</summary>
    public static async Task WithAsync(IPage page, string email, string password)
    {
        await page.GotoAsync(Path);
        await page.Locator("input[name=email]").FillAsync(email);
        await page.Locator("input[name=password]").FillAsync(password);
        await page.Locator("button[type=submit]").ClickAsync();
    }
}
