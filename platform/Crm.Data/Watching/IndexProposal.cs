using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Which index would serve a query: first the fields that must equal something, then those of the order, or else one that lies in a range; so the
/// records stand together and in order.
/// </summary>
internal static class IndexProposal
{
    private const int MaxFields = 4;

    public static IReadOnlyList<string>? For(Entity entity, Condition filter, IReadOnlyList<SortTerm> sort)
    {
        var comparisons = Conjuncts(filter).OfType<Comparison>().Where(c => c.Path.IsDirect && c.Path.Field.IsStored).ToList();
        var equal = comparisons.Where(IsEqual).Select(c => c.Path.Field.Name);
        var ordered = sort.TakeWhile(t => t.Path.IsDirect && t.Path.Field.Name != SystemFields.Id && t.Descending == sort[0].Descending).Select(t => t.Path.Field.Name).ToList();
        var range = comparisons.Where(c => Operators.Of(c.Operator).IsRange)
            .Select(c => c.Path.Field.Name).Take(1);
        IReadOnlyList<string> fields = [.. equal.Concat(ordered.Count > 0 ? ordered : range).Where(name => name is not (SystemFields.Id or SystemFields.DeletedAt)).Distinct().Take(MaxFields)];
        return fields.Count == 0 || Existing(entity).Any(index => index.Take(fields.Count).SequenceEqual(fields)) ? null : fields;
    }

    private static IEnumerable<IReadOnlyList<string>> Existing(Entity entity) => entity.Definition.Indexes
        .Concat(entity.Definition.Unique)
        .Concat(entity.OwnFields.Where(f => f.Definition.Unique || f.Target is not null || f.Type is AutonumberFieldType).Select(f => (IReadOnlyList<string>)[f.Name]));

    private static bool IsEqual(Comparison c) => c is { Operand: not OtherField, Operator: ConditionOperator.Eq or ConditionOperator.IsNull } ||
        c is { Operator: ConditionOperator.In, Operand: Constants { Values.Count: 1 } };

    private static IEnumerable<Condition> Conjuncts(Condition condition) => condition is AllOf all ? all.Parts.SelectMany(Conjuncts) : [condition];
}
