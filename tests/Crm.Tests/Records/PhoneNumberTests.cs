using System.Text.Json;
using Crm.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Telephone numbers have one stored form, however they were written.</summary>
public sealed class PhoneNumberTests
{
    [Theory]
    [InlineData("+49 (0)30 1234567", null, "+49301234567")]
    [InlineData("030 1234567", "DE", "+49301234567")]
    [InlineData("0049 30 1234567", "DE", "+49301234567")]
    [InlineData("(213) 373-4253", "US", "+12133734253")]
    [InlineData("1-213-373-4253 x12", "US", "+12133734253;ext=12")]
    [InlineData("011 49 30 1234567", "US", "+49301234567")]
    [InlineData("＋８６ 138 0013 8000", null, "+8613800138000")]
    [InlineData("+١٢١٢٢٣٢٣٢٣٢", null, "+12122323232")]
    [InlineData("tel:+78005553535;ext=123", null, "+78005553535;ext=123")]
    [InlineData("8 (800) 555 35 35", "RU", "+78005553535")]
    public void One_number_has_one_form(string text, string? region, string expected) => PhoneNumber.TryParse(text, region)!.ToE164().ShouldBe(expected);

    [Theory]
    [InlineData("110", "DE")]
    [InlineData("1234567", null)]
    [InlineData("+999 123 4567", null)]
    [InlineData("222222222222222222", "US")]
    [InlineData("call me", "US")]
    [InlineData("", "US")]
    public void What_cannot_be_dialled_from_anywhere_is_no_number(string text, string? region) => PhoneNumber.TryParse(text, region).ShouldBeNull();

    [Fact]
    public void Examples_of_every_country_are_understood_in_every_form()
    {
        var wrong = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(SharedData.Path("phone", "examples.csv")).Skip(1))
        {
            var cells = line.Split(',');
            var (country, e164) = (cells[0], cells[3]);
            count++;
            foreach (var (form, region) in new[] { (e164, (string?)null), (cells[4], null), (cells[5], country), (cells[6], null) })
            {
                if (PhoneNumber.TryParse(form, region)?.ToE164() != e164)
                {
                    wrong.Add($"{country}: {form} gives {PhoneNumber.TryParse(form, region)?.ToE164()}, not {e164}");
                }
            }
            foreach (var region in new[] { null, country, "DE", "US" })
            {
                var shown = PhoneNumber.TryParse(e164, region)!.ToText(region);
                if (PhoneNumber.TryParse(shown, region)?.ToE164() != e164)
                {
                    wrong.Add($"{country}: {e164} is shown as {shown}, which reads as another number");
                }
            }
        }
        count.ShouldBe(JsonElement.Parse(File.ReadAllText(SharedData.Path("phone", "reference.json"))).GetProperty("examples").GetInt32());
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void The_table_agrees_with_the_published_plans()
    {
        using var metadata = JsonDocument.Parse(File.ReadAllText(SharedData.Path("phone", "metadata.min.json")));
        foreach (var country in metadata.RootElement.GetProperty("countries").EnumerateObject())
        {
            var region = PhoneRegions.Find(country.Name).ShouldNotBeNull(country.Name);
            region.Code.ShouldBe(country.Value[0].GetString());
            region.Lengths.ShouldBe(country.Value[3].EnumerateArray().Select(l => l.GetInt32()), ignoreOrder: true, country.Name);
        }
    }

    [Fact]
    public async Task A_number_is_found_by_any_way_of_writing_it_and_is_the_same_number()
    {
        await using var store = await TestStore.OpenAsync(folder => folder.With("organisation.json", """{"currency": "EUR", "region": "DE"}""")
            .WithEntity("person", """{"name": "name", "type": "text"}, {"name": "phone", "type": "phone", "unique": true}""", """ "searchFields": ["name", "phone"] """));
        await store.CreateAsync("person", """{"name": "Ada", "phone": "030/123 45-67"}""");

        (await store.NamesAsync("person", """{"field": "phone", "op": "eq", "value": "+49 30 1234567"}""")).ShouldBe(["Ada"]);
        (await store.NamesAsync("person", """{"field": "phone", "op": "contains", "value": "(030) 123"}""")).ShouldBe(["Ada"]);
        (await store.NamesAsync("person", search: "4930123")).ShouldBe(["Ada"]);
        (await Should.ThrowAsync<Crm.Rules.ProblemException>(() => store.CreateAsync("person", """{"phone": "+49301234567"}"""))).Problems[0].Code.ShouldBe("unique");
    }
}
