using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Crm.Rules;

/// <summary>
/// JSON may spell half a surrogate pair (<c>"\ud800"</c>) or hold bytes that are no UTF-8, and neither is a text. System.Text.Json notices only
/// when the text is asked for, and then throws; so whoever takes JSON from outside asks here first.
/// </summary>
public static class JsonText
{
    /// <summary>Whether every text and every name in it can be read.</summary>
    public static bool IsWellFormed(JsonElement json)
    {
        var bytes = JsonMarshal.GetRawUtf8Value(json);
        if (!Utf8.IsValid(bytes))
        {
            return false;
        }
        // Only an escape can spell half a pair.
        if (bytes.IndexOf("\\u"u8) < 0)
        {
            return true;
        }
        try
        {
            Read(json);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static void Read(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                json.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    Read(item);
                }
                break;
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                {
                    _ = member.Name;
                    Read(member.Value);
                }
                break;
        }
    }
}
