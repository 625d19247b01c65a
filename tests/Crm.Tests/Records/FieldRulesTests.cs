using Crm.Data;
using Crm.Tests.Metadata;
using Crm.Ui.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Fields that are shown, needed or closed only under conditions: the store enforces what the form shows.</summary>
public sealed class FieldRulesTests
{
    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(folder => folder
        .WithEntity("customer", """{"name": "name", "type": "text"}, {"name": "country", "type": "text"}, {"name": "currency", "type": "text"}""")
        .WithEntity("deal", """
            {"name": "stage", "type": "text", "default": "open"},
            {"name": "customer", "type": "lookup", "target": "customer"},
            {"name": "reason", "type": "text", "visibleWhen": {"field": "stage", "op": "eq", "value": "lost"}, "requiredWhen": {"field": "stage", "op": "eq", "value": "lost"}},
            {"name": "amount", "type": "integer", "readOnlyWhen": {"field": "stage", "op": "eq", "value": "won"}},
            {"name": "vat", "type": "text", "requiredWhen": {"field": "customer.country", "op": "eq", "value": "DE"}},
            {"name": "hint", "type": "text", "required": true, "default": "x", "visibleWhen": {"field": "stage", "op": "ne", "value": "lost"}},
            {"name": "currency", "type": "text", "default": {"field": "customer.currency"}}
            """));

    [Fact]
    public async Task A_field_that_is_not_shown_cannot_be_set_and_one_that_is_needed_cannot_be_left_out()
    {
        await using var store = await OpenAsync();
        var deal = await store.CreateAsync("deal", "{}");

        var refusal = await Refusal.ExceptionOfAsync(() => store.UpdateAsync(deal, """{"reason": "price"}"""));
        (refusal.Problems.ShouldHaveSingleItem().Code, refusal.Problems[0].Rule).ShouldBe(("field.visible", "deal.reason.visibleWhen"));
        (await Refusal.OfAsync(() => store.UpdateAsync(deal, """{"stage": "lost"}"""))).ShouldContain("required");

        (await store.UpdateAsync(deal, """{"stage": "lost", "reason": "price"}"""))["reason"].ShouldBe("price");
        (await Refusal.OfAsync(() => store.UpdateAsync(deal, """{"reason": null}"""))).ShouldContain("required");
        (await store.UpdateAsync(deal, """{"hint": null}""").ContinueWith(t => t.Status, TestContext.Current.CancellationToken)).ShouldBe(TaskStatus.Faulted, "it is hidden, so people leave it alone");
    }

    [Fact]
    public async Task A_field_is_closed_by_what_the_record_was_and_not_by_the_change_that_closes_it()
    {
        await using var store = await OpenAsync();
        var deal = await store.CreateAsync("deal", """{"amount": 1}""");

        (await store.UpdateAsync(deal, """{"stage": "won", "amount": 2}"""))["amount"].ShouldBe(2L);
        (await Refusal.OfAsync(() => store.UpdateAsync(deal, """{"amount": 3}"""))).ShouldContain("field.readOnly");
        (await store.UpdateAsync(deal, """{"stage": "open"}"""))["stage"].ShouldBe("open");
    }

    [Fact]
    public async Task Rules_look_through_lookups_for_all_records_of_a_request()
    {
        await using var store = await OpenAsync();
        var (german, french) = (await store.CreateAsync("customer", """{"country": "DE"}"""), await store.CreateAsync("customer", """{"country": "FR"}"""));

        var changes = await store.WriteAsync(atomic: false, store.Creation("deal", $$"""{"customer": "{{german.Id}}"}"""), store.Creation("deal", $$"""{"customer": "{{french.Id}}"}"""));

        changes.Select(c => c.Failed).ShouldBe([true, false]);
        changes[0].Problems[0].Field.ShouldBe("vat");
    }

