using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What options of an import may say, whether a request brings them or a profile keeps them.</summary>
internal static class ImportRules
{
    private static readonly string[] RepeatsChoices = ["refuse", "skip", "update"], DuplicatesChoices = ["refuse", "allow"], DecimalChoices = [".", ","];

    /// <exception cref="ProblemException">There is no such entity, or the platform alone writes it.</exception>
    public static Entity EntityOf(ImportProfile options, Model model) => model.Find(options.Entity) is { IsSystem: false } entity
        ? entity
        : throw new ProblemException(options.Entity.Length == 0 ? Problem.At("entity", ProblemKind.Invalid, "import.entity") : Problem.At("entity", ProblemKind.Invalid, "entity.unknown", options.Entity));

    public static void CheckChoices(ImportProfile options, List<Problem> problems)
    {
        if (options.Mode is { } mode && !ImportPlan.Modes.Contains(mode))
        {
            problems.Add(Problem.At("mode", ProblemKind.Invalid, "import.mode"));
        }
        Choice("repeats", options.Repeats, RepeatsChoices);
        Choice("duplicates", options.Duplicates, DuplicatesChoices);
        Choice("decimal", options.Decimal, DecimalChoices);
        if (options.Steps is { Count: > 0 } steps && steps.Any(s => s.Steps is not null || s.Profile is not null))
        {
            problems.Add(Problem.At("steps", ProblemKind.Invalid, "import.steps"));
        }

        void Choice(string option, string? given, string[] choices)
        {
            if (given is { Length: > 0 } && !choices.Contains(given))
            {
                problems.Add(Problem.At(option, ProblemKind.Invalid, "parameter.choice", option, string.Join(" ", choices)));
            }
        }
    }

    public static ImportTarget? TargetOf(string path, string column, Entity entity, List<Problem> problems)
    {
        if (ImportTarget.Find(entity, path) is not { } target)
        {
            problems.Add(Problem.At("mapping." + column, ProblemKind.Invalid, "field.unknown", path, entity.Label));
            return null;
        }
        if (!target.Field.IsWritable)
        {
            problems.Add(Problem.At("mapping." + column, ProblemKind.Invalid, "field.readOnly", target.Field.Label));
            return null;
        }
        return target;
    }

    public static Field? LookupFieldOf(ImportProfile options, string column, Field field, List<Problem> problems)
    {
        if (field.Target is not { } target)
        {
            return null;
        }
        var name = options.Lookups?.GetValueOrDefault(column) ?? options.Lookups?.GetValueOrDefault(field.Name);
        if (name is null)
        {
            return target.TitleField;
        }
        if (target.Find(name) is { } by && CanLookUp(by))
        {
            return by;
        }
        problems.Add(Problem.At("lookups." + (options.Lookups!.ContainsKey(column) ? column : field.Name), ProblemKind.Invalid, "import.lookupField", name, target.Label));
        return null;
    }

    /// <summary>Whether records can be found by a text for this field.</summary>
    public static bool CanLookUp(Field field) => field.Type is TextualFieldType or IntegerFieldType && field.IsStored;

    /// <param name="options">What is wanted.</param>
    /// <param name="columns">The columns that there are; null while no file is at hand, when any may be named.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static Condition? WhereOf(ImportProfile options, IEnumerable<string>? columns, List<Problem> problems)
    {
        if (options.Where is not { } json)
        {
            return null;
        }
        try
        {
            return ConditionReader.Read(json, FileColumns.Of(columns ?? NamesIn(json)));
        }
        catch (ProblemException refusal)
        {
            // The reader speaks of a filter; here it is the option.
            problems.AddRange(refusal.Problems.Select(p => p with { Field = "where" + (p.Field is { Length: > 6 } at ? at[6..] : "") }));
            return null;
        }
    }

    /// <summary>The columns that a condition names.</summary>
    public static IEnumerable<string> NamesIn(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().SelectMany(NamesIn),
        JsonValueKind.Object => json.EnumerateObject().SelectMany(m => m is { Name: "field", Value.ValueKind: JsonValueKind.String } ? [m.Value.GetString()!] : NamesIn(m.Value)),
        _ => [],
    };
}
