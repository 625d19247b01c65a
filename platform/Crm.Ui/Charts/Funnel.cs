using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Ui.Charts;

/// <summary>One stage of a funnel: how many records stand there and what they are worth together.</summary>
/// <param name="Value">The choice's value; null for records without one.</param>
/// <param name="Option">The choice, for its label and colour; null for values that metadata no longer knows.</param>
/// <param name="Count">Number of records.</param>
/// <param name="Sum">Sum of the measure; null without a measure.</param>
public sealed record FunnelStage(string? Value, ChoiceOption? Option, long Count, decimal? Sum);

/// <summary>Records by stage, in the order of the choice's options, every option present; read with one query.</summary>
public sealed record Funnel(Field GroupBy, Field? Measure, IReadOnlyList<FunnelStage> Stages)
{
    public long Count => Stages.Sum(s => s.Count);

    public decimal Sum => Stages.Sum(s => s.Sum ?? 0);

    public static AggregateQuery Query(Entity entity, Field groupBy, Field? measure, Condition filter)
    {
        var measures = new List<Measure> { new(MeasureFunction.Count, null, "count") };
        if (measure is not null)
        {
            measures.Add(new(MeasureFunction.Sum, new([measure]), "sum"));
        }
        return new(entity, [new(new([groupBy]), null)], measures) { Filter = filter, Limit = 1_000 };
    }

    public static Funnel Of(Field groupBy, Field? measure, AggregateResult result)
    {
        var options = (groupBy.Type as ChoiceFieldType)?.Options ?? [];
        var rows = result.Rows.ToDictionary(r => r[0] as string ?? "", r => r);
        var stages = options.Select(o => Stage(o.Value, o)).ToList();
        // Values that are no options any more still count; leaving them out would make the totals wrong.
        stages.AddRange(rows.Keys.Where(v => options.All(o => o.Value != v)).Select(v => Stage(v.Length == 0 ? null : v, null)));
        return new(groupBy, measure, stages);

        FunnelStage Stage(string? value, ChoiceOption? option) => rows.TryGetValue(value ?? "", out var row)
            ? new(value, option, (long)row[1]!, measure is null ? null : ToDecimal(row[2]))
            : new(value, option, 0, measure is null ? null : 0);
    }

    private static decimal ToDecimal(object? value) => value switch
    {
        null => 0,
        Money money => money.Amount,
        _ => Convert.ToDecimal(value, System.Globalization.CultureInfo.InvariantCulture),
    };
}
