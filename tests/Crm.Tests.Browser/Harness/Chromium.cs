using Microsoft.Playwright;
using Xunit;

namespace Crm.Tests.Browser.Harness;

/// <summary>
/// The one browser of the run: the system's Chromium (or the one that <c>CRM_CHROMIUM</c> names), never a downloaded one.
/// It starts with the first journey; where there is none, journeys are skipped.
/// </summary>
public sealed class Chromium : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public static string ExecutablePath => Environment.GetEnvironmentVariable("CRM_CHROMIUM") is { Length: > 0 } path ? path : "/usr/bin/chromium";

    /// <summary>The running browser; skips the test when the machine has none.</summary>
    public async Task<IBrowser> StartedAsync()
    {
        Assert.SkipUnless(File.Exists(ExecutablePath), $"needs Chromium at {ExecutablePath} (CRM_CHROMIUM names another)");
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            // A slow machine slows a journey down and does not fail it.
            Assertions.SetDefaultExpectTimeout(15_000);
            _playwright ??= await Playwright.CreateAsync();
            return _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = ExecutablePath,
                Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            });
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }
        _playwright?.Dispose();
        _starting.Dispose();
    }
}
