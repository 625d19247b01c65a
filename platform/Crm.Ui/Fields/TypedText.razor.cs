using System.Globalization;
using Crm.Metadata;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Fields;

public sealed partial class TypedText
{
    private object? _value;
    private string _text = "";
    private bool _isValue = true;

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

    /// <summary>What else goes into the value that the text says.</summary>
    [Parameter]
    public Func<object, string, object>? Then { get; set; }

    private bool HasLink => Link is not null && Editor.Value is string { Length: > 0 };

    private int? MaxLength => (Editor.Field.Type as TextualFieldType)?.MaxLength;

    protected override void OnParametersSet()
    {
        if (!Editor.Field.Type.AreEqual(Editor.Value, _value))
        {
            _value = Editor.Value;
            _text = TextOf(_value);
        }
    }

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
        var parsed = string.IsNullOrWhiteSpace(text) ? default : Editor.Field.Type.FromText(text, new(CultureInfo.CurrentCulture));
        _isValue = parsed.Fault is null;
        _value = !_isValue ? _value : parsed.Value is { } read && Then is not null ? Then(read, text) : parsed.Value;
        return Editor.TypeAsync(text, isFinal, Then);
    }

    private string TextOf(object? value) => value is null ? "" : Format?.Invoke(value) ?? Editor.Field.Type.ToText(value, CultureInfo.CurrentCulture);
}
