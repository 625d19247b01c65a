using Crm.Metadata;
using Crm.Ui.Charts;
using Microsoft.AspNetCore.Components.Rendering;

namespace Crm.Ui.Dashboards;

/// <summary>A chart, or what stands there when there is nothing to draw.</summary>
public abstract class ChartWidget : WidgetBody
{
    protected Chart Chart => ((ChartData)Data).Chart;

    protected abstract Type PictureOf(Chart chart);

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        if (Chart.IsEmpty)
        {
            builder.OpenElement(0, "p");
            builder.AddAttribute(1, "class", "widget-none");
            builder.AddContent(2, T["widget.none"]);
            builder.CloseElement();
            return;
        }
        builder.OpenComponent(3, PictureOf(Chart));
        builder.AddComponentParameter(4, "Chart", Chart);
        builder.CloseComponent();
    }
}

[WidgetKind(WidgetKinds.Bar)]
public sealed class BarWidget : ChartWidget
{
    protected override Type PictureOf(Chart chart) => chart.IsTimed ? typeof(Columns) : typeof(Bars);
}

[WidgetKind(WidgetKinds.Line)]
public sealed class LineWidget : ChartWidget
{
    protected override Type PictureOf(Chart chart) => typeof(LineChart);
}

[WidgetKind(WidgetKinds.Donut)]
public sealed class DonutWidget : ChartWidget
{
    protected override Type PictureOf(Chart chart) => typeof(DonutChart);
}

[WidgetKind(WidgetKinds.Funnel)]
public sealed class FunnelWidget : ChartWidget
{
    protected override Type PictureOf(Chart chart) => typeof(FunnelBars);
}

[WidgetKind(WidgetKinds.Leaderboard)]
public sealed class LeaderboardWidget : ChartWidget
{
    protected override Type PictureOf(Chart chart) => typeof(Leaders);
}
