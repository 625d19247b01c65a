using System.Security.Claims;
using System.Text.Json;
using Crm.Data;
using Crm.Tests.Api;
using Crm.Ui.Dashboards;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
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
        var shown = await ShowAsync("sales_manager");

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
            Points(shown["won_by_" + by]).ShouldBe(Figures(expected, "won_value_by_" + by), by);
            var rates = Points(shown["rate_by_" + by]);
            var wanted = expected.GetProperty("win_rate_by_" + by).EnumerateObject().ToList();
            rates.Count.ShouldBe(wanted.Count, by);
            wanted.ForEach(rate => rates[rate.Name].ShouldBe(100 * rate.Value.GetProperty("win_rate").GetDecimal(), Precision, rate.Name));
        }
        Points(shown["won_by_series"]).ShouldBe(Figures(expected, "won_value_by_series"));
        // The reference counts what the parents bought themselves too; the dashboard tells what came from below them.
        var own = (await server.Admin.PostAsync("/api/records/opportunity/aggregate", """{"groupBy": ["customer.name"], "limit": 1000, "filter": {"field": "stage", "op": "eq", "value": "won"}, "measures": [{"fn": "sum", "field": "amount", "as": "won"}]}"""))
            .Json.GetProperty("rows").EnumerateArray().ToDictionary(r => r.GetProperty("customer.name").ToString(), r => decimal.Parse(r.GetProperty("won").ToString(), System.Globalization.CultureInfo.InvariantCulture));
        Points(shown["won_by_parent"]).ToDictionary(p => p.Key, p => p.Value + own[p.Key]).ShouldBe(Figures(expected, "parent_rollup_won_value"));
        Points(shown["won_by_industry"]).Values.Order().ShouldBe(Figures(expected, "won_value_by_sector").Values.Order());
        foreach (var (product, days) in Figures(expected, "avg_days_to_close_won_by_product"))
        {
            Points(shown["days_by_product"])[product].ShouldBe(days, Precision, product);
        }
        ByKey(shown["quarters"]).ShouldBe(Figures(expected, "won_value_by_close_quarter").ToDictionary(f => f.Key.Insert(4, "-"), f => f.Value));
        ByKey(shown["months"]).ShouldBe(Figures(expected, "won_count_by_close_month"));
        ByKey(shown["stages"]).Where(s => s.Value > 0).ToDictionary().ShouldBe(Figures(expected, "opportunities_by_stage").ToDictionary(f => f.Key.ToLowerInvariant(), f => f.Value), ignoreOrder: true);
        ByKey(shown["list_by_stage"]).Where(s => s.Value > 0).ToDictionary().ShouldBe(
            expected.GetProperty("open_pipeline_at_list_price_by_stage").EnumerateObject().ToDictionary(s => s.Name.ToLowerInvariant(), s => s.Value.GetProperty("value").GetDecimal()), ignoreOrder: true);
        ((ChartData)shown["won_by_customer"]).Chart.Points.Select(p => (p.Label, p.Value)).ShouldBe(expected.GetProperty("top10_accounts_won_value").EnumerateArray().Select(a => (a[0].GetString()!, a[1].GetDecimal())));
        var without = ((RecordsData)shown["without"]).Parts.Single();
        without.Page.Items.Select(row => (string)row[0]!).ShouldBe(expected.GetProperty("agents_without_opportunity").EnumerateArray().Select(a => a.GetString()!));
    }

    /// <summary>What each widget of a dashboard shows of all time.</summary>
    private async Task<Dictionary<string, WidgetData>> ShowAsync(string dashboard)
    {
        await using var scope = server.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var me = (await server.Admin.ReadAsync("/api/records/user?fields=email&limit=1&filter=" + Uri.EscapeDataString($$"""{"field": "email", "op": "eq", "value": "{{ApiServer.AdminEmail}}"}"""))).Json.GetProperty("items")[0].GetProperty("id").GetGuid();
        var current = new CurrentActor(new SignedIn(me), services.GetRequiredService<ActorDirectory>(), services.GetRequiredService<SignIns>());
        (await current.RefreshAsync()).ShouldBeTrue();
        var reader = ActivatorUtilities.CreateInstance<WidgetReader>(services, current);
        var model = services.GetRequiredService<ModelSource>().Current;
        var shown = new Dictionary<string, WidgetData>(StringComparer.Ordinal);
        foreach (var widget in model.Dashboards.Single(d => d.Name == dashboard).Widgets)
        {
            shown[widget.Name] = await reader.ReadAsync(Widget.Of(widget, model), new(Period.All, new Dictionary<string, object>()), [], TestContext.Current.CancellationToken);
        }
        return shown;
    }

    private static Dictionary<string, decimal> Points(WidgetData data)
    {
        var chart = ((ChartData)data).Chart;
        chart.HasMore.ShouldBeFalse();
        return Compared(chart.Points.Select(p => KeyValuePair.Create(p.Label, p.Value)));
    }

    private static Dictionary<string, decimal> ByKey(WidgetData data) => Compared(((ChartData)data).Chart.Points.Select(p => KeyValuePair.Create(p.Key, p.Value)));

    private static Dictionary<string, decimal> Figures(JsonElement expected, string name) => Compared(expected.GetProperty(name).EnumerateObject().Select(f => KeyValuePair.Create(f.Name, f.Value.GetDecimal())));

    private static Dictionary<string, decimal> Compared(IEnumerable<KeyValuePair<string, decimal>> figures) => figures.OrderBy(f => f.Key, StringComparer.Ordinal).ToDictionary();

    private static decimal At(JsonElement expected, string path) => path.Split('.').Aggregate(expected, (json, name) => json.GetProperty(name)).GetDecimal();

    private sealed class SignedIn(Guid user) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, user.ToString("D"))], "test"))));
    }
}
