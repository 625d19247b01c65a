using System.Text.Json;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Crm.Metadata;

/// <summary>Something wrong in metadata: where it stands and what to do about it.</summary>
/// <param name="File">Path relative to the metadata folder.</param>
/// <param name="Path">JSON path inside the file, such as <c>fields[2].type</c>; empty for the file as a whole.</param>
public sealed record MetadataProblem(string File, string Path, string Message)
{
    public override string ToString() => Path.Length == 0 ? $"{File}: {Message}" : $"{File} at {Path}: {Message}";
}

/// <summary>Everything that the files of the metadata folders say, before it is compiled into a <see cref="Model"/>.</summary>
public sealed class MetadataFiles
{
    private readonly List<MetadataProblem> _problems = [];

    public Dictionary<string, (string File, EntityDefinition Definition)> Entities { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, (string File, MenuDefinition Definition)> Menus { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, (string File, ImportProfile Definition)> Imports { get; } = new(StringComparer.Ordinal);

    public OrganisationDefinition Organisation { get; private set; } = new();

    /// <summary>Texts of the product by language, then key.</summary>
    public Dictionary<string, Dictionary<string, string>> Texts { get; } = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<MetadataProblem> Problems => _problems;

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

    /// <summary>Reads the folders in order; a file of a later folder takes the place of an earlier one's with the same name.</summary>
    public static MetadataFiles Read(params IEnumerable<string> folders)
    {
        var files = new MetadataFiles();
        foreach (var folder in folders)
        {
            files.ReadFolder(folder);
        }
        return files;
    }

    /// <summary>JSON Schema of a kind of file: entities, menus, imports or organisation. Null for an unknown kind.</summary>
    public static System.Text.Json.Nodes.JsonNode? SchemaOf(string kind) => kind switch
    {
        "entities" => Json.GetJsonSchemaAsNode(typeof(EntityDefinition)),
        "menus" => Json.GetJsonSchemaAsNode(typeof(MenuDefinition)),
        "imports" => Json.GetJsonSchemaAsNode(typeof(ImportProfile)),
        "organisation" => Json.GetJsonSchemaAsNode(typeof(OrganisationDefinition)),
        _ => null,
    };

    private void ReadFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            _problems.Add(new(folder, "", "The metadata folder does not exist."));
            return;
        }
        ReadKind(folder, "entities", Entities, d => d.Name);
        ReadKind(folder, "menus", Menus, d => d.Name);
        ReadKind(folder, "imports", Imports, d => d.Name);
        if (ReadFile<OrganisationDefinition>(folder, Path.Combine(folder, "organisation.json")) is { } organisation)
        {
            Organisation = organisation;
        }
        foreach (var file in JsonFiles(Path.Combine(folder, "i18n")))
        {
            if (ReadFile<Dictionary<string, string>>(folder, file) is { } texts)
            {
                var language = Path.GetFileNameWithoutExtension(file);
                var known = Texts.TryGetValue(language, out var existing) ? existing : Texts[language] = new(StringComparer.Ordinal);
                foreach (var (key, text) in texts)
                {
                    known[key] = text;
                }
            }
        }
    }

    private void ReadKind<T>(string folder, string kind, Dictionary<string, (string, T)> into, Func<T, string> nameOf) where T : class
    {
        foreach (var file in JsonFiles(Path.Combine(folder, kind)))
        {
            if (ReadFile<T>(folder, file) is not { } definition)
            {
                continue;
            }
            var name = nameOf(definition);
            if (name != Path.GetFileNameWithoutExtension(file))
            {
                _problems.Add(new(Relative(folder, file), "name", $"The file is called '{Path.GetFileName(file)}', so its name must be '{Path.GetFileNameWithoutExtension(file)}', not '{name}'."));
                continue;
            }
            into[name] = (Relative(folder, file), definition);
        }
    }

    private T? ReadFile<T>(string folder, string file) where T : class
    {
        if (!File.Exists(file))
        {
            return null;
        }
        try
        {
            using var stream = File.OpenRead(file);
            return JsonSerializer.Deserialize<T>(stream, Json) ?? throw new JsonException("The file holds null.");
        }
        catch (JsonException e)
        {
            _problems.Add(new(Relative(folder, file), (e.Path ?? "").TrimStart('$').TrimStart('.'), JsonMessage.Clean(e)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _problems.Add(new(Relative(folder, file), "", e.Message));
        }
        return null;
    }

    private static IEnumerable<string> JsonFiles(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal) : [];

    private static string Relative(string folder, string file) => Path.GetRelativePath(folder, file).Replace('\\', '/');
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
