using System.Xml.Linq;
using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Architecture;

/// <summary>
/// The projects stand in one line, and a project sees only its left neighbour. The moment that one reference skips or turns
/// round, layers start to know each other's insides; so the drawing in platform/ARCHITECTURE.md is checked, not trusted.
/// </summary>
[NoDatabase]
public sealed class ProjectArrowsTests
{
    private static readonly Dictionary<string, string[]> Arrows = new(StringComparer.Ordinal)
    {
        ["Crm.Metadata"] = [],
        ["Crm.Rules"] = ["Crm.Metadata"],
        ["Crm.Data"] = ["Crm.Rules"],
        ["Crm.Workflow"] = ["Crm.Data"],
        ["Crm.Ui"] = ["Crm.Workflow"],
        ["Crm.Modules"] = ["Crm.Ui"],
        ["Crm.Designer"] = ["Crm.Ui"],
        ["Crm.Host"] = ["Crm.Modules", "Crm.Designer"],
        ["Crm.Tests"] = ["Crm.Host"],
        ["Crm.Tests.Browser"] = ["Crm.Host"],
        ["Crm.Benchmarks"] = ["Crm.Host"],
    };

    public static TheoryData<string> Projects =>
        [.. TrackedFiles.All.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_its_left_neighbour(string project)
    {
        var allowed = Arrows.GetValueOrDefault(Name(project))
            .ShouldNotBeNull($"{project} is not in the drawing: give it a place in platform/ARCHITECTURE.md and in this test.");
        var referenced = XDocument.Load(Repository.File(project)).Descendants("ProjectReference")
            .Select(reference => Name((string?)reference.Attribute("Include") ?? ""));
        referenced.Except(allowed, StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Fact]
    public void Every_project_of_the_drawing_exists() =>
        TrackedFiles.All.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)).Select(Name)
            .ShouldBe(Arrows.Keys, ignoreOrder: true);

    private static string Name(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));
}
