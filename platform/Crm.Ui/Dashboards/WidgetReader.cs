using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Charts;
using Crm.Ui.Lists;
using Crm.Ui.Shell;

namespace Crm.Ui.Dashboards;

/// <summary>Asks for what a widget shows, narrowed by what was chosen at the top of the page; every figure knows the list behind it.</summary>
public sealed class WidgetReader(RecordStore store, CurrentActor current, TimeProvider time, ChartBuilder charts)
{
    private const int ListLimit = 8, GatheredLimit = 20;

    private static readonly Dictionary<string, int> ChartLimits = new(StringComparer.Ordinal) { [WidgetKinds.Bar] = 12, [WidgetKinds.Leaderboard] = 8, [WidgetKinds.Donut] = 7, [WidgetKinds.Table] = 20, [WidgetKinds.Line] = TimeBuckets.Most };

    private static readonly Measure Number = new(MeasureFunction.Count, null, "number");

    private ConditionScope Scope => current.Actor.ScopeAt(time.GetUtcNow());

    /// <exception cref="ProblemException">The person may not, or the question cannot be asked.</exception>
    public Task<WidgetData> ReadAsync(Widget widget, DashboardState state, IReadOnlyList<DashboardFilter> filters, CancellationToken cancellationToken) => widget switch
    {
        { Definition.Kind: WidgetKinds.Calendar or WidgetKinds.Tasks } or { Definition.Kind: WidgetKinds.Table, GroupBy: null } => ReadRecordsAsync(widget, state, filters, cancellationToken),
        { GroupBy: not null } => ReadChartAsync(widget, state, filters, cancellationToken),
        _ => ReadFigureAsync(widget, state, filters, cancellationToken),
    };

    private async Task<WidgetData> ReadFigureAsync(Widget widget, DashboardState state, IReadOnlyList<DashboardFilter> filters, CancellationToken cancellationToken)
    {
        var (source, scope) = (widget.Source, Scope);
        var always = Condition.And([source.Filter, .. state.On(source.Entity, filters)]);
        var period = source.DateField is { } date ? state.Period.On(date, scope) : null;
        var filter = Condition.And(always, period);
        var value = await FigureAsync(filter);
        var data = new FigureData(value, FigureFormat.Of(widget.Measure), Drill.To(source.Entity, [filter, widget.Measure.Function == MeasureFunction.Share ? null : widget.Measure.Filter]));
        if (source.DateField is null)
        {
            return data;
        }
        if (widget.Definition.Compare is { } comparison && state.Period.Before(comparison, scope.Today) is var (from, until))
        {
            data = data with
            {
                Earlier = await FigureAsync(Condition.And(always, Period.Days(source.DateField, from, until, scope))),
                EarlierDays = (from, until.AddDays(-1)),
            };
        }
        return data with { Trend = await TrendAsync(widget, always, state, scope, cancellationToken) };

        async Task<decimal?> FigureAsync(Condition condition)
        {
            var result = await store.AggregateAsync(new(source.Entity, [], [widget.Measure]) { Filter = condition }, current.Actor, cancellationToken);
            return Figures.ToDecimal(result.Rows[0][0]);
        }
    }

    /// <summary>How a figure went: over the period, or over the last twelve months where there is none; what is still to come is left out.</summary>
    private async Task<IReadOnlyList<decimal>> TrendAsync(Widget widget, Condition always, DashboardState state, ConditionScope scope, CancellationToken cancellationToken)
    {
        var date = widget.Source.DateField!;
        var (from, until) = state.Period.Resolve(scope.Today) ?? (scope.Today.AddMonths(-11), scope.Today.AddDays(1));
        if (from <= scope.Today && until > scope.Today)
        {
            until = scope.Today.AddDays(1);
        }
        var by = TimeBuckets.Fitting(from, until);
        var result = await store.AggregateAsync(
            new(widget.Entity, [new(date, by)], [widget.Measure]) { Filter = Condition.And(always, Period.Days(date, from, until, scope)), Limit = TimeBuckets.Most },
            current.Actor, cancellationToken);
        var figures = result.Rows.Where(r => r[0] is not null).ToDictionary(r => (string)r[0]!, r => Figures.ToDecimal(r[1]) ?? 0, StringComparer.Ordinal);
        return [.. TimeBuckets.In(from, until, by).Select(b => figures.GetValueOrDefault(b.Key))];
    }

