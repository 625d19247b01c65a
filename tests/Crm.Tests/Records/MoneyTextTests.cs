using System.Globalization;
using Crm.Metadata;
using Crm.Tests.Databases;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Amounts as people and files write them: the code or the sign of a currency says which one is meant, and never nothing.</summary>
[NoDatabase]
public sealed class MoneyTextTests
{
    private static readonly MoneyFieldType Several = TypeOf("""{"currency": "USD", "currencies": ["EUR", "GBP", "CNY", "JPY", "CHF"]}""");

    [Theory]
    [InlineData("12.50", "12.50 USD")]
    [InlineData("€12.50", "12.50 EUR")]
    [InlineData("12.50 €", "12.50 EUR")]
    [InlineData("€ 1,234.5", "1234.5 EUR")]
    [InlineData("-£3", "-3 GBP")]
    [InlineData("£-3", "-3 GBP")]
    [InlineData("- £3", "-3 GBP")]
    [InlineData("$8", "8 USD")]
    [InlineData("12.50 EUR", "12.50 EUR")]
    [InlineData("12.50eur", "12.50 EUR")]
    [InlineData("chf 1,250", "1250 CHF")]
    [InlineData("5 SEK", "5 SEK")]
    [InlineData("₩5", "5 KRW")]
    [InlineData("¥100", "value.currency.sign: ¥, CNY, JPY, CNY")]
    [InlineData("€", "value.money")]
    [InlineData("1€2", "value.money")]
    [InlineData("€1€", "value.money")]
    [InlineData("EUR", "value.money")]
    [InlineData("abc EUR", "value.money")]
    [InlineData("-€", "value.money")]
    public void A_text_says_its_currency(string text, string expected) => Read(Several, text).ShouldBe(expected);

    [Theory]
    [InlineData("12.50", "JPY", "12.50 JPY")]
    [InlineData("¥100", "JPY", "100 JPY")]
    [InlineData("¥100", "CNY", "100 CNY")]
    [InlineData("￥100", "CNY", "100 CNY")]
    [InlineData("€100", "JPY", "100 EUR")]
    [InlineData("100 EUR", "JPY", "100 EUR")]
    [InlineData("$100", "JPY", "100 USD")]
    public void What_names_no_currency_is_in_the_one_that_was_chosen_beside_it(string text, string chosen, string expected) => Read(Several, text, chosen).ShouldBe(expected);

    [Theory]
    [InlineData("""{"currency": "AUD"}""", "$5", "5 AUD")]
    [InlineData("""{"currency": "EUR", "currencies": ["CAD"]}""", "$5", "5 CAD")]
    [InlineData("""{"currency": "EUR", "currencies": ["CAD", "USD"]}""", "$5", "value.currency.sign: $, USD, AUD, CAD, HKD, MXN, NZD, SGD, TWD, USD")]
    [InlineData("""{"currency": "USD", "currencies": ["JPY"]}""", "¥5", "5 JPY")]
    [InlineData("""{"currency": "USD"}""", "€5", "5 EUR")]
    public void A_sign_of_several_currencies_means_the_one_that_is_used_here(string organisation, string text, string expected) => Read(TypeOf(organisation), text).ShouldBe(expected);

    [Fact]
    public void A_column_with_the_currency_says_which_one_a_sign_means()
    {
        var texts = new Dictionary<string, string> { [""] = "¥100", ["currency"] = " jpy " };

        Several.FromParts(texts, TextFormat.Invariant).Value.ShouldBe(new Money(100, "JPY"));
    }

    private static MoneyFieldType TypeOf(string organisation)
    {
        using var folder = new MetadataFolder();
        return (MoneyFieldType)folder.With("organisation.json", organisation).WithEntity("thing", """{"name": "amount", "type": "money"}""").Compile()["thing"]["amount"].Type;
    }

    private static string Read(MoneyFieldType type, string text, string? chosen = null)
    {
        var parsed = type.FromText(text, TextFormat.Invariant with { Currency = chosen });
        return parsed.Value is Money money ? string.Create(CultureInfo.InvariantCulture, $"{money.Amount} {money.Currency}")
            : parsed.Fault!.Code + (parsed.Fault.Arguments.Length == 0 ? "" : ": " + string.Join(", ", parsed.Fault.Arguments));
    }
}
