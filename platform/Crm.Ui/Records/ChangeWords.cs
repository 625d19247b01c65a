using Crm.Data;
using Crm.Metadata;
using Crm.Ui.Fields;
using Crm.Ui.Shell;

namespace Crm.Ui.Records;

/// <summary>Changes in sentences: "changed the stage from Proposal to Won".</summary>
public sealed class ChangeWords(UiText texts, FieldText words)
{
    private const int Longest = 120;

    public string Who(AuditEntry entry) => entry.ByName ?? texts["history.platform"];

    /// <summary>What somebody did to one field.</summary>
    public string Of(FieldChange change, IReadOnlyDictionary<Guid, string> titles)
    {
        var label = UiText.InSentence(change.Field.Label);
        return change.Field.Type is LongTextFieldType or RichTextFieldType or MarkdownFieldType or JsonFieldType or SecretFieldType or SignatureFieldType or CollectionFieldType
            ? texts["change.text", label]
            : (change.Before, change.After) switch
            {
                (null, { } after) => texts["change.set", label, Text(change.Field, after, titles)],
                ({ } before, null) => texts["change.cleared", label, Text(change.Field, before, titles)],
                _ => texts["change.from", label, Text(change.Field, change.Before, titles), Text(change.Field, change.After, titles)],
            };
    }

    /// <summary>By which way it came in, and why, where there is something to be said of it.</summary>
    public string? Circumstance(AuditEntry entry) =>
        Causes.IsUndo(entry.Cause) ? texts["history.undo"]
        : Causes.Winner(entry.Cause) is not null ? texts["history.merge"]
        : entry.Cause is { Length: > 0 } cause ? cause
        : entry.Door is Door.Form ? null
        : texts[$"history.door.{entry.Door.ToString().ToLowerInvariant()}"];

    /// <summary>A text that is too long for its place, ended between two characters as people see them.</summary>
    public static string Cut(string text, int longest)
    {
        if (text.Length <= longest)
        {
            return text;
        }
        var ends = System.Globalization.StringInfo.ParseCombiningCharacters(text[..Math.Min(text.Length, longest + 16)]);
        return text[..Array.FindLast(ends, end => end <= longest)].TrimEnd() + "…";
    }

    private string Text(Field field, object? value, IReadOnlyDictionary<Guid, string> titles) =>
        Cut(value is null ? texts["filter.empty"] : words.Of(field, value, field.PointedTo(value) is { } to ? titles.GetValueOrDefault(to.Id) : null), Longest);
}
