using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>One figure, chart or list of a dashboard.</summary>
public sealed record WidgetDefinition
{
    public required string Name { get; init; }

    public Label? Label { get; init; }

    public Label? Help { get; init; }

    [Description("How the figure or the records are shown.")]
    [AllowedValues(WidgetKinds.Tile, WidgetKinds.Funnel, WidgetKinds.Bar, WidgetKinds.Line, WidgetKinds.Donut, WidgetKinds.Leaderboard, WidgetKinds.Table, WidgetKinds.Calendar, WidgetKinds.Tasks)]
    public required string Kind { get; init; }

    public string? Icon { get; init; }

    [Description("Whose records; calendar and tasks without one show all entities of the template 'interaction'.")]
    public string? Entity { get; init; }

    [Description("A condition; absent means all records.")]
    public JsonElement? Filter { get; init; }

    [Description("A view of the entity, whose filter, columns and order hold here as well.")]
    public string? View { get; init; }

    [Description("The figure; absent means the number of records.")]
    public MeasureDefinition? Measure { get; init; }

    [Description("What each bar, slice, line or row stands for: a field, or a path through lookups.")]
    public string? GroupBy { get; init; }

    [Description("Over a date: day, week, month, quarter or year.")]
    public string? By { get; init; }

    [Description("Charts: a second field, by whose values each bar or line is divided.")]
    public string? SplitBy { get; init; }

    [Description("Charts: 'value' or '-value' by the figure, 'group' or '-group' by what it stands for; lists: fields, a minus before one sorts downwards.")]
    public string? Sort { get; init; }

    [Description("Most bars, slices or rows.")]
    public int? Limit { get; init; }

    [Description("Columns of a list: fields, or paths through lookups.")]
    public IReadOnlyList<ViewColumn> Columns { get; init; } = [];

    [Description("The date that the page's period is about; without one the period does not narrow the widget.")]
    public string? DateField { get; init; }

    [Description("Tiles: what the figure is compared with.")]
    public WidgetComparison? Compare { get; init; }

    [Description("Tiles: what the figure should reach.")]
    public decimal? Target { get; init; }

    [Description("Whether less is better, as with losses or days that something took.")]
    public bool LowIsGood { get; init; }

    [Description("Columns of the page that it takes, 1 to 4.")]
    public int? Width { get; init; }

    [Description("Rows of the page that it takes, 1 to 6.")]
    public int? Height { get; init; }
}

/// <summary>With which time a figure is compared.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WidgetComparison>))]
public enum WidgetComparison
{
    /// <summary>The period of the same length before.</summary>
    [JsonStringEnumMemberName("previousPeriod")]
    PreviousPeriod,
    /// <summary>The same days a year before.</summary>
    [JsonStringEnumMemberName("previousYear")]
    PreviousYear,
}

/// <summary>A figure over records.</summary>
public sealed record MeasureDefinition
{
    [Description("count, countDistinct, sum, avg, min, max, median; share: how many percent of the records meet the filter; days: how many lie between two dates, on average.")]
    public string Fn { get; init; } = "count";

    [Description("The field that is counted, summed and so on; nothing for a plain count, share and days.")]
    public string? Field { get; init; }

    [Description("A condition: only records that meet it go into the figure. For 'share' it is what is asked.")]
    public JsonElement? Filter { get; init; }

    [Description("days: the date from which is counted.")]
    public string? From { get; init; }

    [Description("days: the date up to which is counted.")]
    public string? To { get; init; }
}
