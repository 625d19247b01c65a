using System.Globalization;
using System.Text.RegularExpressions;
using Crm.Metadata;
using Crm.Tests.Architecture;
using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Metadata;

/// <summary>
/// A text is asked for by its key, and a key without a text is shown as itself. So the sources are read: what they ask for is there, in
/// every language, and what nobody asks for any more is not.
/// </summary>
[NoDatabase]
public sealed partial class TextKeysTests
{
    private const string Problem = "problem.";

    private static readonly IReadOnlyDictionary<string, string> English = Shipped.Model.Texts.Of("en");

    private static readonly string Sources = string.Join('\n', TrackedFiles.All
        .Where(path => (path.StartsWith("platform/", StringComparison.Ordinal) || path.StartsWith("designer/", StringComparison.Ordinal)) && (path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".razor", StringComparison.Ordinal)))
        .Select(path => File.ReadAllText(Repository.File(path))));

    /// <summary>Every text between quotes, up to the first place of an interpolated one, and keys in attributes, which are quoted twice.</summary>
    private static readonly HashSet<string> Literals = [.. Literal().Matches(Sources).Select(m => m.Groups["text"].Value), .. PageKey().Matches(Sources).Select(m => m.Groups["key"].Value)];

    private static string[] Prefixes => [.. Literals.Where(l => PrefixShape().IsMatch(l))];

    public static TheoryData<string> OtherLanguages => [.. Shipped.Model.Texts.Languages.Where(l => l != Label.DefaultLanguage)];

    [Theory]
    [MemberData(nameof(OtherLanguages))]
    public void Every_language_has_the_same_texts(string language) =>
        Shipped.Model.Texts.Of(language).Keys.ShouldBe(English.Keys, ignoreOrder: true);

    [Theory]
    [MemberData(nameof(OtherLanguages))]
    public void The_places_of_a_text_are_the_same_in_every_language(string language) =>
        English.Where(t => !Places(t.Value).SetEquals(Places(Shipped.Model.Texts.Of(language).GetValueOrDefault(t.Key, t.Value)))).Select(t => t.Key).ShouldBeEmpty();

    [Fact]
    public void Every_text_can_be_filled_and_braces_are_doubled_only_where_it_is()
    {
        var arguments = Enumerable.Range(0, 10).Select(i => (object)$"<{i}>").ToArray();
        foreach (var language in Shipped.Model.Texts.Languages)
        {
            foreach (var (key, text) in Shipped.Model.Texts.Of(language))
            {
                if (Places(text).Count > 0)
                {
                    Should.NotThrow(() => string.Format(CultureInfo.InvariantCulture, text, arguments), $"{key} in {language}");
                }
                else
                {
                    // A text that is asked for without arguments is shown as it stands.
                    (text.Contains("{{", StringComparison.Ordinal) || text.Contains("}}", StringComparison.Ordinal)).ShouldBeFalse($"{key} in {language}");
                }
            }
        }
    }

    [Fact]
    public void Every_problem_that_the_sources_name_has_a_text()
    {
        var codes = CodesOf(ProblemArgument()).Concat(CodesOf(BadArgument())).Concat(CodesOf(MemberArgument())).Concat(CodesOf(FaultArgument())).Concat(CodesOf(StatusArgument())).Distinct().ToList();

        codes.Count.ShouldBeGreaterThan(80, "the search for codes finds what it looks for");
        codes.Where(code => !English.ContainsKey(Problem + code)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_text_that_the_pages_ask_for_is_there()
    {
        var keys = PageKey().Matches(Sources).Select(m => m.Groups["key"].Value).Distinct().ToList();

        keys.Count.ShouldBeGreaterThan(80, "the search for keys finds what it looks for");
        keys.Where(key => key.EndsWith('.') ? !English.Keys.Any(k => k.StartsWith(key, StringComparison.Ordinal)) : !English.ContainsKey(key)).ShouldBeEmpty();
    }

    [Fact]
    public void No_text_is_left_that_nobody_asks_for() =>
        English.Keys
            .Select(key => key.StartsWith(Problem, StringComparison.Ordinal) ? key[Problem.Length..] : key)
            .Where(key => !Literals.Contains(key) && !Array.Exists(Prefixes, p => key.StartsWith(p, StringComparison.Ordinal)))
            .ShouldBeEmpty();

    private static IEnumerable<string> CodesOf(Regex call) =>
        call.Matches(Sources).SelectMany(m => Literal().Matches(m.Groups["code"].Value)).Select(m => m.Groups["text"].Value).Where(code => !code.EndsWith('.'));

    private static HashSet<string> Places(string text) => [.. Place().Matches(text.Replace("{{", "", StringComparison.Ordinal)).Select(m => m.Value)];

    [GeneratedRegex("\"(?<text>[^\"\\\\\\n{]*)[\"{]", RegexOptions.None, 5000)]
    private static partial Regex Literal();

    /// <summary>The start of a key that is put together: <c>operator.</c>, <c>history.door.</c>.</summary>
    [GeneratedRegex(@"^[a-z][a-zA-Z]*\.(?:[a-z][a-zA-Z]*\.)?$", RegexOptions.None, 1000)]
    private static partial Regex PrefixShape();

    [GeneratedRegex(@"\{\d+(?=[:}])", RegexOptions.None, 1000)]
    private static partial Regex Place();

    /// <summary><c>Problem.Of(ProblemKind.Invalid, "code"</c>, also with a choice of two codes.</summary>
    [GeneratedRegex(@"ProblemKind\.\w+,\s*(?<code>(?:[^,;()""]*\?\s*)?""[^""]*""(?:\s*:\s*""[^""]*"")?)", RegexOptions.None, 5000)]
    private static partial Regex ProblemArgument();

    /// <summary><c>Parsed.Bad("code"</c> and <c>Bad(path, "code"</c>.</summary>
    [GeneratedRegex(@"\bBad\((?:[^;""]*?,\s*)?(?<code>(?:[^,;()""]*\?\s*)?""[^""]+""(?:\s*:\s*""[^""]*"")?)", RegexOptions.None, 5000)]
    private static partial Regex BadArgument();

    /// <summary><c>At(".member", "code"</c>.</summary>
    [GeneratedRegex(@"\bAt\((?:member|\$?""[^""]*""),\s*(?<code>""[^""]+"")", RegexOptions.None, 5000)]
    private static partial Regex MemberArgument();

    [GeneratedRegex(@"\bnew(?: Fault)?\(\s*(?<code>""value\.[^""]*"")", RegexOptions.None, 5000)]
    private static partial Regex FaultArgument();

    /// <summary>Answers without fields: <c>StatusCodes.Status401Unauthorized, "signIn.needed"</c> and its kin.</summary>
    [GeneratedRegex(@"StatusCodes\.\w+\s*(?:,|=>|\?)\s*(?<code>""[^""]*""(?:\s*:\s*""[^""]*"")?)", RegexOptions.None, 5000)]
    private static partial Regex StatusArgument();

    [GeneratedRegex(@"\b(?:T|texts|Texts)\[\$?""(?<key>[a-zA-Z.]+)", RegexOptions.None, 5000)]
    private static partial Regex PageKey();
}
