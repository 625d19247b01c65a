using Bunit;
using Crm.Ui.Charts;
using Crm.Ui.Lists;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>The funnel over a real database.</summary>
public sealed class FunnelTests
{
    [Fact]
    public async Task Stages_stand_in_the_order_of_the_choice_with_number_and_sum()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        await screen.Data.CreateAsync("opportunity", """{"name":"A","stage":"won","amount":1000}""");
        await screen.Data.CreateAsync("opportunity", """{"name":"B","stage":"won","amount":234.5}""");
        await screen.Data.CreateAsync("opportunity", """{"name":"C","stage":"prospecting"}""");

        var funnel = Show(screen);

        funnel.WaitForElement("[data-testid=stage-won] [data-testid=stage-count]").TextContent.ShouldBe("2");
        funnel.Find("[data-testid=stage-won] [data-testid=stage-sum]").TextContent.ShouldBe("1,234.50");
        funnel.Find("[data-testid=stage-negotiation] [data-testid=stage-count]").TextContent.ShouldBe("0");
        funnel.Find("[data-testid=total-count]").TextContent.ShouldBe("3");
        funnel.FindAll(".funnel-name").Select(n => n.TextContent).ShouldBe(["Prospecting", "Engaging", "Proposal", "Negotiation", "Won", "Lost"]);
    }

    [Fact]
    public async Task A_stage_leads_to_the_records_behind_its_figure()
    {
        await using var screen = await Screen.OpenAsync();
        await screen.Data.CreateAsync("opportunity", """{"name":"A","stage":"won"}""");

        var link = Show(screen).WaitForElement("[data-testid=stage-won] a").GetAttribute("href")!;

        Uri.UnescapeDataString(link).ShouldBe("""/e/opportunity/all?filter={"field":"stage","op":"in","value":["won"]}""");
    }

    [Fact]
    public async Task Groups_of_amounts_have_a_currency_and_lead_to_all_that_are_worth_as_much()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        foreach (var amount in new[] { "1200.5", "1200.5", "null" })
        {
            await screen.Data.CreateAsync("opportunity", $$"""{"name": "A", "amount": {{amount}}}""");
        }
        var view = EntityViews.Find(screen["opportunity"], "funnel")! with { Kind = "chart", GroupBy = "amount", Measure = null };

        var chart = screen.Render<FunnelBody>(p => p.Add(f => f.Entity, screen["opportunity"]).Add(f => f.View, view).Add(f => f.State, ListState.Empty));

        chart.WaitForElements(".funnel-name").Select(n => n.TextContent).ShouldBe(["1,200.50 USD", "None"]);
        Uri.UnescapeDataString(chart.FindAll(".funnel-step")[0].GetAttribute("href")!).ShouldContain("""{"field":"amount.converted","op":"eq","value":1200.5""");
    }

    [Fact]
    public async Task Words_in_the_search_box_narrow_the_figures()
    {
        await using var screen = await Screen.OpenAsync();
        await screen.Data.CreateAsync("opportunity", """{"name":"Pumps","stage":"won"}""");
        await screen.Data.CreateAsync("opportunity", """{"name":"Valves","stage":"won"}""");

        Show(screen, new("pump", null, [])).WaitForElement("[data-testid=stage-won] [data-testid=stage-count]").TextContent.ShouldBe("1");
    }

    private static IRenderedComponent<FunnelBody> Show(Screen screen, ListState? state = null) => screen.Render<FunnelBody>(p => p
        .Add(f => f.Entity, screen["opportunity"])
        .Add(f => f.View, EntityViews.Find(screen["opportunity"], "funnel")!)
        .Add(f => f.State, state ?? ListState.Empty));
}
