using System.Globalization;
using Crm.Rules;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace Crm.Ui.Shell;

/// <summary>One box for everything: type a part of a name, choose with the arrows, Enter. What is known at once is shown at once; records follow.</summary>
public sealed partial class Palette
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(120);

    private IReadOnlyList<PaletteItem> _items = [];
    private CancellationTokenSource? _search;
    private string _text = "";
    private bool _open, _searching, _focus, _taking;
    private int _active;

    [Inject]
    private PaletteSource Source { get; set; } = default!;

    [Inject]
    private CreateDialogs Creating { get; set; } = default!;

    [Inject]
    private Toaster Toaster { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    public void Dispose()
    {
        _search?.Cancel();
        _search?.Dispose();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_focus)
        {
            _focus = false;
            await Browser.InvokeVoidAsync("crm.focus", "#palette-text");
        }
    }

    private async Task OpenAsync()
    {
        (_open, _focus, _text, _active) = (true, true, "", 0);
        _items = await Source.StartAsync(CancellationToken.None);
    }

    private async Task CloseAsync()
    {
        _search?.Cancel();
        _open = false;
        await Browser.InvokeVoidAsync("crm.focus", "[data-testid=palette-open]");
    }

    private async Task TypeAsync(string? text)
    {
        _search?.Cancel();
        _search?.Dispose();
        var search = _search = new();
        // Whoever types on disposes of the source; what it has handed out stays good.
        var token = search.Token;
        (_text, _active, _taking) = (text ?? "", 0, false);
        if (string.IsNullOrWhiteSpace(_text))
        {
            (_items, _searching) = (await Source.StartAsync(token), false);
            return;
        }
        var known = Source.Known(_text);
        (_items, _searching) = (known, true);
        try
        {
            await Task.Delay(Pause, Time, token);
            var records = await Source.RecordsAsync(_text, token);
            if (search == _search)
            {
                // What one meant stays chosen: records come after the places, unless there were none.
                (_items, _searching) = ([.. known, .. records], false);
                if (_taking && _items.Count > 0)
                {
                    await TakeAsync(_items[0]);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The person typed on, or left.
        }
        catch (ProblemException e)
        {
            _searching = false;
            Toaster.ShowProblem(e.Problems[0].Message(Model.Texts));
        }
    }

    private async Task PressAsync(KeyboardEventArgs e)
    {
        switch (e.Key)
        {
            case "ArrowDown" when _items.Count > 0: await MoveAsync((_active + 1) % _items.Count); break;
            case "ArrowUp" when _items.Count > 0: await MoveAsync((_active + _items.Count - 1) % _items.Count); break;
            case "Enter" when _active < _items.Count: await TakeAsync(_items[_active]); break;
            // Whoever is quicker than the search means the first that it finds.
            case "Enter" when _searching: _taking = true; break;
            case "Escape": await CloseAsync(); break;
        }
    }

    private async Task MoveAsync(int to)
    {
        _active = to;
        await Browser.InvokeVoidAsync("crm.reveal", "#" + OptionId(to));
    }

    private async Task TakeAsync(PaletteItem item)
    {
        await CloseAsync();
        if (item.Address is { } address)
        {
            Navigation.NavigateTo(address);
        }
        else if (item.Create is { } entity)
        {
            await Creating.OpenAsync(entity);
        }
        else if (item.Act is { } act)
        {
            await Browser.InvokeVoidAsync("crmTheme.act", act);
        }
    }

    private static string OptionId(int index) => string.Create(CultureInfo.InvariantCulture, $"palette-{index}");
}
