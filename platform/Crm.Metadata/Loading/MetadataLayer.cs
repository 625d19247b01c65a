namespace Crm.Metadata;

/// <summary>One file of metadata as text.</summary>
/// <param name="Kind">Name of its <see cref="MetadataKind"/>.</param>
/// <param name="Name">Its own name, without folder and extension.</param>
/// <param name="Content">JSON; null, or a text that says <c>null</c>, takes away what earlier layers have under this name.</param>
public sealed record MetadataFile(string Kind, string Name, string? Content)
{
    /// <summary>Whether it only takes away.</summary>
    public bool IsTombstone => Content is null || Content.AsSpan().Trim() is "null";
}

/// <summary>
/// Metadata that is laid over other metadata as a whole: the product's own files, a folder of the installation, what was published in the
/// browser. A file of a later layer takes the place of an earlier one of the same kind and name.
/// </summary>
/// <param name="Name">Where it comes from, for messages; null for the product's own.</param>
/// <param name="Files">Its files.</param>
/// <param name="Problems">What could not even be read.</param>
public sealed record MetadataLayer(string? Name, IReadOnlyList<MetadataFile> Files, IReadOnlyList<MetadataProblem> Problems)
{
    /// <summary>The layer that lies in the database.</summary>
    public const string PublishedName = "published";

    /// <summary>What an administrator published.</summary>
    public static MetadataLayer Published(IEnumerable<MetadataFile> files) => new(PublishedName, [.. files], []);

    /// <summary>A folder laid out like <c>metadata/</c>.</summary>
    /// <param name="folder">Where it is.</param>
    /// <param name="isProduct">Whether it is the product's own, which messages need not name.</param>
    public static MetadataLayer OfFolder(string folder, bool isProduct = false)
    {
        var problems = new List<MetadataProblem>();
        var files = new List<MetadataFile>();
        if (!Directory.Exists(folder))
        {
            problems.Add(new(folder, "", "The metadata folder does not exist."));
        }
        foreach (var kind in MetadataKind.All)
        {
            foreach (var path in PathsOf(folder, kind))
            {
                var name = Path.GetFileNameWithoutExtension(path);
                try
                {
                    files.Add(new(kind.Name, name, File.ReadAllText(path)));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    problems.Add(new(kind.PathOf(name), "", e.Message));
                }
            }
        }
        return new(isProduct ? null : folder, files, problems);
    }

    private static IEnumerable<string> PathsOf(string folder, MetadataKind kind)
    {
        if (kind.IsSingle)
        {
            var file = Path.Combine(folder, kind.Name + ".json");
            return File.Exists(file) ? [file] : [];
        }
        var own = Path.Combine(folder, kind.Name);
        return Directory.Exists(own) ? Directory.EnumerateFiles(own, "*.json").Order(StringComparer.Ordinal) : [];
    }
}
