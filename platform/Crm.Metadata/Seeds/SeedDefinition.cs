using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>The file <c>metadata/seeds/&lt;name&gt;.json</c>: records that an installation begins with, and that are its own from then on.</summary>
public sealed record SeedDefinition
{
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    public required string Name { get; init; }

    [Description("What the records are and where they come from, for whoever reads the file.")]
    public Label? Help { get; init; }

    [Description("Name of the entity whose records they are.")]
    public required string Entity { get; init; }

    [Description("Fields whose values together tell the records apart. A record is brought once; where there is one with the same values already, it is left alone.")]
    public required IReadOnlyList<string> Key { get; init; }

    [Description("ISO 4217 code: the records are brought only where this is the organisation's currency, as for rates and prices that are meant in it.")]
    public string? OnlyForCurrency { get; init; }

    [Description("The records, each by the names of its fields, with values as in the API; one that others point to has an id of its own.")]
    public required IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> Records { get; init; }
}
