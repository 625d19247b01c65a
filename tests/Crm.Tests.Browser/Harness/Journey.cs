using Microsoft.Playwright;
using Xunit;

namespace Crm.Tests.Browser.Harness;

/// <summary>
/// A person's way through the product in a real browser. Every page opened through it is watched: the journey fails on what the
/// browser complained about, and a failed journey leaves pictures in <c>artifacts/screenshots</c>.
/// </summary>
public abstract class Journey(RunningServer server, Chromium chromium) : IAsyncLifetime
{
    private readonly List<IBrowserContext> _contexts = [];

    protected RunningServer Server { get; } = server;

    protected Complaints Complaints { get; } = new();

    public virtual async ValueTask InitializeAsync()
    {
        await chromium.StartedAsync();
        await Server.EnsureStartedAsync();
    }

    /// <summary>A page of a browser that has never been here: no cookies, no storage. <paramref name="on"/> names another server than the shared one.</summary>
    protected async Task<IPage> OpenAsync(Visitor? visitor = null, RunningServer? on = null)
    {
        var browser = await chromium.StartedAsync();
        var context = await browser.NewContextAsync((visitor ?? Visitor.Desk).ToOptions((on ?? Server).Address));
        _contexts.Add(context);
        Complaints.Watch(context);
        return await context.NewPageAsync();
    }

    /// <summary>A new page whose visitor has signed in through the sign-in page and sees the shell; the administrator unless told otherwise.</summary>
    protected async Task<IPage> OpenSignedInAsync(Visitor? visitor = null, string? email = null, string? password = null, RunningServer? on = null)
    {
        var page = await OpenAsync(visitor, on);
        var settings = (on ?? Server).Settings;
        await SignIn.WithAsync(page, email ?? settings.AdminEmail, password ?? settings.AdminPassword);
        await Assertions.Expect(page.GetByTestId("shell")).ToBeVisibleAsync();
        return page;
    }

    /// <summary>Ends the journey; a derived class that overrides it calls it last.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        var alreadyFailed = TestContext.Current.TestState?.Result == TestResult.Failed;
        var complaints = Complaints.Unexpected;
        if (alreadyFailed || complaints.Count > 0)
        {
            await Screenshots.OfFailureAsync(_contexts.SelectMany(context => context.Pages));
        }
        foreach (var context in _contexts)
        {
            await context.DisposeAsync();
        }
        if (complaints.Count > 0)
        {
            Assert.Fail($"The browser complained:\n{string.Join('\n', complaints)}");
        }
    }
}
