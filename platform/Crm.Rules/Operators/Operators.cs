using System.Collections.Frozen;
using System.Text.Json;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>Every operator of comparisons with its description. <c>exists</c> and <c>notExists</c> ask about other records and are conditions of their own.</summary>
public static class Operators
{
    private static readonly FrozenDictionary<ConditionOperator, ComparisonRule> Rules = new Dictionary<ConditionOperator, ComparisonRule>
    {
        [ConditionOperator.Eq] = new Equality(),
        [ConditionOperator.Ne] = new Complement(new Equality()),
        [ConditionOperator.Lt] = new Ordering("<", ">=", order => order < 0),
        [ConditionOperator.Le] = new Ordering("<=", ">", order => order <= 0),
        [ConditionOperator.Gt] = new Ordering(">", "<=", order => order > 0),
        [ConditionOperator.Ge] = new Ordering(">=", "<", order => order >= 0),
        [ConditionOperator.Between] = new Between(),
        [ConditionOperator.In] = new Membership(),
        [ConditionOperator.NotIn] = new Complement(new Membership()),
        [ConditionOperator.Contains] = new Containing(),
        [ConditionOperator.StartsWith] = new TextPart((text, part) => text.StartsWith(part, StringComparison.Ordinal), (dialect, column, part) => dialect.StartsWith(column, part)),
        [ConditionOperator.EndsWith] = new TextPart((text, part) => text.EndsWith(part, StringComparison.Ordinal), (dialect, column, part) => dialect.EndsWith(column, part)),
        [ConditionOperator.Matches] = new Matching(),
        [ConditionOperator.IsNull] = new Emptiness(),
        [ConditionOperator.NotNull] = new Complement(new Emptiness()),
        [ConditionOperator.Within] = new WithinSpan(),
        [ConditionOperator.Under] = new UnderTree(),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, ConditionOperator> ByName = Enum.GetValues<ConditionOperator>().ToFrozenDictionary(NameOf, StringComparer.Ordinal);

    /// <summary>The description of an operator that compares a field.</summary>
    public static ComparisonRule Of(ConditionOperator op) => Rules[op];

    /// <summary>As it is written in conditions.</summary>
    public static string NameOf(ConditionOperator op) => JsonNamingPolicy.CamelCase.ConvertName(op.ToString());

    public static bool TryFind(string name, out ConditionOperator op) => ByName.TryGetValue(name, out op);
}
