using System.Globalization;
using Bunit;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Crm.Ui.Dashboards;
using Microsoft.AspNetCore.Components;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Dashboards over a real database: figures, what narrows them, and the lists behind them. The clock stands at 18 March 2026.</summary>
public sealed class DashboardTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private const string Address = "/dashboards/test";

    [Fact]
    public async Task A_figure_is_of_the_page_s_period_and_leads_to_its_records()
    {
        await using var screen = await OpenAsync("""{"name": "won", "kind": "tile", "entity": "opportunity", "filter": {"field": "stage", "op": "eq", "value": "won"}, "measure": {"fn": "sum", "field": "amount"}, "dateField": "close_date", "compare": "previousPeriod", "target": 4000}""");
        await Won(screen, ("2026-01-05", 1_000), ("2026-02-05", 1_200.5m), ("2025-10-02", 2_000), ("2025-12-30", 9_999));

        var page = Show(screen);

        page.WaitForElement("[data-testid=figure]").TextContent.ShouldBe("$2,201");
        page.Find("[data-testid=figure]").GetAttribute("title").ShouldBe("$2,200.50");
        // As much of the quarter before as has gone by of this one: its last days are left out.
        page.Find(".change").TextContent.ShouldContain("+10%");
        page.Find(".change-than").TextContent.ShouldBe("vs. Oct 1 – Dec 16");
        page.Find(".target-words").TextContent.ShouldBe("55% of $4,000");
        Uri.UnescapeDataString(page.Find("[data-testid=figure]").GetAttribute("href")!)
            .ShouldBe("""/e/opportunity/all?filter={"all":[{"field":"stage","op":"eq","value":"won"},{"field":"close_date","op":"within","value":"thisQuarter"}]}""");
    }

    [Fact]
    public async Task What_is_chosen_stands_in_the_address_and_narrows_every_figure()
    {
        await using var screen = await OpenAsync("""{"name": "all", "kind": "tile", "entity": "opportunity", "dateField": "close_date"}, {"name": "ever", "kind": "tile", "entity": "opportunity"}""", """ "filters": [{"field": "stage"}], """);
        await Won(screen, ("2026-01-05", 1), ("2026-02-05", 1), ("2025-02-05", 1));
        await screen.Data.CreateAsync("opportunity", """{"name": "Open", "stage": "prospecting", "close_date": "2026-03-01"}""");
        var page = Show(screen);
        page.WaitForAssertion(() => Figures(page).ShouldBe(["3", "4"]), Patience);

        await page.Find("[data-filter=stage] select").ChangeAsync(new ChangeEventArgs { Value = "won" });
        page.WaitForAssertion(() => Figures(page).ShouldBe(["2", "3"]), Patience);
        await page.Find("[data-testid=period]").ChangeAsync(new ChangeEventArgs { Value = "lastYear" });
        page.WaitForAssertion(() => Figures(page).ShouldBe(["1", "3"]), Patience);

        new Uri(screen.Service<NavigationManager>().Uri).PathAndQuery.ShouldBe(Address + "?period=lastYear&stage=won");
    }

    [Theory]
    [InlineData("?period=2026-02-01..2026-02-28", "1")]
    [InlineData("?period=2026-02-28..2026-02-01", "2")]
    [InlineData("?period=2000-01-01..9999-12-31", "2")]
    [InlineData("?period=all&stage=won", "3")]
    [InlineData("?period=nonsense&stage=nothing&owner=nobody", "2")]
    public async Task An_address_is_read_and_what_it_cannot_mean_is_left_aside(string query, string figure)
    {
        await using var screen = await OpenAsync("""{"name": "all", "kind": "tile", "entity": "opportunity", "dateField": "close_date"}""", """ "filters": [{"field": "stage"}, {"field": "owner"}], """);
        await Won(screen, ("2026-01-05", 1), ("2026-02-05", 1), ("2025-02-05", 1));

        screen.Service<NavigationManager>().NavigateTo(Address + query);

        Show(screen).WaitForElement("[data-testid=figure]").TextContent.ShouldBe(figure);
    }

    [Theory]
    [InlineData("2000-01-01..9990-01-01")]
    [InlineData("5000-01-01..9990-01-01")]
    public void A_period_longer_than_all_time_before_it_is_compared_with_that_time(string text)
    {
        var period = Period.Read(text, usual: null);

        var (from, until) = period.Before(WidgetComparison.PreviousPeriod, new(2026, 3, 18))!.Value;

        from.ShouldBeLessThan(until);
        until.ShouldBeLessThanOrEqualTo(period.First!.Value);
    }

    [Fact]
    public async Task A_year_that_is_still_being_typed_leaves_the_page_as_it_is()
    {
        await using var screen = await OpenAsync("""{"name": "all", "kind": "tile", "entity": "opportunity", "dateField": "close_date"}""");
        screen.Service<NavigationManager>().NavigateTo(Address + "?period=2026-02-01..2026-02-28");
        var page = Show(screen);
        page.WaitForElement("[data-testid=figure]");

        await page.InvokeAsync(() => page.Find("[data-testid=period-from]").Change("0002-02-01"));

        page.Find("[data-testid=period-from]").GetAttribute("value").ShouldBe("2026-02-01");
        screen.Service<NavigationManager>().Uri.ShouldEndWith("?period=2026-02-01..2026-02-28");
    }

    [Fact]
    public async Task Bars_stand_in_the_order_of_the_choice_and_lead_to_their_records()
    {
        await using var screen = await OpenAsync("""{"name": "stages", "kind": "bar", "entity": "opportunity", "groupBy": "stage", "filter": {"field": "stage", "op": "in", "value": ["won", "lost", "proposal"]}}""");
        await Won(screen, ("2026-01-05", 1), ("2026-02-05", 1));

        var page = Show(screen);

        page.WaitForElements(".chart-bar").Select(b => b.GetAttribute("title")).ShouldBe(["Proposal: 0", "Won: 2", "Lost: 0"]);
        Uri.UnescapeDataString(page.FindAll(".chart-bar")[1].GetAttribute("href")!).ShouldEndWith("""{"field":"stage","op":"in","value":["won"]}]}""");
    }

    [Fact]
    public async Task Bars_of_amounts_are_named_with_the_organisations_currency_and_lead_to_their_records()
    {
        await using var screen = await OpenAsync("""{"name": "sizes", "kind": "bar", "entity": "opportunity", "groupBy": "amount"}""");
        await Won(screen, ("2026-01-05", 1_200.5m), ("2026-02-05", 1_200.5m));

        var page = Show(screen);

        page.WaitForElement(".chart-bar").GetAttribute("title").ShouldBe("1,200.50 USD: 2");
        var filter = Uri.UnescapeDataString(page.Find(".chart-bar").GetAttribute("href")!).Split("filter=")[1];
        (await screen.Data.QueryAsync("opportunity", filter)).Items.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_line_has_a_place_for_every_month_up_to_this_one()
    {
        await using var screen = await OpenAsync("""{"name": "months", "kind": "line", "entity": "opportunity", "dateField": "close_date", "by": "month"}""", period: "thisYear");
        await Won(screen, ("2026-01-05", 1), ("2026-03-05", 1));

        Show(screen).WaitForElements(".chart-column").Select(c => c.GetAttribute("aria-label")).ShouldBe(["Jan 2026: 1", "Feb: 0", "Mar: 1"]);
    }

    [Fact]
    public async Task The_rest_of_a_donut_is_one_slice()
    {
        await using var screen = await OpenAsync("""{"name": "names", "kind": "donut", "entity": "opportunity", "groupBy": "name", "limit": 3}""");
        foreach (var name in new[] { "A", "A", "A", "B", "B", "C", "D" })
        {
            await screen.Data.CreateAsync("opportunity", $$"""{"name": "{{name}}"}""");
        }

        var page = Show(screen);

        page.WaitForElements(".donut-name").Select(n => n.GetAttribute("title")).ShouldBe(["A: 3", "B: 2", "Other: 2"]);
        page.Find(".donut-total").TextContent.ShouldBe("7");
    }

    [Fact]
    public async Task A_leaderboard_names_people_and_shows_hostile_names_as_text()
    {
        await using var screen = await OpenAsync("""{"name": "people", "kind": "leaderboard", "entity": "opportunity", "groupBy": "owner"}""");
        var hostile = await screen.Data.PersonAsync("<script>alert(1)</script>");
        await screen.Data.CreateAsync("opportunity", """{"name": "A"}""", hostile);

        var page = Show(screen);

        page.WaitForElement(".leader .bar-name").TextContent.ShouldBe("<script>alert(1)</script>");
        page.FindAll("script").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_widget_that_cannot_be_says_so_and_the_others_work()
    {
        await using var screen = await OpenAsync("""{"name": "wrong", "kind": "bar", "entity": "opportunity"}, {"name": "right", "kind": "tile", "entity": "opportunity"}""", mayFail: true);

        var page = Show(screen);

        page.WaitForElement("[data-widget=wrong] [data-testid=widget-problem]").TextContent.ShouldContain("needs a field to group by");
        page.WaitForElement("[data-widget=right] [data-testid=figure]").TextContent.ShouldBe("0");
    }

    [Fact]
    public async Task Every_kind_of_widget_has_a_body()
    {
        await using var screen = await Screen.OpenAsync();

        screen.Service<Registry<WidgetKindAttribute, WidgetBody>>().Names.ShouldBe(WidgetKinds.All, ignoreOrder: true);
    }

    [Theory]
    [InlineData("en-US", 1_234_567, "$1.2M")]
    [InlineData("en-US", 12_345, "$12.3K")]
    [InlineData("en-US", 1_234, "$1,234")]
    [InlineData("en-US", -12_345, "−$12.3K")]
    [InlineData("zh-CN", 1_234_567, "$123万")]
    [InlineData("zh-CN", 123_456_789, "$1.2亿")]
    [InlineData("de-DE", 1_234_567, "1,2M $")]
    public async Task Large_figures_are_written_short_in_the_way_of_the_language(string language, int figure, string text)
    {
        await using var screen = await Screen.OpenAsync();
        Screen.Speak(language);

        new Crm.Ui.Charts.FigureFormat(Crm.Ui.Charts.FigureUnit.Money, "USD").Short(figure, screen.Service<Crm.Ui.Shell.UiText>()).ShouldBe(text);
    }

    private static string[] Figures(IRenderedComponent<DashboardView> page) => [.. page.FindAll("[data-testid=figure]").Select(f => f.TextContent)];

    private static async Task Won(Screen screen, params (string Day, decimal Amount)[] deals)
    {
        foreach (var (day, amount) in deals)
        {
            await screen.Data.CreateAsync("opportunity", string.Create(CultureInfo.InvariantCulture, $$"""{"name": "Deal", "stage": "won", "close_date": "{{day}}", "amount": {{amount}}}"""));
        }
    }

    private static Task<Screen> OpenAsync(string widgets, string more = "", string period = "thisQuarter", bool mayFail = false)
    {
        Screen.Speak("en-US");
        return OpenOverAsync(widgets, more, period, mayFail);
    }

    private static async Task<Screen> OpenOverAsync(string widgets, string more, string period, bool mayFail)
    {
        using var folder = new MetadataFolder().With("dashboards/test.json", $$"""{"name": "test", {{more}} "period": {"default": "{{period}}"}, "widgets": [{{widgets}}]}""");
        var model = Shipped.Compile(Repository.File("metadata"), folder.Path);
        if (!mayFail)
        {
            model.Problems.ShouldBeEmpty();
        }
        var screen = await Screen.OpenAsync(model, mayFail);
        screen.Service<NavigationManager>().NavigateTo(Address);
        return screen;
    }

    private static IRenderedComponent<DashboardView> Show(Screen screen) => screen.Render<DashboardView>(p => p
        .Add(d => d.Dashboard, screen.Model.Dashboards.Single(d => d.Name == "test"))
        .Add(d => d.Address, Address));
}
