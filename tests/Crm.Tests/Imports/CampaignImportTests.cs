using System.Globalization;
using Crm.Tests.Api;
using Crm.Tests.Databases;
using Crm.Ui.Dashboards;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>Apart from the other files, for it is by far the largest.</summary>
public sealed class CampaignImportTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact, SqliteOnly("90,000 records take long, and the smaller files go into PostgreSQL too")]
    public async Task A_telephone_campaign_keeps_its_response_rates()
    {
        var expected = await DataSets.ReferenceAsync("bank_marketing");
        (await server.ImportSetAsync("bank_marketing", "bank_marketing", "bank-full.csv")).ShouldBe("90422, 0, 0, 0, 0");

        const string Responded = """ "filter": {"field": "responded", "op": "eq", "value": true} """;
        foreach (var (by, field) in new[] { ("month", "contact_month"), ("job", "contact.occupation"), ("contact", "channel"), ("poutcome", "previous_outcome"), ("marital", "contact.marital_status") })
        {
            var (all, yes) = (await server.FiguresAsync("campaign_member", [field]), await server.FiguresAsync("campaign_member", [field], Responded));
            foreach (var figure in expected.GetProperty("by_" + by).EnumerateObject())
            {
                var name = Known(figure.Name);
                (all[name], yes[name]).ShouldBe((figure.Value.GetProperty("contacted").ToString(), figure.Value.GetProperty("yes").ToString()), $"{by} {figure.Name}");
            }
        }
        var (contacted, bought) = (long.Parse((await server.FiguresAsync("campaign_member", ["campaign.name"]))["Term deposits"], CultureInfo.InvariantCulture), long.Parse((await server.FiguresAsync("campaign_member", ["campaign.name"], Responded))["Term deposits"], CultureInfo.InvariantCulture));
        (contacted, bought).ShouldBe((45_211, 5_289));
        ((double)bought / contacted).ShouldBe(expected.GetProperty("response_rate").GetDouble(), 0.000001);
        var shown = await server.ShowAsync("marketing_manager");
        foreach (var tile in new[] { "response_rate", "conversion" })
        {
            ((FigureData)shown[tile]).Value!.Value.ShouldBe(11.6985m, 0.0001m, tile);
        }
        foreach (var (widget, by) in new[] { ("conversion_by_month", "month"), ("conversion_by_job", "job"), ("conversion_by_channel", "contact") })
        {
            ShownDashboard.ByKey(shown[widget]).Where(r => r.Value > 0).ToDictionary(r => r.Key, r => decimal.Round(r.Value / 100, 6)).ShouldBe(
                expected.GetProperty("by_" + by).EnumerateObject().Where(f => f.Name != "unknown").ToDictionary(f => Known(f.Name), f => f.Value.GetProperty("rate").GetDecimal()), ignoreOrder: true, widget);
        }

        static string Known(string name) => name switch { "unknown" => "", "cellular" => "mobile", "telephone" => "phone", "admin." => "admin", _ => name.Replace('-', '_') };
    }
}
