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
