using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Charts;
using Crm.Ui.Fields;
using Crm.Ui.Filters;
using Crm.Ui.Shell;

namespace Crm.Ui.Dashboards;

/// <summary>Makes a chart of groups and figures: names, colours, places where nothing happened, and the list behind each.</summary>
public sealed class ChartBuilder(UiText texts, FieldText words)
{
    private const string Other = "\u0000other";

    /// <param name="widget">What is asked.</param>
    /// <param name="group">What the points stand for, with the period into which time is divided.</param>
    /// <param name="result">The groups.</param>
    /// <param name="filter">Over which records.</param>
    /// <param name="span">The days that the time axis covers; null for those that occur.</param>
    /// <param name="scope">Whose time zone it is.</param>
    /// <param name="limit">Most points.</param>
    public Chart Build(Widget widget, GroupTerm group, AggregateResult result, Condition filter, (DateOnly From, DateOnly Until)? span, ConditionScope scope, int limit)
    {
        var format = FigureFormat.Of(widget.Measure);
        var isWhole = widget.Measure.Function is MeasureFunction.Count or MeasureFunction.Sum;
        var figures = widget.SplitBy is null ? 1 : 2;
        var measured = widget.Measure.Function == MeasureFunction.Share ? filter : Condition.And(filter, widget.Measure.Filter);
        var parts = widget.SplitBy is { } split ? PartsOf(split, result) : [];
        var rows = result.Rows.GroupBy(r => KeyOf(r[0])).ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        var keys = Keys(group, result, rows, span).ToList();
        var points = keys.Select(Point).ToList();
        if (widget.SplitBy is not null && group.By is null && group.Path.Field.Type is not ChoiceFieldType)
        {
            points = [.. points.OrderByDescending(p => p.Value)];
        }
        var hasMore = result.HasMore || points.Count > limit;
        if (points.Count > limit)
        {
            var rest = points.Skip(limit - 1).ToList();
            points = widget.Definition.Kind == WidgetKinds.Donut && isWhole && !result.HasMore
                ? [.. points.Take(limit - 1), new(Other, texts["chart.other"], rest.Sum(p => p.Value), rest.Sum(p => p.Count), null)]
                : group.By is null ? [.. points.Take(limit)] : points[^limit..];
        }
        return new(points, parts, format, FilterWords.LabelOf(group.Path)) { IsTimed = group.By is not null, HasMore = hasMore && points.All(p => p.Key != Other), IsWhole = isWhole };

        ChartPoint Point((string Key, object? Value, string Label, string? Color, Condition? Only) at)
        {
            var found = rows.GetValueOrDefault(at.Key) ?? [];
            var count = found.Sum(r => (long)r[figures + 1]!);
            var divided = parts.Select(p => found.Where(r => KeyOf(r[1]) == p.Key).Sum(r => Figures.ToDecimal(r[figures]) ?? 0)).ToList();
            return new(at.Key, at.Label, parts.Count > 0 ? divided.Sum() : found.Sum(r => Figures.ToDecimal(r[figures]) ?? 0), count, Drill.To(widget.Entity, [Condition.And(measured, at.Only)]))
            {
                Color = at.Color,
                Parts = divided,
            };
        }

        IEnumerable<(string, object?, string, string?, Condition?)> Keys(GroupTerm term, AggregateResult from, Dictionary<string, List<object?[]>> known, (DateOnly, DateOnly)? days)
        {
            if (term.By is { } by)
            {
                var present = known.Keys.Select(k => TimeBuckets.Read(k, by)).OfType<TimeBucket>().OrderBy(b => b.From).ToList();
                var range = days ?? (present.Count == 0 ? null : (present[0].From, present[^1].Until));
                // What is still to come is no place on a line yet.
                return range is not var (first, until) ? [] : TimeBuckets.In(first, until, by).Where(b => b.From <= scope.Today || b.From <= (present.Count == 0 ? scope.Today : present[^1].From)).Select(b => (b.Key, (object?)b.Key, TimeBuckets.Label(b, by), (string?)null, (Condition?)Period.Days(term.Path, b.From, b.Until, scope)));
            }
            var field = term.Path.Field;
            if (field.Type is ChoiceFieldType choice && widget.Definition is { Sort: null, Kind: not WidgetKinds.Donut })
            {
                // Every option has its place, and so have values that are options no more: leaving them out would make the total wrong.
                var options = choice.Options.Where(o => known.ContainsKey(o.Value) || (widget.Definition.Kind is WidgetKinds.Funnel or WidgetKinds.Bar && IsAskedFor(filter, term.Path, o.Value))).Select(o => o.Value);
                return options.Concat(known.Keys.Where(k => choice.Options.All(o => o.Value != k))).Select(k => Named(term, from, k.Length == 0 ? null : k));
            }
            return from.Rows.Select(r => r[0]).DistinctBy(KeyOf).Select(v => Named(term, from, v));
        }
    }

    /// <summary>Whether a condition leaves room for a value; one that is not asked for has no place of its own.</summary>
    private static bool IsAskedFor(Condition condition, FieldPath path, string value) => condition switch
    {
        AllOf all => all.Parts.All(p => IsAskedFor(p, path, value)),
        Comparison { Operator: ConditionOperator.Eq or ConditionOperator.In, Operand: Constants constants } asked when asked.Path.Equals(path) => constants.Values.Contains(value),
        _ => true,
    };

    private (string, object?, string, string?, Condition?) Named(GroupTerm term, AggregateResult result, object? value) =>
        (KeyOf(value), value, LabelOf(term, result, value), (term.Path.Field.Type as ChoiceFieldType)?.Options.FirstOrDefault(o => o.Value == value as string)?.Color, GroupValue.Is(term.Path, value));

    private List<ChartPart> PartsOf(GroupTerm split, AggregateResult result)
    {
        var values = result.Rows.Select(r => r[1]).DistinctBy(KeyOf).ToList();
        var options = (split.Path.Field.Type as ChoiceFieldType)?.Options.ToList();
        var ordered = options is null ? values.OrderBy(v => LabelOf(split, result, v), StringComparer.CurrentCulture) : values.OrderBy(v => options.FindIndex(o => o.Value == v as string) is >= 0 and var place ? place : int.MaxValue);
        return [.. ordered.Select((v, i) => new ChartPart(KeyOf(v), LabelOf(split, result, v), options?.FirstOrDefault(o => o.Value == v as string)?.Color ?? ChartColors.At(i)))];
    }

    private string LabelOf(GroupTerm term, AggregateResult result, object? value)
    {
        if (value is null)
        {
            return texts["funnel.none"];
        }
        var title = result.Titles.TryGetValue(term.Path.ToString(), out var titles) && titles.TryGetValue(value, out var found) ? found : null;
        var text = words.Of(term.Path.Field, GroupValue.Shown(term.Path.Field, value), title);
        return text.Length == 0 ? texts["lookup.untitled"] : text;
    }

    private static string KeyOf(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
