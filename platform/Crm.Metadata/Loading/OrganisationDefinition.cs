using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>The file <c>metadata/organisation.json</c>: what holds for the whole company.</summary>
public sealed record OrganisationDefinition
{
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    public Label Name { get; init; } = new("CRM");

    [Description("ISO 4217 code of the currency in which amounts are kept and summed.")]
    public string Currency { get; init; } = "USD";

    [Description("ISO 4217 codes of the further currencies in which amounts may be entered; what they are worth is in the exchange rates.")]
    public IReadOnlyList<string> Currencies { get; init; } = [];

    [Description("ISO 3166 code of the country whose way of writing telephone numbers and addresses is usual here.")]
    public string? Region { get; init; }

    [Description("Language of people who have not chosen one.")]
    public string Language { get; init; } = Label.DefaultLanguage;

    [Description("IANA name of the time zone of people who have not chosen one.")]
    public string TimeZone { get; init; } = "UTC";
}

/// <summary>The file <c>metadata/imports/&lt;name&gt;.json</c>: how a kind of file goes into an entity. All but the entity is optional.</summary>
public sealed record ImportProfile
{
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    public string Name { get; init; } = "";

    public Label? Label { get; init; }

    public required string Entity { get; init; }

    [Description("create, update or upsert; without it upsert where there is a key, else create.")]
    public string? Mode { get; init; }

    [Description("Fields, or columns of the file, whose values together say which record a row means.")]
    public IReadOnlyList<string>? Key { get; init; }

    public bool DryRun { get; init; }

    [Description("Column of the file to field; a column mapped to an empty text is left out.")]
    public IReadOnlyDictionary<string, string>? Mapping { get; init; }

    [Description("For a field or column: what a text of the file stands for.")]
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? ValueMaps { get; init; }

    [Description("For a lookup: the field of the other entity in which its text is looked up; its title field if absent.")]
    public IReadOnlyDictionary<string, string>? Lookups { get; init; }

    [Description("Lookups (or their entities) whose record is created when it is not found.")]
    public IReadOnlyList<string>? CreateMissing { get; init; }

    [Description("Texts that mean: no value.")]
    public IReadOnlyList<string>? NullValues { get; init; }

    public string? DateFormat { get; init; }

    public string? Delimiter { get; init; }

    [Description("Workbooks: name of the sheet; the first if absent.")]
    public string? Sheet { get; init; }
}
