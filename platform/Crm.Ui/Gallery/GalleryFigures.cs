using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Charts;
using Crm.Ui.Dashboards;
using Crm.Ui.Lists;

namespace Crm.Ui.Gallery;

/// <summary>Figures for the widgets of the gallery. A kind that nobody thought of here gets a chart, which most of them draw.</summary>
internal static class GalleryFigures
{
    private const string Money = "money", Choice = "choice", Moment = "dateTime";

    private static readonly string[] Names = ["Prospecting", "Proposal <b>B</b>", "谈判", "كسب", "A name that is much longer than any bar, slice or row has room for"];

    public static Widget WidgetOf(string kind, GallerySheet sheet)
    {
        var (money, choice, moment) = (sheet.Fields[Money].Name, sheet.Fields[Choice].Name, sheet.Fields[Moment].Name);
        var lists = kind is WidgetKinds.Table or WidgetKinds.Calendar or WidgetKinds.Tasks;
        var figures = kind == WidgetKinds.Tile || lists;
        return new(new()
        {
            Name = kind, Kind = kind, Entity = sheet.Entity.Name, Target = kind == WidgetKinds.Tile ? 50_000 : null, Columns = lists ? [new("title"), new(money), new(choice)] : [],
        }, [new(sheet.Entity, Condition.Always, new FieldPath([sheet.Entity[moment]]))])
        {
            Measure = new(MeasureFunction.Sum, new([sheet.Entity[money]]), "sum"), GroupBy = figures ? null : new(new([sheet.Entity[choice]]), null),
        };
    }

    public static WidgetData DataOf(Widget widget, GallerySheet sheet, bool isEmpty) => widget.Definition.Kind switch
    {
        WidgetKinds.Tile => isEmpty
            ? new FigureData(null, new(FigureUnit.Money, "USD"), "/")
            : new FigureData(41_280.5m, new(FigureUnit.Money, "USD"), "/") { Earlier = 36_900, EarlierDays = (new(2026, 1, 1), new(2026, 3, 31)), Trend = [3, 5, 4, 8, 9, 12, 11] },
        WidgetKinds.Table or WidgetKinds.Calendar or WidgetKinds.Tasks => new RecordsData([Records(widget, sheet, isEmpty)]),
        _ => new ChartData(new(isEmpty ? [] : [.. Names.Select((name, i) => new ChartPoint($"p{i}", name, (i + 1) * 9_300m, (i + 1) * 4L, "/"))], [], new(FigureUnit.Money, "USD"), "Stage") { IsWhole = true }),
    };

    private static RecordsOf Records(Widget widget, GallerySheet sheet, bool isEmpty)
    {
        var (title, money, choice, moment) = (sheet.Entity["title"], sheet.Fields[Money], sheet.Fields[Choice], sheet.Fields[Moment]);
        FieldPath[] columns = [new([title]), new([money]), new([choice]), new([moment])];
        var begin = new DateTimeOffset(2026, 3, 18, 9, 30, 0, TimeSpan.Zero);
        RecordRow[] rows = isEmpty ? [] : [.. Names.Select((name, i) => new RecordRow(FieldSamples.TargetId(i + 1), [name, new Money((i + 1) * 9_300m, "USD"), i % 2 == 0 ? "a" : "B", begin.AddHours(i * 7)]))];
        return new(widget.Source, new(sheet.Entity, columns, rows, null, rows.Length, CountIsExact: true), [.. columns.Take(3).Select(c => ListColumn.Of(c))], "/");
    }
}
