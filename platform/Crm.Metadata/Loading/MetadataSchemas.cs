using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;

namespace Crm.Metadata;

/// <summary>
/// JSON Schemas of the kinds of metadata, for editors and designers, exported from the very records that the files are read into. A field is
/// described for each field type by itself, with the options that this type has.
/// </summary>
public sealed class MetadataSchemas(Registry<FieldTypeAttribute, FieldType> fieldTypes)
{
    private const string FieldReference = "#/definitions/field";

    /// <summary>The schema of a kind; null where there is no such kind.</summary>
    public JsonObject? Of(string kind)
    {
        if (MetadataKind.Find(kind) is not { } known)
        {
            return null;
        }
        var schema = new JsonObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["title"] = kind };
        foreach (var (name, value) in Export(known.Definition))
        {
            schema[name] = value?.DeepClone();
        }
        if (schema.ToJsonString().Contains(FieldReference, StringComparison.Ordinal))
        {
            schema["definitions"] = new JsonObject { ["field"] = Field() };
        }
        return schema;
    }

    /// <summary>The text of the file that is shipped.</summary>
    public string TextOf(string kind) => Of(kind)!.ToJsonString(MetadataFiles.IndentedJson).ReplaceLineEndings("\n") + "\n";

    private JsonObject Field()
    {
        var common = Export(typeof(FieldDefinition));
        common.Remove("additionalProperties");
        var general = common["properties"]!.AsObject();
        general["type"] = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. fieldTypes.Names.Select(n => (JsonNode)n)]) };
        common["oneOf"] = new JsonArray([.. fieldTypes.Names.Select(name => (JsonNode)FieldOf(name, fieldTypes.Find(name)!, general))]);
        return common;
    }

    private static JsonObject FieldOf(string name, Type type, JsonObject general)
    {
        var members = new JsonObject();
        foreach (var (member, _) in general)
        {
            members[member] = new JsonObject();
        }
        members["type"] = new JsonObject { ["enum"] = new JsonArray(name) };
        var instance = Activator.CreateInstance(type)!;
        foreach (var (option, schema) in Export(type)["properties"]?.AsObject() ?? [])
        {
            var described = (JsonObject)schema!.DeepClone();
            if (DefaultOf(type, instance, option) is { } value && !described.ContainsKey("default"))
            {
                described["default"] = value;
            }
            members[option] = described;
        }
        return new() { ["title"] = name, ["properties"] = members, ["additionalProperties"] = false };
    }

    private static JsonNode? DefaultOf(Type type, object instance, string option)
    {
        var property = type.GetProperties().FirstOrDefault(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name) == option);
        return property?.GetValue(instance) is { } value and (bool or string or int or long or decimal or Enum) && value is not "" ? JsonSerializer.SerializeToNode(value, property.PropertyType, MetadataFiles.Json) : null;
    }

    private static JsonObject Export(Type type) =>
        (JsonObject)MetadataFiles.Json.GetJsonSchemaAsNode(type, new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = (context, node) => Transform(type, context, node) });

    private static JsonNode Transform(Type root, JsonSchemaExporterContext context, JsonNode node)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        var schema = type switch
        {
            _ when type == typeof(FieldDefinition) && root != type => new() { ["$ref"] = FieldReference },
            _ when type == typeof(Label) => TextOr(new() { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string" }, ["minProperties"] = 1 }),
            _ when type == typeof(ViewColumn) => TextOr(new()
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["field"] = new JsonObject { ["type"] = "string" }, ["width"] = new JsonObject { ["type"] = "integer" } },
                ["required"] = new JsonArray("field"),
                ["additionalProperties"] = false,
            }),
            _ when context.PropertyInfo?.CustomConverter is NameListConverter || context.PropertyInfo?.AttributeProvider?.IsDefined(typeof(System.Text.Json.Serialization.JsonConverterAttribute), false) == true && type == typeof(IReadOnlyList<string>) =>
                TextOr(new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } }),
            _ => node as JsonObject ?? [],
        };
        if (context.PropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: true).FirstOrDefault() is AllowedValuesAttribute allowed)
        {
            schema["enum"] = new JsonArray([.. allowed.Values.Select(v => JsonValue.Create((string)v!))]);
        }
        if (Description(context) is { } description && !schema.ContainsKey("description"))
        {
            schema["description"] = description;
        }
        return schema;
    }

    private static JsonObject TextOr(JsonObject other) => new() { ["oneOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, other) };

    private static string? Description(JsonSchemaExporterContext context) =>
        (context.PropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(DescriptionAttribute), inherit: true).FirstOrDefault() as DescriptionAttribute)?.Description
        ?? (context.PropertyInfo is null ? context.TypeInfo.Type.GetCustomAttribute<DescriptionAttribute>()?.Description : null);
}
