using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Crm.Metadata;

/// <summary>
/// Refuses null inside lists and maps. The serializer guards members against null but not what lies in their collections, and one
/// such entry, a stray <c>null</c> left in a list of fields, would stop the whole Model instead of one file.
/// </summary>
internal static class NullEntries
{
    public static void Refuse(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.Set is { } set && property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(property.PropertyType))
            {
                property.Set = (owner, value) =>
                {
                    Check(value);
                    set(owner, value);
                };
            }
        }
    }

    private static void Check(object? collection)
    {
        if (collection is IDictionary map)
        {
            foreach (DictionaryEntry entry in map)
            {
                Check(entry.Value, $"'{entry.Key}'");
            }
        }
        else if (collection is IList list)
        {
            for (var i = 0; i < list.Count; i++)
            {
                Check(list[i], $"[{i}]");
            }
        }
    }

    private static void Check(object? entry, string place)
    {
        if (entry is null)
        {
            throw new JsonException($"The entry {place} must not be null.");
        }
        Check(entry);
    }
}
