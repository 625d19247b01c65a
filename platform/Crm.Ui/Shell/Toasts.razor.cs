using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Shell;

/// <summary>Where toasts appear; one with an action stays longer, because somebody may want to think.</summary>
public sealed partial class Toasts
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5), Long = TimeSpan.FromSeconds(12);

    private readonly ConditionalWeakTable<Toast, object> _timed = [];
    private readonly CancellationTokenSource _gone = new();

    [Inject]
    private Toaster Toaster { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    public void Dispose()
    {
        Toaster.Changed -= Follow;
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override void OnInitialized() => Toaster.Changed += Follow;

    private void Follow(object? sender, EventArgs e) => _ = InvokeAsync(() =>
    {
        foreach (var toast in Toaster.Toasts.Where(t => _timed.TryAdd(t, t)).ToList())
        {
            _ = CloseLaterAsync(toast);
        }
        StateHasChanged();
    });

    private async Task CloseLaterAsync(Toast toast)
    {
        try
        {
            await Task.Delay(toast.Action is null && toast.Tone == ToastTone.Done ? Short : Long, Time, _gone.Token);
            Toaster.Close(toast);
        }
        catch (OperationCanceledException)
        {
            // The tab was closed.
        }
    }

    private Task ActAsync(Toast toast)
    {
        Toaster.Close(toast);
        return toast.Action!();
    }
}
