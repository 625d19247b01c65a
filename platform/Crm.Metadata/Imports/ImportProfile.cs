using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>The file <c>metadata/imports/&lt;name&gt;.json</c>, and the options of a request: how a kind of file goes into an entity, or into several.</summary>
public sealed record ImportProfile
{
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    public string Name { get; init; } = "";

    public Label? Label { get; init; }

    [Description("What the file is and where it comes from, for the person who chooses the profile.")]
    public Label? Help { get; init; }

    [Description("Requests: name of the profile that the other options are laid over.")]
    public string? Profile { get; init; }

    [Description("Name of the entity that the rows become records of; absent where there are steps.")]
    public string Entity { get; init; } = "";

    [Description("create, update or upsert; without it upsert where there is a key, else create.")]
    public string? Mode { get; init; }

    [Description("Fields, or columns of the file, whose values together say which record a row means.")]
    public IReadOnlyList<string>? Key { get; init; }

    [Description("What becomes of a row whose key an earlier row had: refuse (the default), skip, or update, which lets the rows of a record follow each other.")]
    public string? Repeats { get; init; }

    public bool DryRun { get; init; }

    [Description("Column of the file to field; a part of a value by its path, such as address.city. A column mapped to an empty text is left out.")]
    public IReadOnlyDictionary<string, string>? Mapping { get; init; }

    [Description("Whether columns that the mapping does not name are left out instead of being recognised by name.")]
    public bool? OnlyMapped { get; init; }

    [Description("Columns made of those of the file: fixed texts, the row's number, columns joined, split or multiplied.")]
    public IReadOnlyList<ImportComputedColumn>? Computed { get; init; }

    [Description("A condition over the columns of the file, computed ones included, all of them texts; other rows are left out.")]
    public JsonElement? Where { get; init; }

    [Description("For a field or column: what a text of the file stands for.")]
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? ValueMaps { get; init; }

    [Description("For a lookup: the field of the other entity in which its text is looked up; its title field if absent.")]
    public IReadOnlyDictionary<string, string>? Lookups { get; init; }

    [Description("Lookups (or their entities) whose record is created when it is not found.")]
    public IReadOnlyList<string>? CreateMissing { get; init; }

    [Description("Texts that mean: no value.")]
    public IReadOnlyList<string>? NullValues { get; init; }

    [Description("Form of days and moments, such as M/d/yyyy or dd-MM-yyyy HH:mm; found out for each column if absent.")]
    public string? DateFormat { get; init; }

    [Description("Sign before the digits that are no longer whole: a point or a comma; found out if absent.")]
    public string? Decimal { get; init; }

    [Description("What separates values; found out if absent.")]
    public string? Delimiter { get; init; }

    [Description("utf-8, utf-16, windows-1252, gb18030 or any other name of an encoding; found out if absent.")]
    public string? Encoding { get; init; }

    [Description("Whether the first row names the columns; found out if absent. Without a heading they are called column 1, column 2, ...")]
    public bool? Header { get; init; }

    [Description("Column that takes what is too much in a row: text with the delimiter in it that was written without quotes.")]
    public string? Spill { get; init; }

    [Description("Workbooks: name of the sheet; the first if absent.")]
    public string? Sheet { get; init; }

    [Description("refuse (the default) or allow: whether a probable duplicate of another record goes in.")]
    public string? Duplicates { get; init; }

    [Description("Column with the moment to note for each change instead of now, for what already has a history; administrators only.")]
    public string? ChangedAt { get; init; }

    [Description("Several entities from one file: profiles that are run one after the other and inherit what they do not say themselves.")]
    public IReadOnlyList<ImportProfile>? Steps { get; init; }

    /// <summary>These options laid over those of a profile: what is said here wins, entry by entry in lists of names.</summary>
    public ImportProfile Over(ImportProfile below) => below with
    {
        Schema = null,
        Profile = null,
        Entity = Entity.Length > 0 ? Entity : below.Entity,
        Mode = Mode ?? below.Mode,
        Key = Key ?? below.Key,
        Repeats = Repeats ?? below.Repeats,
        DryRun = DryRun || below.DryRun,
        Mapping = Merge(Mapping, below.Mapping),
        OnlyMapped = OnlyMapped ?? below.OnlyMapped,
        Computed = Computed is null ? below.Computed : [.. below.Computed ?? [], .. Computed],
        Where = Where ?? below.Where,
        ValueMaps = MergeMaps(ValueMaps, below.ValueMaps),
        Lookups = Merge(Lookups, below.Lookups),
        CreateMissing = CreateMissing ?? below.CreateMissing,
        NullValues = NullValues ?? below.NullValues,
        DateFormat = DateFormat ?? below.DateFormat,
        Decimal = Decimal ?? below.Decimal,
        Delimiter = Delimiter ?? below.Delimiter,
        Encoding = Encoding ?? below.Encoding,
        Header = Header ?? below.Header,
        Sheet = Sheet ?? below.Sheet,
        Spill = Spill ?? below.Spill,
        Duplicates = Duplicates ?? below.Duplicates,
        ChangedAt = ChangedAt ?? below.ChangedAt,
        Steps = Steps ?? below.Steps,
    };

    /// <summary>What is run: the steps, each with what it inherits, or the profile itself where it has none.</summary>
    public IReadOnlyList<ImportProfile> Runs() => Steps is { Count: > 0 } steps
        ? [.. steps.Select(step => step.Over(this with { Entity = "", Label = step.Label, Help = step.Help, Name = step.Name, Steps = null }) with { Steps = step.Steps })]
        : [this];

    private static Dictionary<string, IReadOnlyDictionary<string, string>>? MergeMaps(IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? over, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? below)
    {
        var merged = Merge(over, below);
        foreach (var both in (merged?.Keys ?? Enumerable.Empty<string>()).Where(k => below?.ContainsKey(k) == true && over?.ContainsKey(k) == true).ToList())
        {
            merged![both] = Merge(over![both], below![both])!;
        }
        return merged;
    }

    private static Dictionary<string, T>? Merge<T>(IReadOnlyDictionary<string, T>? over, IReadOnlyDictionary<string, T>? below)
    {
        if (over is null && below is null)
        {
            return null;
        }
        var merged = new Dictionary<string, T>(below ?? new Dictionary<string, T>(), StringComparer.Ordinal);
        foreach (var (key, value) in over ?? new Dictionary<string, T>())
        {
            merged[key] = value;
        }
        return merged;
    }
}

/// <summary>A column made of others. It says one of <see cref="Text"/> and <see cref="Of"/>.</summary>
public sealed record ImportComputedColumn
{
    [Description("What the column is called in mapping, value maps and conditions.")]
    public required string Name { get; init; }

    [Description("A text with columns in braces, such as \"{first} {last}\"; {row} is the row's number, from 1. Empty where all its columns are.")]
    public string? Text { get; init; }

    [Description("The column of which a piece is taken or that is calculated with.")]
    public string? Of { get; init; }

    [Description("With of: what its pieces are separated by.")]
    public string? Separator { get; init; }

    [Description("With separator: which piece, from 1; from the end if negative.")]
    public int? Part { get; init; }

    [Description("With part: the piece and all that follow it.")]
    public bool Rest { get; init; }

    [Description("With of: a regular expression; its first group, or what it matches. Empty where it does not.")]
    public string? Pattern { get; init; }

    [Description("With of: the number that is multiplied with, such as -1 or 100.")]
    public decimal? Times { get; init; }

    [Description("With of: columns that are multiplied with.")]
    public IReadOnlyList<string>? By { get; init; }

    [Description("With of: the number that is added last.")]
    public decimal? Plus { get; init; }
}
