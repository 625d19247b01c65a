using System.Globalization;
using Crm.Metadata;
using Crm.Ui.Shell;

namespace Crm.Ui.Fields;

/// <summary>Values in words, by the person's language, number format and time zone.</summary>
public sealed class FieldText(CurrentActor current, UiText texts)
{
    /// <summary>The text of a value; empty for an empty one.</summary>
    /// <param name="field">Whose value it is.</param>
    /// <param name="value">The value.</param>
    /// <param name="title">Lookups: what the value is called.</param>
    public string Of(Field field, object? value, string? title = null) => value switch
    {
        null => "",
        bool yes => texts[yes ? "common.yes" : "common.no"],
        DateTimeOffset moment => Moment(moment),
        string choice when field.Type is ChoiceFieldType => field.Type.ToText(choice, CultureInfo.CurrentUICulture),
        TextSet several when field.Type is IHasOptions => field.Type.ToText(several, CultureInfo.CurrentUICulture),
        Signature signature => signature.At is { } at ? texts["field.signature.by", signature.Name, Moment(at)] : signature.Name,
        Guid when field.Target is not null || field.Type is LookupFieldType => title is { Length: > 0 } ? title : texts["lookup.untitled"],
        // Of what one may not read, one still learns what kind of thing it is.
        Reference reference => title is { Length: > 0 } ? title : field.PointedTo(reference)?.Entity.Label.ToString() ?? texts["lookup.untitled"],
        ItemList list => texts[list.Items.Count == 1 ? "items.countOne" : "items.count", list.Items.Count.ToString("N0", CultureInfo.CurrentCulture)],
        _ => field.Type.ToText(value, CultureInfo.CurrentCulture),
    };

    /// <summary>A moment in the person's time zone.</summary>
    public string Moment(DateTimeOffset moment) => Local(moment).ToString("g", CultureInfo.CurrentCulture);

    public DateTime Local(DateTimeOffset moment) => TimeZoneInfo.ConvertTime(moment, current.Actor.TimeZone).DateTime;
}
