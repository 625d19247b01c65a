using Crm.Metadata;

namespace Crm.Data;

/// <summary>A record that a cell of a file names by what it is called instead of its id.</summary>
/// <param name="By">The field in which the text is looked up.</param>
/// <param name="Text">What it is called.</param>
internal sealed record NamedRecord(Field By, string Text)
{
    /// <summary>Where the text is looked up if it is not found: a column of people may name teams.</summary>
    public Field? Other { get; init; }

    /// <summary>Null where the text is an id, or the field no reference; a reference to several entities says which: <c>customer: Acme</c>.</summary>
    public static NamedRecord? Read(ImportColumn column, string text)
    {
        if (column.LookupBy is { } by)
        {
            return Guid.TryParseExact(text, "D", out _) ? null : new(by, text) { Other = column.Field.OtherTarget is { } other ? by.CounterpartIn(other) : null };
        }
        if (column.Field.Type is not AnyLookupFieldType any)
        {
            return null;
        }
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var entity = colon > 0 ? Called(any, text[..colon]) : null;
        var title = entity is null ? text : text[(colon + 1)..].Trim();
        entity ??= any.Entities.Count == 1 ? any.Entities[0] : null;
        return title.Length > 0 && entity?.TitleField is { Type: TextualFieldType } field && !Guid.TryParseExact(title, "D", out _) ? new(field, title) : null;
    }

    private static Entity? Called(AnyLookupFieldType any, string name)
    {
        var wanted = Folding.Fold(name.Trim());
        return any.Find(name.Trim()) ?? any.Entities.FirstOrDefault(e => e.Label.ByLanguage.Values.Concat(e.PluralLabel.ByLanguage.Values).Any(l => Folding.Fold(l) == wanted));
    }
}
