using Crm.Metadata;

namespace Crm.Rules;

/// <summary>
/// The one condition tree: list filter, view, row security, gate, segment. Two-valued: <c>not</c> is the exact complement.
/// Every node is bound to the Model; two back-ends give it meaning, <see cref="ConditionEvaluator"/> and <see cref="ConditionSql"/>.
/// </summary>
public abstract record Condition
{
    /// <summary>Holds for every record.</summary>
    public static Condition Always { get; } = new AllOf([]);

    /// <summary>Every path that the condition reads.</summary>
    public IEnumerable<FieldPath> Paths => this switch
    {
        AllOf all => all.Parts.SelectMany(p => p.Paths),
        AnyOf any => any.Parts.SelectMany(p => p.Paths),
        Not not => not.Inner.Paths,
        Comparison { Operand: OtherField other } comparison => [comparison.Path, other.Path],
        Comparison comparison => [comparison.Path],
        ChildExists { Path.Through: { } through } child => child.Where.Paths.Prepend(through),
        ChildExists child => child.Where.Paths,
        _ => [],
    };

    /// <summary>The entities whose records decide beside the one that is asked about.</summary>
    public IEnumerable<Entity> Children => this switch
    {
        AllOf all => all.Parts.SelectMany(p => p.Children),
        AnyOf any => any.Parts.SelectMany(p => p.Children),
        Not not => not.Inner.Children,
        ChildExists child => child.Where.Children.Prepend(child.Path.Child),
        _ => [],
    };

    /// <summary>Both; conditions that always hold disappear.</summary>
    public static Condition And(params IEnumerable<Condition?> conditions)
    {
        Condition[] parts = [.. conditions.Where(c => c is not null && c != Always).Select(c => c!)];
        return parts.Length switch { 0 => Always, 1 => parts[0], _ => new AllOf(parts) };
    }
}

/// <summary>Every part holds; an empty one always does.</summary>
public sealed record AllOf(IReadOnlyList<Condition> Parts) : Condition;

/// <summary>At least one part holds; an empty one never does.</summary>
public sealed record AnyOf(IReadOnlyList<Condition> Parts) : Condition;

/// <summary>The exact complement.</summary>
public sealed record Not(Condition Inner) : Condition;

/// <summary>A field compared with something.</summary>
public sealed record Comparison(FieldPath Path, ConditionOperator Operator, Operand Operand) : Condition;

/// <summary>At least one record at the end of <paramref name="Path"/> meets <paramref name="Where"/>.</summary>
public sealed record ChildExists(ChildPath Path, Condition Where) : Condition;

/// <summary>What a field is compared with.</summary>
public abstract record Operand;

/// <summary>Values known when the condition was read; one, several for <c>in</c> and <c>between</c>, none for <c>isNull</c>.</summary>
public sealed record Constants(IReadOnlyList<object?> Values) : Operand;

/// <summary>A value that depends on who asks and when: me, myUnit, now, today.</summary>
public sealed record Variable(string Name) : Operand
{
    public static readonly IReadOnlyList<string> Names = ["me", "myUnit", "now", "today"];
}

/// <summary>Another field of the same record.</summary>
public sealed record OtherField(FieldPath Path) : Operand;

/// <summary>A span of time relative to today, such as <c>last7days</c>.</summary>
public sealed record RelativeTime(string Span) : Operand;

/// <summary>Who asks, and when: what variables and relative times mean in one evaluation.</summary>
public sealed record ConditionScope(Guid? Me, Guid? MyUnit, DateTimeOffset Now, TimeZoneInfo TimeZone)
{
    public DateOnly Today => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(Now, TimeZone).DateTime);

    public object? ValueOf(Variable variable, FieldType type) => variable.Name switch
    {
        "me" => Me,
        "myUnit" => MyUnit,
        "now" => type is DateFieldType ? Today : Now,
        "today" => type is DateFieldType ? Today : StartOf(Today),
        _ => throw new InvalidOperationException($"Unknown variable '{variable.Name}'."),
    };

    /// <summary>The moment at which a day begins in the time zone of the person who asks.</summary>
    public DateTimeOffset StartOf(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (TimeZone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }
        return new DateTimeOffset(local, TimeZone.GetUtcOffset(local)).ToUniversalTime();
    }
}
