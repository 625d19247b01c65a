using System.Text.Json;
using Crm.Data;
using Crm.Data.Sqlite;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Databases;
using Crm.Tests.Rules;
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

    [Fact, SqliteOnly("new rows wait until many of them go into the index at once")]
    public async Task A_change_of_the_tables_that_is_taken_back_leaves_the_search_indexes_in_use()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}""");
        var schema = SchemaOfModel.Derive(store.Model);
        var without = schema with { Tables = [.. schema.Tables.Select(t => t.Name == "thing" ? t with { Search = [] } : t)] };
        await Should.ThrowAsync<InvalidOperationException>(() => store.Database.ChangeAsync<bool>(
            without, allowDestructive: false, (_, _) => throw new InvalidOperationException("Somebody else was faster."), TestContext.Current.CancellationToken));

        await store.WriteAsync(atomic: true, [.. Enumerable.Range(0, SqliteSearch.MaxWaiting).Select(i => store.Creation("thing", $$"""{"name": "thing {{i}}"}"""))]);

        await using var session = await store.Database.ReadAsync(TestContext.Current.CancellationToken);
        (await new SqliteSearch("thing", ["name$fold"]).CountWaitingAsync(session, TestContext.Current.CancellationToken)).ShouldBe(0);
    }

    [Fact]
    public async Task What_is_behind_a_lookup_is_found_along_the_index_of_the_lookup()
    {
        await using var store = await OpenAsync();
        Assert.SkipWhen(store.Database.IsShared, "PostgreSQL reads so small a table whole, whatever indexes it has.");
        store.Database.Queries.Threshold = TimeSpan.Zero;

        await store.NamesAsync("thing", search: "parent");

        foreach (var query in store.Database.Queries.Slow.Where(q => q.Sql.Contains("_search_", StringComparison.Ordinal)).ToList())
        {
            (await store.Store.ExplainAsync(query, TestContext.Current.CancellationToken)).Lines.ShouldNotContain("SCAN thing");
        }
        store.Database.Queries.Slow.ShouldContain(q => q.Sql.Contains("_search_", StringComparison.Ordinal));
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

    [Theory]
    [InlineData("京", "北京有限公司")]
    [InlineData("京有", "北京有限公司")]
    [InlineData("公司", "北京有限公司")]
    [InlineData("司", "北京有限公司")]
    [InlineData("mü", "Müller GmbH")]
    [InlineData("h", "Child", "Müller GmbH")]
    public async Task One_and_two_characters_are_found_too(string words, params string[] found)
    {
        await using var store = await OpenAsync();

        var names = await store.NamesAsync("thing", search: words, sort: "name");

        names.ShouldBe(found);
    }

    [Fact]
    public async Task Records_are_found_before_and_after_they_go_into_the_index_and_when_they_change()
    {
        await using var store = await OpenAsync();
        var marked = await store.CreateAsync("thing", """{"name": "Needle one"}""");
        (await store.NamesAsync("thing", search: "eedle")).ShouldBe(["Needle one"]);

        await store.WriteAsync(atomic: true, [.. Enumerable.Range(0, 600).Select(i => store.Creation("thing", $$"""{"name": "Straw {{i}}", "city": "Haystack"}"""))]);
        (await store.NamesAsync("thing", search: "eedle")).ShouldBe(["Needle one"]);
        (await store.NamesAsync("thing", search: "straw 59 hay", sort: "name")).Length.ShouldBe(16);

        marked = await store.UpdateAsync(marked, """{"name": "Pin"}""");
        (await store.NamesAsync("thing", search: "eedle")).ShouldBeEmpty();
        (await store.NamesAsync("thing", search: "pin")).ShouldBe(["Pin"]);

        await store.WriteAsync(atomic: true, [.. Enumerable.Range(600, 600).Select(i => store.Creation("thing", $$"""{"name": "Straw {{i}}"}"""))]);
        (await store.NamesAsync("thing", search: "eedle")).ShouldBeEmpty();
        (await store.NamesAsync("thing", search: "pin")).ShouldBe(["Pin"]);
        marked = await store.UpdateAsync(marked, """{"name": "Bolt"}""");
        (await store.NamesAsync("thing", search: "pin")).ShouldBeEmpty();
        (await store.NamesAsync("thing", search: "bolt")).ShouldBe(["Bolt"]);
        await store.DeleteAsync(marked);
        (await store.NamesAsync("thing", search: "bolt")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_record_in_the_place_of_the_last_one_that_was_removed_is_found()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync(atomic: true, [.. Enumerable.Range(0, 1_200).Select(i => store.Creation("thing", $$"""{"name": "Straw {{i}}"}"""))]);
        await store.Database.WriteAsync(session => session.ExecuteAsync("DELETE FROM \"thing\" WHERE \"name\" IN ('Straw 1198', 'Straw 1199')", [], TestContext.Current.CancellationToken).AsTask(), TestContext.Current.CancellationToken);

        await store.CreateAsync("thing", """{"name": "Needle"}""");

        (await store.NamesAsync("thing", search: "eedle")).ShouldBe(["Needle"]);
    }

    [Fact]
    public async Task What_a_refused_write_wrote_is_not_found()
    {
        await using var store = await OpenAsync();

        await Refusal.OfAsync(() => store.WriteAsync(atomic: true, [.. Enumerable.Range(0, 1_100).Select(i => store.Creation("thing", $$"""{"name": "Ghost {{i}}"}""")), store.Creation("thing", $$"""{"parent": "{{SequentialIds.Unknown}}"}""")]));

        (await store.NamesAsync("thing", search: "ghost")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_text_behind_a_lookup_that_changes_is_found_as_it_is_now()
    {
        await using var store = await OpenAsync();
        var parent = (await store.QueryAsync("thing", """{"field": "name", "op": "eq", "value": "Upper"}""")).Items[0].Id;

        await store.WriteAsync(atomic: true, RecordChange.Update(store["thing"], parent, [new(store["thing"]["city"], "Rotterdam")], null));

        (await store.NamesAsync("thing", search: "rotterdam", sort: "name")).ShouldBe(["Child", "Upper"]);
        (await store.NamesAsync("thing", search: "parent city")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Search_and_conditions_with_words_agree_with_memory_on_random_texts()
    {
        var (store, records) = await ConditionRows.FillAsync(11, 1_200);
        await using var opened = store;
        var name = store["thing"].Resolve("name")!;
        foreach (var json in ConditionRows.Pool("text").Concat(ConditionRows.Snippets).Select(t => JsonSerializer.Deserialize<string>(t)!).Where(t => t.Length > 0))
        {
            foreach (var op in new[] { "contains", "startsWith", "endsWith", "matches" })
            {
                var condition = ConditionReader.Read($$"""{"field": "name", "op": "{{op}}", "value": {{JsonSerializer.Serialize(json)}}}""", store["thing"]);
                var expected = records.Where(r => ConditionEvaluator.Holds(condition, path => r[path.Field], Actor.Platform.ScopeAt(store.Clock.GetUtcNow()))).Select(r => r.Id);
                var found = await store.QueryAsync(new(store["thing"]) { Filter = condition, Fields = [name], Limit = 1_000 });
                found.Items.Select(i => i.Id).ShouldBe(expected, ignoreOrder: true, $"{op} {json}");
            }
            var words = SearchWords.Of(json);
            var searched = records.Where(r => words.All(w => r["name"] is string text && Folding.Fold(text).Contains(w, StringComparison.Ordinal))).Select(r => r.Id);
            (await store.QueryAsync("thing", search: json)).Items.Select(i => i.Id).ShouldBe(words.Count == 0 ? records.Select(r => r.Id).OrderDescending().Take(1_000) : searched, ignoreOrder: true, json);
        }
    }

    [Fact]
    public async Task Hits_over_all_entities_come_best_first_with_marks_where_the_words_stand()
    {
        await using var store = await OpenAsync();
        foreach (var name in new[] { "Berliner Bär", "Berlin", "Neu-Berlin" })
        {
            await store.CreateAsync("thing", $$"""{"name": "{{name}}"}""");
        }
        await store.CreateAsync("unit", """{"name": "Sales Berlin"}""");

        var hits = await store.Store.SearchAsync(store.Model.Entities.Values, "BERLIN", 20, Actor.Platform, TestContext.Current.CancellationToken);

        hits.Select(h => $"{h.Rank} {h.Title}: {h.Field}").ShouldBe(["0 Berlin: name", "1 Berliner Bär: name", "2 Neu-Berlin: name", "2 Sales Berlin: name", "3 Müller GmbH: city"]);
        hits[2].Snippet.Text.ShouldBe("Neu-Berlin");
        hits[2].Snippet.Marks.ShouldBe([(4, 6)]);
        (await store.Store.SearchAsync(store.Model.Entities.Values, "berlin", 2, Actor.Platform, TestContext.Current.CancellationToken)).Count.ShouldBe(2);
        (await store.Store.SearchAsync(store.Model.Entities.Values, "  ", 20, Actor.Platform, TestContext.Current.CancellationToken)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Große Straße", "strasse", 6, 6)]
    [InlineData("Cafe\u0301 de Paris", "fe d", 2, 5)]
    [InlineData("ﬁne wine", "ne", 1, 2)]
    [InlineData("北京有限公司", "有限", 2, 2)]
    public void Marks_stand_in_the_text_as_it_is_written(string text, string word, int start, int length) =>
        Snippet.Of(text, [word]).Marks[0].ShouldBe((start, length));

    [Fact]
    public void A_long_text_is_cut_around_the_first_word()
    {
        var snippet = Snippet.Of(new string('x', 500) + " needle " + new string('y', 500), ["needle"]);

        snippet.Text.ShouldStartWith("…x");
        snippet.Text.ShouldEndWith("y…");
        var (start, length) = snippet.Marks.ShouldHaveSingleItem();
        snippet.Text.Substring(start, length).ShouldBe("needle");
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
