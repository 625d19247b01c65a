using Bunit;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Collections;
using Crm.Tests.Metadata;
using Crm.Ui.Forms;
using Crm.Ui.Records;
using Microsoft.AspNetCore.Components.Web;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Rows, links and references to records of several entities in a form over a real store: edited with the record, saved with it.</summary>
public sealed class ItemsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Rows_are_added_changed_moved_and_removed_and_saved_with_their_record()
    {
        await using var screen = await OpenAsync();
        var deal = await screen.Data.CreateAsync("deal", """{"name": "D", "lines": [{"quantity": 1, "note": "a"}, {"quantity": 2, "note": "b"}, {"quantity": 3, "note": "c"}]}""");
        var (form, draft) = await ShowAsync(screen, deal);

        form.FindAll("[data-field=lines] [data-testid=item]").Count.ShouldBe(3);
        form.Find("[data-field=lines] [data-total=quantity]").TextContent.ShouldContain("6");
        await form.InvokeAsync(() => Cell(form, 0, "quantity").Input("10"));
        await form.InvokeAsync(() => form.FindAll("[data-field=lines] [data-testid=item-remove]")[1].Click());
        await form.InvokeAsync(() => form.Find("#field-deal-lines-1-up").Click());
        await form.InvokeAsync(() => form.Find("[data-field=lines] [data-testid=item-add]").Click());
        Cell(form, 2, "note").GetAttribute("value").ShouldBe("as usual", "a new row begins with its defaults");
        await form.InvokeAsync(() => Cell(form, 2, "quantity").Input("5"));

        form.Find("[data-field=lines] [data-total=quantity]").TextContent.ShouldContain("18");
        draft.HasChanges.ShouldBeTrue();
        var written = (ItemList)draft.Values.ShouldHaveSingleItem().Value!;
        written.Items.Select(i => string.Join(' ', i.Values.Select(v => v.Key.Name))).ShouldBe(["", "quantity", "article quantity note"], "only what differs is written");
        await SaveAsync(screen, draft);
        Lines(await screen.Data.GetAsync(deal)).ShouldBe(["1:3:c", "2:10:a", "3:5:as usual"]);
    }

    [Fact]
    public async Task What_is_wrong_stands_at_its_cell_and_the_summary_leads_there()
    {
        await using var screen = await OpenAsync();
        var deal = await screen.Data.CreateAsync("deal", """{"name": "D", "lines": [{"quantity": 1}, {"quantity": 2}]}""");
        var (form, draft) = await ShowAsync(screen, deal);

        await form.InvokeAsync(() => Cell(form, 1, "quantity").Input("x"));
        await form.InvokeAsync(() => Cell(form, 1, "quantity").Change("x"));

        form.Find("[data-field=lines] [data-column=quantity].has-problem [data-testid=item-problem]").TextContent.ShouldContain("whole number");
        form.FindAll("[data-testid=field-problem]").ShouldBeEmpty("it is said once, at the cell");
        draft.Check().ShouldBeFalse();
        draft.Problems.ShouldHaveSingleItem().Field.ShouldBe("lines[1].quantity");
        Show(form);
        form.Find("[data-testid=problems] a").GetAttribute("href").ShouldBe("#" + Cell(form, 1, "quantity").Id);
        form.Find("[data-testid=problems] a").TextContent.ShouldBe("Lines 2 · Quantity");

        await form.InvokeAsync(() => Cell(form, 1, "quantity").Input("0"));
        draft.Refuse((await Should.ThrowAsync<ProblemException>(() => SaveAsync(screen, draft))).Problems);
        Show(form);
        form.FindAll("[data-testid=item-problem]").ShouldHaveSingleItem().TextContent.ShouldContain("at least 1");
        await form.InvokeAsync(() => Cell(form, 0, "note").Input("mine"));
        form.FindAll("[data-testid=item-problem]").ShouldHaveSingleItem("a problem stays while something else is edited");
        await form.InvokeAsync(() => Cell(form, 1, "quantity").Input("4"));
        form.FindAll("[data-testid=item-problem]").ShouldBeEmpty();
    }

    [Fact]
    public async Task Links_are_found_by_typing_and_carry_their_columns()
    {
        await using var screen = await OpenAsync();
        var (ada, _) = (await screen.Data.CreateAsync("person", """{"name": "Ada L"}"""), await screen.Data.CreateAsync("person", """{"name": "Grace H"}"""));
        var deal = await screen.Data.CreateAsync("deal", $$"""{"name": "D", "people": [{"id": "{{ada.Id}}", "role": "user"}]}""");
        var (form, draft) = await ShowAsync(screen, deal);
        form.WaitForAssertion(() => form.Find("[data-field=people] .items-title a").TextContent.ShouldBe("Ada L"), Patience);
        form.Find("[data-field=people] .items-title a").GetAttribute("href").ShouldBe($"/e/person/{ada.Id}");

        await LinkAsync(form, "Grace H");
        form.WaitForAssertion(() => form.FindAll("[data-field=people] [data-testid=item]").Count.ShouldBe(2), Patience);
        await LinkAsync(form, "Ada L");
        form.FindAll("[data-field=people] [data-testid=item]").Count.ShouldBe(2, "nobody is linked twice");
        form.FindAll("[data-field=people] .items-title a").Select(a => a.TextContent).ShouldBe(["Ada L", "Grace H"]);
        await form.InvokeAsync(() => form.FindAll("[data-field=people] [data-testid=item-remove]")[0].Click());

        await SaveAsync(screen, draft);
        var stored = (ItemList)(await screen.Data.GetAsync(deal))["people"]!;
        stored.Items.ShouldHaveSingleItem().Id.ShouldNotBe(ada.Id);
    }

    [Fact]
    public async Task Without_the_right_to_change_them_rows_are_shown_and_what_may_not_be_read_is_left_alone()
    {
        await using var screen = await OpenAsync();
        var deal = await screen.Data.CreateAsync("deal", """{"name": "D", "lines": [{"quantity": 7}], "secrets": [{"text": "hush"}]}""");
        var (form, draft) = await ShowAsync(screen, deal, mayWrite: false);

        form.FindAll("[data-field=lines] input, [data-field=lines] button").ShouldBeEmpty();
        form.Find("[data-field=lines] [data-column=quantity]").TextContent.ShouldContain("7");
        form.FindAll("[data-field=secrets]").ShouldBeEmpty();
        draft.Original["secrets"].ShouldBeNull();
        await screen.Data.Store.UpdateAsync(deal.Entity, deal.Id, [new(deal.Entity["name"], "E")], null, screen.Person, Door.Form, Xunit.TestContext.Current.CancellationToken);
        (await screen.Data.CountAsync("secret_line")).ShouldBe(1);
    }

    [Fact]
    public async Task A_reference_is_chosen_by_kind_and_then_by_name()
    {
        await using var screen = await OpenAsync();
        var (ada, deal) = (await screen.Data.CreateAsync("person", """{"name": "Ada L"}"""), await screen.Data.CreateAsync("deal", """{"name": "Big deal"}"""));
        var memo = await screen.Data.CreateAsync("memo", $$"""{"name": "M", "about": "person:{{ada.Id}}"}""");
        var (form, draft) = await ShowAsync(screen, memo);
        form.Find("[data-field=about] [data-testid=any-kind]").QuerySelectorAll("option").Select(o => o.TextContent).ShouldBe(["Deal", "Person"], "kinds that one may not read are not offered");
        form.Find("[data-field=about] input").GetAttribute("value").ShouldBe("Ada L");

        await form.InvokeAsync(() => form.Find("[data-field=about] [data-testid=any-kind]").Change("deal"));
        draft.Current["about"].ShouldBeNull();
        await ChooseAsync(form, "[data-field=about]", "Big deal");

        draft.Current["about"].ShouldBe(new Reference("deal", deal.Id));
        form.Find("[data-field=about] input").GetAttribute("value").ShouldBe("Big deal");
        form.Find("[data-field=about] .lookup-actions a").GetAttribute("href").ShouldBe($"/e/deal/{deal.Id}");
    }

    [Fact]
    public async Task History_tells_entries_by_name_and_in_words()
    {
        await using var screen = await OpenAsync();
        var (ada, grace) = (await screen.Data.CreateAsync("person", """{"name": "Ada L"}"""), await screen.Data.CreateAsync("person", """{"name": "Grace H"}"""));
        var deal = await screen.Data.CreateAsync("deal", $$"""{"name": "D", "people": [{"id": "{{ada.Id}}", "role": "user"}]}""");
        await screen.Data.UpdateAsync(deal, $$"""{"people": [{"id": "{{ada.Id}}", "role": "decider"}, "{{grace.Id}}"]}""");
        await screen.Data.UpdateAsync(deal, $$"""{"people": {"remove": ["{{ada.Id}}"]} }""");

        var panel = screen.Render<HistoryPanel>(p => p.Add(h => h.Record, deal));

        panel.WaitForAssertion(() => panel.FindAll("[data-testid=history-entry]").Count.ShouldBe(3), Patience);
        Words(panel, 0).ShouldBe(["removed Ada L"]);
        Words(panel, 1).ShouldBe(["changed Ada L Role User → Decider", "added Grace H"]);
        panel.Markup.ShouldNotContain("{");

        static string[] Words(IRenderedComponent<HistoryPanel> panel, int entry) =>
            [.. panel.FindAll("[data-testid=history-entry]")[entry].QuerySelectorAll("[data-act]").Select(a => string.Join(' ', a.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];
    }

    [Fact]
    public async Task History_is_read_on_to_the_first_change()
    {
        await using var screen = await OpenAsync();
        var deal = await screen.Data.CreateAsync("deal", """{"name": "D 0"}""");
        for (var i = 1; i < 120; i++)
        {
            await screen.Data.UpdateAsync(deal, $$"""{"name": "D {{i}}"}""");
        }

        var panel = screen.Render<HistoryPanel>(p => p.Add(h => h.Record, deal));
        foreach (var shown in new[] { 50, 100, 120 })
        {
            panel.WaitForAssertion(() => panel.FindAll("[data-testid=history-entry]").Count.ShouldBe(shown), Patience);
            if (shown < 120)
            {
                await panel.InvokeAsync(() => panel.Find(".load-more button").Click());
            }
        }

        panel.FindAll(".load-more").ShouldBeEmpty();
        panel.FindAll("[data-testid=history-entry]")[118].TextContent.ShouldContain("D 1");
    }

    [Fact]
    public async Task A_list_shows_how_many_and_the_first_names_where_its_view_asks_for_them()
    {
        await using var screen = await OpenAsync();
        var (ada, grace) = (await screen.Data.CreateAsync("person", """{"name": "Ada L"}"""), await screen.Data.CreateAsync("person", """{"name": "Grace H"}"""));
        await screen.Data.CreateAsync("deal", $$"""{"name": "D", "people": ["{{ada.Id}}", "{{grace.Id}}"], "lines": [{"quantity": 1}]}""");
        await screen.Data.CreateAsync("memo", $$"""{"name": "M", "about": "person:{{ada.Id}}"}""");

        var deals = List(screen, "deal");
        var memos = List(screen, "memo");

        deals.WaitForElement("[data-testid=row]", Patience).QuerySelectorAll(".cell-items").Select(c => c.TextContent.Trim()).ShouldBe(["2 Ada L, Grace H", "1 as usual"]);
        var cell = memos.WaitForElement("[data-testid=row] .cell-any", Patience);
        (cell.GetAttribute("title"), cell.QuerySelector("a")!.GetAttribute("href"), cell.QuerySelector("a")!.TextContent).ShouldBe(("Person", $"/e/person/{ada.Id}", "Ada L"));

        static IRenderedComponent<Crm.Ui.Lists.ListBody> List(Screen screen, string entity) => screen.Render<Crm.Ui.Lists.ListBody>(p => p
            .Add(l => l.Entity, screen[entity]).Add(l => l.View, Crm.Ui.Lists.EntityViews.Find(screen[entity], "all")!).Add(l => l.State, Crm.Ui.Lists.ListState.Empty));
    }

    [Fact]
    public async Task Ones_own_rows_over_somebody_elses_are_kept_whole()
    {
        await using var screen = await OpenAsync();
        var deal = await screen.Data.CreateAsync("deal", """{"name": "D", "lines": [{"quantity": 1}, {"quantity": 2}]}""");
        var (form, draft) = await ShowAsync(screen, deal);
        await form.InvokeAsync(() => Cell(form, 0, "quantity").Input("9"));
        var lines = (ItemList)draft.Original["lines"]!;
        await screen.Data.UpdateAsync(deal, $$"""{"lines": {"remove": ["{{lines.Items[1].Id}}"], "set": [{"id": "{{lines.Items[0].Id}}", "quantity": 7}, {"quantity": 50}]} }""");
        var conflict = await Should.ThrowAsync<ProblemException>(() => SaveAsync(screen, draft));
        conflict.Conflicts.ShouldHaveSingleItem().Field.Name.ShouldBe("lines");

        var mine = draft.Onto((await screen.Data.Store.FindAsync(deal.Entity, deal.Id, screen.Person, Xunit.TestContext.Current.CancellationToken))!, new Dictionary<string, string>(), _ => true);
        await SaveAsync(screen, mine);

        Lines(await screen.Data.GetAsync(deal)).ShouldBe(["1:9:as usual", "6:2:as usual"]);
    }

    [Fact]
    public async Task What_others_did_to_other_rows_meanwhile_stays()
    {
        await using var screen = await OpenAsync();
        var deal = await screen.Data.CreateAsync("deal", """{"name": "D", "lines": [{"quantity": 1}, {"quantity": 2}, {"quantity": 3}]}""");
        var (form, draft) = await ShowAsync(screen, deal);
        await form.InvokeAsync(() => Cell(form, 1, "quantity").Input("20"));
        await form.InvokeAsync(() => form.FindAll("[data-field=lines] [data-testid=item-remove]")[2].Click());
        await screen.Data.CreateAsync("deal_line", $$"""{"deal": "{{deal.Id}}", "number": 9, "quantity": 90}""");

        await SaveAsync(screen, draft);

        Lines(await screen.Data.GetAsync(deal)).ShouldBe(["1:1:as usual", "2:20:as usual", "9:90:as usual"]);
    }

    private static async Task<Screen> OpenAsync()
    {
        Screen.Speak("en");
        using var folder = new MetadataFolder();
        CollectionServer.Write(folder);
        folder
            .WithEntity("secret_line", """{"name": "deal", "type": "lookup", "target": "deal"}, {"name": "text", "type": "text"}""", """ "roles": {"spy": {"read": "all"} } """)
            .WithEntity("memo", """{"name": "name", "type": "text"}, {"name": "about", "type": "anyLookup", "targets": ["person", "deal", "secret_line"]}""", """ "views": [{"name": "all", "columns": ["name", "about"]}] """)
            .WithEntity(
                "deal",
                """
                {"name": "name", "type": "text"}, {"name": "lines", "type": "rows", "target": "deal_line", "position": "number", "max": 5}, {"name": "secrets", "type": "rows", "target": "secret_line"},
                {"name": "people", "type": "links", "target": "person", "columns": [{"name": "role", "type": "choice", "options": [{"value": "decider"}, {"value": "user"}]}]}
                """,
                """ "views": [{"name": "all", "columns": ["name", "people", "lines", "secrets"]}] """);
        return await Screen.OpenAsync(Shipped.Compile(Repository.File("metadata"), folder.Path));
    }

    private static async Task<(IRenderedComponent<RecordForm> Form, RecordDraft Draft)> ShowAsync(Screen screen, Record record, bool mayWrite = true)
    {
        var stored = (await screen.Data.Store.FindAsync(record.Entity, record.Id, screen.Person, Xunit.TestContext.Current.CancellationToken))!;
        var draft = new RecordDraft(stored, await screen.Data.Store.TitlesAsync(stored, screen.Person, Xunit.TestContext.Current.CancellationToken), isNew: false) { MayWrite = mayWrite };
        return (screen.Render<RecordForm>(p => p.Add(f => f.Draft, draft)), draft);
    }

    private static Task SaveAsync(Screen screen, RecordDraft draft) =>
        screen.Data.Store.UpdateAsync(draft.Entity, draft.Original.Id, draft.Values, draft.Original.Version, screen.Person, Door.Form, Xunit.TestContext.Current.CancellationToken);

    private static void Show(IRenderedComponent<RecordForm> form) => form.Render();

    private static AngleSharp.Dom.IElement Cell(IRenderedComponent<RecordForm> form, int row, string column) => form.Find($"#field-deal-lines-{row}-{column}");

    private static Task LinkAsync(IRenderedComponent<RecordForm> form, string name) => ChooseAsync(form, "[data-field=people] .items-add", name);

    private static async Task ChooseAsync(IRenderedComponent<RecordForm> form, string place, string name)
    {
        await form.InvokeAsync(() => form.Find($"{place} input").Input(name));
        form.WaitForElement($"{place} .lookup-list", Patience);
        form.WaitForElement($"{place} .lookup-option .lookup-title", Patience);
        await form.InvokeAsync(() => form.Find($"{place} .lookup-option .lookup-title").ParentElement!.TriggerEventAsync("onmousedown", new MouseEventArgs()));
    }

    private static string[] Lines(Record deal) =>
        [.. ((ItemList)deal["lines"]!).Items.Select(i => string.Join(':', i.Values.Where(v => v.Key.Name is "number" or "quantity" or "note").Select(v => v.Value)))];
}