    private async Task<WidgetData> ReadChartAsync(Widget widget, DashboardState state, IReadOnlyList<DashboardFilter> filters, CancellationToken cancellationToken)
    {
        var (source, scope, group) = (widget.Source, Scope, widget.GroupBy!);
        var filter = Condition.And([source.Filter, .. state.On(source.Entity, filters), source.DateField is { } date ? state.Period.On(date, scope) : null]);
        var span = group.Path.Equals(source.DateField) ? state.Period.Resolve(scope.Today) : null;
        if (group is { Path.Field.Type: TemporalFieldType, By: null })
        {
            group = group with { By = span is var (from, until) ? TimeBuckets.Fitting(from, until) : "month" };
        }
        var isDonut = widget.Definition.Kind == WidgetKinds.Donut;
        // A donut shows the whole, so that what has no slice of its own must be known too.
        var most = isDonut || widget.SplitBy is not null || widget.Definition.Kind == WidgetKinds.Funnel ? 1_000 : widget.Definition.Limit ?? ChartLimits.GetValueOrDefault(widget.Definition.Kind, ListLimit);
        var query = new AggregateQuery(source.Entity, widget.SplitBy is { } split ? [group, split] : [group], [widget.Measure, Number])
        {
            Filter = filter,
            Limit = group.By is null ? most : Math.Max(most, TimeBuckets.Most),
            WithTitles = true,
            Sort = widget.SplitBy is not null || group.By is not null ? null : widget.Definition.Sort switch
            {
                "value" => widget.Measure.Name,
                "-value" => "-" + widget.Measure.Name,
                "group" => group.Path.ToString(),
                "-group" => "-" + group.Path,
                _ => group.Path.Field.Type is ChoiceFieldType && !isDonut ? null : "-" + widget.Measure.Name,
            },
        };
        var result = await store.AggregateAsync(query, current.Actor, cancellationToken);
        return new ChartData(charts.Build(widget, group, result, filter, span, scope, widget.Definition.Limit ?? (group.By is null ? ChartLimits.GetValueOrDefault(widget.Definition.Kind, 1_000) : TimeBuckets.Most)));
    }

    private async Task<WidgetData> ReadRecordsAsync(Widget widget, DashboardState state, IReadOnlyList<DashboardFilter> filters, CancellationToken cancellationToken)
    {
        var (scope, parts) = (Scope, new List<RecordsOf>());
        foreach (var source in widget.Sources.Where(s => Authority.May(current.Actor, Operation.Read, s.Entity)))
        {
            var isCalendar = widget.Definition.Kind == WidgetKinds.Calendar;
            // A calendar shows what comes next, whatever the page looks at.
            var inTime = source.DateField is not { } date ? null : isCalendar ? new Period("next7days").On(date, scope) : state.Period.On(date, scope);
            var filter = Condition.And([source.Filter, .. state.On(source.Entity, filters), inTime]);
            var view = new ViewDefinition { Name = "widget", Columns = widget.Columns };
            var columns = widget.Columns.Count > 0 || widget.Definition.Kind == WidgetKinds.Table ? ListColumn.Of(source.Entity, widget.View ?? view) : [];
            if (widget.Definition.Columns.Count > 0)
            {
                columns = ListColumn.Of(source.Entity, view);
            }
            IEnumerable<FieldPath> needed = [.. source.Entity.TitleField is { } title ? new FieldPath[] { new([title]) } : [], .. source.DateField is { } shown ? new[] { shown } : [], .. ListColumn.Paths(columns)];
            var page = await store.QueryAsync(
                new(source.Entity)
                {
                    Filter = filter,
                    Sort = widget.Sort.Count > 0 ? widget.Sort : source.DateField is { } by ? [new(by, Descending: widget.Definition.Kind == WidgetKinds.Table)] : [],
                    Fields = [.. needed.Distinct()],
                    Limit = widget.Definition.Limit ?? (widget.Definition.Kind == WidgetKinds.Table ? ListLimit : GatheredLimit),
                    Count = CountMode.Capped,
                    Titles = true,
                },
                current.Actor, cancellationToken);
            parts.Add(new(source, page, columns, Drill.To(source.Entity, [filter], widget.Definition.Sort)));
        }
        return new RecordsData(parts);
    }
}
