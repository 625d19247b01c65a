using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Databases;
using Crm.Tests.Metadata;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Fields that are shown, needed or closed by what is in lists: the rows and links of their record, and records that point to it.</summary>
public sealed class FieldRuleListsTests
{
    [Fact]
    public async Task Rows_that_come_with_a_new_record_decide_which_fields_it_shows_and_needs()
    {
        await using var store = await OpenAsync("""
            {"name": "approval", "type": "text", "visibleWhen": {"field": "lines", "op": "exists", "value": {"field": "quantity", "op": "gt", "value": 100}},
             "requiredWhen": {"field": "lines", "op": "exists", "value": {"field": "quantity", "op": "gt", "value": 100}} }
            """);

        (await Refusal.OfAsync(() => store.CreateAsync("deal", """{"lines": [{"quantity": 1}, {"quantity": 101}]}"""))).ShouldBe("approval: required");
        var refusal = await Refusal.ExceptionOfAsync(() => store.CreateAsync("deal", """{"lines": [{"quantity": 1}], "approval": "yes"}"""));
        (refusal.Problems.ShouldHaveSingleItem().Code, refusal.Problems[0].Rule).ShouldBe(("field.visible", "deal.approval.visibleWhen"));
        (await store.CreateAsync("deal", """{"lines": [{"quantity": 101}], "approval": "yes"}"""))["approval"].ShouldBe("yes");
        await store.CreateAsync("deal", """{"lines": [{"quantity": 100}]}""");
    }

    [Fact]
    public async Task Rows_that_are_stored_decide_where_a_change_says_nothing_of_them()
    {
        await using var store = await OpenAsync("""{"name": "approval", "type": "text", "visibleWhen": {"field": "lines.quantity", "op": "gt", "value": 100} }""");
        var (small, large) = (await store.CreateAsync("deal", """{"lines": [{"quantity": 1}]}"""), await store.CreateAsync("deal", """{"lines": [{"quantity": 1}, {"quantity": 500}]}"""));

        var changes = await store.WriteAsync(atomic: false, store.Change(small, """{"approval": "yes"}"""), store.Change(large, """{"approval": "yes"}"""));

        changes.Select(c => c.Problems.SingleOrDefault()?.Code).ShouldBe(["field.visible", null]);
        var row = ((ItemList)(await store.GetAsync(large))["lines"]!).Items[1].Id;
        await store.WriteAsync(atomic: true, RecordChange.Delete(store["deal_line"], row));
        (await Refusal.OfAsync(() => store.UpdateAsync(large, """{"approval": "no"}"""))).ShouldBe("approval: field.visible", "what lies in the recycle bin does not count");
    }

    [Fact]
    public async Task Rows_are_judged_as_they_will_be_and_what_closes_a_field_by_those_that_were()
    {
        await using var store = await OpenAsync("""
            {"name": "approval", "type": "text", "requiredWhen": {"field": "lines", "op": "exists", "value": {"field": "quantity", "op": "gt", "value": 100}} },
            {"name": "discount", "type": "integer", "readOnlyWhen": {"field": "lines", "op": "exists", "value": {"field": "note", "op": "eq", "value": "shipped"}} }
            """);
        var deal = await store.CreateAsync("deal", """{"lines": [{"quantity": 1}, {"quantity": 2}]}""");
        var rows = ((ItemList)(await store.GetAsync(deal))["lines"]!).Items.Select(i => i.Id).ToList();

        (await Refusal.OfAsync(() => store.UpdateAsync(deal, $$"""{"lines": {"set": [{"id": "{{rows[0]}}", "quantity": 200}]} }"""))).ShouldBe("approval: required");
        (await Refusal.OfAsync(() => store.UpdateAsync(deal, """{"lines": {"set": [{"quantity": 200}]} }"""))).ShouldBe("approval: required");
        await store.UpdateAsync(deal, $$"""{"approval": "yes", "lines": {"set": [{"id": "{{rows[0]}}", "quantity": 200}]} }""");
        (await Refusal.OfAsync(() => store.UpdateAsync(deal, """{"approval": null}"""))).ShouldBe("approval: required");
        await store.UpdateAsync(deal, $$"""{"approval": null, "lines": {"remove": ["{{rows[0]}}"]} }""");
        await store.UpdateAsync(deal, $$"""{"lines": {"set": [{"id": "{{rows[1]}}", "note": "shipped"}]}, "discount": 5}""");
        (await Refusal.OfAsync(() => store.UpdateAsync(deal, $$"""{"discount": 6, "lines": [{"id": "{{rows[1]}}", "note": null}]}"""))).ShouldBe("discount: field.readOnly");
        await store.UpdateAsync(deal, """{"lines": []}""");
        (await store.UpdateAsync(deal, """{"discount": 6}"""))["discount"].ShouldBe(6L);
    }

