using System.Globalization;
using Crm.Metadata;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Fields;

public sealed partial class TypedText
{
    private object? _value, _given;
    private string _text = "";
    private bool _isValue = true, _isOverruled;

    /// <summary>The editor whose value is typed here.</summary>
    [Parameter, EditorRequired]
    public FieldEditor Editor { get; set; } = default!;

    [Parameter]
    public string Type { get; set; } = "text";

    [Parameter]
    public string? InputMode { get; set; }

    [Parameter]
    public bool AlignEnd { get; set; }

    [Parameter]
    public string? Suffix { get; set; }

    [Parameter]
    public string? Link { get; set; }

    [Parameter]
    public string? LinkIcon { get; set; }

    [Parameter]
    public string? LinkLabel { get; set; }

    /// <summary>How a value reads while it is edited; as everywhere else if absent.</summary>
    [Parameter]
    public Func<object, string>? Format { get; set; }

    private bool HasLink => Link is not null && Editor.Value is string { Length: > 0 };

    private int? MaxLength => (Editor.Field.Type as TextualFieldType)?.MaxLength;

    protected override void OnParametersSet()
    {
        var (given, had) = (Editor.Value, _given);
        _given = given;
        // The editor may be drawn once more with what it had before what was just typed has come back to it (a change of a cascading
        // value does that). Only when it still has that in the end, the text is taken from under the person's fingers.
        _isOverruled = !AreEqual(given, _value) && AreEqual(given, had);
        if (!_isOverruled)
        {
            Take(given);
        }
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (_isOverruled)
        {
            _isOverruled = false;
            Take(Editor.Value);
            StateHasChanged();
        }
    }

    private void Take(object? value)
    {
        if (!AreEqual(value, _value))
        {
            _value = value;
            _text = TextOf(value);
        }
    }

    private bool AreEqual(object? left, object? right) => Editor.Field.Type.AreEqual(left, right);

    private Task TypeAsync(string? text) => ReadAsync(text ?? "", isFinal: false);

    private async Task LeaveAsync(ChangeEventArgs e)
    {
        await ReadAsync(e.Value as string ?? "", isFinal: true);
        if (_isValue)
        {
            _text = TextOf(_value);
        }
    }

    private Task ReadAsync(string text, bool isFinal)
    {
        _text = text;
        var parsed = string.IsNullOrWhiteSpace(text) ? default : Editor.Field.Type.FromText(text, Editor.Reading);
        _isValue = parsed.Fault is null;
        _value = _isValue ? parsed.Value : _value;
        return Editor.TypeAsync(text, isFinal);
    }

    private string TextOf(object? value) => value is null ? "" : Format?.Invoke(value) ?? Editor.Field.Type.ToText(value, CultureInfo.CurrentCulture);
}
