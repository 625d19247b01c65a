using System.Globalization;
using Crm.Tests.Api;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>
/// Real files of other systems go in by the profiles that the product ships, and every figure agrees with those that were computed from the
/// files by other means.
/// </summary>
public sealed class DataSetImportTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_sales_pipeline_keeps_its_win_rates()
    {
        var expected = await DataSets.ReferenceAsync("maven_crm");
        (await server.ImportSetAsync("maven_teams", "maven_crm", "sales_teams.csv")).ShouldBe("35, 0, 0, 0, 0");
        (await server.ImportSetAsync("maven_accounts", "maven_crm", "accounts.csv")).ShouldBe("85, 0, 0, 0, 0");
        (await server.ImportSetAsync("maven_products", "maven_crm", "products.csv")).ShouldBe("7, 0, 0, 0, 0");
        (await server.ImportSetAsync("maven_pipeline", "maven_crm", "sales_pipeline.csv")).ShouldBe("8800, 0, 0, 0, 0");
        (await server.ImportSetAsync("maven_pipeline", "maven_crm", "sales_pipeline.csv")).ShouldBe("0, 0, 8800, 0, 0", "nothing has changed since");

        var stages = await server.FiguresAsync("opportunity", ["stage"]);
        (stages["won"], stages["lost"]).ShouldBe(("4238", "2473"));
        Rate(stages["won"], stages["lost"]).ShouldBe(expected.GetProperty("win_rate_overall").GetProperty("win_rate").GetDouble(), 0.00001);
        foreach (var (by, field) in new[] { ("agent", "owner.name"), ("manager", "owner.manager.name"), ("region", "unit.name"), ("product", "product.name") })
        {
            var won = await server.FiguresAsync("opportunity", [field], """ "filter": {"field": "stage", "op": "eq", "value": "won"} """);
            var lost = await server.FiguresAsync("opportunity", [field], """ "filter": {"field": "stage", "op": "eq", "value": "lost"} """);
            foreach (var figure in expected.GetProperty("win_rate_by_" + by).EnumerateObject())
            {
                (won[figure.Name], lost[figure.Name]).ShouldBe((figure.Value.GetProperty("won").ToString(), figure.Value.GetProperty("lost").ToString()), $"{by} {figure.Name}");
            }
            var amounts = await server.FiguresAsync("opportunity", [field], """ "filter": {"field": "stage", "op": "eq", "value": "won"}, "measures": [{"fn": "sum", "field": "amount", "as": "count"}] """);
            amounts.ShouldBe(expected.GetProperty("won_value_by_" + by).EnumerateObject().ToDictionary(f => f.Name, f => f.Value + ".00"), ignoreOrder: true);
        }
        var sectors = await server.FiguresAsync("opportunity", ["customer.industry"], """ "filter": {"field": "stage", "op": "eq", "value": "won"}, "measures": [{"fn": "sum", "field": "amount", "as": "count"}] """);
        sectors.Values.ShouldBe(expected.GetProperty("won_value_by_sector").EnumerateObject().Select(f => f.Value + ".00"), ignoreOrder: true);
        (await DaysAsync()).ShouldBe(expected.GetProperty("avg_days_engage_to_close").GetProperty("won").GetDouble(), 0.001);
    }

    [Fact]
    public async Task A_trading_company_keeps_its_revenue()
    {
        (await server.ImportSetAsync("northwind_customers", "northwind", "customers.csv")).ShouldBe("182, 0, 0, 0, 0");
        (await server.ImportSetAsync("northwind_employees", "northwind", "employees.csv")).ShouldBe("9, 0, 0, 0, 0");
        (await server.ImportSetAsync("northwind_categories", "northwind", "categories.csv")).ShouldBe("8, 0, 0, 0, 0");
        (await server.ImportSetAsync("northwind_products", "northwind", "products.csv")).ShouldBe("77, 0, 0, 0, 0");
        (await server.ImportSetAsync("northwind_orders", "northwind", "orders.csv")).ShouldBe("830, 0, 0, 0, 0");
        (await server.ImportSetAsync("northwind_order_lines", "northwind", "order-details.csv")).ShouldBe("2155, 0, 0, 0, 0");

        const string Own = """ "filter": {"field": "order.channel", "op": "isNull"} """;
        Total(await server.FiguresAsync("sales_order_line", ["order.status"], Own + """, "measures": [{"fn": "sum", "field": "amount", "as": "count"}] """)).ShouldBe(1_265_793.04m, 0.01m);
        Total(await server.FiguresAsync("sales_order", ["status"], """ "filter": {"field": "channel", "op": "isNull"}, "measures": [{"fn": "sum", "field": "subtotal", "as": "count"}] """)).ShouldBe(1_265_793.04m, 0.01m);
        var managers = await server.FiguresAsync("user", ["manager.name"], """ "filter": {"field": "external_id", "op": "notNull"} """);
        managers.ShouldBe(new Dictionary<string, string> { ["Andrew Fuller"] = "5", ["Steven Buchanan"] = "3", [""] = "1" }, ignoreOrder: true);
        (await server.FiguresAsync("sales_order", ["owner.name"], """ "filter": {"field": "channel", "op": "isNull"} """))["Margaret Peacock"].ShouldBe("156");
        var countries = await server.FiguresAsync("customer", ["billing_address.country"], """ "filter": {"field": "billing_address.country", "op": "notNull"} """);
        (countries["US"], countries["DE"], countries["ES"]).ShouldBe(("13", "11", "5"), "rows with a comma in their street are read as well");
    }

    [Fact]
    public async Task A_service_desk_keeps_its_requests_and_their_history()
    {
        var expected = await DataSets.ReferenceAsync("incident_log");
        var outcome = await server.RunSetAsync("incident_log", "incident_log", "incident_event_log_first.csv");
        outcome.Problems.ShouldBeEmpty();
        outcome.Result.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("created").GetInt32()).ShouldBe([890, 5_998]);

        (await server.FiguresAsync("service_request", ["status"])).ShouldBe(new Dictionary<string, string> { ["closed"] = "890" });
        var priorities = await server.FiguresAsync("service_request", ["priority"]);
        new[] { "critical", "high", "medium", "low" }.Select(p => priorities[p]).ShouldBe(new[] { "1 - Critical", "2 - High", "3 - Moderate", "4 - Low" }.Select(p => expected.GetProperty("incidents_by_priority").GetProperty(p).ToString()));
        var kept = await server.FiguresAsync("service_request", ["sla_met"]);
        (kept["True"], kept["False"]).ShouldBe(("495", "395"));
        var groups = await server.FiguresAsync("service_request", ["queue.name"]);
        foreach (var group in expected.GetProperty("incidents_by_assignment_group_top10").EnumerateArray().Where(g => g[0].GetString() != "?"))
        {
            groups[group[0].GetString()!].ShouldBe(group[1].ToString());
        }
        var events = await server.FiguresAsync("service_request_event", ["status"]);
        var byState = expected.GetProperty("event_rows_by_state");
        (events["new"], events["resolved"], events["closed"], events["waiting_customer"]).ShouldBe((byState.GetProperty("New").ToString(), byState.GetProperty("Resolved").ToString(), byState.GetProperty("Closed").ToString(), byState.GetProperty("Awaiting User Info").ToString()));
    }

    [Fact]
    public async Task Subscribers_without_a_key_are_known_by_their_row()
    {
        (await server.ImportSetAsync("telco_churn", "telco_churn", "wa_churn.csv")).ShouldBe("14086, 0, 0, 0, 0");

        var rows = (await File.ReadAllLinesAsync(SharedData.Path("telco_churn", "wa_churn.csv"), TestContext.Current.CancellationToken)).Skip(1).Select(l => l.Split(',')).ToList();
        var terms = await server.FiguresAsync("service_agreement", ["term"], """ "filter": {"field": "status", "op": "eq", "value": "terminated"} """);
        terms["monthly"].ShouldBe(rows.Count(r => r[0] == "Yes" && r[15] == "Month-to-month").ToString(CultureInfo.InvariantCulture));
        terms["two_years"].ShouldBe(rows.Count(r => r[0] == "Yes" && r[15] == "Two year").ToString(CultureInfo.InvariantCulture));
        Total(await server.FiguresAsync("service_agreement", ["status"], """ "measures": [{"fn": "sum", "field": "monthly_fee", "as": "count"}] """)).ShouldBe(rows.Sum(r => decimal.Parse(r[18], CultureInfo.InvariantCulture)));
        (await server.FiguresAsync("service_agreement", ["term"], """ "filter": {"field": "total_fee", "op": "isNull"} """)).Values.Sum(long.Parse).ShouldBe(11);
        (await server.FiguresAsync("customer", ["status"], """ "filter": {"all": [{"field": "type", "op": "eq", "value": "person"}, {"field": "tags", "op": "contains", "value": "fiber optic"}]} """))["inactive"]
            .ShouldBe(rows.Count(r => r[0] == "Yes" && r[8] == "Fiber optic").ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task An_online_shop_keeps_its_orders_apart_from_what_came_back()
    {
        var outcome = await server.RunSetAsync("online_retail", "online_retail", "online_retail_germany.csv");
        outcome.Problems.ShouldBeEmpty();
        outcome.Result.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("created").GetInt32()).ShouldBe([95, 1_669, 457, 9_042, 146, 453]);

        Total(await server.FiguresAsync("sales_order_line", ["order.channel"], """ "filter": {"field": "order.channel", "op": "eq", "value": "shop"}, "measures": [{"fn": "sum", "field": "amount", "as": "count"}] """)).ShouldBe(228_867.14m);
        Total(await server.FiguresAsync("return_order", ["status"], """ "measures": [{"fn": "sum", "field": "amount", "as": "count"}] """)).ShouldBe(7_168.93m);
        var postage = await server.FiguresAsync("sales_order_line", ["description"], """ "filter": {"all": [{"field": "order.channel", "op": "eq", "value": "shop"}, {"field": "product", "op": "isNull"}]} """);
        postage.Keys.ShouldContain("POSTAGE");
    }

    [Fact]
    public async Task Every_calendar_goes_in()
    {
        var reference = (await DataSets.ReferenceAsync("vcard_ical")).GetProperty("ical");
        foreach (var file in reference.EnumerateObject())
        {
            var content = await File.ReadAllBytesAsync(SharedData.Path("vcard_ical", "ical", file.Name), TestContext.Current.CancellationToken);
            var components = file.Value.GetProperty("components");
            var expected = new[] { "VEVENT", "VTODO", "VJOURNAL" }.Sum(c => components.TryGetProperty(c, out var count) ? count.GetInt32() : 0);
            if (expected == 0)
            {
                (await server.SendByProfileAsync("calendar", content, file.Name)).Code.ShouldBe("import.ics");
                continue;
            }
            var table = Crm.Data.ImportService.ReadTable(file.Name, content, new());
            table.Rows.Count.ShouldBe(expected, file.Name);
            var subject = table.Columns.ToList().IndexOf("subject");
            var subjects = table.Rows.Select(r => r.Values[subject]).ToList();
            foreach (var summary in file.Value.GetProperty("summaries").EnumerateArray())
            {
                subjects.ShouldContain(summary.GetString()!.Replace("\\,", ",", StringComparison.Ordinal).Replace("\\;", ";", StringComparison.Ordinal).Trim());
            }
            var answer = await server.SendByProfileAsync("calendar", content, file.Name);
            answer.Status.ShouldBe(202, file.Name + answer.Text);
            var outcome = new ImportOutcome(await server.FinishedAsync(answer.Json.GetProperty("id").GetString()!));
            var created = outcome.Result.GetProperty("created").GetInt32();
            // Where others have a time, what has none is no meeting: a journal entry, or an event whose start cannot be read.
            (created + outcome.Result.GetProperty("errors").GetInt32()).ShouldBe(expected, file.Name + outcome.Result);
            outcome.Problems.ShouldAllBe(p => p.EndsWith(": required"), file.Name);
            var start = table.Columns.ToList().IndexOf("start");
            outcome.Problems.Length.ShouldBe(table.Rows.Count(r => r.Values[0] != "todo" && start >= 0 && r.Values[start].Length == 0), file.Name);
        }
    }

    [Theory]
    [InlineData("ez_jcard-example.json")]
    [InlineData("ez_rfc6351-example.xml")]
    [InlineData("ez_rfc6350-example.vcf")]
    public async Task The_same_card_is_the_same_in_every_notation(string file)
    {
        var content = await File.ReadAllBytesAsync(SharedData.Path("vcard_ical", "vcard", file), TestContext.Current.CancellationToken);

        var table = Crm.Data.ImportService.ReadTable(file, content, new());

        var card = table.Columns.Zip(table.Rows.Single().Values).ToDictionary(c => c.First, c => c.Second);
        (card["name"], card["last_name"], card["company"], card["city"], card["mobile"], card["email"]).ShouldBe(("Simon Perreault", "Perreault", "Viagenie", "Quebec", "+1-418-262-6501", "simon.perreault@viagenie.ca"));
    }

    /// <summary>Average days from the first talk to a won sale.</summary>
    private async Task<double> DaysAsync()
    {
        var days = new List<int>();
        string? after = null;
        do
        {
            var page = (await server.Admin.ReadAsync("/api/records/opportunity?limit=1000&fields=engage_date,close_date&filter=" + Uri.EscapeDataString("""{"field": "stage", "op": "eq", "value": "won"}""") + (after is null ? "" : "&after=" + Uri.EscapeDataString(after)))).Json;
            days.AddRange(page.GetProperty("items").EnumerateArray().Select(i => DateOnly.Parse(i.GetProperty("close_date").GetString()!, CultureInfo.InvariantCulture).DayNumber - DateOnly.Parse(i.GetProperty("engage_date").GetString()!, CultureInfo.InvariantCulture).DayNumber));
            after = page.GetProperty("next").GetString();
        }
        while (after is not null);
        return days.Average();
    }

    private static double Rate(string won, string lost) => double.Parse(won, CultureInfo.InvariantCulture) / (double.Parse(won, CultureInfo.InvariantCulture) + double.Parse(lost, CultureInfo.InvariantCulture));

    private static decimal Total(Dictionary<string, string> figures) => figures.Values.Sum(v => decimal.Parse(v, CultureInfo.InvariantCulture));
}
