using System.Text.RegularExpressions;
using Crm.Tests.Databases;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Everything that the screens say exists in both languages.</summary>
[NoDatabase]
public sealed partial class TextsTests
{
    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public void Every_text_that_a_component_asks_for_is_there(string language)
    {
        var texts = Shipped.Model.Texts.Of(language);
        var asked = Directory.EnumerateFiles(Repository.File("platform", "Crm.Ui"), "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".razor", StringComparison.Ordinal) || file.EndsWith(".cs", StringComparison.Ordinal))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file => Key().Matches(File.ReadAllText(file)).Select(m => m.Groups["key"].Value))
            .Distinct()
            .ToList();

        asked.Count.ShouldBeGreaterThan(50);
        asked.Where(key => !texts.ContainsKey(key)).ShouldBeEmpty();
    }

    [Fact]
    public void Both_languages_have_the_same_texts_with_the_same_places()
    {
        var (english, chinese) = (Shipped.Model.Texts.Of("en"), Shipped.Model.Texts.Of("zh-CN"));

        chinese.Keys.Except(english.Keys).ShouldBeEmpty();
        english.Keys.Except(chinese.Keys).ShouldBeEmpty();
        english.Where(t => Places(t.Value) != Places(chinese[t.Key])).Select(t => t.Key).ShouldBeEmpty();
    }

    private static string Places(string text) => string.Join(',', Place().Matches(text).Select(m => m.Value).Order(StringComparer.Ordinal).Distinct());

    [GeneratedRegex("""(?<![A-Za-z])(?:T|texts)\["(?<key>[a-zA-Z]+\.[a-zA-Z.]+)"[\],]""", RegexOptions.None, 1000)]
    private static partial Regex Key();

    [GeneratedRegex(@"(?<!\{)\{\d\}", RegexOptions.None, 1000)]
    private static partial Regex Place();
}
