using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>
/// Values in a workflow are plain: null, booleans, numbers, texts, moments, spans, ids, bytes, lists and maps of these. They go into the
/// state of an instance as JSON and come back as what their variable's type says.
/// </summary>
public static class Values
{
    public static object? FromJson(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String: return json.GetString();
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            case JsonValueKind.Number: return Number(json);
            case JsonValueKind.Array:
                var list = new List<object?>(json.GetArrayLength());
                foreach (var item in json.EnumerateArray())
                {
                    list.Add(FromJson(item));
                }
                return list;
            case JsonValueKind.Object:
                // Old tools wrap lists as {"$values": [...]}.
                if (json.TryGetProperty("$values", out var values))
                {
                    return FromJson(values);
                }
                var map = new Dictionary<string, object?>(StringComparer.Ordinal);
                foreach (var member in json.EnumerateObject())
                {
                    if (member.Name is not ("$id" or "$type"))
                    {
                        map[member.Name] = FromJson(member.Value);
                    }
                }
                return map;
            default: return null;
        }
    }

    public static object? FromJson(JsonNode? node) => node switch
    {
        null => null,
        JsonObject map when map["$values"] is { } values => FromJson(values),
        JsonObject map => map.Where(m => m.Key is not ("$id" or "$type")).ToDictionary(m => m.Key, m => FromJson(m.Value), StringComparer.Ordinal),
        JsonArray list => list.Select(FromJson).ToList(),
        JsonValue value when value.TryGetValue<JsonElement>(out var element) => FromJson(element),
        JsonValue value => value.GetValue<object>(),
        _ => null,
    };

    /// <summary>Reads a text as JSON where it is some, else leaves it the text that it is.</summary>
    public static object? Parse(string text)
    {
        try
        {
            return ReadJson(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }

    /// <summary>Reads a text that must be JSON.</summary>
    /// <exception cref="WorkflowException">It is none.</exception>
    public static object? ParseJson(string text)
    {
        try
        {
            return ReadJson(text);
        }
        catch (JsonException e)
        {
            throw new WorkflowException("value", $"'{Shorten(text)}' is no JSON.", e);
        }
    }

    public static void WriteJson(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case bool truth: json.WriteBooleanValue(truth); break;
            case int number: json.WriteNumberValue(number); break;
            case long number: json.WriteNumberValue(number); break;
            case short number: json.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case double or float when !double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)): json.WriteNullValue(); break;
            case float number: json.WriteNumberValue(number); break;
            case decimal number: json.WriteNumberValue(number); break;
            case DateTimeOffset moment: json.WriteStringValue(moment); break;
            case Guid id: json.WriteStringValue(id); break;
            case TimeSpan span: json.WriteStringValue(span.ToString("c", CultureInfo.InvariantCulture)); break;
            case byte[] bytes: json.WriteBase64StringValue(bytes); break;
            case IDictionary<string, object?> map:
                json.WriteStartObject();
                foreach (var (name, inner) in map)
                {
                    json.WritePropertyName(name);
                    WriteJson(json, inner);
                }
                json.WriteEndObject();
                break;
            case JsonNode node: node.WriteTo(json); break;
            case IEnumerable list:
                json.WriteStartArray();
                foreach (var item in list)
                {
                    WriteJson(json, item);
                }
                json.WriteEndArray();
                break;
            default: json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }

    public static string ToJson(object? value)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            WriteJson(json, value);
        }
        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>A copy that shares nothing which could be changed.</summary>
    public static object? Copy(object? value) => value switch
    {
        IDictionary<string, object?> map => map.ToDictionary(m => m.Key, m => Copy(m.Value), StringComparer.Ordinal),
        List<object?> list => list.Select(Copy).ToList(),
        _ => value,
    };

    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (IDictionary<string, object?> a, IDictionary<string, object?> b) => a.Count == b.Count && a.All(m => b.TryGetValue(m.Key, out var other) && AreEqual(m.Value, other)),
        (string a, string b) => a == b,
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(p => AreEqual(p.First, p.Second)),
        _ when IsNumber(left) && IsNumber(right) => Convert.ToDouble(left, CultureInfo.InvariantCulture).Equals(Convert.ToDouble(right, CultureInfo.InvariantCulture)),
        _ => Equals(left, right),
    };

    public static bool IsNumber(object? value) => value is int or long or double or decimal or float or short;

    /// <summary>The text of a value as people and text inputs expect it.</summary>
    public static string? ToText(object? value) => value switch
    {
        null => null,
        string text => text,
        bool truth => truth ? "true" : "false",
        DateTimeOffset moment => moment.ToString("O", CultureInfo.InvariantCulture),
        TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToBase64String(bytes),
        IDictionary or IDictionary<string, object?> or IEnumerable => ToJson(value),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    /// <summary>Converts for an input or variable of <paramref name="type"/>.</summary>
    /// <exception cref="WorkflowException">The value cannot be one.</exception>
    public static object? To(Type type, object? value)
    {
        var target = Nullable.GetUnderlyingType(type) ?? type;
        if (value is null)
        {
            return type.IsValueType && target == type ? Activator.CreateInstance(type) : null;
        }
        if (target == typeof(object) || target.IsInstanceOfType(value))
        {
            return value;
        }
        try
        {
            return Change(target, value);
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or OverflowException or ArgumentException or JsonException)
        {
            throw new WorkflowException("value", $"'{Shorten(ToText(value))}' is no {TypeAlias.NameOf(target)}.", e);
        }
    }

    private static object? Change(Type target, object value)
    {
        var text = value as string;
        if (target == typeof(string))
        {
            return ToText(value);
        }
        if (target == typeof(bool))
        {
            // What JavaScript takes for true counts as true.
            return text is not null ? bool.TryParse(text, out var truth) ? truth : text.Length > 0 && text != "0" : value is not (0 or 0L or 0d or 0m);
        }
        if (target.IsEnum)
        {
            return text is not null ? Enum.Parse(target, text, ignoreCase: true) : Enum.ToObject(target, Convert.ToInt32(value, CultureInfo.InvariantCulture));
        }
        if (text is not null && text.Trim().Length == 0 && target.IsValueType)
        {
            return Activator.CreateInstance(target);
        }
        if (target == typeof(Guid))
        {
            return Guid.Parse(text!);
        }
        if (target == typeof(TimeSpan))
        {
            return text is not null
                ? text.StartsWith('P') ? System.Xml.XmlConvert.ToTimeSpan(text) : TimeSpan.Parse(text, CultureInfo.InvariantCulture)
                : TimeSpan.FromMilliseconds(Convert.ToDouble(value, CultureInfo.InvariantCulture));
        }
        if (target == typeof(DateTimeOffset))
        {
            return value switch
            {
                DateTime moment => new DateTimeOffset(moment.ToUniversalTime(), TimeSpan.Zero),
                DateOnly day => new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero),
                string => DateTimeOffset.Parse(text!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                _ => DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
            };
        }
        if (target == typeof(byte[]))
        {
            return Convert.FromBase64String(text!);
        }
        if (target == typeof(List<string>))
        {
            return ToList(value).Select(v => ToText(v) ?? "").ToList();
        }
        if (target == typeof(List<object?>))
        {
            return ToList(value);
        }
        if (target == typeof(IDictionary<string, object?>))
        {
            return (text is not null ? Parse(text) : value) as IDictionary<string, object?> ?? throw new FormatException();
        }
        return Convert.ChangeType(value, target, CultureInfo.InvariantCulture);
    }

    /// <summary>A list stays one, JSON text is read, anything else is a list of itself.</summary>
    public static List<object?> ToList(object? value) => value switch
    {
        null => [],
        List<object?> list => list,
        string text => Parse(text) is List<object?> parsed ? parsed : text.Length == 0 ? [] : [text],
        IDictionary<string, object?> => [value],
        IEnumerable items => [.. items.Cast<object?>()],
        _ => [value],
    };

    public static string Shorten(string? text, int length = 120) => text is null ? "" : text.Length <= length ? text : text[..length] + "…";

    private static object? ReadJson(string text)
    {
        using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 256 });
        return FromJson(document.RootElement);
    }

    private static object Number(JsonElement json)
    {
        if (json.TryGetInt64(out var whole))
        {
            return whole is >= int.MinValue and <= int.MaxValue ? (object)(int)whole : whole;
        }
        // What a double holds exactly stays one; longer digits are kept as a decimal.
        var number = json.GetDouble();
        return json.TryGetDecimal(out var exact) && exact.ToString(CultureInfo.InvariantCulture).Length > 16 ? exact : number;
    }
}
