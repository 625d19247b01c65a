using Crm.Data;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>What an entity's template adds by itself.</summary>
public sealed class TemplateTests
{
    [Fact]
    public async Task A_ledger_only_grows()
    {
        await using var store = await TestStore.OpenAsync("entry", """{"name": "amount", "type": "integer"}""", "\"template\": \"ledger\"");
        var written = await store.WriteAsync(atomic: true, store.Creation("entry", """{"amount": 5}"""));
        var entry = written[0].After!;

        (await Refusal.OfAsync(() => store.UpdateAsync(entry, """{"amount": 6}"""))).ShouldContain("ledger.appendOnly");
        (await Refusal.OfAsync(() => store.DeleteAsync(entry))).ShouldContain("ledger.appendOnly");
        (await Refusal.OfAsync(() => store.ChangeSets.UndoAsync(written[0].ChangeSet, Actor.Platform, Door.Api, TestContext.Current.CancellationToken))).ShouldContain("ledger.appendOnly");
        await store.CreateAsync("entry", """{"amount": -5}""");
        (await store.CountAsync("entry")).ShouldBe(2);
    }

    [Fact]
    public async Task Whoever_may_not_change_a_record_may_not_change_its_lines()
    {
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("invoice", """{"name": "name", "type": "text"}""", """ "roles": {"everyone": {"read": "all"}, "clerk": {"read": "all", "update": "all"}} """)
            .WithEntity("invoice_line", """{"name": "invoice", "type": "lookup", "target": "invoice", "onDelete": "cascade", "required": true}, {"name": "text", "type": "text"}""", "\"template\": \"line\""));
        var invoice = await store.CreateAsync("invoice", "{}");
        var ada = await store.PersonAsync("Ada");
        var line = $$"""{"invoice": "{{invoice.Id}}", "text": "x"}""";

        (await Refusal.OfAsync(() => store.CreateAsync("invoice_line", line, ada))).ShouldContain("forbidden.create");
        var made = await store.CreateAsync("invoice_line", line, ada with { Roles = [Actor.Everyone, "clerk"] });
        await store.DeleteAsync(invoice);
        (await store.FindAsync(made)).ShouldBeNull();
    }

    [Fact]
    public void A_line_needs_a_record_to_belong_to()
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("lost_line", """{"name": "text", "type": "text"}""", "\"template\": \"line\"");

        folder.Compile().Problems.ShouldContain(p => p.Path == "template");
    }
}
