using Crm.Ui.Shell;
using Microsoft.JSInterop;

namespace Crm.Ui.Records;

/// <summary>Has the browser tab keep what is typed into forms until it is saved. A browser that keeps nothing costs the offer to restore it, and no more.</summary>
public sealed class FormMemory(IJSRuntime browser, CurrentActor current)
{
    /// <param name="place">Which form.</param>
    public async Task<KeptInput?> RecallAsync(string place)
    {
        string? text = null;
        await AskAsync(async () => text = await browser.InvokeAsync<string?>("crmForms.recall", Key(place)));
        return KeptInput.Read(text);
    }

    public Task KeepAsync(string place, KeptInput input) => AskAsync(() => browser.InvokeVoidAsync("crmForms.keep", Key(place), input.Write()).AsTask());

    public Task ForgetAsync(string place) => AskAsync(() => browser.InvokeVoidAsync("crmForms.forget", Key(place)).AsTask());

    /// <summary>Nobody else who signs in at this browser is offered it.</summary>
    private string Key(string place) => $"{current.Actor.UserId:N}.{place}";

    private static async Task AskAsync(Func<Task> question)
    {
        try
        {
            await question();
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException or JSException)
        {
            // The tab is gone, or keeps nothing.
        }
    }
}
