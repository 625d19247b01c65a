using Crm.Metadata;
using Crm.Ui.Shell;

namespace Crm.Ui.Fields;

/// <summary>Kinds of addresses in the person's language; kinds that an administrator made up stand for themselves.</summary>
internal static class ContactWords
{
    public static string Kind(UiText texts, string kind) => texts.Has("contact.kind." + kind) ? texts["contact.kind." + kind] : Label.FromName(kind).ToString();
}
