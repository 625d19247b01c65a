using System.Text.Json;
using Crm.Tests.Api;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>
/// A real sales pipeline, four files as they were published, goes in through the API; every figure agrees with those that were computed
/// from the files by other means.
/// </summary>
public sealed class MavenImportTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Won = """ "filter": {"field": "stage", "op": "eq", "value": "won"}, "measures": [{"fn": "sum", "field": "amount", "as": "total"}] """;

    [Fact]
    public async Task The_files_go_in_and_every_figure_is_right()
    {
        using var reference = JsonDocument.Parse(await File.ReadAllTextAsync(SharedData.Path("maven_crm", "reference.json"), TestContext.Current.CancellationToken));
        var expected = reference.RootElement;

        (await ImportAsync("user", "sales_teams.csv", """ "createMissing": ["manager", "unit"] """)).Counts.ShouldBe("35, 0, 0, 0, 0");
        (await ImportAsync("customer", "accounts.csv")).Counts.ShouldBe("85, 0, 0, 0, 0");
        (await ImportAsync("product", "products.csv")).Counts.ShouldBe("7, 0, 0, 0, 0");
        const string Options = """ "key": ["opportunity_id"], "valueMaps": {"product": {"GTXPro": "GTX Pro"}} """;
        (await ImportAsync("opportunity", "sales_pipeline.csv", Options + ", \"dryRun\": true")).Counts.ShouldBe("8800, 0, 0, 0, 0");
        (await server.CountAsync("opportunity")).ShouldBe(0);
        (await ImportAsync("opportunity", "sales_pipeline.csv", Options)).Counts.ShouldBe("8800, 0, 0, 0, 0");
        (await ImportAsync("opportunity", "sales_pipeline.csv", Options)).Counts.ShouldBe("0, 0, 8800, 0, 0", "nothing has changed since");

        (await FiguresAsync("stage", """ "groupBy": ["stage"] """, "count")).ShouldBe(Lower(expected.GetProperty("opportunities_by_stage")), ignoreOrder: true);
        (await RowsAsync($"{{{Won}}}"))[0].GetProperty("total").GetString().ShouldBe(expected.GetProperty("won_value_total").GetInt64() + ".00");
        (await FiguresAsync("owner.unit.name", $""" "groupBy": ["owner.unit.name"], {Won} """)).ShouldBe(Amounts(expected.GetProperty("won_value_by_region")), ignoreOrder: true);
        (await FiguresAsync("unit.name", $""" "groupBy": ["unit.name"], {Won} """)).ShouldBe(Amounts(expected.GetProperty("won_value_by_region")), ignoreOrder: true);
        (await FiguresAsync("owner.manager.name", $""" "groupBy": ["owner.manager.name"], {Won} """)).ShouldBe(Amounts(expected.GetProperty("won_value_by_manager")), ignoreOrder: true);
        (await FiguresAsync("owner.name", $""" "groupBy": ["owner.name"], {Won} """)).ShouldBe(Amounts(expected.GetProperty("won_value_by_agent")), ignoreOrder: true);
        (await FiguresAsync("product.name", $""" "groupBy": ["product.name"], {Won} """)).ShouldBe(Amounts(expected.GetProperty("won_value_by_product")), ignoreOrder: true);
        (await FiguresAsync("product.series", $""" "groupBy": ["product.series"], {Won} """)).ShouldBe(Amounts(expected.GetProperty("won_value_by_series")), ignoreOrder: true);
        (await FiguresAsync("close_date", $$""" "groupBy": [{"field": "close_date", "by": "quarter"}], {{Won}} """))
            .ShouldBe(Amounts(expected.GetProperty("won_value_by_close_quarter")).ToDictionary(q => q.Key.Insert(4, "-"), q => q.Value), ignoreOrder: true);
        (await EmptyAsync("customer")).ShouldBe(expected.GetProperty("blank").GetProperty("account").GetInt64());
        (await EmptyAsync("engage_date")).ShouldBe(expected.GetProperty("blank").GetProperty("engage_date").GetInt64());
        (await EmptyAsync("amount")).ShouldBe(expected.GetProperty("blank").GetProperty("close_value").GetInt64());
    }

    private async Task<ImportOutcome> ImportAsync(string entity, string file, string options = "")
    {
        var content = await File.ReadAllBytesAsync(SharedData.Path("maven_crm", file), TestContext.Current.CancellationToken);
        var outcome = await server.ImportAsync(entity, content, options);
        outcome.State.ShouldBe("succeeded", outcome.Job.ToString());
        return outcome;
    }

    private async Task<List<JsonElement>> RowsAsync(string body)
    {
        var answer = await server.Admin.PostAsync("/api/records/opportunity/aggregate", body);
        answer.Status.ShouldBe(200, answer.Text);
        return [.. answer.Json.GetProperty("rows").EnumerateArray()];
    }

    private async Task<Dictionary<string, string>> FiguresAsync(string group, string body, string figure = "total") =>
        (await RowsAsync($"{{{body}}}")).ToDictionary(r => r.GetProperty(group).GetString()!, r => r.GetProperty(figure).ToString());

    private async Task<long> EmptyAsync(string field) =>
        (await RowsAsync("""{"filter": {"field": "FIELD", "op": "isNull"}}""".Replace("FIELD", field, StringComparison.Ordinal)))[0].GetProperty("count").GetInt64();

    private static Dictionary<string, string> Lower(JsonElement figures) => figures.EnumerateObject().ToDictionary(f => f.Name.ToLowerInvariant(), f => f.Value.ToString());

    private static Dictionary<string, string> Amounts(JsonElement figures) => figures.EnumerateObject().ToDictionary(f => f.Name, f => f.Value + ".00");
}
