using System.Text.Json;
using Crm.Metadata;

namespace Crm.Ui.Gallery;

/// <summary>
/// The entity whose fields stand in the gallery: one for every field type that is registered and every further shape that it has samples of. It belongs
/// to a Model of its own, so that nothing of it reaches the installation's.
/// </summary>
public sealed class GallerySheet
{
    private const string Sheet = "sample";

    private GallerySheet(Entity entity, IReadOnlyDictionary<string, Field> fields) => (Entity, Fields) = (entity, fields);

    public Entity Entity { get; }

    /// <summary>The field of each sample, by the sample's name.</summary>
    public IReadOnlyDictionary<string, Field> Fields { get; }

    public static GallerySheet Compile(Registry<FieldTypeAttribute, FieldType> types)
    {
        // A rollup has the look of what it sums up.
        string[] names = [.. types.Names.Where(n => types.Find(n) != typeof(RollupFieldType)).Union(FieldSamples.Names).Append("condition").Order(StringComparer.Ordinal)];
        var fields = names.Select(n => DefinitionOf(n));
        MetadataFile[] files =
        [
            new("organisation", "organisation", """{"currency": "USD", "currencies": ["EUR", "JPY", "KWD"]}"""),
            EntityFile("team", """{"name": "name", "type": "text"}"""),
            EntityFile("user", """{"name": "name", "type": "text"}"""),
            EntityFile("line", """{"name": "name", "type": "text"}, {"name": "size", "type": "integer"}, {"name": "sample", "type": "lookup", "target": "sample"}"""),
            EntityFile(Sheet, string.Join(", ", fields.Prepend("""{"name": "title", "type": "text"}""")), """, "icon": "palette", "titleField": "title" """),
        ];
        var model = Model.Compile(MetadataFiles.Read([new MetadataLayer("gallery", files, [])]), types);
        return new(model[Sheet], names.Select(n => (n, model[Sheet].Find(NameOf(n)))).Where(f => f.Item2 is not null).ToDictionary(f => f.n, f => f.Item2!, StringComparer.Ordinal));
    }

    /// <summary>Values of a sample.</summary>
    public static IEnumerable<object> ValuesOf(string name, Field field) => field.Type is AutonumberFieldType ? ["N-0042"] : JsonOf(name).Select(json =>
    {
        using var document = JsonDocument.Parse(json);
        return field.Type.FromJson(document.RootElement).Value;
    }).OfType<object>();

    private static IReadOnlyList<string> JsonOf(string name) => name switch
    {
        "rows" => ["""[{"name": "a", "size": 2}, {"name": "b", "size": 3}]"""],
        "links" => [$$"""[{"id": "{{FieldSamples.TargetId(1)}}", "role": "x"}]"""],
        "condition" => ["""{"field": "name", "op": "contains", "value": "a"}"""],
        _ => [.. FieldSamples.Find(name).Values.Select(v => v.Replace("\"other\"", "\"user\"", StringComparison.Ordinal))],
    };

    private static string DefinitionOf(string name) => name switch
    {
        "rows" => """{"name": "rows", "type": "rows", "target": "line"}""",
        "links" => """{"name": "links", "type": "links", "target": "user", "columns": [{"name": "role", "type": "text"}]}""",
        "condition" => $$"""{"name": "{{NameOf(name)}}", "type": "json", "conditionOver": "user"}""",
        // What is pointed to is asked for by title, so it must be there in every installation.
        _ => FieldSamples.Find(name).Definition(NameOf(name)).Replace("\"other\", \"user\"", "\"user\", \"team\"", StringComparison.Ordinal).Replace("\"other\"", "\"user\"", StringComparison.Ordinal),
    };

    private static string NameOf(string sample) => "f_" + sample.Replace(':', '_').ToLowerInvariant() is { Length: > 2 } name && sample is not ("rows" or "links") ? name : sample;

    private static MetadataFile EntityFile(string name, string fields, string more = "") => new("entities", name, $$"""{ "name": "{{name}}", "fields": [{{fields}}]{{more}} }""");
}
