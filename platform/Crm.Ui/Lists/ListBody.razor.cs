using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Records;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Crm.Ui.Lists;

/// <summary>
/// Records as a table that goes on while one scrolls. What is shown stays until what was asked for instead is there; what others change appears by
/// itself; a cell is edited where it stands.
/// </summary>
public sealed partial class ListBody
{
    private readonly ListSelection _selection = new();
    private ElementReference _element;
    private ElementScript<ListBody> _script = default!;
    private IReadOnlyList<ListColumn> _columns = [];
    private ListColumn? _link;
    private ListGrouping? _grouping;
    private RecordWindow? _window;
    private CellEdit? _edit;
    private Condition _filter = Condition.Always;
    private ViewDefinition? _shownView;
    private ListState? _shownState;
    private string? _toFocus;
    private bool _mayEdit;
    private int _created, _changes;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [Inject]
    private Toaster Toaster { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private bool AreAllShownSelected => _window!.Rows.All(r => _selection.Contains(r.Id));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _script.DisposeAsync();
    }

    /// <summary>The browser says which pages are seen, and how tall they are.</summary>
    [JSInvokable]
    public async Task SeenAsync(int first, int last, Dictionary<int, double> heights)
    {
        foreach (var (index, height) in heights.Where(h => _window is not null && h.Key < _window.Pages.Count))
        {
            _window!.Pages[index].Height = height;
        }
        if (_window is { } window)
        {
            var moved = false;
            await AskAsync(async () => moved = await window.ShowAsync(first, last, Gone));
            if (moved)
            {
                StateHasChanged();
            }
        }
    }

    /// <summary>Opens a record beside the list.</summary>
    [JSInvokable]
    public Task PeekAsync(Guid? id) => State.InBin ? Task.CompletedTask : StateChanged.InvokeAsync(State with { Open = id });

    /// <summary>Opens a record on a page of its own.</summary>
    [JSInvokable]
    public void Open(Guid id) => Navigation.NavigateTo(Addresses.Record(Entity, id));

    /// <summary>Begins to edit a cell, or the first of the row that can be edited.</summary>
    [JSInvokable]
    public async Task EditAsync(Guid id, int? column)
    {
        var path = column is { } c && c >= 0 && c < _columns.Count ? _columns[c].Path : _columns.Select(x => x.Path).FirstOrDefault(CellEdit.Fits);
        if (!_mayEdit || path is null || !CellEdit.Fits(path) || _edit?.Busy == true)
        {
            return;
        }
        var edit = await BeginAsync(id, path.Field);
        if (edit is null)
        {
            return;
        }
        if (!edit.Draft.IsVisible(path.Field) || edit.Draft.IsReadOnly(path.Field))
        {
            Toaster.Show(T["list.edit.closed", path.Field.Label]);
            return;
        }
        Redraw(_edit?.Id);
        _edit = edit;
        Redraw(id);
        (_toFocus, _) = ("edit", true);
        StateHasChanged();
    }

    /// <summary>Saves what stands in the cell and goes on to the next (1) or previous (-1) one, or stays (0).</summary>
    [JSInvokable]
    public async Task CommitAsync(int move)
    {
        if (_edit is not { Busy: false } edit)
        {
            return;
        }
        edit.Busy = true;
        try
        {
            if (!await SaveAsync(edit))
            {
                _toFocus = "edit";
                Redraw(edit.Id);
                return;
            }
        }
        finally
        {
            edit.Busy = false;
            StateHasChanged();
        }
        Close(edit);
        StateHasChanged();
        if (move != 0 && Neighbour(edit.Field, move) is { } next)
        {
            await EditAsync(edit.Id, next);
        }
    }

    [JSInvokable]
    public void CancelEdit()
    {
        if (_edit is { Busy: false } edit)
        {
            Close(edit);
            StateHasChanged();
        }
    }

    [JSInvokable]
    public Task ResizeAsync(int column, int width) => column < 0 || column >= _columns.Count ? Task.CompletedTask
        : Resized.InvokeAsync(_columns.Select((c, i) => new ListColumnSetting(c.Path.ToString(), i == column ? Math.Clamp(width, 60, 900) : c.Width)).ToList());

