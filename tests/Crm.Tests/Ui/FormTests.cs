using Bunit;
using Crm.Tests.Metadata;
using Crm.Ui.Forms;
using Crm.Ui.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Every shipped entity's form draws, and says what is wrong where it is wrong.</summary>
public sealed class FormTests
{
    public static TheoryData<string> Entities => ShippedMetadataTests.EntityNames;

    [Theory]
    [MemberData(nameof(Entities))]
    public async Task The_form_of_a_new_record_has_every_writable_field_with_its_label(string name)
    {
        Screen.Speak("zh-CN");
        await using var screen = await Screen.OpenAsync();
        var entity = screen[name];

        var draft = new RecordDraft(new Record(entity), new Dictionary<string, string>(), isNew: true);

        var form = Form(screen, draft);

        foreach (var field in entity.Form.Sections.SelectMany(s => s.Fields).Select(f => entity[f]).Where(f => f.IsWritable && draft.IsVisible(f)))
        {
            form.Find($"[data-field={field.Name}] label").TextContent.ShouldBe(field.Label.In("zh-CN"));
            form.Find($"[data-field={field.Name}]").QuerySelector("input, textarea, [role=combobox], [role=group], [role=radiogroup], button, canvas").ShouldNotBeNull(field.Name);
        }
    }

    [Fact]
    public async Task Without_the_right_to_change_it_a_form_shows_and_does_not_edit()
    {
        await using var screen = await Screen.OpenAsync();
        var record = new Record(screen["product"]) { ["name"] = "Pump" };

        var form = Form(screen, new(record, new Dictionary<string, string>(), isNew: false) { MayWrite = false });

        form.FindAll("input, textarea").ShouldBeEmpty();
        form.Find("[data-field=name]").TextContent.ShouldContain("Pump");
    }

    [Fact]
    public async Task A_refused_save_is_summed_up_and_told_at_the_field()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        var draft = new RecordDraft(new Record(screen["contact"]), new Dictionary<string, string>(), isNew: true);
        draft.Check().ShouldBeFalse();

        var form = Form(screen, draft);

        form.Find("[data-testid=problems] a").GetAttribute("href").ShouldBe("#" + form.Find("[data-field=name] input").Id);
        form.Find("[data-field=name] [data-testid=field-problem]").TextContent.Trim().ShouldBe("Full name is required.");
        form.Find("[data-field=name] input").GetAttribute("aria-invalid").ShouldBe("true");
    }

    [Fact]
    public async Task Typing_into_a_field_changes_the_draft()
    {
        await using var screen = await Screen.OpenAsync();
        var draft = new RecordDraft(new Record(screen["contact"]), new Dictionary<string, string>(), isNew: true);
        var changes = 0;
        var form = screen.Render<RecordForm>(p => p.Add(f => f.Draft, draft).Add(f => f.Changed, () => changes++));

        await form.InvokeAsync(() => form.Find("[data-field=name] input").Input("Ada"));

        draft.Current["name"].ShouldBe("Ada");
        changes.ShouldBe(1);
    }

    private static IRenderedComponent<RecordForm> Form(Screen screen, RecordDraft draft) => screen.Render<RecordForm>(p => p.Add(f => f.Draft, draft));
}
