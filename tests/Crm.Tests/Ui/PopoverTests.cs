using Bunit;
using Crm.Ui.Lists;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>What opens over a list, for those who work by key.</summary>
public sealed class PopoverTests
{
    [Fact]
    public async Task What_arranges_and_saves_a_view_takes_the_focus_and_gives_it_back()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        var (entity, view) = (screen["customer"], EntityViews.Find(screen["customer"], "all")!);

        var menu = screen.Render<ViewMenu>(p => p.Add(m => m.Entity, entity).Add(m => m.Present, view));
        await OpenAndCloseAsync(screen, menu, "view-menu", "view-panel", "[data-testid=view-name]");

        var options = screen.Render<ListOptions>(p => p.Add(o => o.Entity, entity).Add(o => o.View, view).Add(o => o.Settings, ListSettings.None));
        await OpenAndCloseAsync(screen, options, "list-options", "list-options-panel", "[data-testid=list-options-panel] input:checked");
    }

    [Fact]
    public async Task What_is_done_with_selected_records_takes_the_focus_and_gives_it_back()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        await screen.Data.CreateAsync("customer", """{"name": "Altamira Foods"}""", screen.Person);
        var list = screen.Render<ListBody>(p => p.Add(l => l.Entity, screen["customer"]).Add(l => l.View, EntityViews.Find(screen["customer"], "all")!).Add(l => l.State, ListState.Empty));
        list.WaitForElement("[data-testid=row]");
        await list.InvokeAsync(() => list.Find("[data-testid=row] input[type=checkbox]").Click());
        list.WaitForElement("[data-testid=bulk]");

        await OpenAndCloseAsync(screen, list, "bulk-edit", "bulk-editor", "[data-testid=bulk-editor] [role=combobox]");
        await OpenAndCloseAsync(screen, list, "bulk-assign", "bulk-editor", "[data-testid=bulk-editor] [role=combobox]");
        await OpenAndCloseAsync(screen, list, "bulk-add", "bulk-adder", "[data-testid=bulk-adder] select, [data-testid=bulk-adder] input");
    }

    private static async Task OpenAndCloseAsync<T>(Screen screen, IRenderedComponent<T> on, string opener, string panel, string first) where T : IComponent
    {
        await on.InvokeAsync(() => on.Find($"[data-testid={opener}]").Click());
        on.WaitForAssertion(() => screen.Focused.Last().ShouldBe(first));
        on.FindAll(first).ShouldNotBeEmpty();

        await on.InvokeAsync(() => on.Find($"[data-testid={panel}]").KeyDown(new KeyboardEventArgs { Key = "Escape" }));

        on.FindAll($"[data-testid={panel}]").ShouldBeEmpty();
        screen.Focused.Last().ShouldBe($"[data-testid={opener}]");
    }
}
