using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Calendars;
using Crm.Ui.Fields;
using Crm.Ui.Lists;
using Crm.Ui.Records;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Crm.Ui.Gantt;

/// <summary>
/// Records as bars on an axis of time, those that touch it, a page at a time by key. Drawn here rather than by Radzen's component, which wants all
/// records at once and writes them back by itself.
/// </summary>
public sealed partial class GanttBody
{
    private const int LineHeight = 42, PageSize = 50, MostPages = 5, MostNotes = 2;

    private ElementReference _element;
    private ElementScript<GanttBody> _script = default!;
    private GanttScale _scale = GanttScale.Around(null, default, DayOfWeek.Monday);
    private RecordWindow? _window;
    private IReadOnlyList<GanttLine> _lines = [];
    private IReadOnlyList<GanttLink> _links = [];
    private IReadOnlyList<ListColumn> _notes = [];
    private ListColumn? _group;
    private DateOnly _on;
    private DateTime _now;
    private ViewDefinition? _shownView;
    private string? _shown;
    private Guid? _toFocus;
    private long _undated;
    private bool _mayMove, _mayStretch;

    [Inject]
    private CalendarSource Source { get; set; } = default!;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [Inject]
    private Toaster Toaster { get; set; } = default!;

    [Inject]
    private UndoToast Undoing { get; set; } = default!;

    [Inject]
    private FieldText Words { get; set; } = default!;

    private CalendarLayer Layer => new(Entity, View);

    private DateOnly Today => DateOnly.FromDateTime(_now);

    private string UndatedAddress => (State with { Mode = ViewKinds.List, Span = null, On = null, Open = null }).With(WithoutStart).Address(Addresses.List(Entity, View.Name));

