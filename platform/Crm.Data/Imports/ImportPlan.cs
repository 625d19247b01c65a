using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>How the columns of one file go into the fields of an entity: the options, with everything they leave open decided.</summary>
public sealed class ImportPlan
{
    public static readonly IReadOnlyList<string> Modes = ["create", "update", "upsert"];

    /// <summary>Heading of a column with the ids of a lookup: the lookup's own heading and this.</summary>
    public const string IdSuffix = ".id";

    private ImportPlan(Entity entity, string mode, IReadOnlyList<ImportColumn> columns, IReadOnlyList<Field> key, ImportProfile options, TimeZoneInfo? zone)
    {
        (Entity, Mode, Columns, Key, Options) = (entity, mode, columns, key, options);
        Format = TextFormat.Invariant with { DateFormat = options.DateFormat, TimeZone = zone };
        NullValues = (options.NullValues ?? []).ToHashSet(StringComparer.Ordinal);
    }

    public Entity Entity { get; }

    /// <summary>One of <see cref="Modes"/>.</summary>
    public string Mode { get; }

    public IReadOnlyList<ImportColumn> Columns { get; }

    /// <summary>The fields whose values say which record a row means; empty where every row is a new one.</summary>
    public IReadOnlyList<Field> Key { get; }

    public ImportProfile Options { get; }

    public TextFormat Format { get; }

    public IReadOnlySet<string> NullValues { get; }

    /// <param name="options">What is wanted.</param>
    /// <param name="table">The file.</param>
    /// <param name="model">Where it goes.</param>
    /// <param name="zone">In which times without an offset are meant; UTC if null.</param>
    /// <exception cref="ProblemException">The options contradict the file or the Model; every contradiction is named.</exception>
    public static ImportPlan Make(ImportProfile options, ImportTable table, Model model, TimeZoneInfo? zone = null)
    {
        var entity = model.Find(options.Entity) ?? throw new ProblemException(Problem.At("entity", ProblemKind.Invalid, "entity.unknown", options.Entity));
        var problems = new List<Problem>();
        var columns = Map(options, table, entity, problems);
        var key = (options.Key ?? []).Select(name => KeyField(name, entity, columns, problems)).OfType<Field>().ToList();
        var mode = options.Mode ?? (key.Count > 0 ? "upsert" : "create");
        if (!Modes.Contains(mode))
        {
            problems.Add(Problem.At("mode", ProblemKind.Invalid, "import.mode"));
        }
        else if (mode != "create" && options.Key is null or { Count: 0 })
        {
            problems.Add(Problem.At("key", ProblemKind.Invalid, "import.keyMissing"));
        }
        if (columns.Count == 0 && problems.Count == 0)
        {
            problems.Add(Problem.At("mapping", ProblemKind.Invalid, "import.nothing"));
        }
        return problems.Count > 0 ? throw new ProblemException(problems) : new(entity, mode, columns, key, options, zone);
    }

    /// <summary>The field that a column of a file most likely means: by name, by label in any language, by alias.</summary>
    public static Field? Suggest(string column, Entity entity)
    {
        var wanted = Normalize(column.EndsWith(IdSuffix, StringComparison.Ordinal) ? column[..^IdSuffix.Length] : column);
        var writable = entity.OwnFields.Concat(entity.Fields.Where(f => f.IsSystem)).Where(f => f.IsWritable).ToList();
        return writable.Find(f => Normalize(f.Name) == wanted)
            ?? writable.Find(f => f.Label.ByLanguage.Values.Any(l => Normalize(l) == wanted))
            ?? writable.Find(f => f.Definition.Aliases.Any(a => Normalize(a) == wanted));
    }

    private static List<ImportColumn> Map(ImportProfile options, ImportTable table, Entity entity, List<Problem> problems)
    {
        foreach (var unknown in (options.Mapping ?? new Dictionary<string, string>()).Keys.Where(c => !table.Columns.Contains(c)))
        {
            problems.Add(Problem.At("mapping." + unknown, ProblemKind.Invalid, "import.column", unknown));
        }
        var columns = new List<ImportColumn>();
        for (var i = 0; i < table.Columns.Count; i++)
        {
            var name = table.Columns[i];
            if (options.Mapping?.ContainsKey(name) != true && table.Columns.Contains(name + IdSuffix))
            {
                // The file also says which record is meant by its id, and that is never ambiguous.
                continue;
            }
            var field = options.Mapping?.GetValueOrDefault(name) is { } chosen ? chosen.Length == 0 ? null : Chosen(chosen, name, entity, problems) : Suggest(name, entity);
            if (field is null || (columns.Exists(c => c.Field == field) && options.Mapping?.ContainsKey(name) != true))
            {
                continue;
            }
            if (columns.Exists(c => c.Field == field))
            {
                problems.Add(Problem.At("mapping." + name, ProblemKind.Invalid, "import.mappedTwice", field.Label));
                continue;
            }
            var maps = options.ValueMaps?.GetValueOrDefault(field.Name) ?? options.ValueMaps?.GetValueOrDefault(name);
            columns.Add(new(i, name, field, maps, LookupField(options, name, field, problems), CreatesMissing(options, name, field)));
        }
        return columns;
    }

    private static Field? Chosen(string chosen, string column, Entity entity, List<Problem> problems)
    {
        if (entity.Find(chosen) is { } field)
        {
            if (field.IsWritable)
            {
                return field;
            }
            problems.Add(Problem.At("mapping." + column, ProblemKind.Invalid, "field.readOnly", field.Label));
        }
        else
        {
            problems.Add(Problem.At("mapping." + column, ProblemKind.Invalid, "field.unknown", chosen, entity.Label));
        }
        return null;
    }

    private static Field? LookupField(ImportProfile options, string column, Field field, List<Problem> problems)
    {
        if (field.Target is not { } target)
        {
            return null;
        }
        var name = options.Lookups?.GetValueOrDefault(field.Name) ?? options.Lookups?.GetValueOrDefault(column);
        if (name is null)
        {
            return target.TitleField;
        }
        if (target.Find(name) is { Type: TextualFieldType } by)
        {
            return by;
        }
        problems.Add(Problem.At("lookups." + column, ProblemKind.Invalid, "import.lookupField", name, target.Label));
        return null;
    }

    private static bool CreatesMissing(ImportProfile options, string column, Field field) =>
        field.Target is { } target && options.CreateMissing is { } create && (create.Contains(field.Name) || create.Contains(column) || create.Contains(target.Name));

    private static Field? KeyField(string name, Entity entity, List<ImportColumn> columns, List<Problem> problems)
    {
        var field = columns.Find(c => c.Name == name)?.Field ?? columns.Find(c => c.Field.Name == name)?.Field;
        if (field is null)
        {
            problems.Add(Problem.At("key", ProblemKind.Invalid, "import.key", name));
        }
        return field;
    }

    private static string Normalize(string name) => Folding.Fold(name).Replace('_', ' ').Replace('-', ' ').Trim();
}

/// <summary>One column of the file and where it goes.</summary>
/// <param name="Index">Its place in each row.</param>
/// <param name="Name">Its heading.</param>
/// <param name="Field">The field that it fills.</param>
/// <param name="ValueMap">What some of its texts stand for.</param>
/// <param name="LookupBy">Lookups: the field of the other entity in which the text is looked up.</param>
/// <param name="CreateMissing">Lookups: a record that is not found is created.</param>
public sealed record ImportColumn(int Index, string Name, Field Field, IReadOnlyDictionary<string, string>? ValueMap, Field? LookupBy, bool CreateMissing);
