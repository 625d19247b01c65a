using Bunit;
using Crm.Data;
using Crm.Ui.Lists;
using Crm.Ui.Records;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>A record's sheet and somebody who is quicker than the server: types on while it saves, goes on to the next record, deletes beside a list.</summary>
public sealed class RecordSheetTests
{
    [Fact]
    public async Task What_is_typed_while_a_save_runs_stays_in_its_field_as_a_change()
    {
        await using var screen = await OpenAsync();
        var contact = await screen.Data.CreateAsync("contact", """{"name": "Ada", "job_title": "Analyst", "department": "Numbers"}""");
        var sheet = Sheet(screen, contact.Id);
        sheet.WaitForElement("[data-testid=edit]");
        await sheet.InvokeAsync(() => sheet.Find("[data-testid=edit]").Click());
        await sheet.InvokeAsync(() => sheet.Find("[data-field=job_title] input").Input("Countess"));
        await using var held = await HeldWrites.BeginAsync(screen.Data.Database);

        var saving = sheet.InvokeAsync(() => sheet.Find("[data-testid=save]").ClickAsync(new()));
        await sheet.InvokeAsync(() => sheet.Find("[data-field=department] input").Input("Logic"));
        await held.ReleaseAsync();
        await saving;

        var stored = await screen.Data.GetAsync(contact);
        (stored["job_title"], stored["department"]).ShouldBe(("Countess", "Numbers"));
        sheet.Find("[data-field=department] input").GetAttribute("value").ShouldBe("Logic");
        sheet.Find(".save-count").TextContent.ShouldBe("1 unsaved change");
        await sheet.InvokeAsync(() => sheet.Find("[data-testid=save]").ClickAsync(new()));
        (await screen.Data.GetAsync(contact))["department"].ShouldBe("Logic");
        sheet.FindAll("[data-testid=save-bar]").ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_typed_while_a_new_record_is_saved_is_a_change_on_its_own_page()
    {
        await using var screen = await OpenAsync();
        var sheet = screen.Render<RecordSheet>(p => p.Add(s => s.EntityName, "contact"));
        sheet.WaitForElement("[data-field=name] input");
        await sheet.InvokeAsync(() => sheet.Find("[data-field=name] input").Input("Ada"));
        await using var held = await HeldWrites.BeginAsync(screen.Data.Database);

        var saving = sheet.InvokeAsync(() => sheet.Find("[data-testid=save]").ClickAsync(new()));
        await sheet.InvokeAsync(() => sheet.Find("[data-field=job_title] input").Input("Countess"));
        await held.ReleaseAsync();
        await saving;
        var navigation = screen.Service<NavigationManager>();
        sheet.WaitForAssertion(() => navigation.Uri.ShouldContain("/e/contact/"));
        sheet.Render(p => p.Add(s => s.EntityName, "contact").Add(s => s.Id, Guid.Parse(new Uri(navigation.Uri).Segments[^1])));

        sheet.WaitForAssertion(() => sheet.Find("[data-testid=record-title]").TextContent.ShouldBe("Ada"));
        sheet.Find("[data-field=job_title] input").GetAttribute("value").ShouldBe("Countess");
    }

    [Fact]
    public async Task Who_has_gone_on_to_another_record_stays_there_when_the_first_one_is_saved()
    {
        await using var screen = await OpenAsync();
        var (first, second) = (await screen.Data.CreateAsync("contact", """{"name": "First"}"""), await screen.Data.CreateAsync("contact", """{"name": "Second"}"""));
        var sheet = Sheet(screen, first.Id);
        sheet.WaitForElement("[data-testid=edit]");
        await sheet.InvokeAsync(() => sheet.Find("[data-testid=edit]").Click());
        await sheet.InvokeAsync(() => sheet.Find("[data-field=job_title] input").Input("Countess"));
        await using var held = await HeldWrites.BeginAsync(screen.Data.Database);

        var saving = sheet.InvokeAsync(() => sheet.Find("[data-testid=save]").ClickAsync(new()));
        sheet.Render(p => p.Add(s => s.EntityName, "contact").Add(s => s.Id, second.Id));
        sheet.WaitForAssertion(() => sheet.Find("[data-testid=record-title]").TextContent.ShouldBe("Second"));
        await held.ReleaseAsync();
        await saving;

        (await screen.Data.GetAsync(first))["job_title"].ShouldBe("Countess");
        sheet.Find("[data-testid=record-title]").TextContent.ShouldBe("Second");
        screen.Service<Toaster>().Toasts.ShouldHaveSingleItem().ActionLabel.ShouldNotBeNull("it can be taken back");
    }

    [Fact]
    public async Task Beside_a_list_a_deleted_record_is_closed_and_the_list_stays()
    {
        await using var screen = await OpenAsync();
        var contact = await screen.Data.CreateAsync("contact", """{"name": "Ada"}""");
        var (navigation, closed) = (screen.Service<NavigationManager>(), 0);
        navigation.NavigateTo("/e/contact?view=my&q=ada");
        var peek = screen.Render<PeekPanel>(p => p.Add(x => x.Entity, screen["contact"]).Add(x => x.Id, contact.Id).Add(x => x.Closed, () => closed++));
        peek.WaitForElement("[data-testid=delete]");

        await peek.InvokeAsync(() => peek.Find("[data-testid=delete]").ClickAsync(new()));

        closed.ShouldBe(1);
        navigation.Uri.ShouldEndWith("/e/contact?view=my&q=ada");
        (await screen.Data.Store.FindAsync(contact.Entity, contact.Id, Actor.Platform, Xunit.TestContext.Current.CancellationToken)).ShouldBeNull();
        await screen.Service<Toaster>().Toasts.ShouldHaveSingleItem().Action!();
        (await screen.Data.GetAsync(contact)).Title.ShouldBe("Ada");
        navigation.Uri.ShouldEndWith("/e/contact?view=my&q=ada");
    }

    private static async Task<Screen> OpenAsync()
    {
        Screen.Speak("en");
        return await Screen.OpenAsync();
    }

    private static IRenderedComponent<RecordSheet> Sheet(Screen screen, Guid id) => screen.Render<RecordSheet>(p => p.Add(s => s.EntityName, "contact").Add(s => s.Id, id));

    /// <summary>Lets no write through until it is released.</summary>
    private sealed class HeldWrites : IAsyncDisposable
    {
        private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Task _holding = Task.CompletedTask;

        public static async Task<HeldWrites> BeginAsync(Database database)
        {
            var held = new HeldWrites();
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            held._holding = database.WriteAsync(
                async _ =>
                {
                    begun.TrySetResult();
                    await held._release.Task;
                    return true;
                },
                Xunit.TestContext.Current.CancellationToken);
            await begun.Task;
            return held;
        }

        public Task ReleaseAsync()
        {
            _release.TrySetResult();
            return _holding;
        }

        public async ValueTask DisposeAsync() => await ReleaseAsync();
    }
}
