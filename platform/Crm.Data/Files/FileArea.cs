namespace Crm.Data;

/// <summary>Files under the data path. Names are made here, never taken from outside.</summary>
public sealed class FileArea(string root, IdSource ids)
{
    /// <summary>Keeps the content.</summary>
    /// <returns>The name under which it can be read again.</returns>
    public async Task<string> WriteAsync(string folder, byte[] content, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(root, folder));
        var name = folder + "/" + ids.Next().ToString("N");
        await File.WriteAllBytesAsync(PathOf(name), content, cancellationToken);
        return name;
    }

    /// <summary>A file that is being written; it is nowhere else until <see cref="Keep"/>.</summary>
    internal FileStream Begin(Guid id)
    {
        Directory.CreateDirectory(Path.Combine(root, "files", "incoming"));
        return new(Path.Combine(root, "files", "incoming", id.ToString("N")), FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024, FileOptions.Asynchronous);
    }

    internal void Keep(Guid id)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(NameOf(id)))!);
        File.Move(Path.Combine(root, "files", "incoming", id.ToString("N")), PathOf(NameOf(id)));
    }

    internal void Drop(Guid id) => File.Delete(Path.Combine(root, "files", "incoming", id.ToString("N")));

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    internal FileStream Open(Guid id) => new(PathOf(NameOf(id)), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 64 * 1024, FileOptions.Asynchronous);

    internal void Delete(Guid id)
    {
        if (File.Exists(PathOf(NameOf(id))))
        {
            File.Delete(PathOf(NameOf(id)));
        }
        foreach (var size in Thumbnails.Sizes.Where(size => File.Exists(PathOf(ThumbnailOf(id, size)))))
        {
            File.Delete(PathOf(ThumbnailOf(id, size)));
        }
    }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    internal Task<byte[]> ReadAsync(Guid id, CancellationToken cancellationToken) => ReadAsync(NameOf(id), cancellationToken);

    /// <summary>What was kept as the small picture of a file; null if nothing was.</summary>
    internal async Task<byte[]?> ReadThumbnailAsync(Guid id, int size, CancellationToken cancellationToken) =>
        PathOf(ThumbnailOf(id, size)) is var path && File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellationToken) : null;

    internal async Task WriteThumbnailAsync(Guid id, int size, byte[] content, CancellationToken cancellationToken)
    {
        var path = PathOf(ThumbnailOf(id, size));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Whole or not at all: somebody else may read it in the same moment.
        var incoming = path + "." + ids.Next().ToString("N");
        await File.WriteAllBytesAsync(incoming, content, cancellationToken);
        File.Move(incoming, path, overwrite: true);
    }

    private static string ThumbnailOf(Guid id, int size) => FormattableString.Invariant($"thumbnails/{id.ToString("N")[^2..]}/{id:N}-{size}");

    /// <summary>The last digits of an id are chance, so that folders fill evenly.</summary>
    private static string NameOf(Guid id) => id.ToString("N") is var text ? $"files/{text[^2..]}/{text}" : "";

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public Task<byte[]> ReadAsync(string name, CancellationToken cancellationToken) => File.ReadAllBytesAsync(PathOf(name), cancellationToken);

    private string PathOf(string name)
    {
        var path = Path.GetFullPath(Path.Combine(root, name));
        return path.StartsWith(Path.GetFullPath(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path : throw new FileNotFoundException("No such file.", name);
    }
}
