namespace Crm.Workflow;

/// <summary>A version of a definition, without its model.</summary>
public sealed record DefinitionVersion(string Id, string DefinitionId, int Version, string Name, string TypeName, bool IsLatest, bool IsPublished, bool UsableAsActivity, string Layer, long Revision, DateTimeOffset ChangedAt)
{
    public string? Description { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public bool IsReadonly { get; init; }

    public bool IsSystem { get; init; }
}
