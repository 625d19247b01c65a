using System.Text.Json;
using Crm.Metadata;

namespace Crm.Host.OpenApi;

/// <summary>JSON Schema of a field's values in the API.</summary>
internal static class FieldSchema
{
    public static void Write(Utf8JsonWriter json, Field field, bool isInput)
    {
        json.WriteStartObject();
        var type = field.Type;
        switch (type)
        {
            case MoneyFieldType: Reference(json, "Money"); break;
            case FileBasedFieldType { IsMany: true }:
                json.WriteString("type", "array");
                json.WritePropertyName("items");
                json.WriteStartObject();
                Reference(json, "File");
                json.WriteEndObject();
                break;
            case FileBasedFieldType: Reference(json, "File"); break;
            default:
                if (Primitive(type.ValueType) is var (name, format) && name is not null)
                {
                    Type(json, name, field, isInput);
                    if (format is not null)
                    {
                        json.WriteString("format", format);
                    }
                }
                break;
        }
        if (type is ChoiceFieldType choice)
        {
            json.WriteStartArray("enum");
            foreach (var option in choice.Options)
            {
                json.WriteStringValue(option.Value);
            }
            if (!field.Definition.Required || !isInput)
            {
                json.WriteNullValue();
            }
            json.WriteEndArray();
        }
        if (type is TextualFieldType text && !field.IsSystem)
        {
            json.WriteNumber("maxLength", text.MaxLength);
        }
        json.WriteString("title", field.Label.ToString());
        if (field.Definition.Help is { } help)
        {
            json.WriteString("description", help.ToString());
        }
        if (!field.IsWritable)
        {
            json.WriteBoolean("readOnly", true);
        }
        json.WriteEndObject();
    }

    public static void Reference(Utf8JsonWriter json, string schema) => json.WriteString("$ref", "#/components/schemas/" + schema);

    /// <summary>Any field may be empty, apart from those that the platform fills or that are required.</summary>
    private static void Type(Utf8JsonWriter json, string name, Field field, bool isInput)
    {
        if (field.Name is SystemFields.Id or SystemFields.Version || (isInput && field.Definition.Required))
        {
            json.WriteString("type", name);
            return;
        }
        json.WriteStartArray("type");
        json.WriteStringValue(name);
        json.WriteStringValue("null");
        json.WriteEndArray();
    }

    /// <summary>Types that say nothing of themselves may be anything.</summary>
    private static (string? Name, string? Format) Primitive(Type type) =>
        type == typeof(string) ? ("string", null)
        : type == typeof(long) ? ("integer", "int64")
        : type == typeof(decimal) ? ("number", null)
        : type == typeof(bool) ? ("boolean", null)
        : type == typeof(DateOnly) ? ("string", "date")
        : type == typeof(DateTimeOffset) ? ("string", "date-time")
        : type == typeof(Guid) ? ("string", "uuid")
        : (null, null);
}
