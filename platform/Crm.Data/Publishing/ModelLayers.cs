using Crm.Metadata;

namespace Crm.Data;

/// <summary>Compiles the Model from its layers: the product's files, the installation's folders, and what was published in the browser.</summary>
/// <param name="folders">Metadata folders in order, the product's own first.</param>
/// <param name="fieldTypes">The field types that there are.</param>
/// <param name="furtherTables">Tables that layers above keep for themselves.</param>
public sealed class ModelLayers(IReadOnlyList<string> folders, Registry<FieldTypeAttribute, FieldType> fieldTypes, IReadOnlyList<TableSchema>? furtherTables = null)
{
    public Registry<FieldTypeAttribute, FieldType> FieldTypes { get; } = fieldTypes;

    /// <summary>JSON Schemas of the kinds of files.</summary>
    public MetadataSchemas Schemas { get; } = new(fieldTypes);

    /// <summary>The tables that a Model needs, those of the platform included.</summary>
    /// <param name="model">The Model that the tables are for.</param>
    /// <param name="previous">The Model that they are for until now.</param>
    public DatabaseSchema SchemaOf(Model model, Model? previous = null) => SchemaOfModel.Derive(model, previous, furtherTables ?? []);

    public Model Compile(PublishedMetadata published) => Model.Compile(
        MetadataFiles.Read(folders.Select((folder, i) => MetadataLayer.OfFolder(folder, isProduct: i == 0)).Append(MetadataLayer.Published(published.Files))),
        FieldTypes,
        ModelChecks.All,
        published.Version);
}

/// <summary>What was published, and the number of the last change to it.</summary>
public sealed record PublishedMetadata(long Version, IReadOnlyList<MetadataFile> Files)
{
    public static PublishedMetadata None { get; } = new(0, []);

    /// <summary>The same with some files changed.</summary>
    public PublishedMetadata With(long version, IEnumerable<PublishedChange> changes)
    {
        var files = Files.ToDictionary(f => (f.Kind, f.Name));
        foreach (var change in changes)
        {
            if (change.After is { } after)
            {
                files[(change.Kind, change.Name)] = new(change.Kind, change.Name, after.Content);
            }
            else
            {
                files.Remove((change.Kind, change.Name));
            }
        }
        return new(version, [.. files.Values.OrderBy(f => f.Kind, StringComparer.Ordinal).ThenBy(f => f.Name, StringComparer.Ordinal)]);
    }
}

/// <summary>A file of the published layer before and after a change; null where the layer does not hold it.</summary>
public sealed record PublishedChange(string Kind, string Name, PublishedContent? Before, PublishedContent? After);

/// <summary>What the published layer says about a file: its text, or null for taking away what lies below.</summary>
public sealed record PublishedContent(string? Content);

/// <summary>One published change of the Model.</summary>
/// <param name="Number">Counts from 1.</param>
/// <param name="By">Who published it; null for the platform itself.</param>
/// <param name="ByName">That person's name now.</param>
/// <param name="Changes">The files, before and after.</param>
public sealed record ModelVersion(long Number, DateTimeOffset At, Guid? By, string? ByName, string Title, IReadOnlyList<PublishedChange> Changes);
