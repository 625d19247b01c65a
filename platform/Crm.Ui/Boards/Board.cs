using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Charts;
using Crm.Ui.Lists;

namespace Crm.Ui.Boards;

/// <summary>One column of a board: a value, what it holds in all, and the cards read so far.</summary>
public sealed class BoardColumn(object? value, string? title, ChoiceOption? option, RecordWindow window)
{
    /// <summary>The value that its records have; null for those without one.</summary>
    public object? Value { get; } = value;

    /// <summary>What a record that is pointed to is called; null where the field itself says it.</summary>
    public string? Title { get; } = title;

    public ChoiceOption? Option { get; } = option;

    public RecordWindow Window { get; internal set; } = window;

    public long Count { get; internal set; }

    public decimal Sum { get; internal set; }

    public decimal Weighted { get; internal set; }

    /// <summary>Since when its cards have stood here.</summary>
    public Dictionary<Guid, DateTimeOffset> Since { get; } = [];
}

/// <summary>The records of a view by the values of one field. One query says what each column holds; the cards of each are read by key, for itself.</summary>
public sealed class Board
{
    private const int CardsAPage = 20, MostColumns = 40, MostGroups = 10_000;

    private readonly RecordStore _store;
    private readonly Actor _actor;
    private readonly RecordQuery _query;
    private readonly Condition _filter;

    private Board(RecordStore store, Actor actor, Entity entity, ViewDefinition view, RecordQuery query, Condition filter)
    {
        (_store, _actor, _query, _filter) = (store, actor, query, filter);
        GroupBy = entity.Find(view.GroupBy ?? "") ?? throw new ProblemException(Problem.Of(ProblemKind.Invalid, "aggregate.field", "groupBy"));
        (Measure, Weight) = (view.Measure is null ? null : entity.Find(view.Measure), view.Weight is null ? null : entity.Find(view.Weight));
    }

    public Field GroupBy { get; }

    public Field? Measure { get; }

    public Field? Weight { get; }

    public IReadOnlyList<BoardColumn> Columns { get; private set; } = [];

    public long Count => Columns.Sum(c => c.Count);

    /// <summary>Reads the figures of all columns and the first cards of each.</summary>
    /// <exception cref="ProblemException">The view cannot be shown as a board, or asks for what the actor may not read.</exception>
    public static async Task<Board> ReadAsync(RecordStore store, Entity entity, ViewDefinition view, ListState state, IReadOnlyList<FieldPath> fields, Actor actor, CancellationToken cancellationToken)
    {
        var query = state.Query(entity, view) with { Titles = true, Limit = CardsAPage };
        var filter = query.Search is null ? query.Filter : Condition.And(query.Filter, TextSearch.Condition(entity, query.Search, actor));
        var board = new Board(store, actor, entity, view, query, filter);
        board._fields.AddRange(fields.Append(new([board.GroupBy])).Append(new([entity[SystemFields.Version]])).Distinct());
        await board.BeginAsync(cancellationToken);
        return board;
    }

    private readonly List<FieldPath> _fields = [];

    public BoardColumn? ColumnOf(Guid id) => Columns.FirstOrDefault(c => c.Window.Find(id) is not null);

    /// <summary>Reads further cards of a column.</summary>
    public async Task LoadMoreAsync(BoardColumn column, CancellationToken cancellationToken)
    {
        await column.Window.LoadMoreAsync(cancellationToken);
        await NoteSinceAsync(column, cancellationToken);
    }

