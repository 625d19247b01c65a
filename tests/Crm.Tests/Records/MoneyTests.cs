using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Amounts in several currencies: what each is worth is settled when it is saved, and orders, sums and limits go by it.</summary>
public sealed class MoneyTests
{
    [Fact]
    public async Task An_amount_is_converted_at_the_rate_of_the_day_and_keeps_it()
    {
        await using var store = await OpenAsync();
        await store.CreateAsync("exchange_rate", """{"currency": "eur", "date": "2026-03-01", "rate": 1.25}""");
        var deal = await store.CreateAsync("deal", """{"amount": {"amount": "10.02", "currency": "EUR"}}""");
        await store.CreateAsync("exchange_rate", """{"currency": "EUR", "date": "2026-03-02", "rate": 2}""");

        await store.UpdateAsync(deal, """{"name": "renamed", "amount": {"amount": "10.02", "currency": "EUR", "converted": "999"}}""");
        var kept = await store.GetAsync(deal);
        await store.UpdateAsync(deal, """{"amount": {"amount": "10.03", "currency": "EUR", "converted": "999"}}""");
        var changed = await store.GetAsync(deal);

        ((Money)kept["amount"]!).Converted.ShouldBe(12.53m);
        ((Money)changed["amount"]!).Converted.ShouldBe(20.06m);
    }

    [Fact]
    public async Task Without_any_rate_an_amount_is_refused_in_words_that_say_what_to_do()
    {
        await using var store = await OpenAsync();
        await store.CreateAsync("exchange_rate", """{"currency": "JPY", "date": "2000-01-01", "rate": 0.01}""");

        var refusal = await Should.ThrowAsync<ProblemException>(() => store.CreateAsync("deal", """{"amount": {"amount": "10", "currency": "EUR"}}"""));

        var problem = refusal.Problems.ShouldHaveSingleItem();
        (problem.Code, problem.Field).ShouldBe(("money.noRate", "amount"));
        problem.Message(Shipped.Model.Texts).ShouldBe("There is no exchange rate for EUR. Let an administrator enter one under “Exchange rate”, or give the amount in USD.");
        (await store.CountAsync("deal")).ShouldBe(0);
    }

    [Fact]
    public async Task An_amount_of_a_day_before_the_first_rate_is_worth_what_the_first_rate_says()
    {
        await using var store = await OpenAsync();
        foreach (var (day, rate) in new[] { ("2020-06-01", "2"), ("2010-01-01", "1.25"), ("2030-01-01", "3") })
        {
            await store.CreateAsync("exchange_rate", $$"""{"currency": "EUR", "date": "{{day}}", "rate": {{rate}}}""");
        }
        var gone = await store.CreateAsync("exchange_rate", """{"currency": "EUR", "date": "1999-01-01", "rate": 9}""");
        await store.DeleteAsync(gone);
        string[] days = ["1995-05-05", "2009-12-31", "2010-01-01", "2020-05-31", "2020-06-01", "1970-01-01", "2031-01-01"];

        // As an import of history does: each change has the moment that it tells of.
        await store.WriteAsync(atomic: true, [.. days.Select(day => RecordChange.Create(store["deal"], store.Values("deal", $$$"""{"name": "{{{day}}}", "amount": {"amount": "100", "currency": "EUR"}}"""), null, (DateTimeOffset.Parse(day + "T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture), null)))]);

        var worth = (await store.QueryAsync("deal", fields: "name,amount.converted")).Items.ToDictionary(r => (string)r[0]!, r => (decimal)r[1]!);
        days.Select(day => worth[day]).ShouldBe([125m, 125m, 125m, 125m, 200m, 125m, 300m]);
    }

    [Fact]
    public async Task A_rate_that_begins_later_is_better_than_none()
    {
        await using var store = await OpenAsync();
        await store.CreateAsync("exchange_rate", """{"currency": "EUR", "date": "2090-01-01", "rate": 1.25}""");

        var deal = await store.CreateAsync("deal", """{"amount": {"amount": "10", "currency": "EUR"}}""");

        ((Money)deal["amount"]!).Converted.ShouldBe(12.5m);
    }

    [Fact]
    public async Task Order_limits_sums_and_averages_go_by_what_amounts_are_worth()
    {
        await using var store = await OpenAsync();
        await store.CreateAsync("exchange_rate", """{"currency": "EUR", "date": "2000-01-01", "rate": 1.5}""");
        await store.CreateAsync("exchange_rate", """{"currency": "JPY", "date": "2000-01-01", "rate": 0.01}""");
        await store.WriteAsync(atomic: true, store.Creation("deal", """{"name": "dollars", "amount": 12}"""), store.Creation("deal", """{"name": "euros", "amount": {"amount": "10", "currency": "EUR"}}"""), store.Creation("deal", """{"name": "yen", "amount": {"amount": "1000", "currency": "JPY"}}"""));

        (await store.NamesAsync("deal", sort: "amount")).ShouldBe(["yen", "dollars", "euros"]);
        (await store.NamesAsync("deal", """{"field": "amount", "op": "gt", "value": 11}""", sort: "name")).ShouldBe(["dollars", "euros"]);
        (await store.NamesAsync("deal", """{"field": "amount", "op": "eq", "value": {"amount": "10", "currency": "EUR"}}""")).ShouldBe(["euros"]);
        (await store.NamesAsync("deal", """{"field": "amount.currency", "op": "in", "value": ["EUR", "JPY"]}""", sort: "name")).ShouldBe(["euros", "yen"]);
        (await store.NamesAsync("deal", sort: "-amount.converted")).ShouldBe(["euros", "dollars", "yen"]);
        var path = store["deal"].Resolve("amount")!;
        var figures = (await store.AggregateAsync(new(store["deal"], [], [new(MeasureFunction.Sum, path, "sum"), new(MeasureFunction.Avg, path, "avg"), new(MeasureFunction.Max, path, "max")]))).Rows[0];
        (figures[0], figures[1], figures[2]).ShouldBe((37m, decimal.Round(37m / 3, 10), 15m));
    }

    [Theory]
    [InlineData("""{"amount": "10", "currency": "CHF"}""", "value.currency")]
    [InlineData("""{"amount": "10.5", "currency": "JPY"}""", "value.scale")]
    [InlineData("""{"amount": "1.00001", "currency": "EUR"}""", "value.scale")]
    public async Task What_cannot_be_kept_is_refused(string json, string code)
    {
        await using var store = await OpenAsync();
        await store.CreateAsync("exchange_rate", """{"currency": "EUR", "date": "2000-01-01", "rate": 1.5}""");
        await store.CreateAsync("exchange_rate", """{"currency": "JPY", "date": "2000-01-01", "rate": 0.01}""");

        (await Should.ThrowAsync<ProblemException>(() => store.CreateAsync("deal", $$"""{"amount": {{json}}}"""))).Problems[0].Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_condition_asks_for_order_in_the_organisations_currency()
    {
        await using var store = await OpenAsync();

        Should.Throw<ProblemException>(() => ConditionReader.Read("""{"field": "amount", "op": "gt", "value": {"amount": "1", "currency": "EUR"}}""", store["deal"])).Problems[0].Code.ShouldBe("value.currency.order");
    }

    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(folder => folder.WithSurroundings().WithEntity("deal", """{"name": "name", "type": "text"}, {"name": "amount", "type": "money"}"""));
}
