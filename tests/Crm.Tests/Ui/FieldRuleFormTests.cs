using Bunit;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Crm.Tests.Records;
using Crm.Ui.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>A form whose fields are shown, needed and closed by what is in its lists and by records that point to the record.</summary>
public sealed class FieldRuleFormTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_field_comes_and_goes_with_the_rows_that_somebody_types()
    {
        await using var screen = await OpenAsync("""
            {"name": "approval", "type": "text", "visibleWhen": {"field": "lines", "op": "exists", "value": {"field": "quantity", "op": "gt", "value": {"field": "deal.limit"}}},
             "requiredWhen": {"field": "lines.quantity", "op": "gt", "value": 500} }
            """);
        var sheet = screen.Render<RecordSheet>(p => p.Add(s => s.EntityName, "deal"));
        sheet.WaitForElement("[data-field=limit] input");
        await TypeAsync(sheet, "#field-deal-limit", "100");
        Approval(sheet).ShouldBe(0, "there are no rows");

        await PressAsync(sheet, "[data-field=lines] [data-testid=item-add]");
        await TypeAsync(sheet, "#field-deal-lines-0-quantity", "100");
        Approval(sheet).ShouldBe(0, "the limit is kept");
        await TypeAsync(sheet, "#field-deal-lines-0-quantity", "101");
        Approval(sheet).ShouldBe(1);
        sheet.FindAll("[data-field=approval] .required").ShouldBeEmpty();
        await TypeAsync(sheet, "#field-deal-lines-0-quantity", "501");
        sheet.FindAll("[data-field=approval] .required").ShouldHaveSingleItem();
        await TypeAsync(sheet, "#field-deal-limit", "600");
        Approval(sheet).ShouldBe(0, "the row goes by the limit that is typed");
        await TypeAsync(sheet, "#field-deal-limit", "100");
        await PressAsync(sheet, "[data-field=lines] [data-testid=item-remove]");
        Approval(sheet).ShouldBe(0, "the row is gone");
    }

    [Fact]
    public async Task What_the_form_asks_for_is_what_saving_asks_for()
    {
        await using var screen = await OpenAsync("""
            {"name": "approval", "type": "text", "visibleWhen": {"field": "lines.article.price", "op": "gt", "value": 1000}, "requiredWhen": {"field": "lines.article.price", "op": "gt", "value": 1000} },
            {"name": "discount", "type": "text", "readOnlyWhen": {"field": "lines", "op": "exists", "value": {"field": "note", "op": "eq", "value": "shipped"}} }
            """);
        var (dear, cheap) = (await screen.Data.CreateAsync("article", """{"name": "Dear", "price": 2000}"""), await screen.Data.CreateAsync("article", """{"name": "Cheap", "price": 2}"""));
        var deal = await screen.Data.CreateAsync("deal", $$"""{"discount": "5%", "lines": [{"article": "{{cheap.Id}}", "note": "shipped"}]}""");
        var (drafts, draft) = (screen.Service<RecordDrafts>(), await DraftAsync(screen, deal));
        var (approval, discount, lines) = (deal.Entity["approval"], deal.Entity["discount"], deal.Entity["lines"]);
        (draft.IsVisible(approval), draft.IsReadOnly(discount)).ShouldBe((false, true));

        draft.Set(lines, new(Lines(draft, (Guid.Empty, "article", dear.Id))));
        await drafts.WithRelatedAsync(draft, Cancelled);

        (draft.IsVisible(approval), draft.IsReadOnly(discount)).ShouldBe((true, true), "the row that was shipped is taken away only here");
        draft.Check().ShouldBeFalse();
        draft.Set(approval, new("by Ada"));
        draft.Check().ShouldBeTrue();
        (await screen.Service<RecordSaving>().SaveAsync(draft, Cancelled)).Written.ShouldNotBeNull();
        (await screen.Data.GetAsync(deal))["approval"].ShouldBe("by Ada");
    }

    [Fact]
    public async Task What_rows_do_not_show_of_their_records_is_read_for_the_rules()
    {
        await using var screen = await OpenAsync("""{"name": "late", "type": "text", "visibleWhen": {"field": "lines", "op": "exists", "value": {"field": "created_at", "op": "lt", "value": {"var": "today"}}} }""");
        var old = await screen.Data.CreateAsync("deal", """{"lines": [{"quantity": 1}]}""");
        screen.Data.Clock.Advance(TimeSpan.FromDays(2));
        var fresh = await screen.Data.CreateAsync("deal", """{"lines": [{"quantity": 1}]}""");

        foreach (var (deal, shown) in new[] { (old, true), (fresh, false) })
        {
            var draft = await DraftAsync(screen, deal);
            draft.IsVisible(deal.Entity["late"]).ShouldBe(shown);
            draft.Set(deal.Entity["lines"], new(null));
            draft.IsVisible(deal.Entity["late"]).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task A_field_comes_as_soon_as_a_record_points_here_and_what_was_typed_stays()
    {
        await using var screen = await OpenAsync();
        var client = await screen.Data.CreateAsync("client", """{"name": "Acme"}""");
        var sheet = screen.Render<RecordSheet>(p => p.Add(s => s.EntityName, "client").Add(s => s.Id, client.Id));
        sheet.WaitForElement("[data-testid=edit]");
        await PressAsync(sheet, "[data-testid=edit]");
        await TypeAsync(sheet, "#field-client-name", "Acme Ltd");
        sheet.FindAll("[data-field=apology]").ShouldBeEmpty();

        var grievance = await screen.Data.CreateAsync("grievance", $$"""{"client": "{{client.Id}}", "open": true}""");

        sheet.WaitForElement("[data-field=apology] input", Patience);
        await TypeAsync(sheet, "#field-client-apology", "so sorry");
        await PressAsync(sheet, "[data-testid=save]");
        sheet.WaitForAssertion(() => sheet.FindAll("[data-testid=save-bar]").ShouldBeEmpty(), Patience);
        var stored = await screen.Data.GetAsync(client);
        (stored["name"], stored["apology"]).ShouldBe(("Acme Ltd", "so sorry"));
        await screen.Data.UpdateAsync(grievance, """{"open": false}""");
        sheet.WaitForAssertion(() => sheet.FindAll("[data-field=apology]").ShouldBeEmpty(), Patience);
    }

    [Fact]
    public async Task A_form_counts_its_own_record_among_others_as_it_is_typed()
    {
        await using var screen = await OpenAsync();
        var topic = screen["topic"];
        var root = await screen.Data.CreateAsync("topic", "{}");
        var (one, other) = (await screen.Data.CreateAsync("topic", $$"""{"parent": "{{root.Id}}", "weight": 20}"""), await screen.Data.CreateAsync("topic", $$"""{"parent": "{{root.Id}}", "weight": 1}"""));
        var (heavy, light) = (await DraftAsync(screen, one), await DraftAsync(screen, other));
        (heavy.IsVisible(topic["note"]), light.IsVisible(topic["note"])).ShouldBe((true, true));

        heavy.Set(topic["weight"], new(2L));
        light.Set(topic["parent"], new(null));
        (heavy.IsVisible(topic["note"]), light.IsVisible(topic["note"])).ShouldBe((false, false), "the heavy one is it no more, and the other has gone elsewhere");
        light.Set(topic["parent"], new(root.Id));
        light.IsVisible(topic["note"]).ShouldBeTrue();
    }

    [Fact]
    public async Task Records_that_point_here_are_compared_with_what_is_typed()
    {
        await using var screen = await OpenAsync(client: """{"name": "match", "type": "text", "visibleWhen": {"field": "grievance.client", "op": "exists", "value": {"field": "text", "op": "eq", "value": {"field": "client.name"}}} }""");
        var client = await screen.Data.CreateAsync("client", """{"name": "Acme"}""");
        await screen.Data.CreateAsync("grievance", $$"""{"client": "{{client.Id}}", "text": "Bolt"}""");
        var draft = await DraftAsync(screen, client);

        draft.IsVisible(client.Entity["match"]).ShouldBeFalse();
        draft.Set(client.Entity["name"], new("Bolt"));
        draft.IsVisible(client.Entity["match"]).ShouldBeTrue();
    }

    [Fact]
    public async Task Rows_that_a_person_may_not_read_decide_all_the_same()
    {
        await using var screen = await OpenAsync("""
            {"name": "secrets", "type": "rows", "target": "secret_line", "requiredWhen": {"field": "name", "op": "notNull"} },
            {"name": "hint", "type": "text", "visibleWhen": {"field": "secrets", "op": "exists", "value": {"field": "text", "op": "eq", "value": "hush"}} }
            """);
        var deal = await screen.Data.CreateAsync("deal", """{"name": "D", "secrets": [{"text": "hush"}]}""");

        var draft = await DraftAsync(screen, deal);

        (draft.Current["secrets"], draft.IsVisible(deal.Entity["hint"]), draft.Check()).ShouldBe((null, true, true));
    }

    private static CancellationToken Cancelled => Xunit.TestContext.Current.CancellationToken;

    private static int Approval(IRenderedComponent<RecordSheet> sheet) => sheet.FindAll("[data-field=approval]").Count;

    private static Task PressAsync(IRenderedComponent<RecordSheet> sheet, string place) => sheet.InvokeAsync(() => sheet.Find(place).ClickAsync(new()));

    private static Task TypeAsync(IRenderedComponent<RecordSheet> sheet, string place, string text) => sheet.InvokeAsync(() => sheet.Find(place).Input(text));

    private static ItemList Lines(RecordDraft draft, params (Guid Id, string Field, object Value)[] items)
    {
        var line = ((CollectionFieldType)draft.Entity["lines"].Type).Child;
        return ItemList.Whole([.. items.Select(i => new Item(i.Id, [new(line[i.Field], i.Value)]))]);
    }

    private static async Task<RecordDraft> DraftAsync(Screen screen, Record record) => (await screen.Service<RecordDrafts>().LoadAsync(record.Entity, record.Id, Cancelled))!;

    private static async Task<Screen> OpenAsync(string deal = """{"name": "nickname", "type": "text"}""", string client = """{"name": "nickname", "type": "text"}""")
    {
        Screen.Speak("en");
        using var folder = new MetadataFolder();
        FieldRuleListsTests.Write(folder, deal, client: client);
        folder.WithEntity("topic", """
            {"name": "parent", "type": "lookup", "target": "topic", "onDelete": "clear"}, {"name": "weight", "type": "integer"},
            {"name": "note", "type": "text", "visibleWhen": {"field": "parent.topic.parent", "op": "exists", "value": {"field": "weight", "op": "gt", "value": 10}} }
            """);
        folder.WithEntity("secret_line", """{"name": "deal", "type": "lookup", "target": "deal"}, {"name": "text", "type": "text"}""", """ "roles": {"spy": {"read": "all"} } """);
        return await Screen.OpenAsync(Shipped.Compile(Repository.File("metadata"), folder.Path));
    }
}
