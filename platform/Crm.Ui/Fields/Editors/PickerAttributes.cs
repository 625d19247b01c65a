namespace Crm.Ui.Fields.Editors;

/// <summary>What the input inside a date picker needs so that label, help and errors belong to it.</summary>
internal static class PickerAttributes
{
    public static IReadOnlyDictionary<string, object> Of(FieldEditor editor)
    {
        var attributes = new Dictionary<string, object> { ["autocomplete"] = "off" };
        if (editor.InputId is { } id)
        {
            attributes["id"] = id;
        }
        if (editor.DescribedBy is { } description)
        {
            attributes["aria-describedby"] = description;
        }
        if (editor.Invalid)
        {
            attributes["aria-invalid"] = "true";
        }
        return attributes;
    }
}
