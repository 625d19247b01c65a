using Crm.Metadata;

namespace Crm.Rules;

/// <summary>The meaning of a condition in memory.</summary>
public static class ConditionEvaluator
{
    /// <param name="condition">What is asked; it must not reach into collections.</param>
    /// <param name="read">The value at the end of a path, null for empty.</param>
    /// <param name="scope">Who asks and when.</param>
    public static bool Holds(Condition condition, Func<FieldPath, object?> read, ConditionScope scope) => Holds(condition, new ValuesOnly(read), scope);

    /// <param name="condition">What is asked.</param>
    /// <param name="record">The record that it is asked about.</param>
    /// <param name="scope">Who asks and when.</param>
    public static bool Holds(Condition condition, IConditionSubject record, ConditionScope scope) => condition switch
    {
        AllOf all => all.Parts.All(p => Holds(p, record, scope)),
        AnyOf any => any.Parts.Any(p => Holds(p, record, scope)),
        Not not => !Holds(not.Inner, record, scope),
        Comparison comparison => Holds(comparison, record.Read, scope),
        ChildExists child => record.Children(child.Path).Any(c => Holds(child.Where, c, scope)),
        SameText same => record.Read(same.Path) is { } value && same.Among.Any(text => same.Path.Field.Type.Compare(value, text) == 0),
        WordIn word => word.Texts.Any(p => record.Read(p) is { } value && HasWord(p.Field.Type, value, word.Word)),
        _ => throw new InvalidOperationException($"Unknown condition {condition.GetType().Name}."),
    };

    private static bool Holds(Comparison c, Func<FieldPath, object?> read, ConditionScope scope)
    {
        var type = c.Path.Field.Type;
        var value = read(c.Path);
        var operands = c.Operand switch
        {
            OtherField other => [read(other.Path)],
            RelativeTime => [],
            _ => scope.ValuesOf(c),
        };
        return c.Operator switch
        {
            ConditionOperator.IsNull => value is null,
            ConditionOperator.NotNull => value is not null,
            ConditionOperator.Eq => Equal(c, value, operands[0]),
            ConditionOperator.Ne => !Equal(c, value, operands[0]),
            ConditionOperator.In => operands.Any(o => Equal(c, value, o)),
            ConditionOperator.NotIn => !operands.Any(o => Equal(c, value, o)),
            ConditionOperator.Within => WithinSpan(value, ((RelativeTime)c.Operand).Span, scope),
            ConditionOperator.Under => IsUnder(c.Path, value, operands, read),
            ConditionOperator.Matches => value is not null && operands[0] is string words && SearchWords.Of(words).All(word => HasWord(type, value, word)),
            ConditionOperator.Contains => Folded(c, value, operands[0], (v, o) => v.Contains(o, StringComparison.Ordinal)),
            ConditionOperator.StartsWith => Folded(c, value, operands[0], (v, o) => v.StartsWith(o, StringComparison.Ordinal)),
            ConditionOperator.EndsWith => Folded(c, value, operands[0], (v, o) => v.EndsWith(o, StringComparison.Ordinal)),
            _ when value is null || operands.Any(o => o is null) => false,
            ConditionOperator.Lt => type.Compare(value, operands[0]!) < 0,
            ConditionOperator.Le => type.Compare(value, operands[0]!) <= 0,
            ConditionOperator.Gt => type.Compare(value, operands[0]!) > 0,
            ConditionOperator.Ge => type.Compare(value, operands[0]!) >= 0,
            ConditionOperator.Between => type.Compare(value, operands[0]!) >= 0 && type.Compare(value, operands[1]!) <= 0,
            _ => throw new InvalidOperationException($"Unknown operator {c.Operator}."),
        };
    }

    private sealed class ValuesOnly(Func<FieldPath, object?> read) : IConditionSubject
    {
        public object? Read(FieldPath path) => read(path);

        public IEnumerable<IConditionSubject> Children(ChildPath path) => throw new NotSupportedException($"The records of '{path.Child}' are not at hand here.");
    }

    /// <summary>A list equals one of its members, where the type asks for members.</summary>
    private static bool Equal(Comparison c, object? value, object? operand) =>
        c.Path.Field.Type is ListFieldType list && list.AsksForMember(c.Operator) && value is not null && operand is not null
            ? list.Holds(value, operand)
            : c.Path.Field.Type.AreEqual(value, operand);

    private static bool HasWord(FieldType type, object value, string word) =>
        type.SearchText(value).Contains(type.Needle(ConditionOperator.Matches, word), StringComparison.Ordinal);

    private static bool Folded(Comparison c, object? value, object? operand, Func<string, string, bool> test)
    {
        var type = c.Path.Field.Type;
        return value is not null && operand is not null &&
            test(type.SearchText(value), c.Operand is OtherField other ? other.Path.Field.Type.SearchText(operand) : type.Needle(c.Operator, (string)operand));
    }

    private static bool WithinSpan(object? value, string span, ConditionScope scope)
    {
        if (value is DateOnly day)
        {
            var (first, after) = RelativeTimes.Resolve(span, scope.Today)!.Value;
            return day >= first && day < after;
        }
        return value is DateTimeOffset moment && RelativeTimes.Resolve(span, scope)!.Value is var (from, until) && moment >= from && moment < until;
    }

    /// <summary>Climbs from the value towards the root of its tree; a circle ends where it began.</summary>
    private static bool IsUnder(FieldPath path, object? value, IReadOnlyList<object?> roots, Func<FieldPath, object?> read)
    {
        var parent = path.Field.TreeField!;
        var at = path.Field.Name == SystemFields.Id ? new FieldPath([.. path.Steps.SkipLast(1), parent]) : new FieldPath([.. path.Steps, parent]);
        var seen = new HashSet<Guid>();
        while (value is Guid id && seen.Add(id))
        {
            if (roots.Contains(id))
            {
                return true;
            }
            value = read(at);
            at = new([.. at.Steps, parent]);
        }
        return false;
    }
}
