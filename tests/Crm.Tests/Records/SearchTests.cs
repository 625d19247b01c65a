using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

public sealed class SearchTests
{
    [Theory]
    [InlineData("müller", "Müller GmbH")]
    [InlineData("MULLER", "Müller GmbH")]
    [InlineData("llER g", "Müller GmbH")]
    [InlineData("strasse", "Große Straße 1")]
    [InlineData("grosse straße", "Große Straße 1")]
    [InlineData("有限", "北京有限公司")]
    [InlineData("berlin", "Müller GmbH")]
    [InlineData("parent city", "Child", "Upper")]
    [InlineData("child parent", "Child")]
    [InlineData("100%", "100% _sure_")]
    [InlineData("_sure", "100% _sure_")]
    [InlineData("nothing of this")]
    [InlineData("müller straße")]
    [InlineData("%")]
    [InlineData("' OR 1=1 --")]
    public async Task Every_word_must_occur_in_some_search_field_whatever_its_case_and_accents(string words, params string[] found)
    {
        await using var store = await OpenAsync();

        var names = await store.NamesAsync("thing", search: words, sort: "name");

        names.ShouldBe(words == "%" ? ["100% _sure_"] : found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public async Task Nothing_to_look_for_finds_everything(string words)
    {
        await using var store = await OpenAsync();

        (await store.NamesAsync("thing", search: words)).Length.ShouldBe(await store.CountAsync("thing"));
    }

    [Fact]
    public async Task What_is_no_search_field_is_not_searched()
    {
        await using var store = await OpenAsync();

        (await store.NamesAsync("thing", search: "hidden")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_search_fields_the_title_is_searched()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}, {"name": "city", "type": "text"}""");
        await store.CreateAsync("thing", """{"name": "Acme", "city": "Rome"}""");

        (await store.NamesAsync("thing", search: "acme")).ShouldBe(["Acme"]);
        (await store.NamesAsync("thing", search: "rome")).ShouldBeEmpty();
    }

    private static async Task<TestStore> OpenAsync()
    {
        var store = await TestStore.OpenAsync(
            "thing",
            """
            {"name": "name", "type": "text"}, {"name": "city", "type": "text"}, {"name": "secret", "type": "text"},
            {"name": "parent", "type": "lookup", "target": "thing"}
            """,
            """ "searchFields": ["name", "city", "parent.city"] """);
        await store.CreateAsync("thing", """{"name": "Müller GmbH", "city": "Berlin", "secret": "hidden"}""");
        await store.CreateAsync("thing", """{"name": "Große Straße 1"}""");
        await store.CreateAsync("thing", """{"name": "北京有限公司"}""");
        await store.CreateAsync("thing", """{"name": "100% _sure_"}""");
        var parent = await store.CreateAsync("thing", """{"name": "Upper", "city": "Parent city"}""");
        await store.CreateAsync("thing", $$"""{"name": "Child", "parent": "{{parent.Id}}"}""");
        await store.DeleteAsync(await store.CreateAsync("thing", """{"name": "Müller gone"}"""));
        return store;
    }
}