    [Fact]
    public async Task What_was_missing_before_a_rule_came_may_wait()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", """{"country": "FR"}""");
        var deal = await store.CreateAsync("deal", $$"""{"customer": "{{customer.Id}}"}""");
        await store.UpdateAsync(customer, """{"country": "DE"}""");

        (await store.UpdateAsync(deal, """{"amount": 5}"""))["amount"].ShouldBe(5L);
    }

    [Fact]
    public async Task The_platform_and_undo_are_not_held_up_by_rules_for_people()
    {
        await using var store = await OpenAsync();
        var deal = await store.CreateAsync("deal", """{"amount": 1}""");
        var raised = await store.WriteAsync(atomic: true, store.Change(deal, """{"amount": 2, "stage": "won"}"""));
        await store.ChangeSets.UndoAsync(raised[0].ChangeSet, Actor.Platform, Door.Api, TestContext.Current.CancellationToken);

        (await store.GetAsync(deal))["amount"].ShouldBe(1L);
    }

    [Fact]
    public async Task A_default_is_copied_from_where_a_lookup_leads()
    {
        await using var store = await OpenAsync();
        var customer = await store.CreateAsync("customer", """{"currency": "CHF"}""");

        (await store.CreateAsync("deal", $$"""{"customer": "{{customer.Id}}"}"""))["currency"].ShouldBe("CHF");
        (await store.CreateAsync("deal", $$"""{"customer": "{{customer.Id}}", "currency": "EUR"}"""))["currency"].ShouldBe("EUR");
        (await store.CreateAsync("deal", "{}"))["currency"].ShouldBeNull();
    }

    [Fact]
    public async Task The_form_follows_the_same_rules_while_somebody_types()
    {
        await using var store = await OpenAsync();
        var (deal, customer) = (await store.CreateAsync("deal", """{"amount": 1}"""), await store.CreateAsync("customer", """{"country": "DE"}"""));
        var entity = deal.Entity;
        var draft = new RecordDraft(deal, new Dictionary<string, string>(), isNew: false);
        draft.IsVisible(entity["reason"]).ShouldBeFalse();

        draft.Set(entity["stage"], new("lost"));
        (draft.IsVisible(entity["reason"]), draft.IsRequired(entity["reason"]), draft.IsVisible(entity["hint"])).ShouldBe((true, true, false));
        draft.Check().ShouldBeFalse();
        draft.Set(entity["reason"], new("price"));
        draft.Check().ShouldBeTrue();

        draft.Set(entity["customer"], new(customer.Id));
        await store.Store.AddRelatedAsync(draft.Seen, draft.Scope, TestContext.Current.CancellationToken);
        draft.IsRequired(entity["vat"]).ShouldBeTrue();

        draft.Set(entity["stage"], new("open"));
        draft.Values.Select(v => v.Field.Name).ShouldBe(["customer"], "what is no longer shown is not sent");
    }

    [Fact]
    public async Task A_rule_over_a_tree_holds_for_all_that_stands_below()
    {
        var root = Guid.Parse("0190aaaa-bbbb-7ccc-8ddd-000000000001");
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("category", """{"name": "name", "type": "text"}, {"name": "parent", "type": "lookup", "target": "category", "onDelete": "clear"}""")
            .WithEntity("thing", $$"""{"name": "category", "type": "lookup", "target": "category"}, {"name": "size", "type": "integer", "visibleWhen": {"field": "category", "op": "under", "value": "{{root}}"} }"""));
        await store.WriteAsync(atomic: true, store.Creation("category", "{}", root));
        var middle = await store.CreateAsync("category", $$"""{"parent": "{{root}}"}""");
        var (leaf, other) = (await store.CreateAsync("category", $$"""{"parent": "{{middle.Id}}"}"""), await store.CreateAsync("category", "{}"));
        await store.UpdateAsync(other, $$"""{"parent": "{{other.Id}}"}""");

        var changes = await store.WriteAsync(atomic: false, [.. new[] { root, middle.Id, leaf.Id, other.Id }.Select(category => store.Creation("thing", $$"""{"category": "{{category}}", "size": 1}"""))]);

        changes.Select(c => c.Failed).ShouldBe([false, false, false, true]);
        changes[3].Problems.ShouldHaveSingleItem().Code.ShouldBe("field.visible");
        var draft = new RecordDraft(changes[2].After!, new Dictionary<string, string>(), isNew: false);
        await store.Store.AddRelatedAsync(draft.Seen, draft.Scope, TestContext.Current.CancellationToken);
        draft.IsVisible(draft.Entity["size"]).ShouldBeTrue();
    }

    [Fact]
    public void A_rule_that_cannot_be_read_is_a_problem_of_the_file()
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("deal", """
            {"name": "a", "type": "text", "visibleWhen": {"field": "nothing", "op": "eq", "value": "x"}},
            {"name": "b", "type": "text", "default": {"field": "c"}},
            {"name": "c", "type": "integer", "readOnlyWhen": {"all": [{"field": "a", "op": "between", "value": "x"}]}}
            """);

        var problems = folder.Compile().Problems.Where(p => p.File.Contains("deal", StringComparison.Ordinal)).Select(p => p.Path);

        problems.ShouldBe(["fields[0].visibleWhen.field", "fields[1].default.field", "fields[2].readOnlyWhen.all[0].value"], ignoreOrder: true);
    }
}
