using Microsoft.Playwright;

namespace Crm.Tests.Browser.Harness;

/// <summary>
/// What the browser complained about while a journey ran: console errors, uncaught exceptions, requests that failed or were refused.
/// A page that looks right over a broken script is not right.
/// </summary>
public sealed class Complaints
{
    private readonly List<string> _all = [];
    private readonly List<string> _expected = [];
    private readonly Lock _writing = new();

    /// <summary>Those that the journey did not announce.</summary>
    public IReadOnlyList<string> Unexpected
    {
        get
        {
            lock (_writing)
            {
                return [.. _all.Where(complaint => !_expected.Exists(part => complaint.Contains(part, StringComparison.OrdinalIgnoreCase)))];
            }
        }
    }

    /// <summary>Announces complaints that belong to the journey, such as the lost connection when it kills the server.</summary>
    public void Expect(string partOfText)
    {
        lock (_writing)
        {
            _expected.Add(partOfText);
        }
    }

    internal void Watch(IBrowserContext context)
    {
        context.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                Add($"console: {message.Text} ({message.Location})");
            }
        };
        context.WebError += (_, error) => Add($"uncaught: {error.Error}");
        context.RequestFailed += (_, request) =>
        {
            // A navigation cancels what the page before it was still loading.
            if (request.Failure is not "net::ERR_ABORTED")
            {
                Add($"request: {request.Method} {request.Url}: {request.Failure}");
            }
        };
        context.Response += (_, response) =>
        {
            if (response.Status >= 400)
            {
                Add($"response: {response.Status} {response.Request.Method} {response.Url}");
            }
        };
    }

    private void Add(string complaint)
    {
        lock (_writing)
        {
            _all.Add(complaint);
        }
    }
}
