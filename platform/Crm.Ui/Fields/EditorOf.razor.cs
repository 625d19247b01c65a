using Crm.Metadata;
using Crm.Rules;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Fields;

public sealed partial class EditorOf
{
    private Type? _component;
    private Dictionary<string, object> _parameters = [];

    [Parameter, EditorRequired]
    public Field Field { get; set; } = default!;

    [Parameter]
    public object? Value { get; set; }

    [Parameter]
    public string? Title { get; set; }

    [Parameter]
    public Record? Record { get; set; }

    [Parameter]
    public EventCallback<FieldInput> Changed { get; set; }

    [Parameter]
    public string? InputId { get; set; }

    [Parameter]
    public string? DescribedBy { get; set; }

    [Parameter]
    public bool Invalid { get; set; }

    [Parameter]
    public IReadOnlyList<Problem> Problems { get; set; } = [];

    [Parameter]
    public bool ReadOnly { get; set; }

    [Inject]
    private Registry<FieldEditorAttribute, FieldEditor> Editors { get; set; } = default!;

    [Inject]
    private FieldText Words { get; set; } = default!;

    protected override void OnParametersSet()
    {
        _component = Editors.Find(Field.Type.Editor);
        _parameters = new()
        {
            [nameof(FieldEditor.Field)] = Field,
            [nameof(FieldEditor.Value)] = Value!,
            [nameof(FieldEditor.Title)] = Title!,
            [nameof(FieldEditor.Record)] = Record!,
            [nameof(FieldEditor.Changed)] = Changed,
            [nameof(FieldEditor.InputId)] = InputId!,
            [nameof(FieldEditor.DescribedBy)] = DescribedBy!,
            [nameof(FieldEditor.Invalid)] = Invalid,
            [nameof(FieldEditor.Problems)] = Problems,
            [nameof(FieldEditor.ReadOnly)] = ReadOnly,
        };
    }
}
