namespace Crm.Metadata;

/// <summary>Lookups that depend on another field of the same record: a customer decides which contacts there are.</summary>
public static class LookupDependency
{
    /// <summary>
    /// The field on which a lookup depends, and the field of the record it points to that has to have the same value: the one of the same name, else
    /// the only one that points to the same entity. Null if the lookup depends on none, or nothing goes with it.
    /// </summary>
    public static (Field Master, Field Counterpart)? Of(Field lookup)
    {
        if (lookup is not { Type: LookupFieldType, Target: { } target, OtherTarget: null, Definition.DependsOn: { } name } || lookup.Entity.Find(name) is not { IsStored: true } master || master == lookup)
        {
            return null;
        }
        if (target.Find(name) is { } same && GoWith(master, same))
        {
            return (master, same);
        }
        return target.OwnFields.Where(f => master.Target is not null && GoWith(master, f)).ToList() is [var only] ? (master, only) : null;
    }

    private static bool GoWith(Field master, Field other) =>
        other.IsStored && other.Type.ValueType == master.Type.ValueType && other.Target == master.Target && other.Type.Operators.Contains(ConditionOperator.Eq);
}