    [Fact]
    public async Task Links_and_what_lies_behind_them_decide_too()
    {
        await using var store = await OpenAsync("""
            {"name": "why", "type": "text", "requiredWhen": {"field": "people", "op": "notExists", "value": {"all": [{"field": "role", "op": "eq", "value": "decider"}, {"field": "email", "op": "notNull"}]}} },
            {"name": "price_of", "type": "text", "visibleWhen": {"field": "lines.article.price", "op": "gt", "value": 1000} }
            """);
        var (ada, bob) = (await store.CreateAsync("person", """{"email": "ada@x.example"}"""), await store.CreateAsync("person", "{}"));
        var (dear, cheap) = (await store.CreateAsync("article", """{"price": 2000}"""), await store.CreateAsync("article", """{"price": 20}"""));

        var changes = await store.WriteAsync(
            atomic: false, store.Creation("deal", $$"""{"people": [{"id": "{{ada.Id}}", "role": "decider"}], "lines": [{"article": "{{dear.Id}}"}], "price_of": "x"}"""),
            store.Creation("deal", $$"""{"people": [{"id": "{{ada.Id}}", "role": "user"}, {"id": "{{bob.Id}}", "role": "decider"}]}"""),
            store.Creation("deal", $$"""{"why": "new", "lines": [{"article": "{{cheap.Id}}"}, {}], "price_of": "x"}"""));

        changes.Select(c => string.Join(' ', c.Problems.Select(p => $"{p.Field} {p.Code}"))).ShouldBe(["", "why required", "price_of field.visible"]);
        (await Refusal.OfAsync(() => store.UpdateAsync(changes[0].After!, """{"people": []}"""))).ShouldBe("why: required");
    }

    [Fact]
    public async Task A_row_is_compared_with_its_record_as_it_will_be()
    {
        await using var store = await OpenAsync("""{"name": "over", "type": "text", "requiredWhen": {"field": "lines.quantity", "op": "gt", "value": {"field": "deal.limit"}} }""");

        (await Refusal.OfAsync(() => store.CreateAsync("deal", """{"limit": 5, "lines": [{"quantity": 6}]}"""))).ShouldBe("over: required");
        var deal = await store.CreateAsync("deal", """{"limit": 6, "lines": [{"quantity": 6}]}""");
        (await Refusal.OfAsync(() => store.UpdateAsync(deal, """{"limit": 5}"""))).ShouldBe("over: required");
        await store.UpdateAsync(deal, """{"limit": 5, "lines": []}""");
    }

    [Fact]
    public async Task Records_that_point_to_one_decide_and_so_do_those_that_the_same_request_writes()
    {
        await using var store = await OpenAsync();
        var (ada, bob) = (await store.CreateAsync("client", "{}"), await store.CreateAsync("client", "{}"));
        var grievance = await store.CreateAsync("grievance", $$"""{"client": "{{ada.Id}}", "open": true}""");
        await store.CreateAsync("grievance", $$"""{"client": "{{bob.Id}}", "open": false}""");

        var changes = await store.WriteAsync(atomic: false, store.Change(ada, """{"apology": "so sorry"}"""), store.Change(bob, """{"apology": "so sorry"}"""));
        changes.Select(c => c.Problems.SingleOrDefault()?.Code).ShouldBe([null, "field.visible"]);

        // Closed, moved or deleted in the same request: there is none to apologise for.
        (await Refusal.OfAsync(() => store.WriteAsync(atomic: true, store.Change(ada, """{"apology": "x"}"""), store.Change(grievance, """{"open": false}""")))).ShouldBe("apology: field.visible");
        (await Refusal.OfAsync(() => store.WriteAsync(atomic: true, store.Change(ada, """{"apology": "x"}"""), RecordChange.Delete(grievance.Entity, grievance.Id)))).ShouldBe("apology: field.visible");
        await store.WriteAsync(atomic: true, store.Change(grievance, $$"""{"client": "{{bob.Id}}"}"""), store.Change(bob, """{"apology": "x"}"""));
        (await Refusal.OfAsync(() => store.UpdateAsync(ada, """{"apology": "y"}"""))).ShouldBe("apology: field.visible");

        var made = store.Ids.Next();
        await store.WriteAsync(atomic: true, store.Creation("client", """{"apology": "at once"}""", made), store.Creation("grievance", $$"""{"client": "{{made}}", "open": true}"""));
        (await Refusal.OfAsync(() => store.CreateAsync("client", """{"apology": "for nothing"}"""))).ShouldBe("apology: field.visible");
    }

