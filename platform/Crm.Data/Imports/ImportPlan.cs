using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>How the columns of one file go into the fields of an entity: the options, with everything they leave open decided.</summary>
public sealed class ImportPlan
{
    public static readonly IReadOnlyList<string> Modes = ["create", "update", "upsert"];

    /// <summary>Heading of a column with the ids of a lookup: the lookup's own heading and this.</summary>
    public const string IdSuffix = ".id";

    private const int Sample = 1_000;

    private readonly ComputedColumns _computed;

    private ImportPlan(Entity entity, string mode, ImportProfile options, ComputedColumns computed, IReadOnlyList<ImportColumn> columns, IReadOnlyList<Field> key)
    {
        (Entity, Mode, Options, _computed, Columns, Key) = (entity, mode, options, computed, columns, key);
        Fields = [.. columns.GroupBy(c => c.Field).Select(g => new ImportField(g.Key, [.. g]))];
        Repeats = options.Repeats ?? "refuse";
        NullValues = NullValuesOf(options);
    }

    public Entity Entity { get; }

    /// <summary>One of <see cref="Modes"/>.</summary>
    public string Mode { get; }

    public ImportProfile Options { get; }

    /// <summary>Columns that go somewhere.</summary>
    public IReadOnlyList<ImportColumn> Columns { get; }

    /// <summary>The same by field; several columns may make one value.</summary>
    public IReadOnlyList<ImportField> Fields { get; }

    /// <summary>The fields whose values say which record a row means; empty where every row is a new one.</summary>
    public IReadOnlyList<Field> Key { get; }

    /// <summary>refuse, skip or update.</summary>
    public string Repeats { get; }

    /// <summary>A point or a comma, where the file or the options speak for one.</summary>
    public string? Decimal { get; private init; }

    public IReadOnlySet<string> NullValues { get; }

    /// <summary>The rows that are meant, over the columns of the file; null for all.</summary>
    internal Condition? Where { get; private init; }

    /// <summary>The column with the moment of each change.</summary>
    internal ImportColumn? ChangedAt { get; private init; }

    /// <summary>The cells of a row, computed ones included.</summary>
    internal string[] Cells(string[] values, int row) => _computed.Extend(values, row);

    /// <summary>One plan for each run of the options: the steps of a profile, or its own.</summary>
    /// <exception cref="ProblemException">The options contradict the file or the Model; every contradiction is named.</exception>
    public static IReadOnlyList<ImportPlan> MakeAll(ImportProfile options, ImportTable table, Model model, TimeZoneInfo? zone = null)
    {
        if (options.Steps is not { Count: > 0 })
        {
            return [Make(options, table, model, zone)];
        }
        var (plans, problems) = (new List<ImportPlan>(), new List<Problem>());
        foreach (var (i, run) in options.Runs().Index())
        {
            try
            {
                plans.Add(Make(run, table, model, zone));
            }
            catch (ProblemException refusal)
            {
                problems.AddRange(refusal.Problems.Select(p => p with { Field = $"steps[{i}].{p.Field}" }));
            }
        }
        return problems.Count > 0 ? throw new ProblemException(problems) : plans;
    }

    /// <param name="options">What is wanted.</param>
    /// <param name="table">The file.</param>
    /// <param name="model">Where it goes.</param>
    /// <param name="zone">In which times without an offset are meant; UTC if null.</param>
    /// <exception cref="ProblemException">The options contradict the file or the Model; every contradiction is named.</exception>
    public static ImportPlan Make(ImportProfile options, ImportTable table, Model model, TimeZoneInfo? zone = null)
    {
        var problems = new List<Problem>();
        var entity = ImportRules.EntityOf(options, model);
        ImportRules.CheckChoices(options, problems);
        var computed = ComputedColumns.Compile(table.Columns, options.Computed ?? [], NullValuesOf(options), problems);
        var columns = Map(options, computed.Columns, entity, problems);
        var key = (options.Key ?? []).Select(name => KeyField(name, columns, problems)).OfType<Field>().ToList();
        var mode = options.Mode ?? (key.Count > 0 ? "upsert" : "create");
        if (Modes.Contains(mode) && mode != "create" && options.Key is null or { Count: 0 })
        {
            problems.Add(Problem.At("key", ProblemKind.Invalid, "import.keyMissing"));
        }
        if (columns.Count == 0 && problems.Count == 0)
        {
            problems.Add(Problem.At("mapping", ProblemKind.Invalid, "import.nothing"));
        }
        var where = ImportRules.WhereOf(options, computed.Columns, problems);
        var at = options.ChangedAt is { Length: > 0 } moment ? PlaceOf(moment, "changedAt", computed.Columns, problems) : -1;
        if (problems.Count > 0)
        {
            throw new ProblemException(problems);
        }
        var made = new ImportPlan(entity, mode, options, computed, columns, key);
        return made.WithFormats(table, zone, where, at);
    }

