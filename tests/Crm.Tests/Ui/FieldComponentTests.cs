using System.Globalization;
using Bunit;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Crm.Tests.Records;
using Crm.Ui.Fields;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Every field type has an editor and a cell, and both draw an empty value and everything that the type is tried with.</summary>
public sealed class FieldComponentTests
{
    public static TheoryData<string> Types => [.. FieldTypeSamples.Names, .. FieldTypeSamples.Collections];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_field_types_editor_and_cell_exist(string type)
    {
        await using var screen = await OpenAsync(type);
        var field = FieldOf(screen, type);

        screen.Service<Registry<FieldEditorAttribute, FieldEditor>>().Find(field.Type.Editor).ShouldNotBeNull();
        screen.Service<Registry<FieldCellAttribute, FieldCell>>().Find(field.Type.Cell).ShouldNotBeNull();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task An_empty_value_draws_an_editor_and_no_cell(string type)
    {
        await using var screen = await OpenAsync(type);
        var field = FieldOf(screen, type);

        screen.Render<EditorOf>(p => p.Add(e => e.Field, field).Add(e => e.InputId, "value")).Markup.ShouldNotBeEmpty();
        screen.Render<CellOf>(p => p.Add(c => c.Field, field)).Markup.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Every_value_is_drawn_in_the_words_of_both_languages(string type)
    {
        await using var screen = await OpenAsync(type);
        var field = FieldOf(screen, type);
        foreach (var (value, language) in ValuesOf(type, field).SelectMany(v => new[] { (v, "en"), (v, "zh-CN") }))
        {
            Screen.Speak(language);
            var cell = screen.Render<CellOf>(p => p.Add(c => c.Field, field).Add(c => c.Value, value).Add(c => c.Title, "Title of it"));
            var editor = screen.Render<EditorOf>(p => p.Add(e => e.Field, field).Add(e => e.Value, value).Add(e => e.Title, "Title of it").Add(e => e.InputId, "value"));

            cell.Nodes.Length.ShouldBeGreaterThan(0);
            editor.Markup.ShouldNotBeEmpty();
        }
    }

    /// <summary>Whoever enters a field and leaves it must not have changed it: what the input shows reads back as the value.</summary>
    [Theory]
    [InlineData("text")]
    [InlineData("email")]
    [InlineData("phone")]
    [InlineData("url")]
    [InlineData("integer")]
    [InlineData("decimal")]
    [InlineData("percent")]
    [InlineData("money")]
    public async Task What_an_input_shows_reads_back_as_the_same_value(string type)
    {
        await using var screen = await OpenAsync(type);
        var field = FieldOf(screen, type);
        // The currency of an amount is chosen beside the input.
        foreach (var (value, language) in ValuesOf(type, field).Where(v => v is not Money { Currency: not "USD" }).SelectMany(v => new[] { (v, "en"), (v, "de"), (v, "zh-CN") }))
        {
            Screen.Speak(language);
            var editor = screen.Render<EditorOf>(p => p.Add(e => e.Field, field).Add(e => e.Value, value).Add(e => e.InputId, "value"));
            var shown = editor.Find("input").GetAttribute("value")!;

            field.Type.FromText(shown, new(CultureInfo.CurrentCulture)).Value.ShouldBe(value, $"'{shown}' in {language}");
        }
    }

    [Fact]
    public async Task Text_that_is_no_value_is_reported_and_stays_in_the_input()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        var inputs = new List<FieldInput>();
        var editor = screen.Render<EditorOf>(p => p.Add(e => e.Field, FieldOf("integer")).Add(e => e.Value, 7L).Add(e => e.InputId, "value").Add(e => e.Changed, inputs.Add));

        await editor.InvokeAsync(() => editor.Find("input").Input("7x"));
        await editor.InvokeAsync(() => editor.Find("input").Change("7x"));

        inputs[^1].Fault!.Code.ShouldBe("value.integer");
        inputs.Select(i => i.IsFinal).ShouldBe([false, true]);
        editor.Find("input").GetAttribute("value").ShouldBe("7x");
    }

    /// <summary>Entries are named by the records that they point to, so those must be there.</summary>
    private static Task<Screen> OpenAsync(string type) => FieldTypeSamples.Collections.Contains(type) ? Screen.OpenAsync(WithCollection(type)) : Screen.OpenAsync();

    private static Field FieldOf(Screen screen, string type) => FieldTypeSamples.Collections.Contains(type) ? screen["thing"]["value"] : FieldOf(type);

    private static Model WithCollection(string type)
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("other", """{"name": "name", "type": "text"}""").WithEntity("thing", FieldTypeSamples.Field(type));
        if (type == "rows")
        {
            folder.WithEntity("line", """{"name": "name", "type": "text"}, {"name": "size", "type": "integer"}, {"name": "thing", "type": "lookup", "target": "thing"}""");
        }
        return Shipped.Compile(Repository.File("metadata"), folder.Path);
    }

    private static Field FieldOf(string type)
    {
        using var folder = new MetadataFolder();
        var model = folder.WithSurroundings().WithEntity("user", """{"name":"name","type":"text"}""").WithEntity("thing", FieldTypeSamples.Field(type)).Compile();
        return model["thing"]["value"];
    }

    private static IEnumerable<object?> ValuesOf(string type, Field field) => FieldTypeSamples.ValuesOf(type).Select(json => FieldTypeSamples.Parse(field, json));
}
