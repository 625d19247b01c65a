namespace Crm.Ui.Shell;

/// <summary>How a toast looks and how long it stays.</summary>
public enum ToastTone
{
    Done, Problem,
}

/// <summary>A short notice at the edge of the screen, perhaps with a way back.</summary>
public sealed record Toast(string Message, ToastTone Tone, string? ActionLabel, Func<Task>? Action);

/// <summary>The toasts of one browser tab; they outlive the page that caused them, so that "undo" is still there after a deletion has led away.</summary>
public sealed class Toaster
{
    private readonly List<Toast> _toasts = [];

    public event EventHandler? Changed;

    public IReadOnlyList<Toast> Toasts => _toasts;

    public void Show(string message, string? actionLabel = null, Func<Task>? action = null) => Add(new(message, ToastTone.Done, actionLabel, action));

    public void ShowProblem(string message, string? actionLabel = null, Func<Task>? action = null) => Add(new(message, ToastTone.Problem, actionLabel, action));

    public void Close(Toast toast)
    {
        if (_toasts.RemoveAll(t => ReferenceEquals(t, toast)) > 0)
        {
            Changed?.Invoke(this, EventArgs.Empty);
        }
    }

    private void Add(Toast toast)
    {
        _toasts.Add(toast);
        Changed?.Invoke(this, EventArgs.Empty);
    }
}