    /// <summary>Looks into the file for how it writes days and numbers.</summary>
    private ImportPlan WithFormats(ImportTable table, TimeZoneInfo? zone, Condition? where, int changedAt)
    {
        var sample = table.Rows.Take(Sample).Select((r, i) => (r.Values, Row: i + 1)).Where(r => r.Values.Length == table.Columns.Count).Select(r => Cells(r.Values, r.Row)).ToList();
        var sign = Options.Decimal is { Length: > 0 } given ? given : ColumnFormats.DecimalOf(Columns.Where(c => c.Part is null && c.Field.Type.IsNumeric).SelectMany(TextsOf));
        var basis = new TextFormat(ColumnFormats.CultureOf(sign), Options.DateFormat is { Length: > 0 } form ? form : null, zone);
        var columns = Columns.Select(c => c with { Format = c.Field.Type is TemporalFieldType ? Dated(basis, TextsOf(c)) : basis }).ToList();
        var at = changedAt < 0 ? null : new ImportColumn(changedAt, _computed.Columns[changedAt], Entity.Fields[Entity.UpdatedAtOrdinal], null, null, null, false);
        return new(Entity, Mode, Options, _computed, columns, Key) { Decimal = sign, Where = where, ChangedAt = at is null ? null : at with { Format = Dated(basis, TextsOf(at)) } };

        IEnumerable<string> TextsOf(ImportColumn column) => sample.Select(cells => cells[column.Index].Trim())
            .Where(t => t.Length > 0 && !NullValues.Contains(t)).Select(t => column.ValueMap?.GetValueOrDefault(t) ?? t).Where(t => t.Length > 0);

        static TextFormat Dated(TextFormat basis, IEnumerable<string> texts) => basis.DateFormat is null ? basis with { DateFormat = ColumnFormats.DateFormatOf(texts) } : basis;
    }

    private static List<ImportColumn> Map(ImportProfile options, IReadOnlyList<string> headings, Entity entity, List<Problem> problems)
    {
        var mapping = options.Mapping ?? new Dictionary<string, string>();
        foreach (var unknown in mapping.Keys.Where(c => !headings.Contains(c)))
        {
            problems.Add(Problem.At("mapping." + unknown, ProblemKind.Invalid, "import.column", unknown));
        }
        // What is named comes first: a column that is only recognised takes no field away from one that was chosen.
        var columns = headings.Index().Where(h => mapping.GetValueOrDefault(h.Item) is { Length: > 0 }).Select(h => (Place: h.Index, Name: h.Item, Target: ImportRules.TargetOf(mapping[h.Item], h.Item, entity, problems)))
            .Where(c => c.Target is not null).Select(c => ColumnOf(c.Place, c.Name, c.Target!)).ToList();
        foreach (var twice in columns.GroupBy(c => (c.Field, c.Part)).Where(g => g.Count() > 1 && g.Key.Field.Type is not ListFieldType).SelectMany(g => g.Skip(1)))
        {
            problems.Add(Problem.At("mapping." + twice.Name, ProblemKind.Invalid, "import.mappedTwice", twice.Field.Label));
        }
        if (options.OnlyMapped != true)
        {
            foreach (var (place, name) in headings.Index().Where(h => !mapping.ContainsKey(h.Item) && !headings.Contains(h.Item + IdSuffix)))
            {
                // Where the file also says by its id which record is meant, that is never ambiguous.
                if (ImportTarget.Suggest(name, entity) is { } target && !columns.Exists(c => c.Field == target.Field && c.Part == target.Part))
                {
                    columns.Add(ColumnOf(place, name, target));
                }
            }
        }
        return [.. columns.OrderBy(c => c.Index)];

        ImportColumn ColumnOf(int place, string name, ImportTarget target)
        {
            var maps = options.ValueMaps?.GetValueOrDefault(name) ?? options.ValueMaps?.GetValueOrDefault(target.Path);
            return new(place, name, target.Field, target.Part, maps, ImportRules.LookupFieldOf(options, name, target.Field, problems), CreatesMissing(options, name, target.Field));
        }
    }

    private static bool CreatesMissing(ImportProfile options, string column, Field field) =>
        field.Targets.Count > 0 && options.CreateMissing is { } create && (create.Contains(field.Name) || create.Contains(column) || field.Targets.Any(t => create.Contains(t.Name)));

    private static Field? KeyField(string name, List<ImportColumn> columns, List<Problem> problems)
    {
        var field = columns.Find(c => c.Name == name)?.Field ?? columns.Find(c => c.Field.Name == name)?.Field;
        if (field is null)
        {
            problems.Add(Problem.At("key", ProblemKind.Invalid, "import.key", name));
        }
        return field;
    }

    private static int PlaceOf(string column, string option, IReadOnlyList<string> headings, List<Problem> problems)
    {
        var place = headings.ToList().IndexOf(column);
        if (place < 0)
        {
            problems.Add(Problem.At(option, ProblemKind.Invalid, "import.column", column));
        }
        return place;
    }

    private static HashSet<string> NullValuesOf(ImportProfile options) => (options.NullValues ?? []).ToHashSet(StringComparer.Ordinal);
}

/// <summary>One column of the file and where it goes.</summary>
/// <param name="Index">Its place in each row.</param>
/// <param name="Name">Its heading.</param>
/// <param name="Field">The field that it fills.</param>
/// <param name="Part">The part of the field's value; null for the whole.</param>
/// <param name="ValueMap">What some of its texts stand for.</param>
/// <param name="LookupBy">Lookups: the field of the other entity in which the text is looked up.</param>
/// <param name="CreateMissing">Lookups: a record that is not found is created.</param>
public sealed record ImportColumn(int Index, string Name, Field Field, Field? Part, IReadOnlyDictionary<string, string>? ValueMap, Field? LookupBy, bool CreateMissing)
{
    /// <summary>How its texts are read.</summary>
    public TextFormat Format { get; init; } = TextFormat.Invariant;
}

/// <summary>A field and the columns that make its value.</summary>
public sealed record ImportField(Field Field, IReadOnlyList<ImportColumn> Columns)
{
    /// <summary>Whether one column alone says the whole value.</summary>
    public bool IsSimple { get; } = Columns is [{ Part: null }];
}
