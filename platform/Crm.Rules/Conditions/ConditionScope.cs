using Crm.Metadata;

namespace Crm.Rules;

/// <summary>Who asks, and when: what variables and relative times mean in one evaluation.</summary>
public sealed record ConditionScope(Guid? Me, Guid? MyUnit, DateTimeOffset Now, TimeZoneInfo TimeZone)
{
    public IReadOnlyList<Guid> MyTeams { get; init; } = [];

    /// <summary>Everybody below in the chain of managers, at any depth.</summary>
    public IReadOnlyList<Guid> MySubordinates { get; init; } = [];

    public DateOnly Today => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(Now, TimeZone).DateTime);

    public object? ValueOf(Variable variable, FieldType type) => variable.Name switch
    {
        "me" => Me,
        "myUnit" => MyUnit,
        "now" => type is DateFieldType ? Today : Iso8601.ToMicroseconds(Now),
        "today" => type is DateFieldType ? Today : StartOf(Today),
        _ => throw new InvalidOperationException($"Variable '{variable.Name}' is no single value."),
    };

    /// <summary>The values that a comparison's operand stands for now; not for another field, which only a record can say.</summary>
    public IReadOnlyList<object?> ValuesOf(Comparison comparison)
    {
        var type = comparison.Path.Field.Type;
        return comparison.Operand switch
        {
            Constants { Values: var values } when !values.Any(v => v is Variable) => values,
            Constants constants => [.. constants.Values.SelectMany(v => v is Variable variable ? ValuesOf(variable, type) : [v])],
            Variable variable => ValuesOf(variable, type),
            _ => throw new InvalidOperationException($"Operand {comparison.Operand.GetType().Name} has no values."),
        };
    }

    /// <summary>The moment at which a day begins in the time zone of the person who asks.</summary>
    public DateTimeOffset StartOf(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (TimeZone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }
        // Where clocks are put back over midnight, the day begins the first time it is midnight.
        var offset = TimeZone.IsAmbiguousTime(local) ? TimeZone.GetAmbiguousTimeOffsets(local).Max() : TimeZone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    private IReadOnlyList<object?> ValuesOf(Variable variable, FieldType type) => variable.Name switch
    {
        "myTeams" => [.. MyTeams],
        "mySubordinates" => [.. MySubordinates],
        _ => [ValueOf(variable, type)],
    };
}
