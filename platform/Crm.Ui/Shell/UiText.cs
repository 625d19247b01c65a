using System.Globalization;
using Crm.Data;
using Crm.Metadata;

namespace Crm.Ui.Shell;

/// <summary>The product's texts in the language of the person who looks: <c>T["list.new"]</c>.</summary>
public sealed class UiText(ModelSource models)
{
    public string this[string key, params object?[] arguments] => models.Current.Texts[key, arguments];

    /// <summary>A label inside a sentence: English begins it small, unless it is an abbreviation; other languages leave it as it is.</summary>
    public static string InSentence(Label label)
    {
        var text = label.ToString();
        var isEnglish = CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == Label.DefaultLanguage;
        return isEnglish && text.Length > 1 && char.IsUpper(text[0]) && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
    }

    /// <summary>Whether there is such a text at all, for keys that are put together from names.</summary>
    public bool Has(string key) => this[key] != key;
}
