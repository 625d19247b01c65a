using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Collections;

/// <summary>Rows and links that are changed by themselves change the record that holds them: whoever has it open learns of them.</summary>
public sealed class HolderTests
{
    [Fact]
    public async Task A_row_that_is_changed_by_itself_gives_its_record_a_version_and_a_note_of_that_row()
    {
        await using var store = await OpenAsync();
        var deal = await store.CreateAsync("deal", """{"name": "one", "lines": [{"size": 1}, {"size": 2}]}""");

        var line = await store.CreateAsync("line", $$"""{"deal": "{{deal.Id}}", "size": 3}""");
        await store.UpdateAsync(line, """{"size": 4}""");
        await store.UpdateAsync(line, """{"size": 4}""");
        await store.DeleteAsync(line);
        await store.RestoreAsync(line);

        (await store.GetAsync(deal)).Version.ShouldBe(5);
        var history = await store.HistoryAsync(deal);
        history.Take(4).Select(e => string.Join(", ", e.Changes.Where(c => c.Field.Name == "lines").Select(c => $"{Sizes(c.Before)}>{Sizes(c.After)}"))).ShouldBe([">4", "4>", "3>4", ">3"]);
        history[0].Changes.ShouldContain(c => c.Field.Name == "total", "the figure over the rows is part of the same change");
    }

    [Fact]
    public async Task A_list_in_a_new_order_does_not_take_away_a_row_that_was_added_meanwhile()
    {
        await using var store = await OpenAsync();
        var deal = await store.CreateAsync("deal", """{"lines": [{"size": 1}, {"size": 2}]}""");
        var lines = (await store.GetAsync(deal))["lines"].ShouldBeOfType<ItemList>().Items;
        await store.CreateAsync("line", $$"""{"deal": "{{deal.Id}}", "size": 3}""");

        var refusal = await Should.ThrowAsync<ProblemException>(() => store.UpdateAsync(deal, $$"""{"lines": [{"id": "{{lines[1].Id}}"}, {"id": "{{lines[0].Id}}"}]}""", version: 1));

        refusal.Kind.ShouldBe(ProblemKind.VersionConflict);
        var conflict = refusal.Conflicts.ShouldHaveSingleItem();
        (Sizes(conflict.Base), Sizes(conflict.Current)).ShouldBe(("1 2", "1 2 3"));
        (await store.CountAsync("line")).ShouldBe(3);
    }

    [Fact]
    public async Task Changes_of_different_rows_are_merged_and_of_the_same_row_are_a_conflict()
    {
        await using var store = await OpenAsync();
        var deal = await store.CreateAsync("deal", """{"lines": [{"size": 1}, {"size": 2}]}""");
        var lines = (await store.GetAsync(deal))["lines"].ShouldBeOfType<ItemList>().Items;
        await store.WriteAsync(atomic: true, RecordChange.Update(store["line"], lines[0].Id, store.Values("line", """{"size": 10}"""), null));

        await store.UpdateAsync(deal, $$"""{"lines": {"set": [{"id": "{{lines[1].Id}}", "size": 20}, {"size": 30}]} }""", version: 1);
        await Should.ThrowAsync<ProblemException>(() => store.UpdateAsync(deal, $$"""{"lines": {"set": [{"id": "{{lines[0].Id}}", "size": 11}]} }""", version: 1));

        Sizes((await store.GetAsync(deal))["lines"]).ShouldBe("10 20 30");
    }

    [Fact]
    public async Task One_request_that_writes_record_and_rows_makes_one_version()
    {
        await using var store = await OpenAsync();
        var (one, two) = (await store.CreateAsync("deal", """{"lines": [{"size": 1}]}"""), await store.CreateAsync("deal", "{}"));
        var line = (await store.GetAsync(one))["lines"].ShouldBeOfType<ItemList>().Items[0].Id;

        await store.WriteAsync(
            atomic: true, store.Change(one, """{"name": "x"}"""), store.Change(two, "{}"), RecordChange.Update(store["line"], line, store.Values("line", $$"""{"deal": "{{two.Id}}"}"""), null),
            store.Creation("line", $$"""{"deal": "{{one.Id}}", "size": 5}"""));

        foreach (var (deal, sizes, changed) in new[] { (one, "5", "lines name total"), (two, "1", "lines total") })
        {
            var now = await store.GetAsync(deal);
            (now.Version, Sizes(now["lines"])).ShouldBe((2, sizes));
            (await store.HistoryAsync(deal))[0].Changes.Select(c => c.Field.Name).Order().ShouldBe(changed.Split(' '));
        }
    }

