using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Schema;

/// <summary>Columns of rows and links get other names, or go: what was noted of the entries stays readable.</summary>
public sealed class CollectionHistoryTests
{
    private const string Name = """{"name": "name", "type": "text"}""";

    private const string Pieces = """{"name": "pieces", "type": "integer", "renamedFrom": "size"}""", Weight = """{"name": "weight", "type": "integer", "renamedFrom": "share"}""";

    [Fact]
    public async Task Histories_of_rows_and_links_follow_the_new_names_of_their_columns_and_leave_out_what_is_gone()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        var (deal, row) = await ChangeAndRenameAsync(database);

        (await ListChangesAsync(database, deal)).ShouldBe(["lines pieces 1>pieces 2", "lines >pieces 1", "labels >weight 7"]);
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

    [Fact]
    public async Task Histories_follow_when_rows_and_links_themselves_get_other_names_and_get_the_former_ones_back()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        var (deal, row) = await ChangeAndRenameAsync(database);
        var before = ScratchDatabase.Compile(folder => Write(folder, Pieces, Weight));
        var renamed = ScratchDatabase.Compile(folder => Write(folder, Pieces, Weight, "\"name\": \"items\", \"renamedFrom\": \"lines\"", "\"name\": \"tags\", \"renamedFrom\": \"labels\""));

        var plan = await database.ApplyAsync(renamed);

        plan.Steps.Where(s => s.Code == "columnRenamed").Select(s => $"{s.Table}.{s.Column}").ShouldBe(["deal.items", "deal.tags"], ignoreOrder: true);
        (await database.PlanAsync()).IsEmpty.ShouldBeTrue();
        (await ListChangesAsync(database, deal)).ShouldBe(["items pieces 1>pieces 2", "items >pieces 1", "tags >weight 7"]);
        await using (var session = await database.Database.ReadAsync(TestContext.Current.CancellationToken))
        {
            var (_, first) = (await database.Store.AsOfAsync(session, database["deal"], deal, 1, TestContext.Current.CancellationToken))!.Value;
            (Values(first["items"]), Values(first["tags"])).ShouldBe(("pieces 1", "weight 7"));
        }
        var mine = new ItemList([new(row, [new(database["line"]["pieces"], 9L)])], IsWhole: false, []);
        (await Should.ThrowAsync<ProblemException>(() => database.Store.UpdateAsync(
            database["deal"], deal, [new(database["deal"]["items"], mine)], expectedVersion: 1, Actor.Platform, Door.Api, TestContext.Current.CancellationToken))).Kind.ShouldBe(ProblemKind.VersionConflict);

        await database.Database.ApplyAsync(SchemaOfModel.Derive(before, renamed), allowDestructive: false, TestContext.Current.CancellationToken);
        await database.ApplyAsync(before);

        (await ListChangesAsync(database, deal)).ShouldBe(["lines pieces 1>pieces 2", "lines >pieces 1", "labels >weight 7"]);
    }

    [Fact]
    public async Task What_was_written_under_former_names_before_anybody_noted_them_is_found_again()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        var (deal, _) = await ChangeAndRenameAsync(database);
        await ForgetListsAsync(database);

        await database.ApplyAsync(folder => Write(folder, Pieces, Weight, "\"name\": \"items\", \"renamedFrom\": [\"entries\", \"lines\"]", "\"name\": \"labels\""));

        (await ListChangesAsync(database, deal)).ShouldBe(["items pieces 1>pieces 2", "items >pieces 1", "labels >weight 7"]);
        (await database.PlanAsync()).IsEmpty.ShouldBeTrue();
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
        await ApplyAsync(database, Pieces, Weight);
        return (deal.Id, row);
    }

    private static Task<SchemaPlan> ApplyAsync(ScratchDatabase database, string columns, string linkColumns) => database.ApplyAsync(folder => Write(folder, columns, linkColumns));

    private static void Write(MetadataFolder folder, string columns, string linkColumns, string rows = "\"name\": \"lines\"", string links = "\"name\": \"labels\"") => folder
        .WithEntity("label", Name)
        .WithEntity("line", $$"""{"name": "deal", "type": "lookup", "target": "deal", "onDelete": "cascade"}, {{columns}}""")
        .WithEntity("deal", $$"""{{Name}}, { {{rows}}, "type": "rows", "target": "line"}, { {{links}}, "type": "links", "target": "label", "columns": [{{linkColumns}}]}""");

    /// <summary>What a deal's history says of its lists, newest first.</summary>
    private static async Task<IEnumerable<string>> ListChangesAsync(ScratchDatabase database, Guid deal) =>
        (await database.Store.HistoryAsync(database["deal"], deal, Actor.Platform, cancellationToken: TestContext.Current.CancellationToken)).Items
            .SelectMany(h => h.Changes).Where(c => c.Field.Type is CollectionFieldType).Select(c => $"{c.Field.Name} {Values(c.Before)}>{Values(c.After)}");

    /// <summary>As it was remembered before anybody noted rows and links.</summary>
    private static Task ForgetListsAsync(ScratchDatabase database) => database.Database.WriteAsync(
        async session =>
        {
            var definition = JsonNode.Parse((await session.QueryAsync("SELECT \"definition\" FROM \"_schema\"", [], row => row.Text(0)!, TestContext.Current.CancellationToken))[0])!;
            foreach (var table in definition["Tables"]!.AsArray())
            {
                table!.AsObject().Remove("Lists");
            }
            return await session.ExecuteAsync("UPDATE \"_schema\" SET \"definition\" = $1", [Param.Text(definition.ToJsonString())], TestContext.Current.CancellationToken);
        },
        TestContext.Current.CancellationToken);

    private static string Values(object? list) => string.Join(", ", ((ItemList?)list)?.Items.SelectMany(i => i.Values).Select(v => $"{v.Key.Name} {v.Value}") ?? []);
}
