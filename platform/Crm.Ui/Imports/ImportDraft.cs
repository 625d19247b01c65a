using Crm.Data;
using Crm.Metadata;

namespace Crm.Ui.Imports;

/// <summary>What the person has decided so far about a file that is to be imported.</summary>
public sealed class ImportDraft(Entity entity, string fileName, byte[] content, ImportTable table)
{
    public Entity Entity { get; } = entity;

    public string FileName { get; } = fileName;

    public byte[] Content { get; } = content;

    public ImportTable Table { get; } = table;

    public IReadOnlyList<ImportDraftColumn> Columns { get; } = Suggest(entity, table);

    /// <summary>The column that says which record a row means; empty where every row is a new record.</summary>
    public string Key { get; set; } = "";

    public string DateFormat { get; set; } = "";

    /// <summary>Texts that stand for "no value", separated by commas.</summary>
    public string NullValues { get; set; } = "";

    /// <summary>Columns that go somewhere and are suited to tell records apart.</summary>
    public IEnumerable<ImportDraftColumn> KeyColumns => Columns.Where(c => c.Field is { Type: TextualFieldType or IntegerFieldType or LookupFieldType });

    /// <summary>The options in the form in which the API takes them.</summary>
    public ImportProfile ToProfile(bool dryRun) => new()
    {
        Entity = Entity.Name,
        Key = Key.Length == 0 ? null : [Key],
        DryRun = dryRun,
        Mapping = Columns.ToDictionary(c => c.Name, c => c.Field?.Name ?? "", StringComparer.Ordinal),
        ValueMaps = Columns.Where(c => c.Field is not null && c.ValueMap.Count > 0)
            .ToDictionary(c => c.Name, c => (IReadOnlyDictionary<string, string>)c.ValueMap, StringComparer.Ordinal),
        CreateMissing = [.. Columns.Where(c => c is { CreateMissing: true, Field.Target: not null }).Select(c => c.Name)],
        NullValues = NullValues.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        DateFormat = DateFormat.Length == 0 ? null : DateFormat,
        Delimiter = Table.Delimiter,
    };

    private static List<ImportDraftColumn> Suggest(Entity entity, ImportTable table)
    {
        var columns = new List<ImportDraftColumn>();
        for (var i = 0; i < table.Columns.Count; i++)
        {
            var field = ImportTarget.Suggest(table.Columns[i], entity)?.Field;
            var samples = table.Rows.Where(r => i < r.Values.Length && r.Values[i].Length > 0).Select(r => r.Values[i]).Distinct(StringComparer.Ordinal).Take(3);
            columns.Add(new(table.Columns[i], [.. samples]) { Field = columns.Exists(c => c.Field == field) ? null : field });
        }
        return columns;
    }
}

/// <summary>One column of the file and what the person wants with it.</summary>
public sealed class ImportDraftColumn(string name, IReadOnlyList<string> samples)
{
    public string Name { get; } = name;

    /// <summary>A few of its values, to see what it holds.</summary>
    public IReadOnlyList<string> Samples { get; } = samples;

    /// <summary>Where it goes; null leaves it out.</summary>
    public Field? Field { get; set; }

    public bool CreateMissing { get; set; }

    public Dictionary<string, string> ValueMap { get; } = new(StringComparer.Ordinal);
}
