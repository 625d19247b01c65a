namespace Crm.Data;

/// <summary>Causes that the platform itself notes with a change: a word and the id that it is about. Any other cause is words for people.</summary>
public static class Causes
{
    private const string UndoWord = "undo:", MergeWord = "merge:";

    public static string Undo(Guid changeSet) => UndoWord + changeSet.ToString("D");

    public static string Merge(Guid winner) => MergeWord + winner.ToString("D");

    public static bool IsUndo(string? cause) => Read(cause, UndoWord) is not null;

    /// <summary>The record that took the place of those that a merge deleted; null for any other cause.</summary>
    public static Guid? Winner(string? cause) => Read(cause, MergeWord);

    private static Guid? Read(string? cause, string word) =>
        cause is not null && cause.StartsWith(word, StringComparison.Ordinal) && Guid.TryParseExact(cause.AsSpan(word.Length), "D", out var id) ? id : null;
}
