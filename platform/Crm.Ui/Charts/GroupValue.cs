using Crm.Metadata;
using Crm.Rules;

namespace Crm.Ui.Charts;

/// <summary>
/// What groups are known by: the value itself, but for amounts, which are grouped by what they are worth in the organisation's currency, a bare figure.
/// </summary>
internal static class GroupValue
{
    /// <summary>The part of an amount that says what it is worth.</summary>
    private const string Worth = "converted";

    /// <summary>The value as it is shown: an amount in the organisation's currency in place of the figure.</summary>
    public static object? Shown(Field field, object? value) => value is decimal worth && MoneyOf(field) is { } money ? new Money(worth, money.BaseCurrency) { Converted = worth } : value;

    /// <summary>The group to which a record's own value belongs.</summary>
    public static object? Of(Field field, object? value) => value is Money amount && MoneyOf(field) is { } money ? amount.Currency == money.BaseCurrency ? amount.Amount : (object?)amount.Converted : value;

    /// <summary>A condition that holds for the records of a group.</summary>
    public static Condition Is(FieldPath path, object? value)
    {
        var field = path.Field;
        if (MoneyOf(field) is not null)
        {
            if (field.Parts.FirstOrDefault(p => p.Part!.Name == Worth) is { } worth)
            {
                path = new([.. path.Steps, worth]);
            }
            else
            {
                value = Shown(field, value);
            }
        }
        return value is null ? new Comparison(path, ConditionOperator.IsNull, new Constants([]))
            : new Comparison(path, field.Type is ChoiceFieldType || field.Target is not null ? ConditionOperator.In : ConditionOperator.Eq, new Constants([value]));
    }

    private static MoneyFieldType? MoneyOf(Field field) => field.Type as MoneyFieldType ?? (field.Type as RollupFieldType)?.Result as MoneyFieldType;
}