    [Fact]
    public async Task Lists_are_reached_through_lookups_and_paths_see_what_the_same_request_writes()
    {
        await using var store = await OpenAsync("""
            {"name": "care", "type": "text", "requiredWhen": {"field": "client.grievance.client", "op": "exists", "value": {"field": "open", "op": "eq", "value": true}} },
            {"name": "vat", "type": "text", "requiredWhen": {"field": "client.country", "op": "eq", "value": "DE"} }
            """);
        var client = await store.CreateAsync("client", "{}");
        await store.CreateAsync("grievance", $$"""{"client": "{{client.Id}}", "open": true}""");
        var deal = await store.CreateAsync("deal", "{}");

        (await Refusal.OfAsync(() => store.UpdateAsync(deal, $$"""{"client": "{{client.Id}}"}"""))).ShouldBe("care: required");
        await store.UpdateAsync(deal, $$"""{"client": "{{client.Id}}", "care": "call first"}""");

        var made = store.Ids.Next();
        (await Refusal.OfAsync(() => store.WriteAsync(atomic: true, store.Creation("client", """{"country": "DE"}""", made), store.Creation("deal", $$"""{"client": "{{made}}"}""")))).ShouldBe("vat: required");
    }

    [Fact]
    public async Task A_reference_to_one_of_several_entities_is_a_list_of_the_one_that_is_meant()
    {
        await using var store = await OpenAsync(client: """{"name": "memo", "type": "text", "visibleWhen": {"field": "note.about", "op": "exists"} }""", more: folder => folder
            .WithEntity("note", """{"name": "about", "type": "anyLookup", "targets": ["client", "article"]}, {"name": "text", "type": "text"}"""));
        var (client, other) = (await store.CreateAsync("client", "{}"), await store.CreateAsync("client", "{}"));
        await store.CreateAsync("note", $$"""{"about": {"entity": "client", "id": "{{client.Id}}"} }""");

        (await store.UpdateAsync(client, """{"memo": "x"}"""))["memo"].ShouldBe("x");
        (await Refusal.OfAsync(() => store.UpdateAsync(other, """{"memo": "x"}"""))).ShouldBe("memo: field.visible");
        await store.WriteAsync(atomic: true, store.Change(other, """{"memo": "x"}"""), store.Creation("note", $$"""{"about": {"entity": "client", "id": "{{other.Id}}"} }"""));
    }

    [Fact]
    public async Task A_condition_within_a_condition_asks_about_what_belongs_to_the_row()
    {
        await using var store = await OpenAsync("""
            {"name": "recall", "type": "text", "requiredWhen": {"field": "lines", "op": "exists", "value": {"field": "article.grievance.article", "op": "exists", "value": {"field": "open", "op": "eq", "value": true}}} }
            """);
        var (bad, good) = (await store.CreateAsync("article", "{}"), await store.CreateAsync("article", "{}"));
        var grievance = await store.CreateAsync("grievance", $$"""{"article": "{{bad.Id}}", "open": true}""");

        await store.CreateAsync("deal", $$"""{"lines": [{"article": "{{good.Id}}"}]}""");
        (await Refusal.OfAsync(() => store.CreateAsync("deal", $$"""{"lines": [{"article": "{{good.Id}}"}, {"article": "{{bad.Id}}"}]}"""))).ShouldBe("recall: required");
        await store.WriteAsync(atomic: true, store.Change(grievance, """{"open": false}"""), store.Creation("deal", $$"""{"lines": [{"article": "{{bad.Id}}"}]}"""));
    }

