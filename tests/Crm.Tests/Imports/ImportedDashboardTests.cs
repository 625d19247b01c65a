using System.Text.Json;
using Crm.Tests.Api;
using Crm.Ui.Dashboards;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>What the shipped dashboard of the sales manager shows of an imported pipeline is what was computed from its files by other means.</summary>
public sealed class ImportedDashboardTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const decimal Precision = 0.0001m;

    [Fact]
    public async Task The_dashboard_of_the_sales_manager_shows_every_figure_of_an_imported_pipeline()
    {
        foreach (var (profile, file) in new[] { ("maven_teams", "sales_teams.csv"), ("maven_accounts", "accounts.csv"), ("maven_products", "products.csv"), ("maven_pipeline", "sales_pipeline.csv") })
        {
            await server.ImportSetAsync(profile, "maven_crm", file);
        }
        var expected = await DataSets.ReferenceAsync("maven_crm");
        var shown = await server.ShowAsync("sales_manager");

        foreach (var (widget, path) in new[]
        {
            ("won", "won_value_total"), ("won_count", "win_rate_overall.won"), ("mean", "won_value_mean"), ("median", "won_value_median"), ("days_won", "avg_days_engage_to_close.won"),
            ("days_lost", "avg_days_engage_to_close.lost"), ("days_closed", "avg_days_engage_to_close.closed"), ("open_count", "open_pipeline_at_list_price.count"), ("open_list", "open_pipeline_at_list_price.value"),
            ("no_customer", "blank.account"),
        })
        {
            ((FigureData)shown[widget]).Value!.Value.ShouldBe(At(expected, path), Precision, widget);
        }
        ((FigureData)shown["win_rate"]).Value!.Value.ShouldBe(100 * At(expected, "win_rate_overall.win_rate"), Precision);
        foreach (var by in new[] { "region", "manager", "agent", "product" })
        {
            ShownDashboard.Points(shown["won_by_" + by]).ShouldBe(Figures(expected, "won_value_by_" + by), by);
            var rates = ShownDashboard.Points(shown["rate_by_" + by]);
            var wanted = expected.GetProperty("win_rate_by_" + by).EnumerateObject().ToList();
            rates.Count.ShouldBe(wanted.Count, by);
            wanted.ForEach(rate => rates[rate.Name].ShouldBe(100 * rate.Value.GetProperty("win_rate").GetDecimal(), Precision, rate.Name));
        }
        ShownDashboard.Points(shown["won_by_series"]).ShouldBe(Figures(expected, "won_value_by_series"));
        // The reference counts what the parents bought themselves too; the dashboard tells what came from below them.
        var own = (await server.Admin.PostAsync("/api/records/opportunity/aggregate", """{"groupBy": ["customer.name"], "limit": 1000, "filter": {"field": "stage", "op": "eq", "value": "won"}, "measures": [{"fn": "sum", "field": "amount", "as": "won"}]}"""))
            .Json.GetProperty("rows").EnumerateArray().ToDictionary(r => r.GetProperty("customer.name").ToString(), r => decimal.Parse(r.GetProperty("won").ToString(), System.Globalization.CultureInfo.InvariantCulture));
        ShownDashboard.Points(shown["won_by_parent"]).ToDictionary(p => p.Key, p => p.Value + own[p.Key]).ShouldBe(Figures(expected, "parent_rollup_won_value"));
        ShownDashboard.Points(shown["won_by_industry"]).Values.Order().ShouldBe(Figures(expected, "won_value_by_sector").Values.Order());
        foreach (var (product, days) in Figures(expected, "avg_days_to_close_won_by_product"))
        {
            ShownDashboard.Points(shown["days_by_product"])[product].ShouldBe(days, Precision, product);
        }
        ShownDashboard.ByKey(shown["quarters"]).ShouldBe(Figures(expected, "won_value_by_close_quarter").ToDictionary(f => f.Key.Insert(4, "-"), f => f.Value));
        ShownDashboard.ByKey(shown["months"]).ShouldBe(Figures(expected, "won_count_by_close_month"));
        ShownDashboard.ByKey(shown["stages"]).Where(s => s.Value > 0).ToDictionary().ShouldBe(Figures(expected, "opportunities_by_stage").ToDictionary(f => f.Key.ToLowerInvariant(), f => f.Value), ignoreOrder: true);
        ShownDashboard.ByKey(shown["list_by_stage"]).Where(s => s.Value > 0).ToDictionary().ShouldBe(
            expected.GetProperty("open_pipeline_at_list_price_by_stage").EnumerateObject().ToDictionary(s => s.Name.ToLowerInvariant(), s => s.Value.GetProperty("value").GetDecimal()), ignoreOrder: true);
        ((ChartData)shown["won_by_customer"]).Chart.Points.Select(p => (p.Label, p.Value)).ShouldBe(expected.GetProperty("top10_accounts_won_value").EnumerateArray().Select(a => (a[0].GetString()!, a[1].GetDecimal())));
        var without = ((RecordsData)shown["without"]).Parts.Single();
        without.Page.Items.Select(row => (string)row[0]!).ShouldBe(expected.GetProperty("agents_without_opportunity").EnumerateArray().Select(a => a.GetString()!));
    }

    private static Dictionary<string, decimal> Figures(JsonElement expected, string name) => ShownDashboard.Compared(expected.GetProperty(name).EnumerateObject().Select(f => KeyValuePair.Create(f.Name, f.Value.GetDecimal())));

    private static decimal At(JsonElement expected, string path) => path.Split('.').Aggregate(expected, (json, name) => json.GetProperty(name)).GetDecimal();
}
