using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Lists;

/// <summary>Words to look for; the list follows when the person pauses.</summary>
public sealed partial class SearchBox
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private CancellationTokenSource? _typing;
    private string _text = "";
    private string? _known;

    [Parameter]
    public string Text { get; set; } = "";

    [Parameter]
    public EventCallback<string> TextChanged { get; set; }

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    public void Dispose()
    {
        _typing?.Cancel();
        _typing?.Dispose();
    }

    protected override void OnParametersSet()
    {
        if (Text != _known)
        {
            _text = _known = Text;
        }
    }

    private async Task TypeAsync(string? text)
    {
        _text = text ?? "";
        _typing?.Cancel();
        _typing?.Dispose();
        var typing = _typing = new();
        try
        {
            await Task.Delay(Pause, Time, typing.Token);
            _known = _text.Trim();
            await TextChanged.InvokeAsync(_known);
        }
        catch (OperationCanceledException)
        {
            // The person typed on, or left.
        }
    }
}
