using System.Globalization;
using Crm.Metadata;

namespace Crm.Ui.Lists;

/// <summary>How wide columns are where the view does not say; fixed, so that nothing moves while more records arrive.</summary>
public static class ColumnWidths
{
    private const int Title = 240;

    public static int Total(IReadOnlyList<ListColumn> columns) => columns.Sum(c => c.Width ?? Of(c.Path.Field.Type)) + Title / 4;

    /// <summary>The column that leads to the record takes what the others leave.</summary>
    public static string? Style(ListColumn column, bool isLink) =>
        isLink && column.Width is null ? null : string.Create(CultureInfo.InvariantCulture, $"width: {column.Width ?? Of(column.Path.Field.Type)}px");

    private static int Of(FieldType type) => type switch
    {
        UserFieldType => 180,
        LookupFieldType => 200,
        ChoiceFieldType => 150,
        MoneyFieldType => 150,
        DateTimeFieldType => 160,
        DateFieldType or AutonumberFieldType => 130,
        BooleanFieldType => 100,
        PhoneFieldType => 170,
        PercentFieldType => 110,
        { IsNumeric: true } => 130,
        LongTextFieldType => 300,
        EmailFieldType or UrlFieldType => 220,
        _ => 200,
    };
}
