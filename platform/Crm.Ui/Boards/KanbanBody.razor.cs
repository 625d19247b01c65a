using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Crm.Ui.Records;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Crm.Ui.Boards;

/// <summary>
/// Records as cards in columns. A card that is moved lies in its new column at once; if the move is refused it springs back and the person is told why.
/// </summary>
public sealed partial class KanbanBody
{
    private ElementReference _element;
    private ElementScript<KanbanBody> _script = default!;
    private Board? _board;
    private CardFace _face = CardFace.None;
    private readonly Dictionary<Guid, OpenInteraction?> _next = [];
    private Guid? _choosing, _toFocus;
    private ViewDefinition? _shownView;
    private string? _shown;
    private bool _mayMove;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [Inject]
    private Toaster Toaster { get; set; } = default!;

    [Inject]
    private UndoToast Undoing { get; set; } = default!;

    [Inject]
    private InteractionDesk Desk { get; set; } = default!;

    [Inject]
    private FieldText Words { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _script.DisposeAsync();
    }

    [JSInvokable]
    public Task PeekAsync(Guid id) => StateChanged.InvokeAsync(State with { Open = id });

    [JSInvokable]
    public void Open(Guid id) => Navigation.NavigateTo(Addresses.Record(Entity, id));

    /// <summary>Shows where a card could go, for whoever does not drag.</summary>
    [JSInvokable]
    public void Choose(Guid id)
    {
        if (_mayMove)
        {
            (_choosing, _toFocus) = (_choosing == id ? null : id, id);
            StateHasChanged();
        }
    }

    /// <summary>Moves a card to the next column (1) or the one before (-1).</summary>
    [JSInvokable]
    public Task StepAsync(Guid id, int step) => _board?.ColumnOf(id) is { } column ? DropAsync(id, Array.IndexOf([.. _board.Columns], column) + step) : Task.CompletedTask;

    /// <summary>Moves a card to a column.</summary>
    [JSInvokable]
    public async Task DropAsync(Guid id, int to)
    {
        _choosing = null;
        if (!_mayMove || _board is not { } board || to < 0 || to >= board.Columns.Count || board.ColumnOf(id) is not { } from || board.Columns[to] is not { } target || from == target ||
            from.Window.Find(id) is not { } card)
        {
            return;
        }
        var undo = from.Window.Remove(id);
        var undoPut = target.Window.PutFirst(card.Row, card.Page);
        (from.Count, target.Count) = (from.Count - 1, target.Count + 1);
        StateHasChanged();
        var (refusal, changeSet) = await WriteAsync(board, card.Page, card.Row, target.Value);
        if (refusal is not null)
        {
            undoPut();
            undo();
            (from.Count, target.Count) = (from.Count + 1, target.Count - 1);
            Toaster.ShowProblem(refusal, T["board.open"], () => InvokeAsync(() => PeekAsync(id)));
        }
        else if (_board == board)
        {
            Undoing.Show(T["board.moved", TitleOf(card), NameOf(target)], changeSet);
            target.Since[id] = Time.GetUtcNow();
            await AskAsync(() => board.RefreshAsync([id], Gone));
        }
        StateHasChanged();
        await _script.CallAsync("focus", id);
    }

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _script = new(Browser, "crmBoard");
    }

    protected override async Task OnParametersSetAsync()
    {
        var wanted = State.Question.Address(View.Name);
        if (wanted == _shown && View == _shownView)
        {
            return;
        }
        (_shown, _shownView, IsLoading) = (wanted, View, true);
        _face = CardFace.Of(Entity, View);
        _mayMove = Authority.May(Actor, Operation.Update, Entity) && Entity.Find(View.GroupBy ?? "")?.IsWritable == true;
        await AskAsync(async () =>
        {
            _next.Clear();
            var board = await Board.ReadAsync(Store, Entity, View, State, _face.Paths, Actor, Gone);
            if (wanted == _shown)
            {
                (_board, Refused) = (board, null);
            }
        });
        IsLoading = false;
        if (_board is { } shown && wanted == _shown)
        {
            // The cards are there already; what is next about each comes after them.
            StateHasChanged();
            await AskAsync(() => NoteNextAsync(shown, [.. shown.Columns.SelectMany(c => c.Window.Rows).Select(r => r.Id)]));
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_board is not null)
        {
            await _script.AttachAsync(_element, this);
        }
        if (_toFocus is { } id)
        {
            _toFocus = null;
            await _script.CallAsync("focus", id);
        }
    }

    private string NameOf(BoardColumn column) => column.Option?.Text.ToString() ?? column.Title ?? (column.Value is null ? T["filter.empty"] : Words.Of(_board!.GroupBy, column.Value));

    private string TitleOf((RecordPage Page, RecordRow Row) card) =>
        _face.Title is { } title && card.Page.IndexOf(title.Path.ToString()) is >= 0 and var at && card.Row[at] is { } value ? Words.Of(title.Path.Field, value) : Entity.Label.ToString();

    /// <returns>Why it was refused, null if it was not; and the change that was made.</returns>
    private async Task<(string? Refusal, Guid ChangeSet)> WriteAsync(Board board, RecordPage page, RecordRow row, object? value)
    {
        try
        {
            var version = page.IndexOf(SystemFields.Version) is >= 0 and var at ? row[at] as long? : null;
            var changes = await Store.WriteAsync(new(Actor, Door.Form, [RecordChange.Update(Entity, row.Id, [new(board.GroupBy, value)], version)]), Gone);
            return (null, changes[0].ChangeSet);
        }
        catch (ProblemException e)
        {
            return (string.Join(' ', e.Problems.Take(3).Select(p => p.Message(Model.Texts))), default);
        }
    }

    private async Task LoadMoreAsync(BoardColumn column)
    {
        await AskAsync(async () =>
        {
            await _board!.LoadMoreAsync(column, Gone);
            await NoteNextAsync(_board, [.. column.Window.Rows.Select(r => r.Id).Where(id => !_next.ContainsKey(id))]);
        });
        StateHasChanged();
    }

    protected override async Task FollowAsync(IReadOnlyList<RecordNews> news)
    {
        if (_board is not { } board)
        {
            return;
        }
        var own = (news.Any(MayDecideMine) ? board.Columns.SelectMany(c => c.Window.Rows).Select(r => r.Id) : []).Concat(news.Where(IsAboutMine).Select(n => n.Id)).ToHashSet();
        var mayBeNext = news.Any(n => Model.Find(n.Entity) is { } entity && Interactions.Is(entity));
        if (own.Count > 0)
        {
            await AskAsync(() => board.RefreshAsync(own, Gone));
        }
        if (own.Count > 0 || mayBeNext)
        {
            await AskAsync(() => NoteNextAsync(board, [.. board.Columns.SelectMany(c => c.Window.Rows).Select(r => r.Id)]));
            StateHasChanged();
        }
    }

    private async Task NoteNextAsync(Board board, IReadOnlyCollection<Guid> ids)
    {
        var next = await Desk.NextAsync(Entity, ids, Gone);
        if (_board == board)
        {
            foreach (var id in ids)
            {
                _next[id] = next.GetValueOrDefault(id);
            }
        }
    }
}
