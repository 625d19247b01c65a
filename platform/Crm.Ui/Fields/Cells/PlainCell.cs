using Microsoft.AspNetCore.Components.Rendering;

namespace Crm.Ui.Fields.Cells;

/// <summary>The value as text, nothing else.</summary>
public abstract class PlainCell : FieldCell
{
    protected virtual string? CssClass => null;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        if (Value is null)
        {
            return;
        }
        if (CssClass is null)
        {
            builder.AddContent(0, Text);
            return;
        }
        builder.OpenElement(1, "span");
        builder.AddAttribute(2, "class", CssClass);
        builder.AddContent(3, Text);
        builder.CloseElement();
    }
}

/// <summary>A line of text.</summary>
[FieldCell("text")]
public sealed class TextCell : PlainCell;

/// <summary>A long text, cut after the room there is.</summary>
[FieldCell("longText")]
public sealed class LongTextCell : PlainCell
{
    protected override string CssClass => "cell-long";
}

/// <summary>A number that the platform gave.</summary>
[FieldCell("autonumber")]
public sealed class AutonumberCell : PlainCell
{
    protected override string CssClass => "cell-code";
}

/// <summary>Numbers stand under each other, so all their digits are of one width.</summary>
public abstract class NumberCell : PlainCell
{
    protected override string CssClass => "cell-number";
}

/// <summary>A whole number.</summary>
[FieldCell("integer")]
public sealed class IntegerCell : NumberCell;

/// <summary>A decimal number.</summary>
[FieldCell("decimal")]
public sealed class DecimalCell : NumberCell;

/// <summary>A share of a hundred.</summary>
[FieldCell("percent")]
public sealed class PercentCell : NumberCell;

/// <summary>A day.</summary>
[FieldCell("date")]
public sealed class DateCell : NumberCell;

/// <summary>A moment, in the person's time zone.</summary>
[FieldCell("dateTime")]
public sealed class DateTimeCell : NumberCell;

/// <summary>A time of day.</summary>
[FieldCell("time")]
public sealed class TimeCell : NumberCell;

/// <summary>A length of time.</summary>
[FieldCell("duration")]
public sealed class DurationCell : NumberCell;

/// <summary>Whatever another program keeps with a record.</summary>
[FieldCell("json")]
public sealed class JsonCell : PlainCell
{
    protected override string CssClass => "cell-long cell-code";
}
