using Crm.Data;
using Crm.Metadata;

namespace Crm.Ui.Imports;

/// <summary>What the person has decided so far about a file that is to be imported.</summary>
public sealed class ImportDraft
{
    private readonly Dictionary<string, Dictionary<string, string>> _valueMaps = new(StringComparer.Ordinal);

    public ImportDraft(Entity entity, ImportReading reading, ImportTable table)
    {
        (Entity, Reading, Table) = (entity, reading, table);
        Columns = [.. table.Columns.Select((name, i) => new ImportDraftColumn(name, SamplesOf(table, i)))];
        Suggest();
    }

    /// <summary>The entity whose fields the columns of a file are called after, most of all; among equals the one with the fewest fields beside.</summary>
    public static Entity MostLikely(IReadOnlyList<Entity> entities, ImportTable table) =>
        entities.MaxBy(e => (table.Columns.Select(c => ImportTarget.Suggest(c, e)?.Field).OfType<Field>().Distinct().Count(), -e.OwnFields.Count))!;

    public Entity Entity { get; }

    public ImportReading Reading { get; }

    public ImportTable Table { get; }

    public IReadOnlyList<ImportDraftColumn> Columns { get; }

    /// <summary>The profile that says how the file goes in; null where the person says it, column by column.</summary>
    public ImportProfile? Profile { get; set; }

    /// <summary>Whether the decisions are those that were taken for the last file of this shape.</summary>
    public bool IsRemembered { get; private set; }

    /// <summary>The column that says which record a row means; empty where every row is a new record.</summary>
    public string Key { get; set; } = "";

    /// <summary>With a key: whether only records that are there are changed.</summary>
    public bool OnlyUpdates { get; set; }

    /// <summary>Whether probable duplicates go in.</summary>
    public bool AllowsDuplicates { get; set; }

    /// <summary>Texts that stand for "no value", separated by commas.</summary>
    public string NullValues { get; set; } = "";

    /// <summary>Columns that go somewhere and are suited to tell records apart.</summary>
    public IEnumerable<ImportDraftColumn> KeyColumns => Columns.Where(c => c.Target is { Part: null, Field.Type: TextualFieldType or IntegerFieldType or ReferenceFieldType });

    /// <summary>What a text of a column stands for.</summary>
    public Dictionary<string, string> ValueMapOf(string column) => _valueMaps.TryGetValue(column, out var map) ? map : _valueMaps[column] = new(StringComparer.Ordinal);

    /// <summary>The field that a column goes to, also where a profile says so; null if that is not known.</summary>
    public Field? FieldOf(string column, Model model, string? entity) =>
        Profile is null ? Columns.FirstOrDefault(c => c.Name == column)?.Target?.Field
        : Profile.Runs().Where(r => entity is null || r.Entity == entity).Select(r => r.Mapping?.GetValueOrDefault(column) is { } path && model.Find(r.Entity) is { } of ? ImportTarget.Find(of, path)?.Field : null).FirstOrDefault(f => f is not null);

    /// <summary>Sends a column to a field; whatever went there before goes nowhere, unless the field takes several.</summary>
    public void Choose(ImportDraftColumn column, string? path)
    {
        column.Target = string.IsNullOrEmpty(path) ? null : ImportTarget.Find(Entity, path);
        column.LookupBy = "";
        foreach (var other in Columns.Where(c => c != column && c.Target is not null && c.Target.Path == column.Target?.Path && c.Target.Field.Type is not ListFieldType))
        {
            other.Target = null;
        }
        if (KeyColumns.All(c => c.Name != Key))
        {
            Key = "";
        }
    }

