using Crm.Data;
using Crm.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>What happens to records that point to a deleted one: they hold it back, lose their reference or go along, all or nothing.</summary>
public sealed class DeletionTests
{
    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(folder => folder
        .WithEntity("customer", """{"name": "name", "type": "text"}""")
        .WithEntity("contract", """{"name": "name", "type": "text"}, {"name": "customer", "type": "lookup", "target": "customer", "onDelete": "restrict"}""")
        .WithEntity("note", """
            {"name": "name", "type": "text"},
            {"name": "customer", "type": "lookup", "target": "customer", "onDelete": "clear"},
            {"name": "payer", "type": "lookup", "target": "customer", "onDelete": "clear"}
            """)
        .WithEntity("visit", """{"name": "name", "type": "text"}, {"name": "customer", "type": "lookup", "target": "customer", "onDelete": "cascade"}""")
        .WithEntity("photo", """
            {"name": "name", "type": "text"},
            {"name": "visit", "type": "lookup", "target": "visit", "onDelete": "cascade"},
            {"name": "about", "type": "lookup", "target": "customer", "onDelete": "clear"}
            """)
        .WithEntity("frame", """{"name": "name", "type": "text"}, {"name": "photo", "type": "lookup", "target": "photo", "onDelete": "restrict"}"""));

    private static string For(Record record, string lookup = "customer") => $$"""{"name": "x", "{{lookup}}": "{{record.Id}}"}""";

    /// <summary>One more than may follow from a deletion.</summary>
    private const int TooMany = 10_001;

    /// <summary>More records that point to a customer than may follow it.</summary>
    internal static Task AddTooManyAsync(TestStore store, string entity, Record customer) => store.Bulk.InsertAsync(
        store[entity],
        Enumerable.Range(0, TooMany).Select(_ => new Record(store[entity])
        {
            ["customer"] = customer.Id,
            [SystemFields.Id] = store.Ids.Next(),
            [SystemFields.Version] = 1L,
            [SystemFields.CreatedAt] = store.Clock.GetUtcNow(),
            [SystemFields.UpdatedAt] = store.Clock.GetUtcNow(),
        }),
        TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_record_that_is_still_used_is_not_deleted()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", "{}");
        var contract = await store.CreateAsync("contract", For(customer));
        var visit = await store.CreateAsync("visit", For(customer));

        var refusal = await Refusal.ExceptionOfAsync(() => store.DeleteAsync(customer));

        refusal.Problems.ShouldHaveSingleItem().Rule.ShouldBe("contract.customer");
        (await store.FindAsync(visit)).ShouldNotBeNull("what would have gone along stays");
        await store.DeleteAsync(contract);
        await store.DeleteAsync(customer);
        (await store.FindAsync(customer)).ShouldBeNull();
    }

    [Fact]
    public async Task References_that_may_be_empty_are_emptied_with_a_line_in_their_history()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", "{}");
        var note = await store.CreateAsync("note", For(customer));

        await store.DeleteAsync(customer);

