using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.WebUtilities;

namespace Crm.Ui.Fields;

/// <summary>
/// Points to a record of another entity: type a part of its name, choose among what is found. Text that was not chosen is taken
/// back when the field is left, so that what stands there is always what is stored.
/// </summary>
public sealed partial class LookupBox : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private IReadOnlyList<LookupHit> _hits = [];
    private CancellationTokenSource? _search;
    private object? _value;
    private string? _title;
    private string _text = "";
    private bool _open, _searching;
    private int _active = -1;

    [Parameter, EditorRequired]
    public FieldEditor Editor { get; set; } = default!;

    [Inject]
    private LookupSource Source { get; set; } = default!;

    [Inject]
    private CreateDialogs Creating { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private FieldText Words { get; set; } = default!;

    /// <summary>Whose records are searched, where the field can point to those of several entities.</summary>
    [Parameter]
    public Entity? Among { get; set; }

    private Entity? Target => Among ?? Editor.Field.Target;

    private IReadOnlyList<Entity> Targets => Among is { } one ? [one] : Editor.Field.Targets;

    private string ListId => $"{Editor.InputId}-list";

    public void Dispose()
    {
        _search?.Cancel();
        _search?.Dispose();
    }

    protected override void OnParametersSet()
    {
        if (!Equals(Editor.Value, _value) || Editor.Title != _title)
        {
            (_value, _title) = (Editor.Value, Editor.Title);
            _text = TitleText;
        }
    }

    /// <summary>People come from the administration, everything else may be made in passing by whoever may make it.</summary>
    private bool MayCreate => !_searching && Target is { IsSystem: false, LinkOf: null } target && target.Name is not ("user" or "unit" or "team") && Editor.Record is not null && Authority.May(Actor, Operation.Create, target);

    /// <summary>Whether something is typed that is not what stands there.</summary>
    private bool IsTyped => _text.Trim().Length > 0 && _text != TitleText;

    private int Options => _hits.Count + (MayCreate ? 1 : 0);

    private string TitleText => Words.Of(Editor.Field, _value, _title);

    private string OptionId(int index) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{ListId}-{index}");

    private async Task OpenAsync()
    {
        if (!_open)
        {
            await SearchAsync("", TimeSpan.Zero);
        }
    }

    private async Task TypeAsync(string? text)
    {
        _text = text ?? "";
        if (_text.Length == 0 && _value is not null && !Editor.Field.Definition.Required)
        {
            await Editor.ChangeAsync(null);
        }
        await SearchAsync(_text, Pause);
    }

    private async Task SearchAsync(string text, TimeSpan pause)
    {
        if (Targets.Count == 0)
        {
            return;
        }
        _search?.Cancel();
        _search?.Dispose();
        var search = _search = new();
        // Whoever types on disposes of the source; what it has handed out stays good.
        var token = search.Token;
        (_open, _searching) = (true, true);
        try
        {
            await Task.Delay(pause, Time, token);
            var hits = await Source.SearchAsync(Targets, text, token, LookupFilter.For(Editor.Field, Editor.Record));
            if (search == _search)
            {
                (_hits, _searching) = (hits, false);
                _active = text.Length > 0 && hits.Count > 0 ? 0 : -1;
            }
        }
        catch (OperationCanceledException)
        {
            // The person typed on.
        }
    }

    private async Task PressAsync(KeyboardEventArgs e)
    {
        switch (e.Key)
        {
            case "ArrowDown" when !_open: await OpenAsync(); break;
            case "ArrowDown" when Options > 0: _active = (_active + 1) % Options; break;
            case "ArrowUp" when Options > 0: _active = (Math.Max(_active, 0) + Options - 1) % Options; break;
            case "Enter" when _open && MayCreate && _active == _hits.Count: await CreateAsync(); break;
            case "Enter" when _open && _active >= 0 && _active < _hits.Count: await ChooseAsync(_hits[_active]); break;
            case "Escape": Close(); break;
        }
    }

    private async Task ChooseAsync(LookupHit hit)
    {
        Close();
        Source.Remember(hit.Entity, hit.Id);
        (_value, _title, _text) = (Editor.Field.ValueFor(hit.Entity, hit.Id), hit.Title, hit.Title);
        await Editor.ChangeAsync(_value, hit.Title);
    }

    /// <summary>What is not there yet is made here, and chosen.</summary>
    private async Task CreateAsync()
    {
        var (target, preset) = (Target!, IsTyped && Target!.TitleField is { IsWritable: true } title ? QueryHelpers.AddQueryString("", title.Name, _text.Trim()) : "");
        Close();
        if (await Creating.MakeAsync(target, preset) is { } record)
        {
            await ChooseAsync(new(target, record.Id, record.Title, ""));
        }
    }

    private async Task ClearAsync()
    {
        Close();
        await Editor.ChangeAsync(null);
    }

    private void Leave()
    {
        Close();
        _text = TitleText;
    }

    private void Close()
    {
        _search?.Cancel();
        (_open, _searching, _active) = (false, false, -1);
    }
}
