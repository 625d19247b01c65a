using Crm.Metadata;

namespace Crm.Ui.Items;

/// <summary>What stands under the columns of rows and links: sums of numbers and of money in one currency.</summary>
internal static class ItemTotals
{
    /// <summary>The sum as a value of the field; null where there is nothing to add up.</summary>
    public static object? Of(Field field, IEnumerable<ItemRow> rows)
    {
        if (!field.Type.IsNumeric || field.Type is PercentFieldType or RatingFieldType)
        {
            return null;
        }
        try
        {
            return rows.Select(r => r[field]).Where(v => v is not null).Aggregate((object?)null, (sum, value) => (sum, value) switch
            {
                (null, long or decimal or Money) => value,
                (long left, long right) => checked(left + right),
                (decimal left, decimal right) => left + right,
                (Money left, Money right) when left.Currency == right.Currency => left with { Amount = left.Amount + right.Amount },
                _ => throw new OverflowException(),
            });
        }
        catch (OverflowException)
        {
            // Amounts in several currencies, or beyond all numbers, have no sum that means anything.
            return null;
        }
    }
}
