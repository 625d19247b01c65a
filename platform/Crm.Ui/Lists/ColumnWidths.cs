using System.Globalization;
using Crm.Metadata;

namespace Crm.Ui.Lists;

/// <summary>How wide columns are where the view does not say; fixed, so that nothing moves while more records arrive.</summary>
public static class ColumnWidths
{
    private const int Title = 240;

    /// <summary>The least width of a list; below it the list scrolls sideways.</summary>
    public static int Total(IReadOnlyList<ListColumn> columns, ListColumn? link) => columns.Sum(c => c.Width ?? (c == link ? Title : Of(c.Path.Field.Type)));

    /// <summary>The column that leads to the record takes what the others leave.</summary>
    public static string? Style(ListColumn column, bool isLink) =>
        isLink && column.Width is null ? null : string.Create(CultureInfo.InvariantCulture, $"width: {column.Width ?? Of(column.Path.Field.Type)}px");

    private static int Of(FieldType type) => type switch
    {
        UserFieldType => 150,
        ReferenceFieldType => 170,
        CollectionFieldType => 220,
        ChoiceFieldType => 140,
        MoneyFieldType => 140,
        DateTimeFieldType => 160,
        DateFieldType or AutonumberFieldType => 115,
        BooleanFieldType => 100,
        PhoneFieldType => 145,
        PercentFieldType => 110,
        TimeOfDayFieldType or ColorFieldType => 100,
        { IsNumeric: true } => 130,
        LongTextFieldType or RichTextFieldType or MarkdownFieldType or AddressFieldType => 300,
        MultiChoiceFieldType or TagsFieldType or ContactListFieldType => 200,
        EmailFieldType or UrlFieldType => 190,
        _ => 160,
    };
}