    [Fact]
    public async Task A_row_that_is_named_by_itself_and_by_its_record_is_refused()
    {
        await using var store = await OpenAsync();
        var deal = await store.CreateAsync("deal", """{"lines": [{"size": 1}]}""");
        var row = ((ItemList)(await store.GetAsync(deal))["lines"]!).Items[0].Id;
        RecordChange[] others = [RecordChange.Update(store["line"], row, store.Values("line", """{"size": 3}"""), null), RecordChange.Delete(store["line"], row)];

        foreach (var other in others)
        {
            (await Refusal.OfAsync(() => store.WriteAsync(atomic: true, store.Change(deal, $$"""{"lines": {"set": [{"id": "{{row}}", "size": 2}]} }"""), other))).ShouldBe("lines[0]: record.twice");
            (await Refusal.OfAsync(() => store.WriteAsync(atomic: true, store.Change(deal, """{"lines": []}"""), other))).ShouldBe("lines: record.twice");
        }
    }

    [Fact]
    public async Task A_link_that_goes_with_what_it_links_is_noted_and_undo_brings_it_back()
    {
        await using var store = await OpenAsync();
        var ada = await store.CreateAsync("person", """{"name": "Ada"}""");
        var deal = await store.CreateAsync("deal", $$"""{"people": [{"id": "{{ada.Id}}", "part": "decider"}]}""");

        await store.DeleteAsync(ada);
        (await store.GetAsync(deal)).Version.ShouldBe(2);
        await store.ChangeSets.UndoAsync((await store.HistoryAsync(ada))[0].ChangeSet, Actor.Platform, Door.Api, TestContext.Current.CancellationToken);

        var now = await store.GetAsync(deal);
        (now.Version, now["people"].ShouldBeOfType<ItemList>().Items.ShouldHaveSingleItem().Id).ShouldBe((3, ada.Id));
    }

    [Fact]
    public async Task A_record_that_is_deleted_with_its_rows_is_changed_once_and_nobody_wakes_it()
    {
        await using var store = await OpenAsync();
        var deal = await store.CreateAsync("deal", """{"lines": [{"size": 1}]}""");
        await store.DeleteAsync(deal);

        (await store.HistoryAsync(deal)).Select(e => (e.Version, e.Kind)).ShouldBe([(2, ChangeKind.Delete), (1, ChangeKind.Create)]);
    }

    [Fact]
    public async Task A_restored_record_has_its_rows_again_whatever_their_lookup_says()
    {
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("line", """{"name": "deal", "type": "lookup", "target": "deal"}, {"name": "size", "type": "integer"}""")
            .WithEntity("deal", """{"name": "name", "type": "text"}, {"name": "lines", "type": "rows", "target": "line"}"""));
        var deal = await store.CreateAsync("deal", """{"lines": [{"size": 1}, {"size": 2}]}""");
        await store.DeleteAsync(deal);

        await store.RestoreAsync(deal);

        Sizes((await store.GetAsync(deal))["lines"]).ShouldBe("1 2");
    }

    private static string Sizes(object? list) => string.Join(' ', ((ItemList?)list)?.Items.Select(i => i.Values.First(v => v.Key.Name == "size").Value) ?? []);

    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(folder => folder
        .WithEntity("person", """{"name": "name", "type": "text"}""")
        .WithEntity("line", """{"name": "deal", "type": "lookup", "target": "deal", "onDelete": "cascade"}, {"name": "size", "type": "integer"}""")
        .WithEntity("deal", """
            {"name": "name", "type": "text"}, {"name": "lines", "type": "rows", "target": "line", "max": 9}, {"name": "people", "type": "links", "target": "person", "columns": [{"name": "part", "type": "text"}]},
            {"name": "total", "type": "rollup", "function": "sum", "source": "lines", "field": "size"}
            """));
}
