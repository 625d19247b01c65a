using Crm.Data;

namespace Crm.Ui.Shell;

/// <summary>The product's texts in the language of the person who looks: <c>T["list.new"]</c>.</summary>
public sealed class UiText(ModelSource models)
{
    public string this[string key, params object?[] arguments] => models.Current.Texts[key, arguments];

    /// <summary>Whether there is such a text at all, for keys that are put together from names.</summary>
    public bool Has(string key) => this[key] != key;
}
