using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Checks the profiles of imports against the Model, without a file: what a profile names must be there.</summary>
internal sealed class ImportCheck : IModelCheck
{
    public IEnumerable<MetadataProblem> Check(Model model) =>
        model.Files.Imports.Values.OrderBy(i => i.File, StringComparer.Ordinal).SelectMany(i => ProblemsOf(i.Definition, model).Select(p => new MetadataProblem(i.File, p.Field ?? "", p.Message(model.Texts))));

    private static IEnumerable<Problem> ProblemsOf(ImportProfile profile, Model model)
    {
        var problems = new List<Problem>();
        ImportRules.CheckChoices(profile, problems);
        if (profile.Profile is not null)
        {
            problems.Add(Problem.At("profile", ProblemKind.Invalid, "import.profileInProfile"));
        }
        if (profile.Steps is { Count: > 0 } && problems.Count == 0)
        {
            if (profile.Entity.Length > 0)
            {
                problems.Add(Problem.At("entity", ProblemKind.Invalid, "import.entityAndSteps"));
            }
            foreach (var (i, run) in profile.Runs().Index())
            {
                var found = new List<Problem>();
                ImportRules.CheckChoices(run, found);
                CheckRun(run, model, found);
                problems.AddRange(found.Select(p => p with { Field = $"steps[{i}].{p.Field}" }));
            }
        }
        else
        {
            CheckRun(profile, model, problems);
        }
        return problems.DistinctBy(p => (p.Field, p.Code));
    }

    private static void CheckRun(ImportProfile run, Model model, List<Problem> problems)
    {
        Entity entity;
        try
        {
            entity = ImportRules.EntityOf(run, model);
        }
        catch (ProblemException refusal)
        {
            problems.AddRange(refusal.Problems);
            return;
        }
        ComputedColumns.Compile(null, run.Computed ?? [], new HashSet<string>(), problems);
        ImportRules.WhereOf(run, null, problems);
        var targets = new Dictionary<string, ImportTarget>(StringComparer.Ordinal);
        foreach (var (column, path) in (run.Mapping ?? new Dictionary<string, string>()).Where(m => m.Value.Length > 0))
        {
            if (ImportRules.TargetOf(path, column, entity, problems) is { } target)
            {
                targets[column] = target;
                ImportRules.LookupFieldOf(run, column, target.Field, problems);
            }
        }
        foreach (var key in (run.Key ?? []).Where(k => run.OnlyMapped == true && !targets.ContainsKey(k) && targets.Values.All(t => t.Field.Name != k)))
        {
            problems.Add(Problem.At("key", ProblemKind.Invalid, "import.key", key));
        }
        foreach (var (column, map) in run.ValueMaps ?? new Dictionary<string, IReadOnlyDictionary<string, string>>())
        {
            if ((targets.GetValueOrDefault(column) ?? ImportTarget.Find(entity, column)) is { Part: null, Field.Type: ChoiceFieldType type })
            {
                foreach (var (text, value) in map.Where(m => m.Value.Length > 0))
                {
                    if (type.FromText(value, TextFormat.Invariant).Fault is { } fault)
                    {
                        problems.Add(Problem.At($"valueMaps.{column}.{text}", ProblemKind.Invalid, fault.Code, fault.Arguments));
                    }
                }
            }
        }
    }
}
