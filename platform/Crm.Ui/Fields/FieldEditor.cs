using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Fields;

/// <summary>Names the component that edits values; a field type says which it wants in <see cref="FieldType.Editor"/>.</summary>
public sealed class FieldEditorAttribute(string name) : RegisteredAttribute(name);

/// <summary>What a person has entered: a value, or text that is none yet.</summary>
/// <param name="Value">The value; empty where <paramref name="Fault"/> says why there is none.</param>
/// <param name="Title">Lookups: what the value is called.</param>
/// <param name="Fault">Why the text is no value.</param>
/// <param name="IsFinal">The person has left the field, so that it is fair to say what is wrong.</param>
/// <param name="Place">Which part of the value was entered, such as <c>[2].quantity</c>; null for the value as a whole.</param>
public sealed record FieldInput(object? Value, string? Title = null, Fault? Fault = null, bool IsFinal = true, string? Place = null);

/// <summary>Edits the value of one field. Derived components only draw; what happens to the value is the form's business.</summary>
public abstract class FieldEditor : UiComponent
{
    [Parameter, EditorRequired]
    public Field Field { get; set; } = default!;

    [Parameter]
    public object? Value { get; set; }

    /// <summary>What a lookup's value is called.</summary>
    [Parameter]
    public string? Title { get; set; }

    /// <summary>The record as it stands in the form, for what depends on other fields; null outside of forms.</summary>
    [Parameter]
    public Record? Record { get; set; }

    [Parameter]
    public EventCallback<FieldInput> Changed { get; set; }

    /// <summary>Id of the element that the label belongs to.</summary>
    [Parameter]
    public string? InputId { get; set; }

    /// <summary>Id of the element with help and errors.</summary>
    [Parameter]
    public string? DescribedBy { get; set; }

    [Parameter]
    public bool Invalid { get; set; }

    /// <summary>What a control or a group of controls says to a screen reader.</summary>
    internal string? AriaInvalid => Invalid ? "true" : null;

    /// <summary>What is wrong inside the value, such as at <c>lines[2].quantity</c>.</summary>
    [Parameter]
    public IReadOnlyList<Problem> Problems { get; set; } = [];

    /// <summary>Whether the value is only shown; asked for where a cell would not show enough of it.</summary>
    [Parameter]
    public bool ReadOnly { get; set; }

    internal Task ChangeAsync(object? value, string? title = null) =>
        Changed.InvokeAsync(new(value, title, value is null ? null : Field.Type.Validate(value)));

    /// <summary>How what is typed is to be read: in the way of the person's language, in the person's time zone.</summary>
    internal virtual TextFormat Reading => new(System.Globalization.CultureInfo.CurrentCulture, TimeZone: Actor.TimeZone);

    /// <summary>Reads what a person typed.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="isFinal">The person has left the field.</param>
    internal Task TypeAsync(string text, bool isFinal)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return Changed.InvokeAsync(new(null, IsFinal: isFinal));
        }
        var parsed = Field.Type.FromText(text, Reading);
        var fault = parsed.Fault ?? (parsed.Value is { } value ? Field.Type.Validate(value) : null);
        return Changed.InvokeAsync(new(parsed.Value, Fault: fault, IsFinal: isFinal));
    }
}
