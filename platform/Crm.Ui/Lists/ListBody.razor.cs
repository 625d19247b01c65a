using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
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
    private Condition _filter = Condition.Always;
    private ViewDefinition? _shownView;
    private ListState? _shownState;
    private string? _toFocus;
    private bool _mayEdit;
    private int _created, _changes;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [Inject]
    private CellEditing Cells { get; set; } = default!;

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
        if (_mayEdit && _window is not null && await Cells.BeginAsync(id, column, Gone))
        {
            _toFocus = "edit";
        }
        StateHasChanged();
    }

    /// <summary>Saves what stands in the cell and goes on to the next (1) or previous (-1) one, or stays (0).</summary>
    [JSInvokable]
    public async Task CommitAsync(int move)
    {
        if (Cells.Open is not { Busy: false } edit)
        {
            return;
        }
        var isClosed = await Cells.SaveAsync(Gone);
        _toFocus = isClosed ? PlaceOf(edit) : "edit";
        StateHasChanged();
        if (isClosed && move != 0 && Cells.Beside(edit, move) is { } next)
        {
            await EditAsync(edit.Id, next);
        }
    }

    [JSInvokable]
    public void CancelEdit()
    {
        if (Cells.Open is { Busy: false } edit)
        {
            Cells.Close();
            _toFocus = PlaceOf(edit);
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
        var columns = ListColumn.Of(Entity, view);
        if (_window is null)
        {
            _columns = columns;
        }
        IsLoading = true;
        await AskAsync(async () =>
        {
            var query = state.Query(Entity, view);
            var grouping = await ListGrouping.ReadAsync(Store, Entity, view, state, Actor, Gone);
            var window = new RecordWindow(Store, Actor, query with
            {
                Sort = grouping?.Order(query.Sort) ?? query.Sort, Fields = ListColumn.Paths(grouping is null ? columns : [.. columns, grouping.Column]), Titles = true, Count = CountMode.Capped,
            });
            await window.LoadMoreAsync(Gone);
            if (view == _shownView && state == _shownState)
            {
                _filter = query.Search is null ? query.Filter : Condition.And(query.Filter, TextSearch.Condition(Entity, query.Search, Actor));
                (_window, _columns, _grouping, _created, Refused) = (window, columns, grouping, 0, null);
                _link = columns.FirstOrDefault(c => c.Path.IsDirect && c.Path.Field == Entity.TitleField) ?? (columns.Count > 0 ? columns[0] : null);
                Cells.Over(window, columns);
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
        var decides = news.Any(MayDecideMine);
        if ((own.Count == 0 && !decides) || _window is not { } window)
        {
            return;
        }
        if (Cells.Open is null && own.Any(n => n.Kind == ChangeKind.Restore && n.By == Actor.UserId))
        {
            await ReloadAsync();
            StateHasChanged();
            return;
        }
        var changed = own.Where(n => n.Kind != ChangeKind.Create).Select(n => n.Id).Where(id => id != Cells.Open?.Id).ToHashSet();
        var created = own.Where(n => n.Kind is ChangeKind.Create or ChangeKind.Restore).Select(n => n.Id);
        await AskAsync(async () =>
        {
            var come = decides ? await window.RecheckAsync(except: Cells.Open?.Id, Gone) : 0;
            var here = decides || await window.RefreshAsync(changed, Gone);
            var added = Math.Max(come, await window.CountNewAsync(created, Gone));
            if (here || added > 0)
            {
                if (window.CountIsExact && !decides)
                {
                    await window.CountAsync(CountMode.Capped, Gone);
                }
                _created += added;
                _changes++;
            }
        });
        if (window.IsEmpty && (_created > 0 || window.HasMore))
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

    private static string PlaceOf(CellEdit edit) => string.Create(CultureInfo.InvariantCulture, $"{edit.Id:D}/{edit.Column}");
}