    /// <summary>Reads the figures again, and the cards of the columns that changed.</summary>
    public async Task RefreshAsync(IReadOnlyCollection<Guid> changed, CancellationToken cancellationToken)
    {
        var before = Columns.ToDictionary(c => c, c => (c.Count, c.Sum));
        await FigureAsync(cancellationToken);
        foreach (var column in Columns.Where(c => before[c] != (c.Count, c.Sum) || changed.Any(id => c.Window.Find(id) is not null)))
        {
            await ReadCardsAsync(column, Math.Clamp(column.Window.Pages.Count, 1, 5), cancellationToken);
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var result = await AggregateAsync(cancellationToken);
        var titles = result.Titles.GetValueOrDefault(GroupBy.Name);
        var found = result.Rows.GroupBy(r => r[0] ?? DBNull.Value).ToDictionary(g => g.Key, g => g.ToList());
        IEnumerable<(object? Value, ChoiceOption? Option)> values = GroupBy.Type switch
        {
            ChoiceFieldType choice => [.. choice.Options.Select(o => ((object?)o.Value, (ChoiceOption?)o)), .. Unknown(found.Keys.Where(k => choice.Options.All(o => !o.Value.Equals(k))))],
            BooleanFieldType => [(true, null), (false, null), .. Unknown(found.Keys.Where(k => k is DBNull))],
            _ => Unknown(found.OrderByDescending(f => f.Value.Sum(r => (long)r[^(Measure is null ? 1 : 2)]!)).Select(f => f.Key).Take(MostColumns)),
        };
        Columns = [.. values.Select(v => new BoardColumn(v.Value, v.Value is { } key ? titles?.GetValueOrDefault(key) : null, v.Option, new(_store, _actor, QueryOf(v.Value))))];
        Fill(result);
        foreach (var column in Columns)
        {
            await ReadCardsAsync(column, pages: 1, cancellationToken);
        }

        static IEnumerable<(object?, ChoiceOption?)> Unknown(IEnumerable<object> keys) => keys.Select(k => (k is DBNull ? null : k, (ChoiceOption?)null)).OrderBy(k => k.Item1 is null);
    }

    private async Task ReadCardsAsync(BoardColumn column, int pages, CancellationToken cancellationToken)
    {
        var query = column.Window.Query;
        // A column without records has no cards to read.
        var window = column.Count == 0 ? RecordWindow.OfNothing(_store, _actor, query) : new(_store, _actor, query);
        for (; pages > 0 && window.HasMore; pages--)
        {
            await window.LoadMoreAsync(cancellationToken);
        }
        column.Window = window;
        column.Since.Clear();
        await NoteSinceAsync(column, cancellationToken);
    }

    private RecordQuery QueryOf(object? value)
    {
        var path = new FieldPath([GroupBy]);
        var here = value is null ? new Comparison(path, ConditionOperator.IsNull, new Constants([])) : new Comparison(path, ConditionOperator.Eq, new Constants([value]));
        return _query with { Filter = Condition.And(_query.Filter, here), Fields = _fields };
    }

    private async Task FigureAsync(CancellationToken cancellationToken) => Fill(await AggregateAsync(cancellationToken));

    /// <summary>By column and percent, so that the weighted sum is exact and one query is enough.</summary>
    private Task<AggregateResult> AggregateAsync(CancellationToken cancellationToken)
    {
        List<GroupTerm> groups = [new(new([GroupBy]), null)];
        List<Measure> measures = [new(MeasureFunction.Count, null, "count")];
        if (Measure is not null)
        {
            measures.Add(new(MeasureFunction.Sum, new([Measure]), "sum"));
            if (Weight is not null)
            {
                groups.Add(new(new([Weight]), null));
            }
        }
        return _store.AggregateAsync(new(GroupBy.Entity, groups, measures) { Filter = _filter, Limit = MostGroups, WithTitles = GroupBy.Target is not null }, _actor, cancellationToken);
    }

    private void Fill(AggregateResult result)
    {
        var first = result.Query.GroupBy.Count;
        var rows = result.Rows.ToLookup(r => r[0] ?? DBNull.Value);
        foreach (var column in Columns)
        {
            var own = rows[column.Value ?? DBNull.Value].ToList();
            column.Count = own.Sum(r => (long)r[first]!);
            column.Sum = Measure is null ? 0 : own.Sum(r => Figures.ToDecimal(r[first + 1]) ?? 0);
            column.Weighted = first < 2 ? 0 : own.Sum(r => (Figures.ToDecimal(r[first + 1]) * Figures.ToDecimal(r[1]) / 100) ?? 0);
        }
    }

    private async Task NoteSinceAsync(BoardColumn column, CancellationToken cancellationToken)
    {
        List<Guid> unknown = [.. column.Window.Rows.Select(r => r.Id).Where(id => !column.Since.ContainsKey(id))];
        foreach (var (id, since) in await _store.SinceAsync(GroupBy, unknown, _actor, cancellationToken))
        {
            column.Since[id] = since;
        }
    }
}
