using Crm.Metadata;

namespace Crm.Rules;

/// <summary>What somebody typed into a search, as the words that must each occur, in folded form.</summary>
public static class SearchWords
{
    /// <summary>Further words are not looked at.</summary>
    public const int Max = 8;

    private static readonly char[] Blanks = [' ', '\t', '\n', '\r'];

    public static IReadOnlyList<string> Of(string text) => OfFolded(Folding.Fold(text));

    /// <summary>The same for a text that is folded already; blanks of other scripts fold into the ordinary one.</summary>
    public static IReadOnlyList<string> OfFolded(string folded) => [.. folded.Split(Blanks, StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).Take(Max)];
}
