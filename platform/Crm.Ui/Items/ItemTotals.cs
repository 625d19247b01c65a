using Crm.Metadata;

namespace Crm.Ui.Items;

/// <summary>What stands under a column of rows and links.</summary>
/// <param name="Sums">The sum as a value of the field; of amounts one for each currency, in the order in which they come.</param>
/// <param name="Worth">What amounts in several currencies are worth together in the organisation's; null where that is said already, or not known of all of them yet.</param>
internal sealed record ItemTotal(IReadOnlyList<object> Sums, Money? Worth = null);

/// <summary>Adds up numbers and amounts. Amounts in different currencies are never added to each other, only what each is worth once it is saved.</summary>
internal static class ItemTotals
{
    /// <summary>The sum of a column; null where there is nothing to add up.</summary>
    public static ItemTotal? Of(Field field, IEnumerable<ItemRow> rows)
    {
        if (!field.Type.IsNumeric || field.Type is PercentFieldType or RatingFieldType)
        {
            return null;
        }
        var values = rows.Select(r => r[field]).OfType<object>().ToList();
        try
        {
            return values switch
            {
                [] => null,
                [Money, ..] => OfAmounts(field, [.. values.OfType<Money>()]),
                [long, ..] => new([values.OfType<long>().Aggregate(0L, (sum, value) => checked(sum + value))]),
                [decimal, ..] => new([values.OfType<decimal>().Sum()]),
                _ => null,
            };
        }
        catch (OverflowException)
        {
            // Beyond all numbers there is no sum that means anything.
            return null;
        }
    }

    private static ItemTotal OfAmounts(Field field, List<Money> amounts)
    {
        List<object> sums = [.. amounts.GroupBy(a => a.Currency).Select(g => new Money(g.Sum(a => a.Amount), g.Key))];
        return sums.Count > 1 && field.Type is MoneyFieldType type && amounts.All(a => type.WorthOf(a) is not null)
            ? new(sums, new Money(amounts.Sum(a => type.WorthOf(a)!.Value), type.BaseCurrency))
            : new(sums);
    }
}
