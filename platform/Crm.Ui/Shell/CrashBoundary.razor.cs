using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Shell;

/// <summary>What a person sees when a page breaks: that nothing is lost, what to do, and a word by which the log is found.</summary>
public sealed partial class CrashBoundary
{
    private string _id = "";

    [Inject]
    private Mishaps Mishaps { get; set; } = default!;

    protected override Task OnErrorAsync(Exception exception)
    {
        _id = Mishaps.Note(exception);
        return Task.CompletedTask;
    }
}
