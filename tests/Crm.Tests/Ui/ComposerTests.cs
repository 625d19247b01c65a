using Bunit;
using Crm.Ui.Records;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Radzen;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>What is half written beside a record is not lost by a look at something else, nor by a key.</summary>
public sealed class ComposerTests
{
    [Fact]
    public async Task A_note_and_a_contact_that_are_begun_stay_while_other_tabs_are_looked_at()
    {
        await using var screen = await OpenAsync();
        var customer = await screen.Data.CreateAsync("customer", """{"name": "Acme"}""");
        var aside = screen.Render<RecordAside>(p => p.Add(a => a.Record, customer));
        await BeginNoteAsync(aside, "Half a thought");

        await PressAsync(aside, "[data-tab='contact.customer']");
        await PressAsync(aside, "[data-testid=related-add]");
        aside.WaitForElement("[data-testid=related] [data-field=name] input");
        await aside.InvokeAsync(() => aside.Find("[data-testid=related] [data-field=name] input").Input("Half a name"));
        aside.Find("[data-tab='contact.customer']").GetAttribute("aria-pressed").ShouldBe("true");
        await PressAsync(aside, "[data-tab=timeline]");

        aside.Find("[data-tab=timeline]").GetAttribute("aria-pressed").ShouldBe("true");
        Value(aside, "title").ShouldBe("Half a thought");
        Value(aside, "name").ShouldBe("Half a name");
        aside.FindAll("[hidden] [data-testid=related]").Count.ShouldBe(1);
        aside.FindAll("[data-testid=composer-form]").Select(f => f.Id).ShouldBeUnique();
        aside.FindAll("[role=tab]").ShouldBeEmpty("there are no panels that such tabs would need");
    }

    [Fact]
    public async Task Another_kind_takes_the_place_of_what_is_begun_only_when_the_person_agrees()
    {
        await using var screen = await OpenAsync();
        var customer = await screen.Data.CreateAsync("customer", """{"name": "Acme"}""");
        var composer = screen.Render<Composer>(p => p.Add(c => c.Of, customer));
        await BeginNoteAsync(composer, "Half a thought");

        await AnswerAsync(screen, composer, "[data-compose=call]", answer: true);
        Value(composer, "title").ShouldBe("Half a thought");

        await AnswerAsync(screen, composer, "[data-compose=call]", answer: false);
        composer.WaitForElement("[data-field=subject] input");
        composer.FindAll("[data-field=title]").ShouldBeEmpty();
        // Where nothing is typed there is nothing to ask.
        await PressAsync(composer, "[data-compose=note]");
        composer.WaitForElement("[data-field=title] input");
    }

    [Fact]
    public async Task Escape_asks_before_it_closes_a_form_that_something_was_typed_into()
    {
        await using var screen = await OpenAsync();
        var closed = 0;
        var form = screen.Render<QuickAdd>(p => p.Add(f => f.Entity, screen["note"]).Add(f => f.Closed, () => closed++));
        form.WaitForElement("[data-field=title] input");
        await form.InvokeAsync(() => form.Find("[data-field=title] input").Input("Half a thought"));

        await AnswerAsync(screen, form, "[data-escape]", answer: true);
        closed.ShouldBe(0);

        await AnswerAsync(screen, form, "[data-escape]", answer: false);
        closed.ShouldBe(1);
    }

    [Fact]
    public async Task Escape_is_left_to_the_form_in_the_dialog_that_makes_a_record()
    {
        await using var screen = await OpenAsync();
        DialogOptions? options = null;
        screen.Service<DialogService>().OnOpen += (_, _, _, opened) => options = opened;

        var made = screen.Service<CreateDialogs>().MakeAsync(screen["customer"], "");
        screen.Service<DialogService>().Close();
        await made;

        options.ShouldNotBeNull().CloseDialogOnEsc.ShouldBeFalse();
    }

    private static async Task BeginNoteAsync<T>(IRenderedComponent<T> page, string title) where T : IComponent
    {
        await PressAsync(page, "[data-compose=note]");
        page.WaitForElement("[data-field=title] input");
        await page.InvokeAsync(() => page.Find("[data-field=title] input").Input(title));
    }

    private static async Task PressAsync<T>(IRenderedComponent<T> page, string selector) where T : IComponent
    {
        page.WaitForElement(selector);
        await page.InvokeAsync(() => page.Find(selector).ClickAsync(new()));
    }

    /// <summary>Presses what asks a question, and answers it: to stay, or not.</summary>
    private static async Task AnswerAsync<T>(Screen screen, IRenderedComponent<T> page, string selector, bool answer) where T : IComponent
    {
        var pressed = page.InvokeAsync(() => page.Find(selector).ClickAsync(new()));
        pressed.IsCompleted.ShouldBeFalse("it waits for the answer");
        await page.InvokeAsync(() => screen.Service<DialogService>().Close(answer));
        await pressed;
    }

    private static string? Value<T>(IRenderedComponent<T> page, string field) where T : IComponent => page.Find($"[data-field={field}] input").GetAttribute("value");

    private static async Task<Screen> OpenAsync()
    {
        Screen.Speak("en");
        return await Screen.OpenAsync();
    }
}
