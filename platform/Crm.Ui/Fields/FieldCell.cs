using Crm.Metadata;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Fields;

/// <summary>Names the component that shows values; a field type says which it wants in <see cref="FieldType.Cell"/>.</summary>
public sealed class FieldCellAttribute(string name) : RegisteredAttribute(name);

/// <summary>Shows the value of one field in a list, a header or a form that cannot be edited. An empty value draws nothing.</summary>
public abstract class FieldCell : UiComponent
{
    [Parameter, EditorRequired]
    public Field Field { get; set; } = default!;

    [Parameter]
    public object? Value { get; set; }

    /// <summary>What a lookup's value is called.</summary>
    [Parameter]
    public string? Title { get; set; }

    /// <summary>Whether the value may lead somewhere: a record, a mail, a page.</summary>
    [Parameter]
    public bool Linked { get; set; } = true;

    /// <summary>Whether there is room for all of it, as in a form; a list has one line.</summary>
    [Parameter]
    public bool Full { get; set; }

    /// <summary>The record as it stands in the form; null where the cell stands elsewhere.</summary>
    [Parameter]
    public Record? Record { get; set; }

    [Inject]
    protected FieldText Words { get; set; } = default!;

    protected string Text => Words.Of(Field, Value, Title);
}
