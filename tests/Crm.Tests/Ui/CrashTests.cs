using Bunit;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>A page that breaks says so, with a word to quote, and can be tried again.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task A_page_that_fails_shows_what_to_do_and_comes_back()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        var fails = true;
        RenderFragment page = builder =>
        {
            if (fails)
            {
                throw new InvalidOperationException("secret");
            }
            builder.AddContent(0, "back again");
        };

        var boundary = screen.Render<CrashBoundary>(p => p.AddChildContent<Fragile>(c => c.Add(f => f.Content, page)));

        boundary.Find("[data-testid=crash]").TextContent.ShouldContain("This page has stopped working");
        boundary.Find(".crash-id code").TextContent.Length.ShouldBe(12);
        boundary.Markup.ShouldNotContain("secret");

        fails = false;
        await boundary.InvokeAsync(() => boundary.Find("[data-testid=crash] button").Click());
        boundary.Markup.ShouldContain("back again");
    }

    private sealed class Fragile : ComponentBase
    {
        [Parameter]
        public RenderFragment? Content { get; set; }

        protected override void BuildRenderTree(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder) => Content!(builder);
    }
}
