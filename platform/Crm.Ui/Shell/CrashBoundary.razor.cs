using Crm.Data;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Logging;

namespace Crm.Ui.Shell;

/// <summary>What a person sees when a page breaks: that nothing is lost, what to do, and a word by which the log is found.</summary>
public sealed partial class CrashBoundary
{
    private string _id = "";

    [Inject]
    private IdSource Ids { get; set; } = default!;

    [Inject]
    private ILogger<CrashBoundary> Log { get; set; } = default!;

    protected override Task OnErrorAsync(Exception exception)
    {
        _id = Ids.Next().ToString("N")[^12..];
        Log.LogError(exception, "A page failed. Correlation id {CorrelationId}", _id);
        return Task.CompletedTask;
    }
}
