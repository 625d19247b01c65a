using Crm.Metadata;
using Crm.Rules;

namespace Crm.Ui.Filters;

/// <summary>A comparison while somebody puts it together; only a complete one becomes a condition.</summary>
public sealed class FilterDraft
{
    public FieldPath? Path { get; private set; }

    public ConditionOperator Operator { get; private set; }

    /// <summary>One value, the two bounds of <c>between</c>, or the choices of <c>in</c>.</summary>
    public List<object?> Values { get; } = [];

    /// <summary>Instead of values: me, myUnit, today.</summary>
    public string? Variable { get; set; }

    /// <summary>Instead of values: a span such as <c>thisMonth</c>.</summary>
    public string? Span { get; set; }

    /// <summary>Whether the builder can show the condition; others can only be taken away.</summary>
    public static bool CanEdit(Condition condition) =>
        condition is Comparison { Operand: not OtherField } c && !(c.Operand is Constants constants && constants.Values.Any(v => v is Variable)) && FilterOperators.For(c.Path.Field.Type).Contains(Offered(c).Operator);

    public static FilterDraft Of(Comparison comparison)
    {
        var c = Offered(comparison);
        var draft = new FilterDraft { Path = c.Path, Operator = c.Operator };
        switch (c.Operand)
        {
            case Variable variable: draft.Variable = variable.Name; break;
            case RelativeTime relative: draft.Span = relative.Span; break;
            case Constants constants: draft.Values.AddRange(constants.Values); break;
        }
        return draft;
    }

    public void Choose(FieldPath path)
    {
        (Path, Operator) = (path, FilterOperators.For(path.Field.Type)[0]);
        Forget();
    }

    public void Choose(ConditionOperator op)
    {
        var keep = FilterOperators.NeedsValue(op) && (op, Operator) is not ((ConditionOperator.Between or ConditionOperator.Within, _) or (_, ConditionOperator.Between or ConditionOperator.Within));
        Operator = op;
        if (!keep || (Path?.Field.Type is MoneyFieldType amount && IsByOrder(op) && Values.Any(v => v is Money money && money.Currency != amount.BaseCurrency)))
        {
            Forget();
        }
    }

    /// <summary>Whether an operator asks which of two values is the larger one.</summary>
    public static bool IsByOrder(ConditionOperator op) => op is ConditionOperator.Ge or ConditionOperator.Gt or ConditionOperator.Le or ConditionOperator.Lt or ConditionOperator.Between;

    public object? ValueAt(int index) => index < Values.Count ? Values[index] : null;

    public void SetValue(int index, object? value)
    {
        while (Values.Count <= index)
        {
            Values.Add(null);
        }
        Values[index] = value;
        Variable = null;
    }

    /// <summary>The condition, or null while something is missing.</summary>
    public Condition? Build()
    {
        if (Path is null)
        {
            return null;
        }
        Operand? operand = Operator switch
        {
            ConditionOperator.IsNull or ConditionOperator.NotNull => new Constants([]),
            ConditionOperator.Within => Span is null ? null : new RelativeTime(Span),
            ConditionOperator.Between => Values is [not null, not null] ? new Constants([.. Values]) : null,
            ConditionOperator.In or ConditionOperator.NotIn => Values.Any(v => v is not null) ? new Constants([.. Values.Where(v => v is not null)]) : null,
            _ => Variable is not null ? new Variable(Variable) : ValueAt(0) is { } value ? new Constants([value]) : null,
        };
        return operand is null ? null : new Comparison(Path, Operator, operand);
    }

    /// <summary>One choice that is or is not, said in the way of the builder: a list of one.</summary>
    private static Comparison Offered(Comparison c) => c.Path.Field.Type is ChoiceFieldType
        ? c.Operator switch
        {
            ConditionOperator.Eq => c with { Operator = ConditionOperator.In },
            ConditionOperator.Ne => c with { Operator = ConditionOperator.NotIn },
            _ => c,
        }
        : c;

    private void Forget()
    {
        Values.Clear();
        (Variable, Span) = (null, null);
    }
}
