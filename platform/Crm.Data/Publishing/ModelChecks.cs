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
        new ViewFilterCheck(),
        new DashboardCheck(),
        new ImportCheck(),
        new SeedCheck(),
    ];

    /// <summary>The filters of views, in the files of entities and in files of their own.</summary>
    private sealed class ViewFilterCheck : IModelCheck
    {
        public IEnumerable<MetadataProblem> Check(Model model)
        {
            foreach (var entity in model.Entities.Values.Where(e => e.LinkOf is null).OrderBy(e => e.Name, StringComparer.Ordinal))
            {
                foreach (var (file, place, view) in entity.Definition.Views.Select((v, i) => (model.FileOf(entity), $"views[{i}].", v))
                    .Concat(model.Files.Views.Values.Where(v => v.Definition.Entity == entity.Name).Select(v => (v.File, "", (ViewDefinition)v.Definition))))
                {
                    foreach (var problem in FaultsOf(view, entity))
                    {
                        yield return new(file, place + problem.Field, problem.Message(model.Texts));
                    }
                }
            }
        }

        private static IReadOnlyList<Problem> FaultsOf(ViewDefinition view, Entity entity)
        {
            try
            {
                if (view.Filter is { } filter)
                {
                    ConditionReader.Read(filter, entity);
                }
                return [];
            }
            catch (ProblemException refusal)
            {
                return refusal.Problems;
            }
        }
    }

    /// <summary>The filters of rollups.</summary>
    private sealed class RollupCheck : IModelCheck
    {
        public IEnumerable<MetadataProblem> Check(Model model)
        {
            foreach (var field in model.Entities.Values.SelectMany(e => e.OwnFields).Where(f => f.Type is RollupFieldType))
            {
                if (Rollups.FaultOf(field) is { } fault)
                {
                    yield return new(model.FileOf(field.Entity), field.DefinedAt + ".filter", fault);
                }
            }
        }
    }
}
