using Crm.Metadata;

namespace Crm.Rules;

/// <summary>The meaning of a condition in memory; what a comparison means says its operator (<see cref="ComparisonRule"/>).</summary>
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
        ChildExists child => record.Has(child, scope),
        SameText same => record.Read(same.Path) is { } value && same.Among.Any(text => same.Path.Field.Type.Compare(value, text) == 0),
        WordIn word => word.Texts.Any(p => record.Read(p) is { } value && Matching.HasWord(p.Field.Type, value, word.Word)),
        _ => throw new InvalidOperationException($"Unknown condition {condition.GetType().Name}."),
    };

    private static bool Holds(Comparison c, Func<FieldPath, object?> read, ConditionScope scope)
    {
        IReadOnlyList<object?> operands = c.Operand switch
        {
            OtherField other => [read(other.Path)],
            RelativeTime => [],
            _ => scope.ValuesOf(c),
        };
        return Operators.Of(c.Operator).Holds(c, read(c.Path), operands, read, scope);
    }

    private sealed class ValuesOnly(Func<FieldPath, object?> read) : IConditionSubject
    {
        public object? Read(FieldPath path) => read(path);

        public IEnumerable<IConditionSubject> Children(ChildPath path) => throw new NotSupportedException($"The records of '{path.Child}' are not at hand here.");
    }
}
