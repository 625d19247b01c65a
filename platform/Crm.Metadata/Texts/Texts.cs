using System.Globalization;

namespace Crm.Metadata;

/// <summary>The product's own texts by language and key, from <c>metadata/i18n</c>; what has a label of its own is not here.</summary>
public sealed class Texts(IReadOnlyDictionary<string, Dictionary<string, string>> byLanguage)
{
    /// <summary>Languages with a file of texts, in alphabetical order.</summary>
    public IReadOnlyList<string> Languages { get; } = [.. byLanguage.Keys.Order(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Texts of one language; empty for a language without a file.</summary>
    public IReadOnlyDictionary<string, string> Of(string language) => byLanguage.GetValueOrDefault(language) ?? [];

    /// <summary>The text in the current user interface culture, its places {0}, {1}, ... filled. A missing key is shown as itself.</summary>
    public string this[string key, params object?[] arguments] => In(CultureInfo.CurrentUICulture, key, arguments);

    public string In(CultureInfo culture, string key, params object?[] arguments)
    {
        var text = Find(culture.Name, key) ?? Find(culture.TwoLetterISOLanguageName, key) ?? Find(Label.DefaultLanguage, key) ?? key;
        return arguments.Length == 0 ? text : string.Format(culture, text, arguments);
    }

    private string? Find(string language, string key) => byLanguage.TryGetValue(language, out var texts) ? texts.GetValueOrDefault(key) : null;
}