        var after = await store.GetAsync(note);
        (after["customer"], after.Version).ShouldBe((null, 2));
        (await store.HistoryAsync(note))[0].Changes.ShouldHaveSingleItem().Before.ShouldBe(customer.Id);
    }

    [Fact]
    public async Task A_record_that_points_twice_to_the_deleted_one_loses_both_references()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", "{}");
        var note = await store.CreateAsync("note", $$"""{"customer": "{{customer.Id}}", "payer": "{{customer.Id}}"}""");

        await store.DeleteAsync(customer);

        var after = await store.GetAsync(note);
        (after["customer"], after["payer"]).ShouldBe((null, null));
    }

    [Fact]
    public async Task A_record_that_goes_along_and_also_loses_a_reference_goes_along()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", "{}");
        var visit = await store.CreateAsync("visit", For(customer));
        var photo = await store.CreateAsync("photo", $$"""{"visit": "{{visit.Id}}", "about": "{{customer.Id}}"}""");

        await store.DeleteAsync(customer);

        (await store.FindAsync(photo)).ShouldBeNull();
    }

    [Fact]
    public async Task What_belongs_to_the_record_goes_along_however_deep()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", "{}");
        var visit = await store.CreateAsync("visit", For(customer));
        var photo = await store.CreateAsync("photo", For(visit, "visit"));
        var other = await store.CreateAsync("visit", """{"name": "of nobody"}""");

        await store.DeleteAsync(customer);

        (await store.FindAsync(visit)).ShouldBeNull();
        (await store.FindAsync(photo)).ShouldBeNull();
        (await store.FindAsync(other)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_hold_deep_below_keeps_everything_in_place()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", "{}");
        var note = await store.CreateAsync("note", For(customer));
        var visit = await store.CreateAsync("visit", For(customer));
        var photo = await store.CreateAsync("photo", For(visit, "visit"));
        await store.CreateAsync("frame", For(photo, "photo"));

        (await Refusal.OfAsync(() => store.DeleteAsync(customer))).ShouldContain("delete.referenced");

        (await store.FindAsync(customer)).ShouldNotBeNull();
        (await store.FindAsync(visit)).ShouldNotBeNull();
        (await store.GetAsync(note))["customer"].ShouldBe(customer.Id);
    }

    [Theory]
    [InlineData("visit", ": delete.tooMany")]
    [InlineData("note", ": delete.tooMany")]
    [InlineData("contract", ": delete.referenced")]
    public async Task A_deletion_from_which_too_much_would_follow_is_refused_and_leaves_nothing_half_done(string follower, string refusal)
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", "{}");
        await AddTooManyAsync(store, follower, customer);

        (await Refusal.OfAsync(() => store.DeleteAsync(customer))).ShouldBe(refusal);

        (await store.FindAsync(customer)).ShouldNotBeNull();
        (await store.CountAsync(follower)).ShouldBe(TooMany);
    }

    [Fact]
    public async Task In_a_batch_that_is_not_atomic_a_held_back_record_keeps_those_that_belong_to_it()
    {
        await using var store = await OpenAsync();
        var (held, free) = (await store.CreateAsync("customer", "{}"), await store.CreateAsync("customer", "{}"));
        await store.CreateAsync("contract", For(held));
        var (heldVisit, freeVisit) = (await store.CreateAsync("visit", For(held)), await store.CreateAsync("visit", For(free)));

        var changes = await store.WriteAsync(atomic: false, RecordChange.Delete(held.Entity, held.Id), RecordChange.Delete(free.Entity, free.Id));

        changes.Select(c => c.Failed).ShouldBe([true, false]);
        (await store.FindAsync(heldVisit)).ShouldNotBeNull();
        (await store.FindAsync(freeVisit)).ShouldBeNull();
    }

    [Fact]
    public async Task Records_that_are_deleted_together_do_not_hold_each_other_back()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", "{}");
        var contract = await store.CreateAsync("contract", For(customer));

        await store.WriteAsync(atomic: true, RecordChange.Delete(customer.Entity, customer.Id), RecordChange.Delete(contract.Entity, contract.Id));

        (await store.CountAsync("customer") + await store.CountAsync("contract")).ShouldBe(0);
    }

    [Fact]
    public async Task A_restored_record_is_what_it_was()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", """{"name": "back again"}""");
        await store.DeleteAsync(customer);

        await store.RestoreAsync(customer);

        var back = await store.GetAsync(customer);
        (back["name"], back.Version, back["deleted_at"]).ShouldBe(("back again", 3, null));
        (await store.NamesAsync("customer")).ShouldBe(["back again"]);
    }

    [Fact]
    public async Task What_is_not_there_is_neither_changed_nor_deleted_nor_restored()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", """{"name": "here"}""");
        (await Refusal.OfAsync(() => store.RestoreAsync(customer))).ShouldBe(": notFound");
        await store.DeleteAsync(customer);

        (await Refusal.OfAsync(() => store.UpdateAsync(customer, """{"name": "x"}"""))).ShouldBe(": notFound");
        (await Refusal.OfAsync(() => store.DeleteAsync(customer))).ShouldBe(": notFound");
        (await Refusal.OfAsync(() => store.GetAsync(customer))).ShouldBe(": notFound");
    }

    [Fact]
    public async Task A_deleted_record_is_in_no_list_count_search_or_figure()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", """{"name": "gone"}""");
        await store.DeleteAsync(customer);

        (await store.NamesAsync("customer", search: "gone")).ShouldBeEmpty();
        (await store.CountAsync("customer")).ShouldBe(0);
        (await store.AggregateAsync(new(store["customer"], [], [new(MeasureFunction.Count, null, "count")]))).Rows[0][0].ShouldBe(0L);
    }
}
