using Crm.Data;
using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>What belongs together is taken back together, unless somebody has changed the same thing since.</summary>
public sealed class UndoTests
{
    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(folder => folder
        .WithEntity("customer", """{"name": "name", "type": "text", "unique": true}, {"name": "city", "type": "text"}, {"name": "secret", "type": "text", "audit": false}""")
        .WithEntity("note", """{"name": "name", "type": "text"}, {"name": "customer", "type": "lookup", "target": "customer", "onDelete": "clear"}""")
        .WithEntity("visit", """{"name": "name", "type": "text"}, {"name": "customer", "type": "lookup", "target": "customer", "onDelete": "cascade"}""")
        .WithEntity("photo", """{"name": "name", "type": "text"}, {"name": "visit", "type": "lookup", "target": "visit", "onDelete": "cascade"}"""));

    private static Task<IReadOnlyList<RecordChange>> UndoAsync(TestStore store, Guid changeSet, Actor? actor = null) =>
        store.ChangeSets.UndoAsync(changeSet, actor ?? Actor.Platform, Door.Api, TestContext.Current.CancellationToken);

    private static string For(Record record, string lookup = "customer") => $$"""{"name": "x", "{{lookup}}": "{{record.Id}}"}""";

    [Fact]
    public async Task A_batch_of_all_kinds_is_taken_back_and_put_back_again()
    {
        await using var store = await OpenAsync();
        var (kept, doomed) = (await store.CreateAsync("customer", """{"name": "kept", "city": "Bonn"}"""), await store.CreateAsync("customer", """{"name": "doomed"}"""));
        var written = await store.WriteAsync(atomic: true, store.Creation("customer", """{"name": "new"}"""), store.Change(kept, """{"city": "Ulm", "name": "renamed"}"""), RecordChange.Delete(doomed.Entity, doomed.Id));

        var undone = await UndoAsync(store, written[0].ChangeSet);

        (await store.NamesAsync("customer", sort: "name")).ShouldBe(["doomed", "kept"]);
        (await store.GetAsync(kept))["city"].ShouldBe("Bonn");
        await UndoAsync(store, undone[0].ChangeSet);
        (await store.NamesAsync("customer", sort: "name")).ShouldBe(["new", "renamed"]);
        (await store.GetAsync(kept))["city"].ShouldBe("Ulm");
    }

    [Fact]
    public async Task It_is_refused_with_every_field_that_was_changed_since_and_nothing_is_taken_back()
    {
        await using var store = await OpenAsync();
        var (one, two) = (await store.CreateAsync("customer", """{"name": "one", "city": "Bonn"}"""), await store.CreateAsync("customer", """{"name": "two"}"""));
        var written = await store.WriteAsync(atomic: true, store.Change(one, """{"city": "Ulm"}"""), store.Change(two, """{"city": "Ulm"}"""));
        await store.UpdateAsync(one, """{"city": "Kiel"}""");

        var refusal = await Refusal.ExceptionOfAsync(() => UndoAsync(store, written[0].ChangeSet));

        var problem = refusal.Problems.ShouldHaveSingleItem();
        (problem.Field, problem.Code, problem.Kind).ShouldBe(("city", "undo.changed", ProblemKind.Conflict));
        problem.Records.ShouldBe([one.Id]);
        (await store.GetAsync(two))["city"].ShouldBe("Ulm");
    }

    [Fact]
    public async Task Other_fields_changed_since_stay_as_they_are()
    {
        await using var store = await OpenAsync();
        var one = await store.CreateAsync("customer", """{"name": "one", "city": "Bonn"}""");
        var written = await store.WriteAsync(atomic: true, store.Change(one, """{"city": "Ulm"}"""));
        await store.UpdateAsync(one, """{"name": "later"}""");

        await UndoAsync(store, written[0].ChangeSet);

        var after = await store.GetAsync(one);
        (after["name"], after["city"]).ShouldBe(("later", "Bonn"));
    }

