using Crm.Tests.Databases;
using Crm.Ui.Administration;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>What differs between two versions of a file.</summary>
[NoDatabase]
public sealed class LineDiffTests
{
    [Theory]
    [InlineData("a\nb\nc", "a\nx\nc", " a|-b|+x| c")]
    [InlineData("", "a", "+a")]
    [InlineData("a\r\nb", "a\nb", "…")]
    [InlineData("1\n2\n3\n4\n5\n6", "1\n2\n3\n4\n5\n6\n7", "…| 6|+7")]
    [InlineData("a\nb\nc\nd", "b\nd", "-a| b|-c| d")]
    public void Lines_that_went_and_came_stand_between_those_around_them(string before, string after, string lines) =>
        string.Join('|', LineDiff.Of(before, after, context: 1).Select(l => l.Kind switch { LineKind.Added => "+", LineKind.Removed => "-", LineKind.Left => "…", _ => " " } + l.Text)).ShouldBe(lines);

    [Fact]
    public void A_large_text_is_compared_within_a_moment()
    {
        var before = string.Join('\n', Enumerable.Range(0, 20_000));

        LineDiff.Of(before, before + "\nend", context: 0).Select(l => l.Text).ShouldBe(["", "end"]);
    }
}
