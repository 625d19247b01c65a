using Bunit;
using Crm.Data;
using Crm.Ui.Administration;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>A file of a published version, as the page of versions lists it.</summary>
public sealed class VersionChangeTests
{
    [Fact]
    public async Task What_differs_is_found_out_when_somebody_opens_it()
    {
        await using var screen = await Screen.OpenAsync();
        var change = screen.Render<VersionChange>(p => p.Add(c => c.Change, new PublishedChange("entities", "shelf", new("a\nb"), new("a\nc"))));
        change.FindAll(".diff").ShouldBeEmpty();

        await change.InvokeAsync(() => change.Find("details").TriggerEventAsync("ontoggle", EventArgs.Empty));

        change.FindAll(".diff span").Select(l => l.TextContent.Trim()).ShouldBe(["a", "- b", "+ c"]);
    }
}
