using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>
/// Which records a lookup may point to: a condition over the target in which <c>{"field": name}</c> names a field of the record that
/// points. While such a field is empty, its comparison does not narrow: a contact can be chosen before its customer is.
/// </summary>
public static class LookupFilter
{
    /// <summary>The condition for a record as it stands, as JSON; null if the lookup has none.</summary>
    public static string? TextFor(Field lookup, Record? record) => lookup.Type is LookupFieldType { Filter: { } filter } && lookup.Target is not null
        ? Bind(JsonNode.Parse(filter.GetRawText())!, lookup.Entity, record)?.ToJsonString() ?? "{\"all\":[]}"
        : null;

    /// <exception cref="ProblemException">The metadata holds no condition over the target.</exception>
    public static Condition? For(Field lookup, Record? record) => TextFor(lookup, record) is { } text ? ConditionReader.Read(text, lookup.Target!) : null;

    private static JsonNode? Bind(JsonNode node, Entity entity, Record? record)
    {
        if (node is not JsonObject condition)
        {
            return node.DeepClone();
        }
        var bound = new JsonObject();
        foreach (var (name, value) in condition)
        {
            switch (name, value)
            {
                case ("all" or "any", JsonArray parts):
                    bound[name] = new JsonArray([.. parts.Select(p => Bind(p!, entity, record) ?? JsonNode.Parse(name == "all" ? "{\"all\":[]}" : "{\"any\":[]}"))]);
                    break;
                case ("not", not null):
                    if (Bind(value, entity, record) is not { } inner)
                    {
                        return null;
                    }
                    bound[name] = inner;
                    break;
                case ("value", JsonObject reference) when reference["field"]?.GetValueKind() == JsonValueKind.String && entity.Find((string)reference["field"]!) is { } own:
                    if (record?[own] is not { } known)
                    {
                        return null;
                    }
                    bound[name] = JsonOf(own, known);
                    break;
                default:
                    bound[name] = value?.DeepClone();
                    break;
            }
        }
        return bound;
    }

    private static JsonNode? JsonOf(Field field, object value)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            field.Type.WriteJson(json, value);
        }
        return JsonNode.Parse(stream.ToArray());
    }
}