    [Fact]
    public async Task A_row_that_is_changed_by_itself_asks_nothing_of_its_record_which_may_wait()
    {
        await using var store = await OpenAsync("""{"name": "approval", "type": "text", "requiredWhen": {"field": "lines.quantity", "op": "gt", "value": 100} }""");
        var deal = await store.CreateAsync("deal", "{}");

        await store.CreateAsync("deal_line", $$"""{"deal": "{{deal.Id}}", "quantity": 500}""");

        (await store.UpdateAsync(deal, """{"limit": 7}"""))["limit"].ShouldBe(7L);
        await store.UpdateAsync(deal, """{"approval": "yes"}""");
        (await Refusal.OfAsync(() => store.UpdateAsync(deal, """{"approval": null}"""))).ShouldBe("approval: required");
    }

    [Fact]
    public async Task The_platform_and_undo_are_not_held_up_by_what_is_in_lists()
    {
        await using var store = await OpenAsync("""{"name": "discount", "type": "integer", "readOnlyWhen": {"field": "lines", "op": "exists"} }""");
        var deal = await store.CreateAsync("deal", """{"discount": 1}""");
        var changed = await store.WriteAsync(atomic: true, store.Change(deal, """{"discount": 2, "lines": [{"quantity": 1}]}"""));

        (await Refusal.OfAsync(() => store.UpdateAsync(deal, """{"discount": 3}"""))).ShouldBe("discount: field.readOnly");
        await store.ChangeSets.UndoAsync(changed[0].ChangeSet, Actor.Platform, Door.Api, TestContext.Current.CancellationToken);

        (await store.GetAsync(deal))["discount"].ShouldBe(1L);
    }

    [Fact]
    public async Task Rows_that_are_needed_are_not_missing_where_a_change_says_nothing_of_them()
    {
        await using var store = await TestStore.OpenAsync(folder => Write(folder, """{"name": "stage", "type": "text"}""", """, "requiredWhen": {"field": "stage", "op": "eq", "value": "won"} """));
        var (with, without) = (await store.CreateAsync("deal", """{"lines": [{"quantity": 1}]}"""), await store.CreateAsync("deal", "{}"));

        (await Refusal.OfAsync(() => store.UpdateAsync(without, """{"stage": "won"}"""))).ShouldBe("lines: required");
        await store.UpdateAsync(with, """{"stage": "won"}""");
        (await Refusal.OfAsync(() => store.UpdateAsync(with, """{"lines": []}"""))).ShouldBe("lines: required");
        await store.UpdateAsync(without, """{"stage": "won", "lines": [{"quantity": 1}]}""");
    }

    [Theory, SqliteOnly("its statements can be watched")]
    [InlineData(1)]
    [InlineData(100)]
    public async Task However_many_records_are_written_a_question_is_one_statement(int count)
    {
        await using var store = await OpenAsync("""
            {"name": "approval", "type": "text", "visibleWhen": {"field": "lines", "op": "exists", "value": {"field": "quantity", "op": "gt", "value": 100}}, "requiredWhen": {"field": "lines", "op": "exists", "value": {"field": "quantity", "op": "gt", "value": 100}} },
            {"name": "care", "type": "text", "requiredWhen": {"field": "client.grievance.client", "op": "exists", "value": {"field": "open", "op": "eq", "value": true}} }
            """);
        var client = await store.CreateAsync("client", "{}");
        var deals = await store.WriteAsync(atomic: true, [.. Enumerable.Range(0, count).Select(_ => store.Creation("deal", $$"""{"client": "{{client.Id}}", "lines": [{"quantity": 500}], "approval": "x"}"""))]);
        var seen = new List<string>();
        var records = new RecordStore(store.Database, new WritePath(new(store.Model), store.Database, store.Ids, store.Clock, store.Feed, store.Outbox, new ReversedSecrets(), [new StatementWatch(WriteSlot.Rules, seen), new StatementWatch(WriteSlot.Gates, null)]), store.Clock);

        await records.WriteAsync(new(Actor.Platform, Door.Api, [.. deals.Select(d => store.Change(d.After!, """{"approval": "y"}"""))]), TestContext.Current.CancellationToken);

        seen.Count(s => s.Contains("\"deal_line\"", StringComparison.Ordinal)).ShouldBe(1, string.Join('\n', seen));
        seen.Count(s => s.Contains("\"grievance\"", StringComparison.Ordinal)).ShouldBe(1, "of the one client that all have");
        seen.Clear();
        await records.WriteAsync(new(Actor.Platform, Door.Api, [.. deals.Select(_ => store.Creation("client", "{}"))]), TestContext.Current.CancellationToken);
        seen.ShouldNotContain(s => s.Contains("\"grievance\"", StringComparison.Ordinal), "nothing points to what is only being made");
        seen.Clear();
        await records.WriteAsync(new(Actor.Platform, Door.Api, [store.Change(client, """{"name": "x"}""")]), TestContext.Current.CancellationToken);
        seen.Count(s => s.Contains("\"grievance\"", StringComparison.Ordinal)).ShouldBe(1);
        seen.Clear();
        await records.WriteAsync(new(Actor.Platform, Door.Api, [store.Creation("article", "{}")]), TestContext.Current.CancellationToken);
        seen.ShouldBeEmpty("an entity without such rules pays nothing");
    }

