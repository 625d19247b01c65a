using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>A dimension: a field, or the day, week, month, quarter or year of a day or moment.</summary>
public sealed record GroupTerm(FieldPath Path, string? By)
{
    public static readonly IReadOnlyList<string> Buckets = ["day", "week", "month", "quarter", "year"];
}

/// <summary>Groups and measures over the records of an entity.</summary>
public sealed record AggregateQuery(Entity Entity, IReadOnlyList<GroupTerm> GroupBy, IReadOnlyList<Measure> Measures)
{
    public const int MaxLimit = 10_000;

    public Condition Filter { get; init; } = Condition.Always;

    /// <summary>Name of a measure or the path of a group, a minus before it sorts downwards; null sorts by the groups.</summary>
    public string? Sort { get; init; }

    public int Limit { get; init; } = 100;

    /// <summary>Whether to read what the values of choices and lookups are called.</summary>
    public bool WithTitles { get; init; }
}

/// <summary>The groups with their figures: first the values of the groups in order, then those of the measures.</summary>
public sealed record AggregateResult(AggregateQuery Query, IReadOnlyList<object?[]> Rows)
{
    /// <summary>Whether there are further groups beyond the limit.</summary>
    public bool HasMore { get; init; }

    /// <summary>By the path of a group: what its values are called, where they have a name besides themselves.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<object, string>> Titles { get; init; } = new Dictionary<string, IReadOnlyDictionary<object, string>>();
}
