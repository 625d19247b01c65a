using Bunit;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Crm.Ui.Forms;
using Crm.Ui.Lists;
using Crm.Ui.Records;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>
/// Every form and every view of every shipped entity draws, in both languages, over nothing and over records in which whatever can be filled is filled. A file
/// that is new is tried by being there.
/// </summary>
public sealed class ShippedScreensTests
{
    private static readonly IReadOnlyList<Entity> Entities = [.. Shipped.Model.Entities.Values.Where(e => e.LinkOf is null).OrderBy(e => e.Name, StringComparer.Ordinal)];

    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task Every_form_draws_empty_and_full_with_the_labels_of_its_language(string language)
    {
        Screen.Speak(language);
        await using var screen = await Screen.OpenAsync();
        foreach (var entity in Entities)
        {
            foreach (var draft in new[] { Draft(new(entity), isNew: true), Draft(SampleRecords.Full(entity), isNew: false) })
            {
                var form = screen.Render<RecordForm>(p => p.Add(f => f.Draft, draft));

                var shown = entity.Form.Sections.SelectMany(s => s.Fields).Select(f => entity[f]).Where(f => draft.IsVisible(f) && (f.IsWritable || !draft.IsNew)).ToList();
                foreach (var field in shown)
                {
                    form.Find($"[data-field={field.Name}] .field-label").TextContent.Trim().ShouldBe(field.Label.In(language), field.ToString());
                }
                form.FindAll("[data-field]").Count.ShouldBeGreaterThanOrEqualTo(shown.Count, entity.Name);
            }
        }
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task Every_view_draws_over_nothing_and_over_a_record(string language)
    {
        Screen.Speak(language);
        await using var screen = await Screen.OpenAsync();
        await screen.Data.Store.UpdateAsync(screen["user"], screen.Person.UserId!.Value, [new(screen["user"]["administrator"], true)], null, Actor.Platform, Door.Platform, Xunit.TestContext.Current.CancellationToken);
        await screen.Service<CurrentActor>().RefreshAsync();
        var kinds = screen.Service<Registry<ViewKindAttribute, ViewBody>>();
        var views = Entities.SelectMany(e => e.Views.Select(v => (Entity: e, View: v))).ToList();
        if (language == Label.DefaultLanguage)
        {
            // Nothing to see is the same in every language but for a sentence.
            await DrawAsync();
        }
        await SampleRecords.SaveAsync(screen.Data, Entities);
        await DrawAsync();

        async Task DrawAsync()
        {
            foreach (var (entity, view) in views)
            {
                var body = kinds.Find(view.Kind) ?? typeof(ListBody);
                var drawn = screen.Render<DynamicComponent>(p => p.Add(d => d.Type, body).Add(d => d.Parameters, new Dictionary<string, object> { [nameof(ViewBody.Entity)] = entity, [nameof(ViewBody.View)] = view, [nameof(ViewBody.State)] = ListState.Empty }));
                drawn.WaitForAssertion(() => drawn.FindAll("[aria-busy=true], .skeleton").ShouldBeEmpty($"{entity.Name}/{view.Name}"));
                drawn.Markup.Trim().ShouldNotBeEmpty($"{entity.Name}/{view.Name}");
                drawn.FindAll("[role=alert]").Select(a => $"{entity.Name}/{view.Name}: {a.TextContent.Trim()}").ShouldBeEmpty();
            }
        }
    }

    private static RecordDraft Draft(Record record, bool isNew) => new(record, SampleRecords.Titles(record), isNew);
}
