using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Dashboards;
using Crm.Ui.Fields;

namespace Crm.Ui.Gallery;

/// <summary>
/// Everything that the gallery shows, found through the registries: a new editor, cell, widget or scene is here by existing. The tests of the components
/// draw the same samples.
/// </summary>
public sealed class GallerySamples(Registry<FieldEditorAttribute, FieldEditor> editors, Registry<FieldCellAttribute, FieldCell> cells, Registry<WidgetKindAttribute, WidgetBody> widgets, Registry<GallerySceneAttribute, GalleryScene> scenes)
{
    private const string LongWord = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";

    private static readonly Lazy<GallerySheet> LazySheet = new(() => GallerySheet.Compile(Registry<FieldTypeAttribute, FieldType>.Scan(typeof(FieldType).Assembly)));

    /// <summary>Texts that have broken pages before: markup, right to left, one long word, signs outside the usual planes.</summary>
    public static IReadOnlyList<string> HostileTexts { get; } = ["<script>document.title='taken'</script><img src=x onerror=alert(1)>", "مرحبا بالعالم — שלום עולם", LongWord, "👩‍💻🏴‍☠️ 客户关系管理系统 é́́"];

    public static GallerySheet Sheet => LazySheet.Value;

    public IReadOnlyList<GallerySample> All() => [.. Editors(), .. Cells(), .. Widgets(), .. Scenes()];

    /// <summary>Editors for which there is no field type with samples: nobody could see or try them.</summary>
    public IReadOnlyList<string> EditorsWithoutSample() => [.. editors.Names.Except(Sheet.Fields.Values.Select(f => f.Type.Editor), StringComparer.Ordinal)];

    public IReadOnlyList<string> CellsWithoutSample() => [.. cells.Names.Except(Sheet.Fields.Values.Select(f => f.Type.Cell), StringComparer.Ordinal)];

    private IEnumerable<GallerySample> Editors()
    {
        foreach (var (name, field) in Sheet.Fields.Where(f => editors.Find(f.Value.Type.Editor) is not null))
        {
            var value = GallerySheet.ValuesOf(name, field).FirstOrDefault();
            yield return Editor(name, field, GallerySample.Filled, value);
            yield return Editor(name, field, GallerySample.Empty, null);
            yield return Editor(name, field, GallerySample.Invalid, value, invalid: true);
            yield return Editor(name, field, GallerySample.ReadOnly, value, isReadOnly: true);
            if (field.Type is TextFieldType or LongTextFieldType)
            {
                foreach (var text in HostileTexts)
                {
                    yield return Editor(name, field, $"{GallerySample.Hostile}{HostileTexts.ToList().IndexOf(text)}", text);
                }
            }
        }
    }

    private IEnumerable<GallerySample> Cells()
    {
        foreach (var (name, field) in Sheet.Fields.Where(f => cells.Find(f.Value.Type.Cell) is not null))
        {
            var values = GallerySheet.ValuesOf(name, field).ToList();
            for (var i = 0; i < values.Count; i++)
            {
                yield return Cell(name, field, i == 0 ? GallerySample.Filled : $"{GallerySample.Filled}{i}", values[i]);
            }
            if (field.Type is TextFieldType or LongTextFieldType)
            {
                for (var i = 0; i < HostileTexts.Count; i++)
                {
                    yield return Cell(name, field, $"{GallerySample.Hostile}{i}", HostileTexts[i]) with { IsRightToLeft = i == 1 };
                }
            }
        }
    }

    private IEnumerable<GallerySample> Widgets()
    {
        foreach (var kind in widgets.Names)
        {
            var widget = GalleryFigures.WidgetOf(kind, Sheet);
            yield return Widget(kind, GallerySample.Filled, widget, GalleryFigures.DataOf(widget, Sheet, isEmpty: false));
            yield return Widget(kind, GallerySample.Empty, widget, GalleryFigures.DataOf(widget, Sheet, isEmpty: true));
        }
    }

    private IEnumerable<GallerySample> Scenes() => scenes.Names.Select(name =>
        new GallerySample(GalleryPart.Scene, name, GallerySample.Filled, scenes.Find(name)!, new Dictionary<string, object?> { [nameof(GalleryScene.Entity)] = Sheet.Entity }));

    private static GallerySample Editor(string name, Field field, string state, object? value, bool invalid = false, bool isReadOnly = false) =>
        new(GalleryPart.Editor, field.Type.Editor, state, typeof(EditorOf), new Dictionary<string, object?>
        {
            [nameof(EditorOf.Field)] = field, [nameof(EditorOf.Value)] = value, [nameof(EditorOf.Title)] = TitleOf(field), [nameof(EditorOf.InputId)] = $"{field.Name}-{state}".ToLowerInvariant(),
            [nameof(EditorOf.Invalid)] = invalid, [nameof(EditorOf.ReadOnly)] = isReadOnly, [nameof(EditorOf.Problems)] = (IReadOnlyList<Problem>)[],
        })
        { Shape = name };

    private static GallerySample Cell(string name, Field field, string state, object? value) =>
        new(GalleryPart.Cell, field.Type.Cell, state, typeof(CellOf), new Dictionary<string, object?> { [nameof(CellOf.Field)] = field, [nameof(CellOf.Value)] = value, [nameof(CellOf.Title)] = TitleOf(field) }) { Shape = name };

    private GallerySample Widget(string kind, string state, Widget widget, WidgetData data) =>
        new(GalleryPart.Widget, kind, state, widgets.Find(kind)!, new Dictionary<string, object?> { [nameof(WidgetBody.Widget)] = widget, [nameof(WidgetBody.Data)] = data });

    private static string? TitleOf(Field field) => field.Targets.Count > 0 || field.Type is CollectionFieldType ? "Ada Lovelace" : null;
}