    [Fact]
    public async Task A_new_record_to_which_somebody_added_something_is_not_taken_back()
    {
        await using var store = await OpenAsync();
        var written = await store.WriteAsync(atomic: true, store.Creation("customer", """{"name": "new"}"""));
        await store.UpdateAsync(written[0].After!, """{"city": "Ulm"}""");

        (await Refusal.OfAsync(() => UndoAsync(store, written[0].ChangeSet))).ShouldContain("undo.changed");
    }

    [Fact]
    public async Task A_new_record_that_others_point_to_by_now_is_not_taken_back()
    {
        await using var store = await OpenAsync();
        var written = await store.WriteAsync(atomic: true, store.Creation("customer", """{"name": "new"}"""));
        await store.CreateAsync("visit", For(written[0].After!));

        (await Refusal.OfAsync(() => UndoAsync(store, written[0].ChangeSet))).ShouldContain("delete.referenced");
    }

    [Fact]
    public async Task Taking_back_twice_finds_nothing_left()
    {
        await using var store = await OpenAsync();
        var written = await store.WriteAsync(atomic: true, store.Creation("customer", """{"name": "new"}"""));
        await UndoAsync(store, written[0].ChangeSet);

        (await Refusal.OfAsync(() => UndoAsync(store, written[0].ChangeSet))).ShouldContain("undo.nothing");
        (await Refusal.OfAsync(() => UndoAsync(store, SequentialIds.Unknown))).ShouldContain("changeSet.unknown");
    }

    [Fact]
    public async Task Only_who_made_the_changes_or_an_administrator_takes_them_back()
    {
        await using var store = await OpenAsync();
        var (ada, bob) = (await store.PersonAsync("Ada"), await store.PersonAsync("Bob"));
        var made = await store.CreateAsync("customer", """{"name": "new"}""", ada);
        var changeSet = (await store.HistoryAsync(made))[0].ChangeSet;

        (await Refusal.OfAsync(() => UndoAsync(store, changeSet, bob))).ShouldContain("forbidden.undo");
        await UndoAsync(store, changeSet, ada);
        (await store.FindAsync(made)).ShouldBeNull();
    }

    [Fact]
    public async Task What_a_change_set_did_can_be_read()
    {
        await using var store = await OpenAsync();
        var one = await store.CreateAsync("customer", """{"name": "one"}""");
        var written = await store.WriteAsync(atomic: true, store.Change(one, """{"city": "Ulm"}"""), store.Creation("customer", """{"name": "two"}"""));

        var set = await store.ChangeSets.ReadAsync(written[0].ChangeSet, Actor.Platform, TestContext.Current.CancellationToken);

        (set.IsWhole, set.Door).ShouldBe((true, Door.Api));
        set.Records.Select(r => r.Kind).ShouldBe([ChangeKind.Update, ChangeKind.Create], ignoreOrder: true);
        set.Records.Single(r => r.Id == one.Id).Changes.ShouldHaveSingleItem().After.ShouldBe("Ulm");
    }

