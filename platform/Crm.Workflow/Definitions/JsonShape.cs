using System.Text.Json;
using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>The liberties that definition files take, in one place.</summary>
internal static class JsonShape
{
    public static readonly JsonSerializerOptions Writing = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonDocumentOptions Reading = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 200 };

    /// <summary>A list as it is, the items of <c>{"$values": [...]}</c>, or one thing as a list of itself.</summary>
    public static IEnumerable<JsonNode?> Items(JsonNode? node) => node switch
    {
        JsonArray list => (IEnumerable<JsonNode?>)list,
        JsonObject map when map["$values"] is JsonArray values => values,
        null => Array.Empty<JsonNode?>(),
        // Not a collection expression: that would be a JsonArray, and a node has one parent.
        _ => new List<JsonNode?> { node },
    };

    /// <summary>The same, each with the way to it; what is nothing is left out.</summary>
    public static IEnumerable<(string Path, JsonNode Node)> Items(JsonNode? node, string path)
    {
        var isList = node is JsonArray || (node as JsonObject)?["$values"] is JsonArray;
        foreach (var (i, item) in Items(node).Index())
        {
            if (item is not null)
            {
                yield return (isList ? $"{path}[{i}]" : path, item);
            }
        }
    }

    public static string? TextOf(JsonNode? node) => node is JsonValue value
        ? value.GetValueKind() switch
        {
            JsonValueKind.String => value.TryGetValue<string>(out var text) ? text : value.ToString(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Number => value.ToString(),
            _ => null,
        }
        : null;

    /// <summary>A member by its name in either casing.</summary>
    public static JsonNode? Member(JsonObject json, string name) =>
        json[name] ?? (json.TryGetPropertyValue(char.ToUpperInvariant(name[0]) + name[1..], out var pascal) ? pascal : null);

    public static bool? Flag(JsonNode? node) => node is JsonValue value
        ? value.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => bool.TryParse(value.GetValue<string>(), out var truth) ? truth : null,
            _ => null,
        }
        : null;

    /// <summary>Takes <c>{"_type": ..., "items"|"values": [...]}</c> wrappers away, wherever they are.</summary>
    public static JsonNode? Unwrap(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map when map.ContainsKey("_type"):
                var inner = map["items"] ?? map["values"] ?? map["_items"];
                if (inner is not null)
                {
                    return Unwrap(inner.DeepClone());
                }
                map.Remove("_type");
                return Unwrap(map);
            case JsonObject map:
                foreach (var name in map.Select(m => m.Key).ToList())
                {
                    if (map[name] is JsonObject or JsonArray && Unwrap(map[name]) is var changed && !ReferenceEquals(changed, map[name]))
                    {
                        map[name] = changed;
                    }
                }
                return map;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (Unwrap(list[i]) is var changed && !ReferenceEquals(changed, list[i]))
                    {
                        list[i] = changed;
                    }
                }
                return list;
            default:
                return node;
        }
    }
}
