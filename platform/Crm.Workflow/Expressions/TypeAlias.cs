using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>
/// The names under which definitions speak of types. Older files carry assembly-qualified names; the last word of such a name is what counts.
/// </summary>
public static class TypeAlias
{
    private static readonly FrozenDictionary<string, Type> Types = new Dictionary<string, Type>(StringComparer.OrdinalIgnoreCase)
    {
        ["Int16"] = typeof(short),
        ["Int32"] = typeof(int),
        ["Int64"] = typeof(long),
        ["Long"] = typeof(long),
        ["Single"] = typeof(float),
        ["Double"] = typeof(double),
        ["Decimal"] = typeof(decimal),
        ["Object"] = typeof(object),
        ["String"] = typeof(string),
        ["Boolean"] = typeof(bool),
        ["ByteArray"] = typeof(byte[]),
        ["Guid"] = typeof(Guid),
        ["DateTime"] = typeof(DateTimeOffset),
        ["DateTimeOffset"] = typeof(DateTimeOffset),
        ["TimeSpan"] = typeof(TimeSpan),
        ["Stream"] = typeof(byte[]),
        ["JSON"] = typeof(object),
        ["ExpandoObject"] = typeof(object),
        ["JsonElement"] = typeof(object),
        ["JsonNode"] = typeof(object),
        ["JsonObject"] = typeof(IDictionary<string, object?>),
        ["JsonArray"] = typeof(List<object?>),
        ["StringDictionary"] = typeof(IDictionary<string, object?>),
        ["ObjectDictionary"] = typeof(IDictionary<string, object?>),
        ["StringMap"] = typeof(IDictionary<string, object?>),
        ["ObjectMap"] = typeof(IDictionary<string, object?>),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> Names => Types.Keys.Order(StringComparer.Ordinal);

    /// <summary>The type that values of this name are kept as; null if the name is unknown.</summary>
    public static Type? Find(string name)
    {
        const string Unregistered = "UnregisteredClrType:";
        var text = name.StartsWith(Unregistered, StringComparison.Ordinal) ? name[Unregistered.Length..] : name;
        if (Types.TryGetValue(text, out var known))
        {
            return known;
        }
        if (text.StartsWith("List<", StringComparison.Ordinal) || text.EndsWith("[]", StringComparison.Ordinal) || text.Contains("Collections.Generic.List`1", StringComparison.Ordinal) ||
            text.Contains("ICollection`1", StringComparison.Ordinal) || text.Contains("IEnumerable`1", StringComparison.Ordinal))
        {
            return typeof(List<object?>);
        }
        if (text.Contains("IDictionary`2", StringComparison.Ordinal) || text.Contains("Dictionary`2", StringComparison.Ordinal) || text.StartsWith("Dictionary<", StringComparison.Ordinal))
        {
            return typeof(IDictionary<string, object?>);
        }
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        var full = comma < 0 ? text : text[..comma];
        return (comma >= 0 || full.StartsWith("System.", StringComparison.Ordinal)) && Types.TryGetValue(full[(full.LastIndexOf('.') + 1)..], out var last) ? last : null;
    }

    /// <summary>Whether values of this name are written as JSON, whatever they are.</summary>
    public static bool IsJson(string name)
    {
        var full = name.Split(',')[0];
        return full[(full.LastIndexOf('.') + 1)..].ToUpperInvariant() is "JSON" or "EXPANDOOBJECT" or "JSONELEMENT" or "JSONNODE";
    }

    /// <summary>The name of a type as designers know it.</summary>
    public static string NameOf(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? NameOf(inner)
        : type == typeof(DateTimeOffset) ? "DateTimeOffset"
        : type == typeof(long) ? "Int64"
        : type == typeof(object) || typeof(JsonNode).IsAssignableFrom(type) ? "Object"
        : type == typeof(byte[]) ? "ByteArray"
        : type == typeof(List<string>) ? "List<String>"
        : type == typeof(List<object?>) ? "List<Object>"
        : type == typeof(IDictionary<string, object?>) ? "ObjectDictionary"
        : type.Name;
}