    [Fact]
    public async Task A_restored_record_brings_back_what_went_along_with_it_and_nothing_else()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", """{"name": "back"}""");
        var (earlier, visit) = (await store.CreateAsync("visit", For(customer)), await store.CreateAsync("visit", For(customer)));
        var photo = await store.CreateAsync("photo", For(visit, "visit"));
        var (note, moved) = (await store.CreateAsync("note", For(customer)), await store.CreateAsync("note", For(customer)));
        var other = await store.CreateAsync("customer", """{"name": "other"}""");
        await store.DeleteAsync(earlier);
        await store.DeleteAsync(customer);
        await store.UpdateAsync(moved, $$"""{"customer": "{{other.Id}}"}""");

        await store.RestoreAsync(customer);

        (await store.FindAsync(visit)).ShouldNotBeNull();
        (await store.FindAsync(photo)).ShouldNotBeNull();
        (await store.FindAsync(earlier)).ShouldBeNull("it was deleted before, for itself");
        (await store.GetAsync(note))["customer"].ShouldBe(customer.Id);
        (await store.GetAsync(moved))["customer"].ShouldBe(other.Id);
    }

    [Fact]
    public async Task What_went_along_comes_back_however_much_else_the_same_change_set_did()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", """{"name": "back"}""");
        var (visit, note) = (await store.CreateAsync("visit", For(customer)), await store.CreateAsync("note", For(customer)));
        await store.DeleteAsync(customer);
        var changeSet = (await store.HistoryAsync(customer))[0].ChangeSet;
        await store.Database.WriteAsync(session => NoteOthersAsync(store, session, changeSet), TestContext.Current.CancellationToken);

        await store.RestoreAsync(customer);

        (await store.FindAsync(visit)).ShouldNotBeNull();
        (await store.GetAsync(note))["customer"].ShouldBe(customer.Id);
    }

    /// <summary>History as it would be if ten thousand other customers had been deleted by the same change set.</summary>
    private static async Task<bool> NoteOthersAsync(TestStore store, Session session, Guid changeSet)
    {
        var into = new RowsInsert(SystemTables.Audit, ["id", "entity", "record_id", "version", "kind", "at", "door", "change_set", "changes"]);
        await session.InsertAsync(
            into,
            [
                .. Enumerable.Range(0, 10_000).SelectMany(_ => new[]
                {
                    Param.Uuid(store.Ids.Next()), Param.Text("customer"), Param.Uuid(store.Ids.Next()), Param.Integer(2), Param.Text("delete"), Param.Timestamp(store.Clock.GetUtcNow()),
                    Param.Text("mass"), Param.Uuid(changeSet), Param.Text("{}"),
                }),
            ],
            TestContext.Current.CancellationToken);
        return true;
    }

    [Fact]
    public async Task Records_that_are_restored_together_each_bring_back_their_own()
    {
        await using var store = await OpenAsync();
        var (one, two) = (await store.CreateAsync("customer", """{"name": "one"}"""), await store.CreateAsync("customer", """{"name": "two"}"""));
        var (first, second, earlier) = (await store.CreateAsync("visit", For(one)), await store.CreateAsync("visit", For(two)), await store.CreateAsync("visit", For(two)));
        var photo = await store.CreateAsync("photo", For(second, "visit"));
        foreach (var record in new[] { earlier, one, two })
        {
            await store.DeleteAsync(record);
        }

        await store.WriteAsync(atomic: true, RecordChange.Restore(one.Entity, one.Id), RecordChange.Restore(two.Entity, two.Id));

        foreach (var record in new[] { first, second, photo })
        {
            (await store.FindAsync(record)).ShouldNotBeNull();
        }
        (await store.FindAsync(earlier)).ShouldBeNull();
    }

    [Fact]
    public async Task Records_that_are_restored_together_point_to_each_other_again()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", """{"name": "back"}""");
        var note = await store.CreateAsync("note", For(customer));
        var changeSet = store.Ids.Next();
        foreach (var record in new[] { customer, note })
        {
            await store.Store.WriteAsync(new(Actor.Platform, Door.Mass, [RecordChange.Delete(record.Entity, record.Id)], ChangeSet: changeSet), TestContext.Current.CancellationToken);
        }

        await store.WriteAsync(atomic: true, RecordChange.Restore(customer.Entity, customer.Id), RecordChange.Restore(note.Entity, note.Id));

        (await store.GetAsync(note))["customer"].ShouldBe(customer.Id);
    }

    [Fact]
    public async Task A_record_whose_value_was_taken_meanwhile_is_not_restored()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", """{"name": "taken"}""");
        await store.DeleteAsync(customer);
        await store.CreateAsync("customer", """{"name": "taken"}""");

        (await Refusal.OfAsync(() => store.RestoreAsync(customer))).ShouldContain("unique");
    }

    [Fact]
    public async Task A_field_without_audit_leaves_no_value_in_the_history()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", """{"name": "one", "secret": "quiet"}""");
        await store.UpdateAsync(customer, """{"secret": "quieter"}""");

        (await store.HistoryAsync(customer)).SelectMany(e => e.Changes).ShouldAllBe(c => c.Field.Name != "secret");
        (await store.GetAsync(customer))["secret"].ShouldBe("quieter");
    }
}
