using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Crm.Ui.Records;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Crm.Ui.Forms;

/// <summary>One field of a form: its label, its value or editor, and what is wrong with it in plain words.</summary>
public sealed partial class FieldRow
{
    /// <summary>What a form that is not alone on its page gives its fields.</summary>
    internal const string FormId = "FormId";

    private List<Problem> _problems = [];
    private IReadOnlyList<Problem> _inside = [];
    private int _round;
    private bool _focus;

    [Parameter, EditorRequired]
    public Field Field { get; set; } = default!;

    [Parameter, EditorRequired]
    public RecordDraft Draft { get; set; } = default!;

    /// <summary>Which fields are edited; all of them where nothing says so.</summary>
    [Parameter]
    public FormOpening? Opening { get; set; }

    [Parameter]
    public EventCallback Changed { get; set; }

    /// <summary>The form that the field stands in, where others of the same entity may be on the page.</summary>
    [CascadingParameter(Name = FormId)]
    public string? Form { get; set; }

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    private string InputId => IdOf(Field, Form);

    private bool IsEditable => Draft.MayWrite && Field.IsWritable && !Draft.IsReadOnly(Field);

    /// <summary>What has been changed, or is asked for, stays open whatever else is shut.</summary>
    private bool IsEdited => IsEditable && (Opening is null || Opening.IsOpen(Field) || IsChanged || _problems.Count > 0 || _inside.Count > 0);

    private bool IsWide => Field.Type is LongTextFieldType or RichTextFieldType or MarkdownFieldType or JsonFieldType or AddressFieldType or SignatureFieldType or ContactListFieldType or CollectionFieldType;

    private bool IsChanged => !Draft.IsNew && Draft.Changed.Contains(Field);

    private string? DescribedBy => (Field.Definition.Help, _problems.Count) switch
    {
        (null, 0) => null,
        (null, _) => $"{InputId}-problem",
        (_, 0) => $"{InputId}-help",
        _ => $"{InputId}-problem {InputId}-help",
    };

    /// <summary>The id of a field's input, by which a summary of problems leads to it.</summary>
    internal static string IdOf(Field field, string? form) => $"{form}field-{field.Entity.Name}-{field.Name}";

    protected override void OnParametersSet() => Look();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_focus)
        {
            _focus = false;
            await Browser.InvokeVoidAsync("crmRecord.enter", InputId);
        }
    }

    private void Open()
    {
        if (IsEditable && Opening is not null)
        {
            Opening.Open(Field);
            _focus = true;
            // The save bar has to learn of it too.
            _ = Changed.InvokeAsync();
        }
    }

    private Task RevertAsync()
    {
        Draft.Revert(Field);
        _round++;
        Look();
        return Changed.InvokeAsync();
    }

    private void Look() => (_problems, _inside) = ([.. Draft.ProblemsOf(Field)], [.. Draft.ProblemsInside(Field)]);

    private Task SetAsync(FieldInput input)
    {
        Draft.Set(Field, input);
        Look();
        return Changed.InvokeAsync();
    }
}
