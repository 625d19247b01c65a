using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>
/// A text for people: one string for every language, or a map of language to string.
/// In JSON either <c>"Customer"</c> or <c>{"en": "Customer", "zh-CN": "客户"}</c>.
/// </summary>
[JsonConverter(typeof(LabelConverter))]
public sealed class Label
{
    /// <summary>The language that every shipped text has and to which a missing one falls back.</summary>
    public const string DefaultLanguage = "en";

    private readonly Dictionary<string, string> _byLanguage;

    public Label(string text) : this(new Dictionary<string, string> { [DefaultLanguage] = text })
    {
    }

    public Label(IReadOnlyDictionary<string, string> byLanguage)
    {
        _byLanguage = new(byLanguage, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>A label of the platform itself, in the languages that it speaks.</summary>
    public static Label Of(string english, string chinese) => new(new Dictionary<string, string> { [DefaultLanguage] = english, ["zh-CN"] = chinese });

    public IReadOnlyDictionary<string, string> ByLanguage => _byLanguage;

    /// <summary>The text in <paramref name="language"/>, else in its parent language, else in English, else any.</summary>
    public string In(string language)
    {
        if (_byLanguage.TryGetValue(language, out var exact))
        {
            return exact;
        }
        var dash = language.IndexOf('-', StringComparison.Ordinal);
        if (dash > 0 && _byLanguage.TryGetValue(language[..dash], out var parent))
        {
            return parent;
        }
        return _byLanguage.TryGetValue(DefaultLanguage, out var fallback) ? fallback : _byLanguage.Values.FirstOrDefault("");
    }

    /// <summary>The text in the language of the current user interface culture.</summary>
    public override string ToString() => In(System.Globalization.CultureInfo.CurrentUICulture.Name);

    /// <summary>A label for something that has none: <c>close_date</c> reads "Close date".</summary>
    public static Label FromName(string name)
    {
        var words = name.Replace('_', ' ').Trim();
        return new(words.Length == 0 ? name : char.ToUpperInvariant(words[0]) + words[1..]);
    }

    private sealed class LabelConverter : JsonConverter<Label>
    {
        public override Label? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                return new(reader.GetString()!);
            }
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException("A label is a text or a map of language to text.");
            }
            var map = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var language = reader.GetString()!;
                reader.Read();
                if (reader.TokenType != JsonTokenType.String)
                {
                    throw new JsonException($"The label in '{language}' is not a text.");
                }
                if (!map.TryAdd(language, reader.GetString()!))
                {
                    throw new JsonException($"The label names the language '{language}' twice.");
                }
            }
            return map.Count == 0 ? throw new JsonException("A label needs at least one language.") : new(map);
        }

        public override void Write(Utf8JsonWriter writer, Label value, JsonSerializerOptions options)
        {
            if (value._byLanguage.Count == 1 && value._byLanguage.TryGetValue(DefaultLanguage, out var only))
            {
                writer.WriteStringValue(only);
                return;
            }
            writer.WriteStartObject();
            foreach (var (language, text) in value._byLanguage)
            {
                writer.WriteString(language, text);
            }
            writer.WriteEndObject();
        }
    }
}
