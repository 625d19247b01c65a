using Bunit;
using Crm.Tests.Databases;
using Radzen;
using Radzen.Blazor;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>bUnit and Radzen are put together by hand (build/Bunit.targets); this says at once when an upgrade breaks the pair.</summary>
[NoDatabase]
public sealed class RadzenInBunitTests : BunitContext
{
    public RadzenInBunitTests()
    {
        Services.AddRadzenComponents();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public async Task A_radzen_button_renders_and_is_clicked()
    {
        var clicks = 0;
        var button = Render<RadzenButton>(parameters => parameters
            .Add(b => b.Text, "Save")
            .Add(b => b.Click, _ => clicks++));

        await button.InvokeAsync(() => button.Find("button").Click());

        clicks.ShouldBe(1);
        button.Find(".rz-button-text").MarkupMatches("<span class=\"rz-button-text\">Save</span>");
    }
}
