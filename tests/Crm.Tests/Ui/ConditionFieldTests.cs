using Bunit;
using Crm.Ui.Fields;
using Crm.Ui.Fields.Cells;
using Crm.Ui.Fields.Editors;
using Crm.Ui.Lists;
using Shouldly;
using Xunit;
using JsonContent = Crm.Metadata.JsonContent;

namespace Crm.Tests.Ui;

/// <summary>A field that holds a condition is read in words and put together like the filter of a list; whom it finds is one click away.</summary>
public sealed class ConditionFieldTests
{
    private const string Key = """{"field":"tier","op":"eq","value":"key"}""";

    [Fact]
    public async Task A_condition_is_said_in_words_with_those_whom_it_finds()
    {
        await using var screen = await OpenAsync();

        var cell = screen.Render<ConditionCell>(p => p.Add(c => c.Field, screen["segment"]["condition"]).Add(c => c.Value, Json(Key)).Add(c => c.Full, true));

        cell.WaitForElement("[data-testid=condition-matches] span").TextContent.ShouldBe("Customers that match now: 2");
        cell.Markup.ShouldContain("Key account");
        Uri.UnescapeDataString(cell.Find("[data-testid=condition-matches]").GetAttribute("href")!).ShouldEndWith($"?filter={Key}");
    }

    [Fact]
    public async Task Taking_a_part_away_leaves_the_others_and_the_last_one_leaves_nothing()
    {
        await using var screen = await OpenAsync();
        FieldInput? entered = null;
        const string Both = $$$"""{"all":[{{{Key}}},{"field":"name","op":"contains","value":"a"}]}""";
        var editor = screen.Render<ConditionEditor>(p => p.Add(e => e.Field, screen["segment"]["condition"]).Add(e => e.Value, Json(Both)).Add(e => e.Changed, input => entered = input));
        editor.WaitForAssertion(() => editor.FindAll("[data-testid=filter-chip]").Count.ShouldBe(2));

        await editor.InvokeAsync(() => editor.FindAll("[data-testid=filter-chip] .icon-button")[1].ClickAsync(new()));
        entered!.Value.ShouldBe(Json(Key));
        await editor.InvokeAsync(() => editor.FindAll("[data-testid=filter-chip] .icon-button")[0].ClickAsync(new()));

        entered.Value.ShouldBeNull();
    }

    [Fact]
    public async Task Whose_condition_it_is_another_field_says()
    {
        await using var screen = await OpenAsync();
        var list = new Record(screen["target_list"]) { ["base"] = "customer" };

        var chosen = screen.Render<ConditionEditor>(p => p.Add(e => e.Field, screen["target_list"]["condition"]).Add(e => e.Record, list).Add(e => e.Value, Json(Key)));
        chosen.WaitForElement("[data-testid=condition-matches] span").TextContent.ShouldBe("Customers that match now: 2");

        list["base"] = null;
        screen.Render<ConditionEditor>(p => p.Add(e => e.Field, screen["target_list"]["condition"]).Add(e => e.Record, list).Add(e => e.Value, Json(Key)))
            .Markup.ShouldContain("Choose first whose records are meant.");
    }

    [Fact]
    public async Task A_list_shows_how_many_a_condition_finds_and_how_many_were_picked_where_people_pick()
    {
        await using var screen = await OpenAsync();
        var picked = await screen.Data.CreateAsync("customer", """{"name": "Delos"}""");
        await screen.Data.CreateAsync("target_list", $$$"""{"name": "By condition", "kind": "dynamic", "base": "customer", "condition": {{{Key}}}}""");
        await screen.Data.CreateAsync("target_list", $$"""{"name": "By hand", "kind": "static", "base": "customer", "customers": [{"id": "{{picked.Id}}"}]}""");
        var entity = screen["target_list"];

        var list = screen.Render<ListBody>(p => p.Add(l => l.Entity, entity).Add(l => l.View, entity.Views.Single(v => v.Name == "all")).Add(l => l.State, ListState.Empty));

        list.WaitForAssertion(() => list.FindAll("[data-testid=row] [data-testid=condition-matches]").Single().TextContent.Trim().ShouldEndWith("2"));
        string[] Cells(string name) => [.. new[] { "contact_count", "customer_count", "lead_count" }.Select(f => entity[f].Label.ToString())
            .Select(label => list.FindAll("[data-testid=row]").Single(r => r.TextContent.Contains(name, StringComparison.Ordinal)).QuerySelector($"[data-label='{label}']")!.TextContent.Trim())];
        Cells("By condition").ShouldBe(["", "", ""]);
        Cells("By hand").ShouldBe(["", "1", ""]);
    }

    private static async Task<Screen> OpenAsync()
    {
        Screen.Speak("en");
        var screen = await Screen.OpenAsync();
        foreach (var (name, tier) in new[] { ("Alba", "key"), ("Boran", "key"), ("Corda", "b") })
        {
            await screen.Data.CreateAsync("customer", $$"""{"name": "{{name}}", "tier": "{{tier}}"}""");
        }
        return screen;
    }

    private static JsonContent Json(string text) => JsonContent.Of(System.Text.Json.JsonElement.Parse(text));
}
