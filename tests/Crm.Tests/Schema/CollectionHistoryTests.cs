using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Schema;

/// <summary>Columns of rows and links get other names, or go: what was noted of the entries stays readable.</summary>
public sealed class CollectionHistoryTests
{
    private const string Name = """{"name": "name", "type": "text"}""";

    [Fact]
    public async Task Histories_of_rows_and_links_follow_the_new_names_of_their_columns_and_leave_out_what_is_gone()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        var (deal, row) = await ChangeAndRenameAsync(database);

        var history = (await database.Store.HistoryAsync(database["deal"], deal, Actor.Platform, cancellationToken: TestContext.Current.CancellationToken)).Items;

        history.SelectMany(h => h.Changes).Where(c => c.Field.Name is "lines" or "labels").Select(c => $"{c.Field.Name} {Values(c.Before)}>{Values(c.After)}").ShouldBe(["lines pieces 1>pieces 2", "lines >pieces 1", "labels >weight 7"]);
        await using var session = await database.Database.ReadAsync(TestContext.Current.CancellationToken);
        var (_, first) = (await database.Store.AsOfAsync(session, database["deal"], deal, 1, TestContext.Current.CancellationToken))!.Value;
        first["lines"].ShouldBeOfType<ItemList>().Items.ShouldHaveSingleItem().Id.ShouldBe(row);
        (Values(first["lines"]), Values(first["labels"])).ShouldBe(("pieces 1", "weight 7"));
    }

    [Fact]
    public async Task Whoever_changes_a_row_that_others_changed_before_its_column_got_another_name_is_told()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        var (deal, row) = await ChangeAndRenameAsync(database);

        var mine = new ItemList([new(row, [new(database["line"]["pieces"], 9L)])], IsWhole: false, []);
        var refusal = await Should.ThrowAsync<ProblemException>(() => database.Store.UpdateAsync(
            database["deal"], deal, [new(database["deal"]["lines"], mine)], expectedVersion: 1, Actor.Platform, Door.Api, TestContext.Current.CancellationToken));

        refusal.Kind.ShouldBe(ProblemKind.VersionConflict);
    }

    /// <summary>A deal with a row that was changed by itself and a link; then one column of each gets another name and one goes.</summary>
    private static async Task<(Guid Deal, Guid Row)> ChangeAndRenameAsync(ScratchDatabase database)
    {
        await ApplyAsync(database, """{"name": "size", "type": "integer"}, {"name": "color", "type": "text"}""", """{"name": "share", "type": "integer"}, {"name": "note", "type": "text"}""");
        var label = await database.CreateAsync("label", ("name", "hot"));
        var (line, link) = (database["line"], database["deal.labels"]);
        var deal = await database.CreateAsync(
            "deal",
            ("lines", ItemList.Whole([new(Guid.Empty, [new(line["size"], 1L), new(line["color"], "red")])])),
            ("labels", ItemList.Whole([new(label.Id, [new(link["share"], 7L), new(link["note"], "x")])])));
        var row = ((ItemList)(await database.GetAsync("deal", deal.Id))["lines"]!).Items[0].Id;
        await database.Store.UpdateAsync(line, row, [new(line["size"], 2L)], expectedVersion: null, Actor.Platform, Door.Api, TestContext.Current.CancellationToken);
        await ApplyAsync(database, """{"name": "pieces", "type": "integer", "renamedFrom": "size"}""", """{"name": "weight", "type": "integer", "renamedFrom": "share"}""");
        return (deal.Id, row);
    }

    private static Task<SchemaPlan> ApplyAsync(ScratchDatabase database, string columns, string linkColumns) => database.ApplyAsync(folder => folder
        .WithEntity("label", Name)
        .WithEntity("line", $$"""{"name": "deal", "type": "lookup", "target": "deal", "onDelete": "cascade"}, {{columns}}""")
        .WithEntity("deal", $$"""{{Name}}, {"name": "lines", "type": "rows", "target": "line"}, {"name": "labels", "type": "links", "target": "label", "columns": [{{linkColumns}}]}"""));

    private static string Values(object? list) => string.Join(", ", ((ItemList?)list)?.Items.SelectMany(i => i.Values).Select(v => $"{v.Key.Name} {v.Value}") ?? []);
}
