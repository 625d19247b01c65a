using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>The file <c>metadata/dashboards/&lt;name&gt;.json</c>: a page of figures, with what narrows all of them at once.</summary>
public sealed record DashboardDefinition
{
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    public required string Name { get; init; }

    public Label? Label { get; init; }

    public string? Icon { get; init; }

    public Label? Help { get; init; }

    [Description("Roles whose people begin their day here. 'everyone' is a role that all have; where several dashboards fit, the one with the lowest order is taken.")]
    public IReadOnlyList<string> Roles { get; init; } = [];

    [Description("Place among the dashboards; the lowest comes first.")]
    public int Order { get; init; } = 100;

    [Description("The period of the page; absent means that the page has none to choose.")]
    public PeriodDefinition? Period { get; init; }

    [Description("What narrows all widgets whose records have the field.")]
    public IReadOnlyList<DashboardFilterDefinition> Filters { get; init; } = [];

    public required IReadOnlyList<WidgetDefinition> Widgets { get; init; }
}

/// <summary>The period that a dashboard's widgets look at, each by its own <c>dateField</c>.</summary>
public sealed record PeriodDefinition
{
    [Description("The period that is shown first: a span such as thisMonth, lastQuarter or last90days; absent means all time.")]
    public string? Default { get; init; }
}

/// <summary>A choice at the top of a dashboard.</summary>
public sealed record DashboardFilterDefinition
{
    [Description("A choice, yes or no, a lookup, a user or a team; records in a tree are taken with all below. It narrows every widget whose entity has it.")]
    public required string Field { get; init; }

    public Label? Label { get; init; }
}
