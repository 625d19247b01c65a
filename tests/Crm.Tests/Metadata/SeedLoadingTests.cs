using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Metadata;

/// <summary>Records to begin with are checked when the Model is loaded: what is wrong is told with file, path and a sentence, and only that stays out.</summary>
[NoDatabase]
public sealed class SeedLoadingTests
{
    [Theory]
    [InlineData(""" "key": ["code"], "entity": "nothing" """, """{"code": "A"}""", "entity")]
    [InlineData(""" "key": ["code"], "entity": "job" """, """{"code": "A"}""", "entity")]
    [InlineData(""" "key": [] """, """{"code": "A", "name": "a"}""", "key")]
    [InlineData(""" "key": ["nothing"] """, """{"code": "A", "name": "a"}""", "key[0]")]
    [InlineData(""" "key": ["code", "code"] """, """{"code": "A", "name": "a"}""", "key[1]")]
    [InlineData(""" "key": ["code"], "onlyForCurrency": "dollars" """, """{"code": "A", "name": "a"}""", "onlyForCurrency")]
    [InlineData(""" "key": ["code"] """, """{"code": "A", "name": "a"}, {"code": "B", "name": "b", "colour": 1}""", "records[1].colour")]
    [InlineData(""" "key": ["code"] """, """{"code": "A", "name": "a", "size": "many"}""", "records[0].size")]
    [InlineData(""" "key": ["code"] """, """{"code": "A", "name": "a", "size": -1}""", "records[0].size")]
    [InlineData(""" "key": ["code"] """, """{"code": "A", "name": "a", "number": "7"}""", "records[0].number")]
    [InlineData(""" "key": ["code"] """, """{"code": "A"}""", "records[0].name")]
    [InlineData(""" "key": ["code"] """, """{"code": "A", "name": null}""", "records[0].name")]
    [InlineData(""" "key": ["code"] """, """{"name": "a"}""", "records[0].code")]
    [InlineData(""" "key": ["code"] """, """{"code": "A", "name": "a"}, {"code": "A", "name": "b"}""", "records[1].code")]
    [InlineData(""" "key": ["code"] """, """{"id": "7", "code": "A", "name": "a"}""", "records[0].id")]
    [InlineData(""" "key": ["code"] """, """{"code": "A", "code": "B", "name": "a"}""", "records[0].code")]
    public void What_is_wrong_is_told_with_its_place(string head, string records, string path)
    {
        using var folder = Folder(head, records);

        var problem = folder.Compile().Problems.ShouldHaveSingleItem();

        (problem.File, problem.Path).ShouldBe(("seeds/things.json", path));
        problem.Message.ShouldNotContain("problem.");
    }

    [Fact]
    public void Every_fault_of_a_file_is_told_and_a_key_that_is_too_long_is_one()
    {
        using var folder = Folder(""" "key": ["code"] """, $$"""{"code": "{{new string('x', 600)}}", "name": "a"}, {"code": "B"}, {"code": "C", "name": "c", "size": -1, "colour": 2}""");

        folder.Compile().Problems.Select(p => p.Path).ShouldBe(["records[0].code", "records[1].name", "records[2].colour", "records[2].size"]);
    }

    [Fact]
    public void The_shipped_rates_cover_every_currency_of_the_organisation()
    {
        var seed = Shipped.Model.Files.Seeds["exchange_rates"].Definition;

        Shipped.Model.Problems.ShouldBeEmpty();
        seed.OnlyForCurrency.ShouldBe(Shipped.Model.Organisation.Currency);
        seed.Records.Select(r => r["currency"].GetString()).ShouldBe(Shipped.Model.Organisation.Currencies, ignoreOrder: true);
        // What one euro was worth on that day, crossed over the dollar.
        var worth = seed.Records.ToDictionary(r => r["currency"].GetString()!, r => r["rate"].GetDecimal());
        foreach (var (currency, perEuro) in new[] { ("EUR", 1m), ("GBP", 0.82918m), ("CHF", 0.9412m), ("JPY", 163.06m), ("CNY", 7.5833m) })
        {
            worth[currency].ShouldBe(decimal.Round(1.0389m / perEuro, 9, MidpointRounding.AwayFromZero), currency);
        }
    }

    private static MetadataFolder Folder(string head, string records)
    {
        var entity = head.Contains("\"entity\"", StringComparison.Ordinal) ? "" : "\"entity\": \"thing\",";
        return new MetadataFolder()
            .WithEntity("thing", """{"name": "code", "type": "text"}, {"name": "name", "type": "text", "required": true}, {"name": "size", "type": "integer", "min": 0}, {"name": "number", "type": "autonumber", "pattern": "{0000}"}""")
            .With("i18n/en.json", File.ReadAllText(Repository.File("metadata", "i18n", "en.json")))
            .With("seeds/things.json", $$"""{"name": "things", {{entity}} {{head}}, "records": [{{records}}]}""");
    }
}
