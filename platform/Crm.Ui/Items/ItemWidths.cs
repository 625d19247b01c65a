using Crm.Metadata;

namespace Crm.Ui.Items;

/// <summary>How much room the columns of rows and links need; with less, each entry becomes a card.</summary>
internal static class ItemWidths
{
    private const int Title = 150, Actions = 84;

    /// <summary>Widths for which the style sheet knows when to change.</summary>
    private static readonly int[] Steps = [540, 760];

    public static string ClassOf(IReadOnlyList<Field> columns, bool hasTitle)
    {
        var needed = columns.Sum(Of) + (hasTitle ? Title : 0) + Actions;
        return Array.Find(Steps, step => step >= needed) is > 0 and var step ? $"items-{step}" : "items-cards";
    }

    private static int Of(Field column) => column.Type switch
    {
        BooleanFieldType => 80,
        MoneyFieldType => 144,
        { IsNumeric: true } => 90,
        DateFieldType => 130,
        DateTimeFieldType => 180,
        LongTextFieldType => 180,
        AnyLookupFieldType => 220,
        _ => 120,
    };
}
