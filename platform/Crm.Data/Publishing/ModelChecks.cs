using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What is checked in a Model beyond what its compiler understands.</summary>
public static class ModelChecks
{
    public static IReadOnlyList<IModelCheck> All { get; } =
    [
        new FieldRules.Check(),
        new LookupFilter.Check(),
        new RollupCheck(),
        new DashboardCheck(),
        new ImportCheck(),
    ];

    /// <summary>The filters of rollups, which look at the records that are counted and no further: a change elsewhere would go unnoticed.</summary>
    private sealed class RollupCheck : IModelCheck
    {
        public IEnumerable<MetadataProblem> Check(Model model)
        {
            foreach (var field in model.Entities.Values.SelectMany(e => e.OwnFields).Where(f => f.Type is RollupFieldType))
            {
                if (FaultOf(field) is { } fault)
                {
                    yield return new(model.FileOf(field.Entity), $"fields[{field.Entity.Definition.Fields.Index().First(f => ReferenceEquals(f.Item, field.Definition)).Index}].filter", fault);
                }
            }
        }

        private static string? FaultOf(Field rollup)
        {
            try
            {
                var filter = Rollups.FilterOf(rollup);
                return filter.Paths.Any(p => !p.IsDirect) || filter.Children.Any() ? "the filter must stay with the fields of the records that are counted." : null;
            }
            catch (ProblemException e)
            {
                return $"the filter is no condition over '{((RollupFieldType)rollup.Type).Through.Entity}': {e.Message}.";
            }
        }
    }
}
