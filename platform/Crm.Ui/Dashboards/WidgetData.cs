using Crm.Data;
using Crm.Metadata;
using Crm.Ui.Charts;

namespace Crm.Ui.Dashboards;

/// <summary>What a widget shows: a figure, a chart, or records.</summary>
public abstract record WidgetData;

/// <summary>One figure with what it is compared with and how it came about.</summary>
/// <param name="Value">The figure; null where there is nothing to compute it from.</param>
/// <param name="Format">How it is written.</param>
/// <param name="Address">The records behind it.</param>
public sealed record FigureData(decimal? Value, FigureFormat Format, string Address) : WidgetData
{
    /// <summary>The same figure at the time that it is compared with.</summary>
    public decimal? Earlier { get; init; }

    /// <summary>The first and the last day of that time.</summary>
    public (DateOnly First, DateOnly Last)? EarlierDays { get; init; }

    /// <summary>How it went over the period.</summary>
    public IReadOnlyList<decimal> Trend { get; init; } = [];

    /// <summary>By how many percent it is more than earlier; null where that cannot be said.</summary>
    public decimal? Change => Value is { } now && Earlier is { } then && then != 0 ? 100m * (now - then) / Math.Abs(then) : null;
}

/// <summary>Figures side by side.</summary>
public sealed record ChartData(Chart Chart) : WidgetData;

/// <summary>Records of one or more entities.</summary>
public sealed record RecordsData(IReadOnlyList<RecordsOf> Parts) : WidgetData
{
    public bool IsEmpty => Parts.All(p => p.Page.Items.Count == 0);
}

/// <summary>Records of one entity, and the list that holds all of them.</summary>
/// <param name="Source">Whose they are.</param>
/// <param name="Page">The first of them.</param>
/// <param name="Columns">What is shown of each.</param>
/// <param name="Address">The whole list.</param>
public sealed record RecordsOf(WidgetSource Source, RecordPage Page, IReadOnlyList<Lists.ListColumn> Columns, string Address)
{
    public Entity Entity => Source.Entity;
}
