using Crm.Metadata;

namespace Crm.Tests.Metadata;

/// <summary>A metadata folder that exists while a test runs; files are written into it and compiled.</summary>
public sealed class MetadataFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crm-metadata-");

    public string Path => _folder.FullName;

    /// <summary>Writes a file such as <c>entities/customer.json</c>.</summary>
    public MetadataFolder With(string file, string json)
    {
        var path = System.IO.Path.Combine(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, json);
        return this;
    }

    /// <summary>Writes an entity whose fields are given as the inside of the JSON list, and whose further members as they stand.</summary>
    public MetadataFolder WithEntity(string name, string fields, string more = "") =>
        With($"entities/{name}.json", $$"""{ "name": "{{name}}", "fields": [{{fields}}] {{(more.Length > 0 ? ", " + more : "")}} }""");

    public Model Compile() => Shipped.Compile(Path);

    public void Dispose() => _folder.Delete(recursive: true);
}
