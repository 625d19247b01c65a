using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Charts;

namespace Crm.Ui.Lists;

/// <summary>The groups of a list: by which column, and how many records and how much each holds.</summary>
public sealed class ListGrouping
{
    private const int Most = 1_000;

    private readonly Dictionary<object, (long Count, decimal? Sum)> _figures = [];
    private (long Count, decimal? Sum)? _ofNone;

    private ListGrouping(ListColumn column, Field? measure) => (Column, Measure) = (column, measure);

    public ListColumn Column { get; }

    public Field? Measure { get; }

    public static async Task<ListGrouping?> ReadAsync(RecordStore store, Entity entity, ViewDefinition view, ListState state, Actor actor, CancellationToken cancellationToken)
    {
        if (view.GroupBy is null || entity.Find(view.GroupBy) is not { IsStored: true, Type.IsSortable: true } field || state.InBin)
        {
            return null;
        }
        var grouping = new ListGrouping(ListColumn.Of(new([field])), view.Measure is { } named ? entity.Find(named) : ListColumn.Of(entity, view).Where(c => c.Path.IsDirect && c.Path.Field is { IsStored: true, Type: MoneyFieldType }).Select(c => c.Path.Field).FirstOrDefault());
        var measures = new List<Measure> { new(MeasureFunction.Count, null, "count") };
        if (grouping.Measure is { } measure)
        {
            measures.Add(new(MeasureFunction.Sum, new([measure]), "sum"));
        }
        var filter = state.Search.Length == 0 ? state.Filter(entity, view) : Condition.And(state.Filter(entity, view), TextSearch.Condition(entity, state.Search, actor));
        var result = await store.AggregateAsync(new(entity, [new(grouping.Column.Path, null)], measures) { Filter = filter, Limit = Most }, actor, cancellationToken);
        foreach (var row in result.Rows)
        {
            var figures = ((long)row[1]!, grouping.Measure is null ? null : (decimal?)(Figures.ToDecimal(row[2]) ?? 0));
            if (row[0] is { } key)
            {
                grouping._figures[key] = figures;
            }
            else
            {
                grouping._ofNone = figures;
            }
        }
        return grouping;
    }

    /// <summary>The groups first, then as the person wants.</summary>
    public IReadOnlyList<SortTerm> Order(IReadOnlyList<SortTerm> sort) =>
        [new(Column.SortPath, Descending: false), .. sort.Where(t => !t.Path.Equals(Column.SortPath)).Take(SortTerm.MaxTerms - 1)];

    /// <summary>The group to which a record's value belongs.</summary>
    public object? GroupOf(object? value) => GroupValue.Of(Column.Path.Field, value);

    /// <summary>A group as its heading shows it.</summary>
    public object? Shown(object? group) => GroupValue.Shown(Column.Path.Field, group);

    /// <summary>What a group holds.</summary>
    public (long Count, decimal? Sum)? Of(object? value) => value is null ? _ofNone : _figures.TryGetValue(value, out var figures) ? figures : null;
}
