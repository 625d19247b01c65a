using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>A record that an installation begins with, as the Model understands it.</summary>
/// <param name="File">The file that says it.</param>
/// <param name="Path">Where it stands there, such as <c>records[2]</c>.</param>
/// <param name="Entity">Whose record it is.</param>
/// <param name="Key">The fields that tell such records apart.</param>
/// <param name="Id">Its id, where the file gives it one so that others can point to it.</param>
/// <param name="Values">What it says.</param>
internal sealed record SeedRecord(string File, string Path, Entity Entity, IReadOnlyList<Field> Key, Guid? Id, IReadOnlyList<FieldValue> Values)
{
    /// <summary>Longer keys would have no room in an index.</summary>
    private const int MaxMark = 500;

    /// <summary>The key's values as columns hold them.</summary>
    public object[] KeyValues { get; } = [.. Key.Select(f => RecordValues.Principal(f, Values.First(v => v.Field == f).Value)!)];

    /// <summary>By what it is remembered that the record was brought.</summary>
    public string Mark => field ??= $"{string.Join(',', Key.Select(f => f.Name))}={ValueKey.Of(KeyValues)}";

    /// <summary>The records of all files that are for this organisation and have no fault, each once.</summary>
    public static IReadOnlyList<SeedRecord> Of(Model model) =>
    [
        .. Files(model).Where(s => s.Definition.OnlyForCurrency is not { } currency || currency == model.Organisation.Currency)
            .SelectMany(s => Read(s.File, s.Definition, model, [])).DistinctBy(r => (r.Entity, r.Mark)),
    ];

    /// <summary>What is wrong in the files, each with its place.</summary>
    public static IEnumerable<MetadataProblem> ProblemsOf(Model model)
    {
        foreach (var (file, definition) in Files(model))
        {
            var problems = new List<Problem>();
            Read(file, definition, model, problems);
            foreach (var problem in problems)
            {
                yield return new(file, problem.Field ?? "", problem.Message(model.Texts));
            }
        }
    }

    private static IEnumerable<(string File, SeedDefinition Definition)> Files(Model model) => model.Files.Seeds.Values.OrderBy(s => s.File, StringComparer.Ordinal);

    private static List<SeedRecord> Read(string file, SeedDefinition seed, Model model, List<Problem> problems)
    {
        if (seed.OnlyForCurrency is { } currency && !Currencies.IsCode(currency))
        {
            problems.Add(Problem.At("onlyForCurrency", ProblemKind.Invalid, "seed.currency", currency));
            return [];
        }
        if (model.Find(seed.Entity) is not { IsSystem: false, LinkOf: null } entity)
        {
            problems.Add(Problem.At("entity", ProblemKind.Invalid, "entity.unknown", seed.Entity));
            return [];
        }
        var key = KeyOf(seed, entity, problems);
        var (records, marks) = (new List<SeedRecord>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (i, members) in seed.Records.Index())
        {
            var path = $"records[{i}]";
            var found = new List<Problem>();
            var id = IdOf(members, found);
            var values = RecordInput.Read(members.Where(m => m.Key != SystemFields.Id), entity, found);
            CheckValues(entity, key, values, members, found);
            if (found.Count == 0 && key.Count > 0)
            {
                var record = new SeedRecord(file, path, entity, key, id, values);
                if (record.Mark.Length > MaxMark)
                {
                    found.Add(Problem.At(key[0].Name, ProblemKind.Invalid, "value.tooLong", MaxMark, record.Mark.Length));
                }
                else if (!marks.Add(record.Mark))
                {
                    found.Add(Problem.At(key[0].Name, ProblemKind.Invalid, "seed.twice"));
                }
                else
                {
                    records.Add(record);
                }
            }
            problems.AddRange(found.Select(p => p with { Field = $"{path}.{p.Field}" }));
        }
        return records;
    }

    private static List<Field> KeyOf(SeedDefinition seed, Entity entity, List<Problem> problems)
    {
        var key = new List<Field>();
        foreach (var (i, name) in seed.Key.Index())
        {
            if (entity.Find(name) is { IsStored: true, IsWritable: true } field && !key.Contains(field))
            {
                key.Add(field);
            }
            else
            {
                problems.Add(Problem.At($"key[{i}]", ProblemKind.Invalid, "key.field", name, entity.Label));
            }
        }
        if (seed.Key.Count == 0)
        {
            problems.Add(Problem.At("key", ProblemKind.Invalid, "seed.key"));
        }
        return key.Count == seed.Key.Count ? key : [];
    }

    private static Guid? IdOf(IReadOnlyDictionary<string, JsonElement> members, List<Problem> problems)
    {
        if (!members.TryGetValue(SystemFields.Id, out var json))
        {
            return null;
        }
        if (json.ValueKind == JsonValueKind.String && Guid.TryParseExact(json.GetString(), "D", out var id) && id != Guid.Empty)
        {
            return id;
        }
        problems.Add(Problem.At(SystemFields.Id, ProblemKind.Invalid, "seed.id"));
        return null;
    }

    /// <summary>What saving would refuse, as far as the file alone tells; the rest is found out when the record is brought.</summary>
    private static void CheckValues(Entity entity, List<Field> key, List<FieldValue> values, IReadOnlyDictionary<string, JsonElement> members, List<Problem> problems)
    {
        foreach (var (field, value) in values)
        {
            if (value is not null && field.Type.Validate(value) is { } fault)
            {
                problems.Add(Problem.At(field.Name + fault.Place, ProblemKind.Invalid, fault.Code, fault.Arguments));
            }
        }
        foreach (var field in entity.OwnFields.Where(f => f is { IsStored: true, Type.IsComputed: false } && ((f.Definition.Required && f.Definition.Default is null) || key.Contains(f))))
        {
            if (values.Find(v => v.Field == field).Value is null && (!members.TryGetValue(field.Name, out var given) || given.ValueKind == JsonValueKind.Null))
            {
                problems.Add(Problem.At(field.Name, ProblemKind.Refused, "required", field.Label));
            }
        }
    }
}