    [Fact]
    public void A_condition_within_one_that_cannot_be_read_is_a_problem_of_the_file_at_its_place()
    {
        using var folder = new MetadataFolder();
        Write(folder, """
            {"name": "a", "type": "text", "visibleWhen": {"field": "lines", "op": "exists", "value": {"field": "nothing", "op": "eq", "value": 1}} },
            {"name": "b", "type": "text", "requiredWhen": {"all": [{"field": "client.grievance.client", "op": "notExists", "value": {"any": [{"field": "open", "op": "gt", "value": true}]}}]} },
            {"name": "c", "type": "text", "readOnlyWhen": {"field": "grievance.deal", "op": "exists"} },
            {"name": "d", "type": "text", "visibleWhen": {"field": "lines", "op": "gt", "value": 1} }
            """);

        var problems = folder.Compile().Problems.Where(p => p.File.Contains("deal.json", StringComparison.Ordinal)).Select(p => p.Path);

        problems.ShouldBe(["fields[6].visibleWhen.value.field", "fields[7].requiredWhen.all[0].value.any[0].op", "fields[8].readOnlyWhen.field", "fields[9].visibleWhen.op"], ignoreOrder: true);
    }

    /// <summary>Deals with lines and people, clients with grievances; what is tried stands in further fields.</summary>
    internal static void Write(MetadataFolder folder, string deal, string lines = "", string client = """{"name": "nickname", "type": "text"}""") => folder
        .WithEntity("client", $$"""
            {"name": "name", "type": "text"}, {"name": "country", "type": "text"},
            {"name": "apology", "type": "text", "visibleWhen": {"field": "grievance.client", "op": "exists", "value": {"field": "open", "op": "eq", "value": true} } }, {{client}}
            """)
        .WithEntity("article", """{"name": "name", "type": "text"}, {"name": "price", "type": "integer"}""")
        .WithEntity("person", """{"name": "name", "type": "text"}, {"name": "email", "type": "email"}""")
        .WithEntity("grievance", """
            {"name": "client", "type": "lookup", "target": "client"}, {"name": "article", "type": "lookup", "target": "article"}, {"name": "open", "type": "boolean"}, {"name": "text", "type": "text"}
            """)
        .WithEntity("deal_line", """
            {"name": "deal", "type": "lookup", "target": "deal", "onDelete": "cascade"}, {"name": "article", "type": "lookup", "target": "article"}, {"name": "quantity", "type": "integer"}, {"name": "note", "type": "text"}
            """)
        .WithEntity("deal", $$"""
            {"name": "name", "type": "text"}, {"name": "client", "type": "lookup", "target": "client"}, {"name": "limit", "type": "integer"}, {"name": "since", "type": "date"},
            {"name": "lines", "type": "rows", "target": "deal_line"{{lines}} },
            {"name": "people", "type": "links", "target": "person", "columns": [{"name": "role", "type": "text"}]}, {{deal}}
            """);

    private static Task<TestStore> OpenAsync(string deal = """{"name": "nickname", "type": "text"}""", string client = """{"name": "nickname", "type": "text"}""", Action<MetadataFolder>? more = null) => TestStore.OpenAsync(folder =>
    {
        Write(folder, deal, client: client);
        more?.Invoke(folder);
    });

    /// <summary>Begins to note what is asked of SQLite, or stops where there is nothing to note it in.</summary>
    private sealed class StatementWatch(WriteSlot slot, List<string>? seen) : IWriteExtension
    {
        public WriteSlot Slot => slot;

        public ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
        {
            SQLitePCL.raw.sqlite3_trace(((SqliteConnection)batch.Session.Connection).Handle, seen is null ? null : (_, statement) => seen.Add(statement), null);
            return ValueTask.CompletedTask;
        }
    }
}
