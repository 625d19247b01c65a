using System.Globalization;
using System.Text;
using Crm.Tests.Imports;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>Amounts in several currencies on the entities as they are shipped, on an installation that nobody has set up further.</summary>
public sealed class MoneyApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("12.50", "EUR", "12.99")]
    [InlineData("100", "GBP", "125.29")]
    [InlineData("1000", "CNY", "137.00")]
    [InlineData("15000", "JPY", "95.57")]
    [InlineData("9.99", "CHF", "11.03")]
    public async Task Every_currency_of_the_product_can_be_used_at_once(string amount, string currency, string worth)
    {
        var made = await server.Person.PostAsync("/api/records/opportunity", $$$"""{"name": "{{{currency}}} deal", "amount": {"amount": "{{{amount}}}", "currency": "{{{currency}}}"}}""");

        made.Status.ShouldBe(201, made.Text);
        var kept = made.Json.GetProperty("amount");
        (kept.GetProperty("currency").GetString(), kept.GetProperty("converted").GetString()).ShouldBe((currency, worth));
        decimal.Parse(kept.GetProperty("amount").GetString()!, CultureInfo.InvariantCulture).ShouldBe(decimal.Parse(amount, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Amounts_in_euros_are_found_exactly_and_ordered_and_summed_by_what_they_are_worth()
    {
        foreach (var (name, amount) in new[] { ("sum a", """{"amount": "1000", "currency": "EUR"}"""), ("sum b", "1020"), ("sum c", """{"amount": "1050", "currency": "USD"}""") })
        {
            await server.CreateAsync("opportunity", $$"""{"name": "{{name}}", "amount": {{amount}}}""");
        }

        (await NamesAsync("""{"field": "amount", "op": "eq", "value": {"amount": "1000.00", "currency": "EUR"}}""")).ShouldBe(["sum a"]);
        (await NamesAsync("""{"field": "amount", "op": "eq", "value": {"amount": "1038.90", "currency": "USD"}}""")).ShouldBeEmpty();
        (await NamesAsync("""{"field": "amount", "op": "in", "value": [{"amount": "1000", "currency": "EUR"}, 1020]}""")).ShouldBe(["sum b", "sum a"]);
        (await NamesAsync("""{"field": "amount", "op": "gt", "value": 1030}""")).ShouldBe(["sum a", "sum c"]);
        (await NamesAsync("""{"field": "amount", "op": "between", "value": [1020, {"amount": "1038.90", "currency": "USD"}]}""")).ShouldBe(["sum b", "sum a"]);
        var sums = await server.Admin.PostAsync("/api/records/opportunity/aggregate", """
            {"groupBy": ["amount.currency"], "measures": [{"fn": "sum", "field": "amount", "as": "total"}, {"fn": "max", "field": "amount", "as": "most"}], "filter": {"field": "name", "op": "startsWith", "value": "sum "}, "sort": "amount.currency"}
            """);
        sums.Json.GetProperty("rows").GetRawText().ShouldBe("""[{"amount.currency":"EUR","total":"1038.90","most":"1038.90"},{"amount.currency":"USD","total":"2070.00","most":"1050.00"}]""");
    }

    [Theory]
    [InlineData("gt")]
    [InlineData("le")]
    public async Task To_ask_for_more_or_less_than_an_amount_in_another_currency_is_refused_in_words(string op)
    {
        var refused = await server.Person.ReadAsync("/api/records/opportunity?filter=" + Uri.EscapeDataString($$$"""{"field": "amount", "op": "{{{op}}}", "value": {"amount": "1000", "currency": "EUR"}}"""));

        (refused.Status, refused.Problems).ShouldBe((400, "filter.value: value.currency.order"));
        refused.Json.GetProperty("errors")[0].GetProperty("message").GetString().ShouldBe("Only amounts in USD are compared by size: give what it is worth in USD, or ask for exactly this amount with eq.");
    }

    [Fact]
    public async Task A_currency_that_is_not_the_organisations_is_refused_with_those_that_are()
    {
        var refused = await server.Person.PostAsync("/api/records/opportunity", """{"name": "x", "amount": {"amount": "1", "currency": "SEK"}}""");

        (refused.Status, refused.Problems).ShouldBe((400, "amount: value.currency"));
        refused.Json.GetProperty("errors")[0].GetProperty("message").GetString().ShouldBe("Amounts in SEK cannot be kept here; use USD, EUR, GBP, CNY, JPY, CHF.");
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("xlsx")]
    public async Task What_is_exported_in_several_currencies_is_imported_again_without_a_difference(string format)
    {
        string[] amounts = ["""{"amount": "12.50", "currency": "EUR"}""", """{"amount": "100000", "currency": "JPY"}""", """{"amount": "0.05", "currency": "GBP"}""", "7.1234", """{"amount": "-3", "currency": "CHF"}"""];
        var ids = new List<string>();
        foreach (var (i, amount) in amounts.Index())
        {
            ids.Add((await server.CreateAsync("opportunity_cost", $$"""{"text": "{{format}} {{i}}", "kind": "other", "amount": {{amount}}, "opportunity": "{{await DealAsync()}}"}""")).GetProperty("id").GetString()!);
        }
        var before = await AmountsAsync(ids);
        using var file = await server.Admin.GetAsync(new Uri($"/api/exports/opportunity_cost?format={format}&fields=text,amount&sort=text&filter=" + Uri.EscapeDataString($$"""{"field": "text", "op": "startsWith", "value": "{{format}} "}"""), UriKind.Relative), TestContext.Current.CancellationToken);
        var content = await file.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        foreach (var id in ids)
        {
            (await server.Admin.SendAsync("PATCH", $"/api/records/opportunity_cost/{id}?force=true", """{"amount": 1}""")).Status.ShouldBe(200);
        }

        var accepted = await server.SendAsync("opportunity_cost", content, """ "mode": "update", "key": ["text"] """, "costs." + format);
        accepted.Status.ShouldBe(202, accepted.Text);
        var outcome = new ImportOutcome(await server.FinishedAsync(accepted.Json.GetProperty("id").GetString()!));

        outcome.Counts.ShouldBe("0, 5, 0, 0, 0", $"{outcome.Result}\n{Encoding.UTF8.GetString(content)}");
        (await AmountsAsync(ids)).ShouldBe(before);
    }

    [Fact]
    public async Task The_rates_are_records_like_any_other_and_what_is_saved_keeps_its_worth()
    {
        var deal = await server.CreateAsync("opportunity", """{"name": "kept", "amount": {"amount": "100", "currency": "EUR"}}""");
        var rate = (await server.Admin.ReadAsync("/api/records/exchange_rate?filter=" + Uri.EscapeDataString("""{"all": [{"field": "currency", "op": "eq", "value": "EUR"}, {"field": "date", "op": "eq", "value": "2024-12-31"}]}"""))).Json.GetProperty("items")[0];
        rate.GetProperty("rate").GetRawText().ShouldBe("1.0389");
        (await server.Person.PostAsync("/api/records/exchange_rate", """{"currency": "EUR", "date": "2025-01-01", "rate": 5}""")).Status.ShouldBe(403);
        var newer = await server.CreateAsync("exchange_rate", """{"currency": "EUR", "date": "2025-06-30", "rate": 2}""");

        var next = await server.CreateAsync("opportunity", """{"name": "next", "amount": {"amount": "100", "currency": "EUR"}}""");

        next.GetProperty("amount").GetProperty("converted").GetString().ShouldBe("200.00");
        (await server.Admin.ReadAsync($"/api/records/opportunity/{deal.GetProperty("id").GetString()}")).Json.GetProperty("amount").GetProperty("converted").GetString().ShouldBe("103.89");
        (await server.Admin.SendAsync("DELETE", $"/api/records/exchange_rate/{newer.GetProperty("id").GetString()}")).Status.ShouldBe(204);
    }

    private async Task<string> DealAsync() => (await server.CreateAsync("opportunity", """{"name": "with costs"}""")).GetProperty("id").GetString()!;

    private async Task<string[]> AmountsAsync(IEnumerable<string> ids)
    {
        var amounts = new List<string>();
        foreach (var id in ids)
        {
            amounts.Add((await server.Admin.ReadAsync($"/api/records/opportunity_cost/{id}")).Json.GetProperty("amount").GetRawText());
        }
        return [.. amounts];
    }

    private async Task<string[]> NamesAsync(string filter)
    {
        var all = $$"""{"all": [{"field": "name", "op": "startsWith", "value": "sum "}, {{filter}}]}""";
        var page = await server.Admin.ReadAsync("/api/records/opportunity?sort=amount&fields=name&filter=" + Uri.EscapeDataString(all));
        page.Status.ShouldBe(200, page.Text);
        return [.. page.Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("name").GetString()!)];
    }
}
