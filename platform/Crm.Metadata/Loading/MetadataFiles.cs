using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Crm.Metadata;

/// <summary>Something wrong in metadata: where it stands and what to do about it.</summary>
/// <param name="File">Path relative to the metadata folder.</param>
/// <param name="Path">JSON path inside the file, such as <c>fields[2].type</c>; empty for the file as a whole.</param>
/// <param name="Message">A sentence.</param>
public sealed record MetadataProblem(string File, string Path, string Message)
{
    /// <summary>The layer that the file belongs to; null for the product's own.</summary>
    public string? Layer { get; init; }

    public override string ToString() => $"{(Layer is null ? "" : Layer + ": ")}{File}{(Path.Length == 0 ? "" : " at " + Path)}: {Message}";
}

/// <summary>Everything that the layers of metadata say together, before it is compiled into a <see cref="Model"/>.</summary>
public sealed class MetadataFiles
{
    private readonly Dictionary<MetadataKind, Dictionary<string, Loaded>> _loaded = MetadataKind.All.ToDictionary(k => k, _ => new Dictionary<string, Loaded>(StringComparer.Ordinal));
    private readonly Dictionary<string, string?> _layers = new(StringComparer.Ordinal);
    private readonly List<MetadataProblem> _problems = [];

    public IReadOnlyDictionary<string, (string File, EntityDefinition Definition)> Entities => field ??= Of(MetadataKind.Entities);

    public IReadOnlyDictionary<string, (string File, ViewFile Definition)> Views => field ??= Of(MetadataKind.Views);

    public IReadOnlyDictionary<string, (string File, MenuDefinition Definition)> Menus => field ??= Of(MetadataKind.Menus);

    public IReadOnlyDictionary<string, (string File, DashboardDefinition Definition)> Dashboards => field ??= Of(MetadataKind.Dashboards);

    public IReadOnlyDictionary<string, (string File, ImportProfile Definition)> Imports => field ??= Of(MetadataKind.Imports);

    public IReadOnlyDictionary<string, (string File, SeedDefinition Definition)> Seeds => field ??= Of(MetadataKind.Seeds);

    public OrganisationDefinition Organisation => field ??= Of(MetadataKind.Organisation).Values.Select(o => o.Definition).FirstOrDefault(new OrganisationDefinition());

    /// <summary>Texts of the product by language, then key.</summary>
    public Dictionary<string, Dictionary<string, string>> Texts => field ??= Of(MetadataKind.Texts)
        .GroupBy(t => t.Key, t => t.Value.Definition, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(g => g.Key, g => g.SelectMany(t => t).Where(t => t.Key != "$schema").GroupBy(t => t.Key).ToDictionary(t => t.Key, t => t.Last().Value, StringComparer.Ordinal), StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<MetadataProblem> Problems => _problems;

    /// <summary>The files as they are in force, by kind and name.</summary>
    public IEnumerable<MetadataFile> Effective => _loaded.SelectMany(k => k.Value.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => new MetadataFile(k.Key.Name, f.Key, f.Value.Content)));

    /// <summary>How metadata is read and written: camelCase, comments allowed; unknown and repeated members and nulls are errors.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NullEntries.Refuse } },
    };

    /// <summary>The same, for files that people read.</summary>
    public static JsonSerializerOptions IndentedJson { get; } = new(Json) { WriteIndented = true };

    /// <summary>Reads folders in order, the first being the product's own.</summary>
    public static MetadataFiles Read(params IEnumerable<string> folders) => Read(folders.Select((folder, i) => MetadataLayer.OfFolder(folder, isProduct: i == 0)));

    /// <summary>Reads layers in order; a file of a later layer takes the place of an earlier one's with the same name, and one that cannot be read does not.</summary>
    public static MetadataFiles Read(IEnumerable<MetadataLayer> layers)
    {
        var files = new MetadataFiles();
        foreach (var layer in layers)
        {
            files._problems.AddRange(layer.Problems.Select(p => p with { Layer = layer.Name }));
            foreach (var file in layer.Files)
            {
                files.Read(file, layer.Name);
            }
        }
        return files;
    }

    /// <summary>The files of a kind by name.</summary>
    public IReadOnlyDictionary<string, (string File, T Definition)> Of<T>(MetadataKind<T> kind) where T : class =>
        _loaded[kind].ToDictionary(f => f.Key, f => (kind.PathOf(f.Key), (T)f.Value.Definition), StringComparer.Ordinal);

    /// <summary>The layer from which a file comes that is in force; null for the product's own.</summary>
    public string? LayerOf(string file) => _layers.GetValueOrDefault(file);

    private void Read(MetadataFile file, string? layer)
    {
        if (MetadataKind.Find(file.Kind) is not { } kind)
        {
            _problems.Add(new($"{file.Kind}/{file.Name}.json", "", $"There is no kind of metadata '{file.Kind}'. Known: {string.Join(", ", MetadataKind.All)}.") { Layer = layer });
            return;
        }
        var (path, known) = (kind.PathOf(file.Name), _loaded[kind]);
        if (file.IsTombstone)
        {
            known.Remove(file.Name);
            return;
        }
        try
        {
            var definition = kind.Read(file.Content!);
            if (kind.NameIn(definition) is { } name && name != file.Name)
            {
                _problems.Add(new(path, "name", $"The file is called '{file.Name}.json', so its name must be '{file.Name}', not '{name}'.") { Layer = layer });
                return;
            }
            known[file.Name] = kind.Merges && known.TryGetValue(file.Name, out var below) ? below.With((Dictionary<string, string>)definition) : new(definition, file.Content!);
            _layers[path] = layer;
        }
        catch (JsonException e)
        {
            _problems.Add(new(path, (e.Path ?? "").TrimStart('$').TrimStart('.'), JsonMessage.Clean(e)) { Layer = layer });
        }
    }

    /// <summary>A file that was read, and its text.</summary>
    private sealed record Loaded(object Definition, string Content)
    {
        /// <summary>The same with the members of a later layer laid over it.</summary>
        public Loaded With(Dictionary<string, string> over)
        {
            var merged = new Dictionary<string, string>((Dictionary<string, string>)Definition, StringComparer.Ordinal);
            foreach (var (key, text) in over)
            {
                merged[key] = text;
            }
            return new(merged, JsonSerializer.Serialize(merged, IndentedJson));
        }
    }
}

/// <summary>Turns a serializer's message into a sentence for the person who wrote the JSON.</summary>
public static class JsonMessage
{
    public static string Clean(JsonException e)
    {
        var message = e.Message;
        var path = message.IndexOf(" Path: ", StringComparison.Ordinal);
        if (path > 0)
        {
            message = message[..path];
        }
        if (message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal))
        {
            var parts = message.Split('\'');
            return parts.Length > 1 ? $"There is no member '{parts[1]}' here." : "There is an unknown member here.";
        }
        if (message.Contains("missing required properties", StringComparison.Ordinal))
        {
            var colon = message.LastIndexOf(':');
            return $"Missing: {message[(colon + 1)..].Trim().TrimEnd('.')}.";
        }
        if (message.Contains("doesn't allow setting null values", StringComparison.Ordinal))
        {
            return "The value must not be null.";
        }
        if (message.StartsWith("The JSON value could not be converted to", StringComparison.Ordinal))
        {
            return "The value has the wrong type.";
        }
        // The reader's own complaint, that this is no JSON: there the line says more than the path.
        return e is { InnerException: JsonException, LineNumber: { } line } ? $"{message} Line {line + 1}." : message;
    }
}
