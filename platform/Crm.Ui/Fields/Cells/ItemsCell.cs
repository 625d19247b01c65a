using System.Globalization;
using Crm.Metadata;
using Microsoft.AspNetCore.Components.Rendering;

namespace Crm.Ui.Fields.Cells;

/// <summary>How many entries there are, and what the first are called.</summary>
public abstract class ItemsCell : FieldCell
{
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        if (Value is not ItemList list)
        {
            return;
        }
        builder.OpenElement(0, "span");
        builder.AddAttribute(1, "class", "cell-items");
        if (string.IsNullOrEmpty(Title))
        {
            builder.AddContent(2, Text);
        }
        else
        {
            builder.OpenElement(3, "span");
            builder.AddAttribute(4, "class", "cell-count");
            builder.AddAttribute(5, "title", Text);
            builder.AddContent(6, list.Items.Count.ToString("N0", CultureInfo.CurrentCulture));
            builder.CloseElement();
            builder.AddContent(7, " " + Title);
        }
        builder.CloseElement();
    }
}

/// <summary>Rows that belong to the record.</summary>
[FieldCell("rows")]
public sealed class RowsCell : ItemsCell;

/// <summary>Links to other records.</summary>
[FieldCell("links")]
public sealed class LinksCell : ItemsCell;
