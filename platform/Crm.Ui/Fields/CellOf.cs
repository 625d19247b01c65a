using Crm.Metadata;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Crm.Ui.Fields;

/// <summary>The cell that a field's type asks for. Written by hand, because a list draws hundreds of them.</summary>
public sealed class CellOf : FieldCell
{
    [Inject]
    private Registry<FieldCellAttribute, FieldCell> Cells { get; set; } = default!;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        if (Value is null)
        {
            return;
        }
        if (Cells.Find(Field.Type.Cell) is not { } component)
        {
            builder.AddContent(0, Text);
            return;
        }
        builder.OpenComponent(1, component);
        builder.AddComponentParameter(2, nameof(Field), Field);
        builder.AddComponentParameter(3, nameof(Value), Value);
        builder.AddComponentParameter(4, nameof(Title), Title);
        builder.AddComponentParameter(5, nameof(Linked), Linked);
        builder.AddComponentParameter(6, nameof(Full), Full);
        if (Record is not null)
        {
            builder.AddComponentParameter(7, nameof(Record), Record);
        }
        builder.CloseComponent();
    }
}