    private Condition WithoutStart => new Comparison(new([Layer.Start]), ConditionOperator.IsNull, new Constants([]));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _script.DisposeAsync();
    }

    [JSInvokable]
    public Task PeekAsync(Guid id) => StateChanged.InvokeAsync(State with { Open = id });

    /// <summary>A bar was dragged or nudged: so many days for its beginning and for its end.</summary>
    [JSInvokable]
    public async Task MoveAsync(Guid id, int startDays, int endDays)
    {
        if (!_mayMove || (startDays != endDays && !_mayStretch) || _lines.FirstOrDefault(l => l.Entry?.Id == id)?.Entry is not { } entry)
        {
            return;
        }
        var (start, end) = (entry.Start.AddDays(startDays), entry.End.AddDays(endDays));
        if (end < start)
        {
            // Nothing ends before it begins: it stops at the other end.
            (start, end) = startDays == 0 ? (start, start) : (end, end);
        }
        if ((start, end) == (entry.Start, entry.End))
        {
            return;
        }
        try
        {
            var changeSet = await Source.MoveAsync(entry, start, end, entry.IsAllDay);
            Undoing.Show(T["gantt.moved", entry.Title, DateOnly.FromDateTime(start).ToString("d", CultureInfo.CurrentCulture), DateOnly.FromDateTime(end).ToString("d", CultureInfo.CurrentCulture)], changeSet);
        }
        catch (ProblemException e)
        {
            Toaster.ShowProblem(string.Join(' ', e.Problems.Take(3).Select(p => p.Message(Model.Texts))), T["board.open"], () => InvokeAsync(() => PeekAsync(id)));
        }
        await ReadAsync();
        _toFocus = id;
        StateHasChanged();
    }

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _script = new(Browser, "crmGantt");
    }

    protected override Task FollowAsync(IReadOnlyList<RecordNews> news) => news.Any(n => IsAboutMine(n) || MayDecideMine(n)) ? ReadAsync() : Task.CompletedTask;

    protected override async Task OnParametersSetAsync()
    {
        var wanted = State.Question.Address(View.Name);
        if (wanted == _shown && View == _shownView)
        {
            return;
        }
        if (View.Start is null || Entity.Find(View.Start) is null || View.End is null || Entity.Find(View.End) is null)
        {
            Refused = T["gantt.noDates"];
            return;
        }
        (_shown, _shownView, _now) = (wanted, View, Words.Local(Time.GetUtcNow()));
        _on = CalendarSpan.Clamp(State.On ?? Today);
        _scale = GanttScale.Around(State.Span, _on, CalendarView.WeekBegins);
        _group = View.GroupBy is { } by && Entity.Find(by) is { IsStored: true, Type.IsSortable: true } field ? ListColumn.Of(new([field])) : null;
        _notes = [.. ListColumn.Of(Entity, View).Where(c => c.Path.Field != Entity.TitleField && c.Path.Field != Layer.Start && c.Path.Field != Layer.End && c.Path.Field.Name != View.Progress && !c.Path.Equals(_group?.Path)).Take(MostNotes)];
        _mayMove = Authority.May(Actor, Operation.Update, Entity) && Layer.Start.IsWritable;
        _mayStretch = _mayMove && Layer.End!.IsWritable;
        _window = null;
        await ReadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (Refused is null)
        {
            await _script.AttachAsync(_element, this);
        }
        if (_toFocus is { } id)
        {
            _toFocus = null;
            await _script.CallAsync("focus", id);
        }
    }

    private void Go(string zoom, DateOnly? on) => _ = StateChanged.InvokeAsync(State with { Span = zoom, On = on });

    /// <summary>Reads what is shown anew, as far as it had been read.</summary>
    private async Task ReadAsync()
    {
        var wanted = _shown;
        IsLoading = true;
        if (await AskAsync(ReadWindowAsync) && wanted == _shown)
        {
            IsLoading = false;
            StateHasChanged();
        }

        async Task ReadWindowAsync()
        {
            var fresh = new RecordWindow(Store, Actor, Query());
            for (var pages = Math.Clamp(_window?.Pages.Count ?? 1, 1, MostPages); pages > 0 && fresh.HasMore; pages--)
            {
                await fresh.LoadMoreAsync(Gone);
            }
            var undated = await Store.QueryAsync(new RecordQuery(Entity) { Filter = Condition.And(State.Filter(Entity, View), WithoutStart), Search = State.Search.Length == 0 ? null : State.Search, Fields = [], Limit = 1, Count = CountMode.Capped }, Actor, Gone);
            if (wanted == _shown)
            {
                (_window, _undated, Refused) = (fresh, undated.Count ?? 0, null);
                Arrange();
            }
        }
    }

    private RecordQuery Query()
    {
        var query = State.Query(Entity, View);
        IReadOnlyList<SortTerm> sort = State.Sort is null && View.Sort is null ? [new(new([Layer.Start]), Descending: false)] : query.Sort;
        var further = new[] { View.Progress, View.DependsOn }.OfType<string>().Select(Entity.Find).OfType<Field>().Select(f => new FieldPath([f]));
        return query with
        {
            Filter = Condition.And(query.Filter, Source.Within(Layer, _scale.First, _scale.Last)),
            Fields = [.. Source.Fields(Layer).Concat(ListColumn.Paths(_group is null ? _notes : [.. _notes, _group])).Concat(further).Distinct()],
            Sort = _group is null ? sort : [new(_group.SortPath, Descending: false), .. sort.Where(t => !t.Path.Equals(_group.SortPath)).Take(SortTerm.MaxTerms - 1)],
            Limit = PageSize, Titles = true, Count = CountMode.Capped,
        };
    }

    private void Arrange()
    {
        var lines = new List<GanttLine>();
        string? group = null;
        foreach (var page in _window!.Pages.Select(p => p.Content).OfType<RecordPage>())
        {
            foreach (var row in page.Items)
            {
                if (_group is not null && TextOf(_group, page, row) is var named && named != group)
                {
                    group = named;
                    lines.Add(new(null, named.Length > 0 ? named : T["filter.empty"]));
                }
                lines.Add(new(Source.Entry(Layer, page, row), string.Join(" · ", _notes.Select(c => TextOf(c, page, row)).Where(t => t.Length > 0)))
                {
                    Done = View.Progress is { } progress && page.IndexOf(progress) is >= 0 and var done ? row[done] as decimal? : null,
                    After = View.DependsOn is { } before && page.IndexOf(before) is >= 0 and var after ? row[after] as Guid? : null,
                });
            }
        }
        (_lines, _links) = (lines, GanttLink.Between(lines, _scale, LineHeight));
    }

    private string TextOf(ListColumn column, RecordPage page, RecordRow row) =>
        page.IndexOf(column.Path.ToString()) is >= 0 and var at && row[at] is { } value ? Words.Of(column.Path.Field, value, column.TitleIn(page, row)) : "";

    private Task LoadMoreAsync() => AskAsync(async () =>
    {
        await _window!.LoadMoreAsync(Gone);
        Arrange();
        StateHasChanged();
    });

    private async Task CountExactlyAsync()
    {
        await _window!.CountAsync(CountMode.Exact, Gone);
        StateHasChanged();
    }

    /// <summary>Where it says how much is done: what should be over and is not.</summary>
    private bool IsLate(GanttLine line) => line.Done is < 100 && line.Until < _now;

    private string Place(int from, int days) => $"inset-inline-start: {_scale.Percent(from)}; inline-size: {_scale.Percent(days)}";
}
