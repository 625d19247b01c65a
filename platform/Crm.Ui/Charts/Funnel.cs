using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Ui.Charts;

/// <summary>One stage of a funnel: how many records stand there and what they are worth together.</summary>
/// <param name="Value">The choice's value; null for records without one.</param>
/// <param name="Title">What a lookup points to is called, an amount with its currency; null for choices.</param>
/// <param name="Option">The choice, for its label and colour; null for values that metadata no longer knows.</param>
/// <param name="Count">Number of records.</param>
/// <param name="Sum">Sum of the measure; null without a measure.</param>
public sealed record FunnelStage(string? Value, string? Title, ChoiceOption? Option, long Count, decimal? Sum)
{
    /// <summary>The value as the group has it.</summary>
    public object? Group { get; init; } = Value;
}

/// <summary>Records by stage, in the order of the choice's options, every option present; read with one query.</summary>
public sealed record Funnel(Field GroupBy, Field? Measure, IReadOnlyList<FunnelStage> Stages)
{
    public long Count => Stages.Sum(s => s.Count);

    public decimal Sum => Stages.Sum(s => s.Sum ?? 0);

    /// <summary>The same with what weighs most at the top.</summary>
    public Funnel LargestFirst() => this with { Stages = [.. Stages.Where(s => s.Count > 0).OrderByDescending(s => s.Sum).ThenByDescending(s => s.Count)] };

    public static AggregateQuery Query(Entity entity, Field groupBy, Field? measure, Condition filter)
    {
        var measures = new List<Measure> { new(MeasureFunction.Count, null, "count") };
        if (measure is not null)
        {
            measures.Add(new(MeasureFunction.Sum, new([measure]), "sum"));
        }
        List<GroupTerm> groups = [new(new([groupBy]), null)];
        if (groupBy.Target?.TitleField is { } title)
        {
            groups.Add(new(new([groupBy, title]), null));
        }
        return new(entity, groups, measures) { Filter = filter, Limit = 1_000 };
    }

    public static Funnel Of(Field groupBy, Field? measure, AggregateResult result)
    {
        var options = (groupBy.Type as ChoiceFieldType)?.Options ?? [];
        var groups = result.Query.GroupBy.Count;
        var rows = result.Rows.ToDictionary(r => r[0]?.ToString() ?? "", r => r);
        var stages = options.Select(o => Stage(o.Value, o)).ToList();
        // Values that are no options any more still count; leaving them out would make the totals wrong.
        stages.AddRange(rows.Keys.Where(v => options.All(o => o.Value != v)).Select(v => Stage(v.Length == 0 ? null : v, null)));
        return new(groupBy, measure, stages);

        FunnelStage Stage(string? value, ChoiceOption? option) => rows.TryGetValue(value ?? "", out var row)
            ? new(value, groups > 1 ? row[1] as string : GroupValue.Shown(groupBy, row[0]) is Money amount ? groupBy.Type.ToText(amount, CultureInfo.CurrentCulture) : null, option, (long)row[groups]!, measure is null ? null : Figures.ToDecimal(row[groups + 1]) ?? 0) { Group = row[0] }
            : new(value, null, option, 0, measure is null ? null : 0);
    }
}
