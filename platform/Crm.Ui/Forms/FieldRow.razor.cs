using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Crm.Ui.Records;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Forms;

/// <summary>One field of a form: its label, its editor, and what is wrong with it in plain words.</summary>
public sealed partial class FieldRow
{
    private List<Problem> _problems = [];
    private IReadOnlyList<Problem> _inside = [];

    [Parameter, EditorRequired]
    public Field Field { get; set; } = default!;

    [Parameter, EditorRequired]
    public RecordDraft Draft { get; set; } = default!;

    [Parameter]
    public EventCallback Changed { get; set; }

    private string InputId => IdOf(Field);

    private bool IsEditable => Draft.MayWrite && Field.IsWritable && !Draft.IsReadOnly(Field);

    private bool IsWide => Field.Type is LongTextFieldType or RichTextFieldType or MarkdownFieldType or JsonFieldType or AddressFieldType or SignatureFieldType or ContactListFieldType;

    private bool IsChanged => !Draft.IsNew && Draft.Changed.Contains(Field);

    private string? DescribedBy => (Field.Definition.Help, _problems.Count) switch
    {
        (null, 0) => null,
        (null, _) => $"{InputId}-problem",
        (_, 0) => $"{InputId}-help",
        _ => $"{InputId}-problem {InputId}-help",
    };

    /// <summary>The id of a field's input, by which a summary of problems leads to it.</summary>
    internal static string IdOf(Field field) => $"field-{field.Entity.Name}-{field.Name}";

    protected override void OnParametersSet() => Look();

    private void Look() => (_problems, _inside) = ([.. Draft.ProblemsOf(Field)], [.. Draft.ProblemsInside(Field)]);

    private Task SetAsync(FieldInput input)
    {
        Draft.Set(Field, input);
        Look();
        return Changed.InvokeAsync();
    }
}
