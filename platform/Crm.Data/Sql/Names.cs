using System.Collections.Concurrent;
using System.Text.Json;

namespace Crm.Data;

/// <summary>How members of an enumeration are written in tables and JSON: in camelCase.</summary>
internal static class Names
{
    public static string Of<T>(T value) where T : struct, Enum => Known<T>.Texts.GetOrAdd(value, v => JsonNamingPolicy.CamelCase.ConvertName(v.ToString()));

    public static T Parse<T>(string name) where T : struct, Enum => Enum.Parse<T>(name, ignoreCase: true);

    private static class Known<T> where T : struct, Enum
    {
        public static readonly ConcurrentDictionary<T, string> Texts = new();
    }
}
