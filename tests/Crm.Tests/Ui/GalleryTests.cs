using System.Text.RegularExpressions;
using AngleSharp.Dom;
using Bunit;
using Crm.Metadata;
using Crm.Ui.Dashboards;
using Crm.Ui.Fields;
using Crm.Ui.Gallery;
using Crm.Ui.Shell;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>What the gallery shows is what is tried here: every editor, cell, widget and state, in both languages.</summary>
public sealed partial class GalleryTests
{
    private const string Controls = "input, textarea, select, button, [contenteditable], [tabindex='0'], .rz-dropdown, canvas";

    [Fact]
    public async Task Every_registered_part_is_in_the_gallery()
    {
        await using var screen = await OpenAsync("en");
        var samples = screen.Service<GallerySamples>();
        var all = samples.All();

        samples.EditorsWithoutSample().ShouldBeEmpty();
        samples.CellsWithoutSample().ShouldBeEmpty();
        Named(all, GalleryPart.Editor).ShouldBe(screen.Service<Registry<FieldEditorAttribute, FieldEditor>>().Names);
        Named(all, GalleryPart.Cell).ShouldBe(screen.Service<Registry<FieldCellAttribute, FieldCell>>().Names);
        Named(all, GalleryPart.Widget).ShouldBe(screen.Service<Registry<WidgetKindAttribute, WidgetBody>>().Names);
        Named(all, GalleryPart.Scene).ShouldBe(screen.Service<Registry<GallerySceneAttribute, GalleryScene>>().Names);
        all.Select(s => s.Key).ShouldBeUnique();
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task Every_editor_can_be_reached_says_what_is_wrong_and_is_closed_where_it_should_be(string language)
    {
        await using var screen = await OpenAsync(language);
        var faults = new List<string>();
        foreach (var sample in screen.Service<GallerySamples>().All().Where(s => s.Part == GalleryPart.Editor))
        {
            var body = Draw(screen, sample);
            // What the platform alone gives has nothing to be entered into.
            var isGiven = sample.Shape == "autonumber";
            if (sample.State != GallerySample.ReadOnly && !isGiven && body.QuerySelector(Controls) is null)
            {
                faults.Add($"{sample}: nothing can be reached by key");
            }
            if (sample.State == GallerySample.Invalid && !isGiven && !body.InnerHtml.Contains("aria-invalid=\"true\"", StringComparison.OrdinalIgnoreCase))
            {
                faults.Add($"{sample}: does not say that it is invalid");
            }
            Check(body, sample, faults);
        }
        faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task Every_cell_says_something_about_every_value(string language)
    {
        await using var screen = await OpenAsync(language);
        var faults = new List<string>();
        foreach (var sample in screen.Service<GallerySamples>().All().Where(s => s.Part == GalleryPart.Cell))
        {
            var body = Draw(screen, sample);
            if (body.TextContent.Trim().Length == 0 && body.QuerySelector("img, svg, [aria-label], [title]") is null)
            {
                faults.Add($"{sample}: shows nothing");
            }
            Check(body, sample, faults);
        }
        faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task Every_widget_shows_its_figures_and_says_so_when_there_are_none(string language)
    {
        await using var screen = await OpenAsync(language);
        var texts = screen.Service<UiText>();
        foreach (var sample in screen.Service<GallerySamples>().All().Where(s => s.Part == GalleryPart.Widget))
        {
            var body = Draw(screen, sample);
            if (sample.State == GallerySample.Empty)
            {
                body.QuerySelector(".widget-none, .is-none").ShouldNotBeNull(sample.Key);
                body.QuerySelectorAll("a[href]").ShouldBeEmpty(sample.Key);
                continue;
            }
            // Each figure and each record leads to where it comes from.
            body.QuerySelectorAll("a[href]").ShouldNotBeEmpty(sample.Key);
            body.TextContent.ShouldNotContain(texts["widget.none"]);
            var faults = new List<string>();
            Check(body, sample, faults);
            faults.ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task Every_state_says_what_is_the_matter_or_is_left_out_by_readers(string language)
    {
        await using var screen = await OpenAsync(language);
        foreach (var sample in screen.Service<GallerySamples>().All().Where(s => s.Part == GalleryPart.Scene))
        {
            var body = Draw(screen, sample);
            var faults = new List<string>();
            Check(body, sample, faults);
            faults.ShouldBeEmpty();
            if (sample.Name.EndsWith(".loading", StringComparison.Ordinal))
            {
                body.QuerySelector("[aria-hidden='true']").ShouldNotBeNull(sample.Key);
                body.TextContent.Trim().ShouldBeEmpty();
            }
            else
            {
                body.TextContent.Trim().ShouldNotBeEmpty(sample.Key);
            }
        }
    }

    private static async Task<Screen> OpenAsync(string language)
    {
        Screen.Speak(language);
        return await Screen.OpenAsync();
    }

    private static string[] Named(IEnumerable<GallerySample> samples, GalleryPart part) => [.. samples.Where(s => s.Part == part).Select(s => s.Name).Distinct().Order(StringComparer.Ordinal)];

    private static IElement Draw(Screen screen, GallerySample sample) => screen.Render<GalleryFrame>(p => p.Add(f => f.Sample, sample)).Find(".gallery-body");

    /// <summary>No text of a person becomes markup, and no key stands where a text should.</summary>
    private static void Check(IElement body, GallerySample sample, List<string> faults)
    {
        if (body.QuerySelector("script, [onerror]") is not null)
        {
            faults.Add($"{sample}: text has become markup");
        }
        if (TextKey().Match(body.TextContent) is { Success: true } key)
        {
            faults.Add($"{sample}: the key '{key.Value}' stands where a text should");
        }
    }

    [GeneratedRegex(@"\b(?:list|record|field|form|widget|filter|common|lookup|items|file|crash|problem|value)\.[a-z][A-Za-z]+\b", RegexOptions.None, 1000)]
    private static partial Regex TextKey();
}
