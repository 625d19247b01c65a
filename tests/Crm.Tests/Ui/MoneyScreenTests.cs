using Bunit;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Crm.Ui.Boards;
using Crm.Ui.Fields;
using Crm.Ui.Filters;
using Crm.Ui.Forms;
using Crm.Ui.Lists;
using Crm.Ui.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Amounts in several currencies on screen: the currency is chosen beside the number, and nothing adds up what is not the same.</summary>
public sealed class MoneyScreenTests
{
    [Fact]
    public async Task The_currency_is_chosen_beside_the_amount_and_has_a_name()
    {
        await using var screen = await OpenAsync();
        var (editor, inputs) = Edit(screen, null);

        var select = editor.Find("select");
        select.GetAttribute("aria-label").ShouldBe("Currency of Amount");
        editor.FindAll("option").Select(o => o.TextContent).ShouldBe(["USD", "EUR", "GBP", "CNY", "JPY", "CHF"]);
        await editor.InvokeAsync(() => editor.Find("select").Change("EUR"));
        inputs.ShouldBeEmpty("a currency alone is no amount");
        await editor.InvokeAsync(() => editor.Find("input").Input("12.50"));
        inputs[^1].Value.ShouldBe(new Money(12.5m, "EUR"));
        editor.Render(p => p.Add(e => e.Value, inputs[^1].Value));
        await editor.InvokeAsync(() => editor.Find("select").Change("CHF"));
        inputs[^1].Value.ShouldBe(new Money(12.5m, "CHF"));
    }

    [Fact]
    public async Task What_is_typed_with_a_currency_is_in_it_and_the_choice_follows()
    {
        await using var screen = await OpenAsync();
        var (editor, inputs) = Edit(screen, new Money(5, "GBP"));
        foreach (var (text, expected) in new[] { ("€7", new Money(7, "EUR")), ("8 CHF", new Money(8, "CHF")), ("9", new Money(9, "CHF")) })
        {
            await editor.InvokeAsync(() => editor.Find("input").Input(text));
            inputs[^1].Value.ShouldBe(expected);
            editor.Render(p => p.Add(e => e.Value, inputs[^1].Value));
            Chosen(editor).ShouldBe(expected.Currency);
        }
        await editor.InvokeAsync(() => editor.Find("input").Input(""));
        inputs[^1].Value.ShouldBeNull();
        editor.Render(p => p.Add(e => e.Value, null));
        Chosen(editor).ShouldBe("CHF", "it stays while the amount is typed anew");
        await editor.InvokeAsync(() => editor.Find("select").Change("JPY"));
        await editor.InvokeAsync(() => editor.Find("input").Input("¥50"));
        inputs[^1].Value.ShouldBe(new Money(50, "JPY"));
        await editor.InvokeAsync(() => editor.Find("input").Change("1.5"));
        inputs[^1].Fault!.Code.ShouldBe("value.scale", "a yen has no cents");
    }

    [Fact]
    public async Task Where_there_is_one_currency_it_only_stands_by()
    {
        using var folder = new MetadataFolder();
        folder.With("organisation.json", """{"currency": "USD"}""");
        await using var screen = await Screen.OpenAsync(Shipped.Compile(Repository.File("metadata"), folder.Path));
        var (editor, _) = Edit(screen, new Money(5, "USD"));

        editor.FindAll("select").ShouldBeEmpty();
        editor.Find(".typed-suffix").TextContent.ShouldBe("USD");
    }

    [Fact]
    public async Task An_amount_says_what_it_is_worth_where_there_is_room()
    {
        await using var screen = await OpenAsync();
        var field = screen["opportunity"]["amount"];
        var euros = new Money(1_000, "EUR") { Converted = 1_038.9m };

        screen.Render<CellOf>(p => p.Add(c => c.Field, field).Add(c => c.Value, euros).Add(c => c.Full, true)).Find(".cell-worth").TextContent.Trim().ShouldBe("≈ 1,038.90 USD");
        screen.Render<CellOf>(p => p.Add(c => c.Field, field).Add(c => c.Value, euros)).Find(".cell-number").GetAttribute("title").ShouldBe("1,000 EUR ≈ 1,038.90 USD");
        screen.Render<CellOf>(p => p.Add(c => c.Field, field).Add(c => c.Value, new Money(5, "USD") { Converted = 5 }).Add(c => c.Full, true)).FindAll(".cell-worth").ShouldBeEmpty();
        screen.Render<CellOf>(p => p.Add(c => c.Field, field).Add(c => c.Value, new Money(1_500.5m, "JPY"))).Find(".cell-number").TextContent.ShouldBe("1,501 JPY", "as many digits as the currency has");
    }