    /// <summary>Takes over what was decided for an earlier file of this shape.</summary>
    public void Recall(ImportProfile options, Model model)
    {
        if (options.Profile is { } profile)
        {
            (Profile, IsRemembered) = (model.Imports[profile], true);
            return;
        }
        foreach (var column in Columns)
        {
            column.Target = options.Mapping?.GetValueOrDefault(column.Name) is { Length: > 0 } path ? ImportTarget.Find(Entity, path) : null;
            column.CreateMissing = options.CreateMissing?.Contains(column.Name) == true;
            column.LookupBy = options.Lookups?.GetValueOrDefault(column.Name) ?? "";
        }
        foreach (var (column, map) in options.ValueMaps ?? new Dictionary<string, IReadOnlyDictionary<string, string>>())
        {
            _valueMaps[column] = new(map, StringComparer.Ordinal);
        }
        Key = options.Key is [var key] ? key : "";
        OnlyUpdates = options.Mode == "update";
        AllowsDuplicates = options.Duplicates == "allow";
        NullValues = string.Join(", ", options.NullValues ?? []);
        IsRemembered = true;
    }

    /// <summary>Forgets all decisions and goes by what the columns are called and hold.</summary>
    public void Suggest()
    {
        _valueMaps.Clear();
        (Profile, Key, OnlyUpdates, AllowsDuplicates, NullValues, IsRemembered) = (null, "", false, false, "", false);
        foreach (var column in Columns)
        {
            (column.Target, column.CreateMissing, column.LookupBy) = (null, false, "");
        }
        foreach (var column in Columns)
        {
            column.Target = ImportTarget.Suggest(column.Name, Entity) is { } target && (target.Field.Type is ListFieldType || Columns.All(c => c.Target?.Path != target.Path)) ? target : null;
        }
        foreach (var column in Columns.Where(c => c.Target is null))
        {
            column.Target = ImportTarget.SuggestByContent(column.Samples, Entity, [.. Columns.Select(c => c.Target?.Field).OfType<Field>()]);
        }
    }

    /// <summary>The options in the form in which the API takes them.</summary>
    public ImportProfile ToProfile(bool dryRun)
    {
        var reading = Reading.ToProfile() with
        {
            DryRun = dryRun,
            ValueMaps = _valueMaps.Where(m => m.Value.Count > 0).ToDictionary(m => m.Key, m => (IReadOnlyDictionary<string, string>)m.Value, StringComparer.Ordinal),
            Duplicates = AllowsDuplicates ? "allow" : null,
        };
        return Profile is { } profile ? reading with { Profile = profile.Name } : reading with
        {
            Entity = Entity.Name,
            Key = Key.Length == 0 ? null : [Key],
            Mode = Key.Length > 0 && OnlyUpdates ? "update" : null,
            Mapping = Columns.ToDictionary(c => c.Name, c => c.Target?.Path ?? "", StringComparer.Ordinal),
            Lookups = Columns.Where(c => c is { LookupBy.Length: > 0, Target.Field.Target: not null }).ToDictionary(c => c.Name, c => c.LookupBy, StringComparer.Ordinal),
            CreateMissing = [.. Columns.Where(c => c is { CreateMissing: true, Target.Field.Target: not null }).Select(c => c.Name)],
            NullValues = NullValues.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            Delimiter = Reading.Delimiter.Length > 0 ? Reading.Delimiter : Table.Delimiter,
        };
    }

    private static List<string> SamplesOf(ImportTable table, int column) =>
        [.. table.Rows.Take(1_000).Where(r => column < r.Values.Length && r.Values[column].Length > 0).Select(r => r.Values[column]).Distinct(StringComparer.Ordinal).Take(20)];
}

/// <summary>One column of the file and what the person wants with it.</summary>
public sealed class ImportDraftColumn(string name, IReadOnlyList<string> samples)
{
    public string Name { get; } = name;

    /// <summary>Some of its values, to see what it holds.</summary>
    public IReadOnlyList<string> Samples { get; } = samples;

    /// <summary>Where it goes; null leaves it out.</summary>
    public ImportTarget? Target { get; set; }

    public bool CreateMissing { get; set; }

    /// <summary>Lookups: the field of the other entity that the texts are; empty for what it is called by.</summary>
    public string LookupBy { get; set; } = "";
}
