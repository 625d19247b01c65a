using System.Text.RegularExpressions;
using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Metadata;

/// <summary>The page that shows how to add an entity shows a file that works as it stands.</summary>
[NoDatabase]
public sealed partial class MetadataReadmeTests
{
    private static readonly string Page = File.ReadAllText(Repository.File("metadata", "README.md"));

    [Fact]
    public void The_example_lies_over_the_product_without_a_problem()
    {
        using var folder = new MetadataFolder().With("entities/loan.json", Example().Match(Page).Groups["json"].Value);

        var model = Shipped.Compile(Repository.File("metadata"), folder.Path);

        model.Problems.ShouldBeEmpty();
        model["loan"].Views.Select(v => v.Kind).ShouldBe(["list", "list", "kanban"]);
    }

    [Fact]
    public void Every_folder_of_metadata_is_explained()
    {
        var folders = Directory.GetDirectories(Repository.File("metadata")).Select(Path.GetFileName).Where(name => name != "schemas");

        folders.Where(name => !Page.Contains($"| `{name}/` |", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [GeneratedRegex("```json\\n(?<json>.*?)```", RegexOptions.Singleline, 1000)]
    private static partial Regex Example();
}