    /// <summary>The person gave a column another width.</summary>
    [Parameter]
    public EventCallback<IReadOnlyList<ListColumnSetting>> Resized { get; set; }

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _script = new(Browser, "crmList");
    }

    protected override async Task OnParametersSetAsync()
    {
        var wanted = State.Question;
        if (View == _shownView && wanted.Address("") == _shownState?.Address(""))
        {
            return;
        }
        (_shownView, _shownState) = (View, wanted);
        _columns = ListColumn.Of(Entity, View);
        _link = _columns.FirstOrDefault(c => c.Path.IsDirect && c.Path.Field == Entity.TitleField) ?? (_columns.Count > 0 ? _columns[0] : null);
        _mayEdit = !State.InBin && Authority.May(Actor, Operation.Update, Entity);
        _selection.Clear();
        await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_window is { IsEmpty: false })
        {
            if (!_script.IsAttached)
            {
                await _script.AttachAsync(_element, this);
            }
            else
            {
                await _script.CallAsync("refresh");
            }
        }
        if (_toFocus is { } what)
        {
            _toFocus = null;
            await _script.CallAsync("focus", what);
        }
    }

    private async Task LoadAsync()
    {
        var (view, state) = (View, _shownState!);
        IsLoading = true;
        await AskAsync(async () =>
        {
            var query = state.Query(Entity, view);
            var grouping = await ListGrouping.ReadAsync(Store, Entity, view, state, Actor, Gone);
            var window = new RecordWindow(Store, Actor, query with
            {
                Sort = grouping?.Order(query.Sort) ?? query.Sort, Fields = ListColumn.Paths(grouping is null ? _columns : [.. _columns, grouping.Column]), Titles = true, Count = CountMode.Capped,
            });
            await window.LoadMoreAsync(Gone);
            if (view == _shownView && state == _shownState)
            {
                _filter = query.Search is null ? query.Filter : Condition.And(query.Filter, TextSearch.Condition(Entity, query.Search, Actor));
                (_window, _grouping, _edit, _created, Refused) = (window, grouping, null, 0, null);
                IsLoading = false;
            }
        });
    }

    private async Task ReloadAsync()
    {
        _selection.Clear();
        await LoadAsync();
        _changes++;
    }

    private async Task LoadMoreAsync()
    {
        await AskAsync(() => _window!.LoadMoreAsync(Gone));
        StateHasChanged();
    }

    private Task CountExactlyAsync() => _window!.CountAsync(CountMode.Exact, Gone);

    private Task SortBy(string? sort) => StateChanged.InvokeAsync(State with { Sort = sort });

    /// <summary>
    /// What was changed elsewhere: rows that are shown follow at once; new ones wait to be asked for, so that nothing jumps. Whoever took a deletion back
    /// has asked for the rows already.
    /// </summary>
    protected override async Task FollowAsync(IReadOnlyList<RecordNews> news)
    {
        var own = news.Where(IsAboutMine).ToList();
        if (own.Count == 0 || _window is not { } window)
        {
            return;
        }
        if (_edit is null && own.Any(n => n.Kind == ChangeKind.Restore && n.By == Actor.UserId))
        {
            await ReloadAsync();
            StateHasChanged();
            return;
        }
        var changed = own.Where(n => n.Kind != ChangeKind.Create).Select(n => n.Id).Where(id => id != _edit?.Id).ToHashSet();
        var created = own.Count(n => n.Kind is ChangeKind.Create or ChangeKind.Restore);
        await AskAsync(async () =>
        {
            var here = await window.RefreshAsync(changed, Gone);
            if (here || created > 0)
            {
                var before = window.Count;
                await window.CountAsync(window.CountIsExact ? CountMode.Capped : CountMode.None, Gone);
                _created += created > 0 && window.Count > before ? created : 0;
                _changes++;
            }
        });
        if (window.IsEmpty && _created > 0)
        {
            await LoadAsync();
        }
        StateHasChanged();
    }

    private Task SelectAsync((Guid Id, bool Selected, bool IsRange) choice)
    {
        var loaded = _window!.Rows.Select(r => r.Id).ToList();
        if (choice.IsRange && _selection.Anchor is { } anchor && loaded.IndexOf(anchor) is >= 0 and var from && loaded.IndexOf(choice.Id) is >= 0 and var to)
        {
            _selection.AddRange(loaded.GetRange(Math.Min(from, to), Math.Abs(from - to) + 1));
        }
        _selection.Set(choice.Id, choice.Selected || choice.IsRange, loaded);
        SelectionChanged();
        return Task.CompletedTask;
    }

    private void SelectShown(ChangeEventArgs e)
    {
        if (e.Value is true)
        {
            _selection.AddRange(_window!.Rows.Select(r => r.Id));
        }
        else
        {
            _selection.Clear();
        }
        SelectionChanged();
    }

    private void SelectionChanged()
    {
        foreach (var page in _window!.Pages)
        {
            page.Redraw();
        }
        StateHasChanged();
    }

    private async Task<CellEdit?> BeginAsync(Guid id, Field field)
    {
        try
        {
            if (await Store.FindAsync(Entity, id, Actor, Gone) is { } record)
            {
                var draft = new RecordDraft(record, await Store.TitlesAsync(record, Actor, Gone), isNew: false) { Scope = Actor.ScopeAt(Time.GetUtcNow()) };
                await Store.AddRelatedAsync(draft.Related, draft.Current, Gone);
                return new(draft, field);
            }
            await _window!.RefreshAsync([id], Gone);
        }
        catch (ProblemException e)
        {
            Toaster.ShowProblem(e.Problems[0].Message(Model.Texts));
        }
        return null;
    }

    private async Task<bool> SaveAsync(CellEdit edit)
    {
        if (!edit.Draft.HasChanges)
        {
            return true;
        }
        if (!edit.Draft.Check())
        {
            edit.Problem = (edit.Draft.ProblemsOf(edit.Field).FirstOrDefault() ?? edit.Draft.Problems[0]).Message(Model.Texts);
            return false;
        }
        try
        {
            await Store.UpdateAsync(Entity, edit.Id, edit.Draft.Values, edit.Draft.Original.Version, Actor, Door.Form, Gone);
        }
        catch (ProblemException e) when (e.Conflicts.Count > 0)
        {
            // Whoever saves again has seen what the other one wrote.
            var newer = await Store.GetAsync(Entity, edit.Id, Actor, Gone);
            edit.Draft = edit.Draft.Onto(newer, await Store.TitlesAsync(newer, Actor, Gone), _ => true);
            edit.Problem = T["list.edit.conflict", Words.Of(edit.Field, newer[edit.Field], edit.Draft.TitleOf(edit.Field))];
            return false;
        }
        catch (ProblemException e)
        {
            edit.Problem = (e.Problems.FirstOrDefault(p => p.Field == edit.Field.Name) ?? e.Problems[0]).Message(Model.Texts);
            return false;
        }
        await _window!.RefreshAsync([edit.Id], Gone);
        return true;
    }

    private void Close(CellEdit edit)
    {
        _edit = null;
        Redraw(edit.Id);
        _toFocus = $"{edit.Id:D}/{_columns.ToList().FindIndex(c => c.Path.IsDirect && c.Path.Field == edit.Field)}";
    }

    private int? Neighbour(Field field, int move)
    {
        var fitting = _columns.Select((c, i) => (c.Path, Index: i)).Where(c => CellEdit.Fits(c.Path)).ToList();
        var at = fitting.FindIndex(c => c.Path.Field == field) + move;
        return at >= 0 && at < fitting.Count ? fitting[at].Index : null;
    }

    private void Redraw(Guid? id)
    {
        foreach (var page in _window?.Pages.Where(p => id is not null && p.Content?.Items.Any(r => r.Id == id) == true) ?? [])
        {
            page.Redraw();
        }
    }

    [Inject]
    private Fields.FieldText Words { get; set; } = default!;
}
