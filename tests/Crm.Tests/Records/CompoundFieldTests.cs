using System.Text;
using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Values that have parts, and values that are lists.</summary>
public sealed class CompoundFieldTests
{
    [Fact]
    public async Task Parts_of_an_address_filter_sort_and_stand_in_answers_like_fields()
    {
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("firm", """{"name": "name", "type": "text"}, {"name": "home", "type": "address"}""")
            .WithEntity("deal", """{"name": "name", "type": "text"}, {"name": "firm", "type": "lookup", "target": "firm"}"""));
        var berlin = await store.CreateAsync("firm", """{"name": "A", "home": {"street": "Hauptstr. 1", "postalCode": "10115", "city": "Berlin", "country": "Germany"}}""");
        await store.CreateAsync("firm", """{"name": "B", "home": {"city": "Ärzen", "country": "DE"}}""");
        await store.CreateAsync("firm", """{"name": "C", "home": {"city": "Boston", "region": "MA", "country": "US"}}""");
        await store.CreateAsync("firm", """{"name": "D"}""");
        await store.CreateAsync("deal", $$"""{"name": "deal", "firm": "{{berlin.Id}}"}""");

        (await store.NamesAsync("firm", sort: "home.city")).ShouldBe(["B", "A", "C", "D"]);
        (await store.NamesAsync("firm", """{"field": "home.country", "op": "eq", "value": "de"}""", sort: "name")).ShouldBe(["A", "B"]);
        (await store.NamesAsync("firm", """{"field": "home.city", "op": "contains", "value": "arz"}""")).ShouldBe(["B"]);
        (await store.NamesAsync("firm", """{"not": {"field": "home.city", "op": "eq", "value": "Boston"}}""", sort: "name")).ShouldBe(["A", "B", "D"]);
        (await store.NamesAsync("firm", """{"field": "home", "op": "contains", "value": "hauptstr. 1, 10115"}""")).ShouldBe(["A"]);
        (await store.NamesAsync("deal", """{"field": "firm.home.city", "op": "eq", "value": "Berlin"}""")).ShouldBe(["deal"]);
        (await JsonAsync(store, "firm", "name,home.city,home.country", berlin.Id)).ShouldBe($$$"""{"id":"{{{berlin.Id}}}","name":"A","home":{"city":"Berlin","country":"DE"}}""");
        (await JsonAsync(store, "firm", "home", berlin.Id)).ShouldContain("\"street\":\"Hauptstr. 1\"");
    }

    [Fact]
    public async Task Groups_by_a_part_count_its_values()
    {
        await using var store = await TestStore.OpenAsync("firm", """{"name": "home", "type": "address"}""");
        await store.CreateAsync("firm", """{"home": {"city": "Berlin", "street": "a"}}""");
        await store.CreateAsync("firm", """{"home": {"city": "Berlin", "street": "b"}}""");

        var rows = (await store.AggregateAsync(new(store["firm"], [new(store["firm"].Resolve("home.city")!, null)], [new(MeasureFunction.Count, null, "count")]))).Rows;

        rows.Count.ShouldBe(1);
        (rows[0][0], rows[0][1]).ShouldBe(("Berlin", 2L));
    }

    [Theory]
    [InlineData("multiChoice", """["a", "\u0000"]""")]
    [InlineData("choice", "\"\\u0000\"")]
    [InlineData("money", """{"amount": 1, "currency": "\u0000"}""")]
    public async Task What_no_text_can_hold_is_refused_in_every_value_and_in_what_one_is_compared_with(string type, string json)
    {
        await using var store = await TestStore.OpenAsync("thing", $$"""{"name": "value", "type": "{{type}}"{{(type == "money" ? "" : ", \"options\": [{\"value\": \"a\"}]")}}}""");

        store["thing"]["value"].Type.FromJson(JsonElement.Parse(json)).Fault!.Code.ShouldBe("value.controlCharacters");
        (await Refusal.OfAsync(async () => await store.QueryAsync("thing", $$"""{"field": "value", "op": "eq", "value": {{json}}}"""))).ShouldBe("filter.value: value.controlCharacters");
    }

    [Fact]
    public async Task A_list_is_asked_for_its_members_exactly()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}, {"name": "tags", "type": "tags"}, {"name": "areas", "type": "multiChoice", "options": [{"value": "a"}, {"value": "ab"}, {"value": "b"}]}""");
        await store.CreateAsync("thing", """{"name": "1", "tags": ["VIP", "Munich"], "areas": ["ab"]}""");
        await store.CreateAsync("thing", """{"name": "2", "tags": ["vip lounge"], "areas": ["b", "a"]}""");
        await store.CreateAsync("thing", """{"name": "3"}""");

        (await store.NamesAsync("thing", """{"field": "tags", "op": "contains", "value": "vip"}""")).ShouldBe(["1"]);
        (await store.NamesAsync("thing", """{"field": "areas", "op": "in", "value": ["a", "x"]}""")).ShouldBe(["2"]);
        (await store.NamesAsync("thing", """{"field": "areas", "op": "notIn", "value": ["a"]}""", sort: "name")).ShouldBe(["1", "3"]);
        (await store.NamesAsync("thing", """{"field": "areas", "op": "eq", "value": ["a", "b"]}""")).ShouldBe(["2"]);
    }

    [Fact]
    public async Task Of_several_addresses_one_is_primary_and_each_is_found()
    {
        await using var store = await TestStore.OpenAsync("person", """{"name": "name", "type": "text"}, {"name": "mail", "type": "email", "multiple": true}""", """ "searchFields": ["mail"] """);
        var ada = await store.CreateAsync("person", """{"name": "Ada", "mail": [{"value": "ada@home.example", "kind": "private"}, {"value": "ada@work.example", "kind": "work", "primary": true}, "ada@work.example"]}""");
        await store.CreateAsync("person", """{"name": "Bob", "mail": "bob@work.example"}""");

        var mail = (ContactList)(await store.GetAsync(ada))["mail"]!;
        mail.Items.Select(c => (c.Value, c.Kind, c.Primary)).ShouldBe([("ada@work.example", "work", true), ("ada@home.example", "private", false)]);
        (await store.NamesAsync("person", """{"field": "mail", "op": "eq", "value": "ada@home.example"}""")).ShouldBe(["Ada"]);
        (await store.NamesAsync("person", """{"field": "mail", "op": "eq", "value": "home.example"}""")).ShouldBeEmpty();
        (await store.NamesAsync("person", search: "work.EXAMPLE", sort: "name")).ShouldBe(["Ada", "Bob"]);
        (await Should.ThrowAsync<ProblemException>(() => store.CreateAsync("person", """{"mail": {"value": "x@y.example", "kind": "pigeon"}}"""))).Problems[0].Code.ShouldBe("value.contact.kind");
    }

    [Theory]
    [InlineData("code128", "ABC-1", "ABC-1")]
    [InlineData("ean13", "4 006381 333931", "4006381333931")]
    [InlineData("ean13", "400638133393", "4006381333931")]
    [InlineData("ean13", "4006381333932", null)]
    [InlineData("ean8", "96385074", "96385074")]
    [InlineData("upca", "036000291452", "036000291452")]
    [InlineData("upca", "036000291453", null)]
    [InlineData("code128", "ä", null)]
    public void Check_digits_of_codes_are_right(string kind, string text, string? stored)
    {
        using var folder = new Metadata.MetadataFolder();
        var type = folder.WithEntity("thing", $$"""{"name": "code", "type": "barcode", "kind": "{{kind}}"}""").Compile()["thing"]["code"].Type;

        type.FromText(text, TextFormat.Invariant).Value.ShouldBe(stored);
    }

    [Theory]
    [InlineData("1:30", 5_400)]
    [InlineData("1h 30m", 5_400)]
    [InlineData("90", 5_400)]
    [InlineData("1.5h", 5_400)]
    [InlineData("PT1H30M", 5_400)]
    [InlineData("2d 3h", 183_600)]
    [InlineData("45s", 45)]
    [InlineData("1小时30分钟", 5_400)]
    public void A_duration_is_read_as_people_write_it(string text, int seconds) => new DurationFieldType().FromText(text, TextFormat.Invariant).Value.ShouldBe(TimeSpan.FromSeconds(seconds));

    [Fact]
    public async Task Durations_add_up()
    {
        await using var store = await TestStore.OpenAsync("work", """{"name": "spent", "type": "duration"}""");
        await store.WriteAsync(atomic: true, store.Creation("work", """{"spent": "PT1H30M"}"""), store.Creation("work", """{"spent": "PT45M"}"""));

        var rows = (await store.AggregateAsync(new(store["work"], [], [new(MeasureFunction.Sum, store["work"].Resolve("spent")!, "sum")]))).Rows;

        DurationFieldType.ToIso(Convert.ToInt64(rows[0][0], System.Globalization.CultureInfo.InvariantCulture)).ShouldBe("PT2H15M");
    }

    [Fact]
    public async Task A_signature_says_who_and_when_by_the_platforms_clock()
    {
        await using var store = await TestStore.OpenAsync("contract", """{"name": "signed", "type": "signature"}""");
        var ada = await store.PersonAsync("Ada");
        var image = JsonElement.Parse(FieldSamples.Find("signature").Values[0]).GetProperty("image").GetString();

        var contract = await store.CreateAsync("contract", $$$"""{"signed": {"image": "{{{image}}}", "at": "1999-01-01T00:00:00Z"}}""", ada);

        var signature = (Signature)contract["signed"]!;
        (signature.Name, signature.At).ShouldBe(("Ada", Iso8601.ToMicroseconds(store.Clock.GetUtcNow())));
    }

    private static async Task<string> JsonAsync(TestStore store, string entity, string fields, Guid id)
    {
        using var stream = new MemoryStream();
        await using (var json = new Utf8JsonWriter(stream))
        {
            await store.Store.WriteJsonAsync(json, RecordShape.Of(store[entity], fields), store[entity], id, Actor.Platform, _ => { });
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
