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

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public Task<byte[]> ReadAsync(string name, CancellationToken cancellationToken) => File.ReadAllBytesAsync(PathOf(name), cancellationToken);

    private string PathOf(string name)
    {
        var path = Path.GetFullPath(Path.Combine(root, name));
        return path.StartsWith(Path.GetFullPath(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path : throw new FileNotFoundException("No such file.", name);
    }
}
