using System.Text.Json;
using Bunit;
using Crm.Metadata;
using Crm.Ui.Lists;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>The page around a view: what its address asks for, and what a person arranged.</summary>
public sealed class ViewPageTests
{
    private static CancellationToken Token => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_saved_view_whose_filter_fits_no_more_says_so_and_leads_to_the_list()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        var view = new ViewDefinition { Name = "x", Filter = JsonDocument.Parse("""{"field": "gone", "op": "eq", "value": 1}""").RootElement };
        var name = await screen.Service<SavedViews>().CreateAsync(screen["customer"], "Of old", ViewSharing.Nobody, view, Token);

        var page = Show(screen, name);

        page.WaitForElement("[role=alert]").TextContent.ShouldContain("asks for something that is not here");
        page.Find("[role=alert] a").GetAttribute("href").ShouldBe("/e/customer");
    }

    [Fact]
    public async Task A_list_gets_another_order_with_the_address_and_not_before()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        await screen.Data.CreateAsync("customer", """{"name": "Altamira Foods"}""", screen.Person);
        var page = Show(screen, "all");
        page.WaitForElement("[data-testid=row]");
        var list = page.FindComponent<ListBody>();
        var shown = list.Instance.View;

        // An order that came twice, from what is remembered and from the address, would be read twice.
        using (screen.Service<NavigationManager>().RegisterLocationChangingHandler(Stay))
        {
            await page.InvokeAsync(() => page.Find("th .sort").Click());
            list.Instance.View.ShouldBeSameAs(shown);
        }
        await page.InvokeAsync(() => page.Find("th .sort").Click());

        page.WaitForAssertion(() => list.Instance.State.Sort.ShouldNotBeNull());
        page.WaitForElement("[data-testid=list][aria-busy=false]");
        list.Instance.View.Sort.ShouldBe(list.Instance.State.Sort);

        static ValueTask Stay(LocationChangingContext context)
        {
            context.PreventNavigation();
            return ValueTask.CompletedTask;
        }
    }

    private static IRenderedComponent<ViewPage> Show(Screen screen, string view) => screen.Render<ViewPage>(p => p.Add(v => v.EntityName, "customer").Add(v => v.ViewName, view));
}
