using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>The file <c>metadata/views/&lt;name&gt;.json</c>: a view that stands beside those in its entity's file, such as one that a module or an installation adds.</summary>
public sealed record ViewFile : ViewDefinition
{
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    [Description("The entity whose records it shows.")]
    public required string Entity { get; init; }
}