    [Fact]
    public async Task A_filter_by_size_is_in_the_organisations_currency_and_one_by_value_in_any()
    {
        await using var screen = await OpenAsync();
        var draft = new FilterDraft();
        draft.Choose(new FieldPath([screen["opportunity"]["amount"]]));
        draft.Choose(ConditionOperator.Eq);
        var editor = screen.Render<FilterEditor>(p => p.Add(e => e.Entity, screen["opportunity"]).Add(e => e.Draft, draft));

        await editor.InvokeAsync(() => editor.Find("[data-testid=filter-value] select").Change("EUR"));
        await editor.InvokeAsync(() => editor.Find("#filter-one").Input("100"));
        ConditionWriter.Write(draft.Build()!).ShouldBe("""{"field":"amount","op":"eq","value":{"amount":"100.00","currency":"EUR"}}""");
        await editor.InvokeAsync(() => editor.Find("[data-testid=filter-operator]").Change("Ge"));

        draft.Build().ShouldBeNull("what was asked for in euros cannot be asked for by size");
        editor.FindAll("[data-testid=filter-value] select").ShouldBeEmpty();
        editor.Find("[data-testid=filter-value] .typed-suffix").TextContent.ShouldBe("USD");
        await editor.InvokeAsync(() => editor.Find("#filter-one").Input("100"));
        ConditionWriter.Write(draft.Build()!).ShouldBe("""{"field":"amount","op":"ge","value":{"amount":"100.00","currency":"USD"}}""");
        await editor.InvokeAsync(() => editor.Find("[data-testid=filter-operator]").Change("Between"));
        editor.FindAll("[data-testid=filter-value] select").ShouldBeEmpty();
        await editor.InvokeAsync(() => editor.Find("[data-testid=filter-operator]").Change("Ne"));
        editor.FindAll("[data-testid=filter-value] select").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Rows_in_several_currencies_are_summed_each_by_itself_and_by_their_worth_once_it_is_known()
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("bill_line", """{"name": "bill", "type": "lookup", "target": "bill", "onDelete": "cascade"}, {"name": "price", "type": "money"}""", "\"template\": \"line\"")
            .WithEntity("bill", """{"name": "name", "type": "text"}, {"name": "lines", "type": "rows", "target": "bill_line"}, {"name": "total", "type": "rollup", "function": "sum", "source": "lines", "field": "price"}""");
        await using var screen = await Screen.OpenAsync(Shipped.Compile(Repository.File("metadata"), folder.Path));
        Screen.Speak("en");
        await RatesAsync(screen);
        var bill = await screen.Data.CreateAsync("bill", """{"name": "B", "lines": [{"price": 10}, {"price": {"amount": "100", "currency": "EUR"}}, {"price": 5.5}]}""");
        var draft = new RecordDraft((await screen.Data.Store.FindAsync(bill.Entity, bill.Id, screen.Person, Xunit.TestContext.Current.CancellationToken))!, new Dictionary<string, string>(), isNew: false);
        var form = screen.Render<RecordForm>(p => p.Add(f => f.Draft, draft));

        Sums(form).ShouldBe(["15.50 USD", "100 EUR", "≈ 119.39 USD"]);
        ((Money)draft.Current["total"]!).ShouldBe(new Money(119.39m, "USD"), "the figure that is kept says the same");

        await form.InvokeAsync(() => form.Find("#field-bill-lines-0-price").Input("20"));
        Sums(form).ShouldBe(["25.50 USD", "100 EUR", "≈ 129.39 USD"], "dollars are worth what they are");
        await form.InvokeAsync(() => form.Find("#field-bill-lines-1-price").Input("200"));
        Sums(form).ShouldBe(["25.50 USD", "200 EUR"], "what the new euros are worth is known once they are saved");
        await form.InvokeAsync(() => form.Find("#field-bill-lines-1-price").Input("200 USD"));
        Sums(form).ShouldBe(["225.50 USD"]);

        static string[] Sums(IRenderedComponent<RecordForm> form) => [.. form.FindAll("[data-total=price] .items-sum").Select(s => string.Join(' ', s.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];
    }

    [Fact]
    public async Task A_further_amount_begins_in_the_currency_of_those_that_are_there()
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("bill_line", """{"name": "bill", "type": "lookup", "target": "bill", "onDelete": "cascade"}, {"name": "price", "type": "money"}, {"name": "cost", "type": "money"}, {"name": "fee", "type": "money", "currency": "CHF"}""", "\"template\": \"line\"")
            .WithEntity("bill", """{"name": "name", "type": "text"}, {"name": "deposit", "type": "money"}, {"name": "refund", "type": "money"}, {"name": "lines", "type": "rows", "target": "bill_line"}""");
        await using var screen = await Screen.OpenAsync(Shipped.Compile(Repository.File("metadata"), folder.Path));
        Screen.Speak("en");
        var draft = new RecordDraft(new Record(screen["bill"]), new Dictionary<string, string>(), isNew: true);
        var form = screen.Render<RecordForm>(p => p.Add(f => f.Draft, draft));
        Shown("[data-field=refund]").ShouldBe("USD");

        await form.InvokeAsync(() => form.Find("#field-bill-deposit").Input("5 GBP"));
        form.Render();
        Shown("[data-field=refund]").ShouldBe("GBP");
        await form.InvokeAsync(() => form.Find("[data-field=lines] [data-testid=item-add]").Click());
        form.Render();
        Shown("#field-bill-lines-0-price").ShouldBe("GBP", "as the record");
        Shown("#field-bill-lines-0-fee").ShouldBe("CHF", "a field with a currency of its own keeps to it");
        await form.InvokeAsync(() => form.Find("#field-bill-lines-0-price").Input("€7"));
        await form.InvokeAsync(() => form.Find("[data-field=lines] [data-testid=item-add]").Click());
        Shown("#field-bill-lines-0-cost").ShouldBe("EUR", "as the other amount of the row");
        Shown("#field-bill-lines-1-price").ShouldBe("EUR", "as the row before");
        await form.InvokeAsync(() => form.Find("#field-bill-lines-1-price").Input("9"));
        ((ItemList)draft.Current["lines"]!).Items[1].Values.Single(v => v.Key.Name == "price").Value.ShouldBe(new Money(9, "EUR"));

        string Shown(string place) => (place[0] == '#' ? form.Find(place).ParentElement!.ParentElement! : form.Find(place)).QuerySelector("option[selected]")!.TextContent;
    }

    [Fact]
    public async Task Boards_and_lists_sum_what_amounts_are_worth()
    {
        await using var screen = await OpenAsync();
        await RatesAsync(screen);
        await screen.Data.CreateAsync("opportunity", """{"name": "A", "stage": "prospecting", "probability": 50, "amount": {"amount": "1000", "currency": "EUR"}}""");
        await screen.Data.CreateAsync("opportunity", """{"name": "B", "stage": "prospecting", "probability": 50, "amount": 61.1}""");
        var entity = screen["opportunity"];

        var board = screen.Render<KanbanBody>(p => p.Add(b => b.Entity, entity).Add(b => b.View, EntityViews.Of(entity).First(v => v.Kind == ViewKinds.Kanban && v.Measure == "amount")).Add(b => b.State, ListState.Empty));
        board.WaitForElement("[data-testid=column-sum]").TextContent.ShouldBe("1,100 USD");
        board.Find(".board-weighted").TextContent.ShouldContain("550");
        var list = screen.Render<ListBody>(p => p.Add(l => l.Entity, entity).Add(l => l.View, new ViewDefinition { Name = "x", Columns = [new("name"), new("amount")] }).Add(l => l.State, ListState.Empty));
        list.WaitForElement("[data-testid=total]").TextContent.ShouldStartWith("Amount 1,100 USD");
        list.FindAll(".cell-number").Select(c => c.TextContent).ShouldContain("1,000 EUR");
    }

    private static async Task<Screen> OpenAsync()
    {
        var screen = await Screen.OpenAsync();
        Screen.Speak("en");
        return screen;
    }

    private static Task RatesAsync(Screen screen) => new Seeds(screen.Data.Database, screen.Data.Store, new(screen.Model), screen.Data.Clock).BringAsync(Xunit.TestContext.Current.CancellationToken);

    private static (IRenderedComponent<EditorOf> Editor, List<FieldInput> Inputs) Edit(Screen screen, Money? value)
    {
        Screen.Speak("en");
        var inputs = new List<FieldInput>();
        return (screen.Render<EditorOf>(p => p.Add(e => e.Field, screen["opportunity"]["amount"]).Add(e => e.Value, value).Add(e => e.InputId, "value").Add(e => e.Changed, inputs.Add)), inputs);
    }

    private static string? Chosen(IRenderedComponent<EditorOf> editor) => editor.FindAll("option").Single(o => o.HasAttribute("selected")).TextContent;
}
