using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Architecture;

/// <summary>A folder is a concept of the trade. Folders by kind scatter one change over many places, and nothing in them belongs together.</summary>
[NoDatabase]
public sealed class FolderTests
{
    private static readonly string[] ByKind = ["Models", "Services", "Helpers", "Utils", "Common", "Managers"];

    private static readonly string[] TopLevel =
    [
        "platform", "designer", "metadata", "workflows", "tests",
        "README.md", "CHANGELOG.md", "run", "test",
        "Crm.Platform.sln", "Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt", "global.json",
    ];

    [Fact]
    public void No_folder_is_named_after_a_kind_of_code() =>
        TrackedFiles.All
            .Where(path => path.Split('/')[..^1].Any(folder => ByKind.Contains(folder, StringComparer.OrdinalIgnoreCase)))
            .ShouldBeEmpty();

    [Fact]
    public void The_top_level_holds_nothing_but_the_parts_of_the_product() =>
        TrackedFiles.All.Select(path => path.Split('/')[0]).Distinct(StringComparer.Ordinal)
            .Where(name => !name.StartsWith('.'))
            .Except(TopLevel, StringComparer.Ordinal)
            .ShouldBeEmpty();
}
