using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Crm.Ui.Forms;
using Crm.Ui.Lists;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Radzen;

namespace Crm.Ui.Records;

/// <summary>One record: seen, changed, created, deleted. What happens to it meanwhile elsewhere is told, not done to the person.</summary>
public sealed partial class RecordSheet
{
    private readonly CancellationTokenSource _gone = new();
    private RecordDraft? _draft;
    private FormOpening _opening = new();
    private FormKeeper _keeper = default!;
    private IDisposable? _news, _models, _around;
    private string? _newsFrom;
    private string? _refusal;
    private string? _shown;
    private (Guid Id, RecordDraft Typed, Record Sent)? _later;
    private int _pulse;
    private bool _missing, _busy, _saved, _formIsOld;

    [Parameter]
    public string EntityName { get; set; } = "";

    [Parameter]
    public Guid? Id { get; set; }

    /// <summary>The record was deleted; where nothing listens, its list is shown.</summary>
    [Parameter]
    public EventCallback Deleted { get; set; }

    [Inject]
    private RecordStore Store { get; set; } = default!;

    [Inject]
    private RecordDrafts Drafts { get; set; } = default!;

    [Inject]
    private RecordSaving Saving { get; set; } = default!;

    [Inject]
    private ActorDirectory Directory { get; set; } = default!;

    [Inject]
    private ChangeFeed Feed { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private Toaster Toaster { get; set; } = default!;

    [Inject]
    private UndoToast Undoing { get; set; } = default!;

    [Inject]
    private FormMemory Memory { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private string PageTitleText => _draft is null ? Model.Organisation.Name.ToString()
        : $"{(_draft.IsNew ? T["record.new", UiText.InSentence(_draft.Entity.Label)] : _draft.Original.Title)} · {Model.Organisation.Name}";

    public void Dispose()
    {
        _news?.Dispose();
        _models?.Dispose();
        _around?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override void OnInitialized()
    {
        _keeper = new(Memory, Time);
        _news = Feed.Subscribe(Hear);
        _models = Models.Subscribe(HearOfModel);
        _around = new LiveRecords(Feed, Time, _ => InvokeInOwnCultureAsync(LookAroundAsync), item => _draft is { } draft && FieldRules.Of(draft.Entity).LooksInto.Contains(item.Entity));
    }

    protected override async Task OnParametersSetAsync()
    {
        var wanted = Id is { } id ? $"{EntityName}/{id}" : Navigation.Uri;
        if (wanted == _shown)
        {
            return;
        }
        _shown = wanted;
        (_draft, _refusal, _newsFrom, _missing, _saved, _formIsOld) = (null, null, null, false, false, false);
        _keeper.Begin(wanted);
        var later = _later;
        _later = null;
        if (Model.Find(EntityName) is not { } entity)
        {
            _missing = true;
            return;
        }
        try
        {
            var draft = Id is { } known ? await Drafts.LoadAsync(entity, known, _gone.Token) : await Drafts.BeginAsync(entity, new Uri(Navigation.Uri).Query, _gone.Token);
            if (draft is not null && later is var (created, typed, sent) && draft.Original.Id == created)
            {
                draft.GoOnFrom(typed, sent);
                await Drafts.WithRelatedAsync(draft, _gone.Token);
            }
            if (wanted == _shown && draft is null && Id is { } sought && await Drafts.InPlaceOfAsync(entity, sought, _gone.Token) is { } other)
            {
                Navigation.NavigateTo(Addresses.Record(other, sought), replace: true);
            }
            else if (wanted == _shown)
            {
                (_draft, _missing) = (draft, draft is null);
                _opening = new(everything: Id is null);
            }
        }
        catch (ProblemException e)
        {
            _refusal = wanted == _shown ? e.Problems[0].Message(Model.Texts) : _refusal;
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_draft is { MayWrite: true } draft && await _keeper.LookAsync(draft))
        {
            StateHasChanged();
        }
    }

    private Task RestoreAsync()
    {
        _draft = _keeper.Resume(_draft!);
        _opening.OpenAll();
        return ReactAsync();
    }

    private async Task ReactAsync()
    {
        if (_draft is { } draft)
        {
            await Drafts.WithRelatedAsync(draft, _gone.Token);
        }
    }

    private void EditAll() => _opening.OpenAll();

    private async Task SaveAsync()
    {
        if (_busy || _saved || _draft is not { } draft)
        {
            return;
        }
        _busy = true;
        // Whoever saves may type on, or go on to another record, before the answer is there.
        var sent = draft.Current.Clone();
        try
        {
            var (next, written) = await Saving.SaveAsync(draft, _gone.Token);
            if (written is not null)
            {
                await SavedAsync(draft, sent, written);
            }
            else if (next != draft && IsShown(draft))
            {
                next.GoOnFrom(draft, sent);
                (_draft, _newsFrom, _formIsOld) = (next, null, false);
                // Whoever took the others' side everywhere has nothing left to edit.
                _opening = next.IsNew || next.HasChanges ? _opening : new();
            }
        }
        catch (ProblemException e)
        {
            Toaster.ShowProblem(e.Problems[0].Message(Model.Texts));
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task SavedAsync(RecordDraft draft, Record sent, RecordChange written)
    {
        if (draft.IsNew)
        {
            Toaster.Show(T["record.created", draft.Entity.Label]);
            if (IsShown(draft))
            {
                _saved = true;
                _later = (written.Id, draft, sent);
                await _keeper.EndAsync();
                Navigation.NavigateTo(Addresses.Record(draft.Entity, written.Id), replace: true);
            }
            return;
        }
        if (IsShown(draft))
        {
            await _keeper.LetGoAsync();
            await GoOnAsync(draft, sent);
        }
        Undoing.Show(T["record.saved"], written.ChangeSet);
    }

    /// <summary>The record as it was saved, with what was typed since as a change of it; the caret stays where it is.</summary>
    private async Task GoOnAsync(RecordDraft draft, Record sent)
    {
        var fresh = await Drafts.LoadAsync(draft.Entity, draft.Original.Id, _gone.Token);
        if (!IsShown(draft))
        {
            return;
        }
        fresh?.GoOnFrom(draft, sent);
        Show(fresh);
        if (fresh is { HasChanges: true })
        {
            await ReactAsync();
        }
    }

    /// <summary>A stage was chosen in the bar. What the rules miss for it is asked for in the form, with the stage already set.</summary>
    private async Task MoveAsync(FieldInput stage)
    {
        if (_draft is { MayWrite: true } draft && !_busy)
        {
            var alone = !draft.HasChanges;
            draft.Set(draft.Entity[draft.Entity.Form.Stages!], stage);
            if (alone)
            {
                await SaveAsync();
            }
        }
    }

    private async Task DeleteAsync()
    {
        var draft = _draft!;
        var (entity, id, title) = (draft.Entity, draft.Original.Id, draft.Original.Title);
        try
        {
            var deleted = (await Store.WriteAsync(new(Actor, Door.Form, [RecordChange.Delete(entity, id)])))[0];
            if (IsShown(draft))
            {
                _saved = true;
                await _keeper.EndAsync();
            }
            Undoing.Show(T["record.deleted", title.Length > 0 ? title : entity.Label.ToString()], deleted.ChangeSet, Deleted.HasDelegate ? null : () => Navigation.NavigateTo(Addresses.Record(entity, id)));
            if (!IsShown(draft))
            {
                return;
            }
            if (Deleted.HasDelegate)
            {
                await Deleted.InvokeAsync();
            }
            else
            {
                Navigation.NavigateTo(Addresses.List(entity));
            }
        }
        catch (ProblemException e)
        {
            Toaster.ShowProblem(e.Problems[0].Message(Model.Texts));
        }
    }

    private async Task ReloadAsync()
    {
        if (_draft is not { } draft)
        {
            return;
        }
        var fresh = await Drafts.LoadAsync(draft.Entity, draft.Original.Id, _gone.Token);
        if (IsShown(draft))
        {
            Show(fresh);
        }
    }

    /// <summary>Whether the person still looks at it, and has not gone on while something was waited for.</summary>
    private bool IsShown(RecordDraft draft) => _draft == draft && !_gone.IsCancellationRequested;

    private void Show(RecordDraft? fresh)
    {
        (_draft, _missing, _newsFrom) = (fresh, fresh is null, null);
        _opening = fresh is { HasChanges: true } ? _opening : new();
        // What is typed from now on is typed into this one.
        StateHasChanged();
    }

    /// <summary>The form as an administrator has just made it, with what was typed so far.</summary>
    private async Task RenewAsync()
    {
        var draft = _draft!;
        try
        {
            var (renewed, _) = await Saving.RenewAsync(draft, _gone.Token);
            if (IsShown(draft))
            {
                (_draft, _formIsOld) = (renewed, false);
            }
        }
        catch (ProblemException)
        {
            _missing |= IsShown(draft);
        }
    }

    private async Task UndoAsync()
    {
        var draft = _draft!;
        draft.Undo();
        await _keeper.LetGoAsync();
        if (draft.IsNew)
        {
            Navigation.NavigateTo(Addresses.List(draft.Entity));
        }
        else
        {
            _opening = new();
        }
    }

    /// <summary>Escape closes what was opened; where something was typed, it asks first.</summary>
    private async Task EscapeAsync()
    {
        if (_busy || _draft is not { } draft || (!draft.IsNew && !draft.HasChanges && !_opening.IsAny))
        {
            return;
        }
        if (!draft.HasChanges || await Dialogs.Confirm(T["escape.text", draft.Changed.Count], T["escape.title"], new() { OkButtonText = T["escape.stay"], CancelButtonText = T["escape.drop"] }) == false)
        {
            await UndoAsync();
        }
    }

    private async Task GuardAsync(LocationChangingContext context)
    {
        if (_saved || _draft is not { HasChanges: true } draft || context.TargetLocation.Contains('#', StringComparison.Ordinal))
        {
            return;
        }
        // The safe answer is the prominent one, and closing the question means it too.
        var stay = await Dialogs.Confirm(T["guard.text", draft.Changed.Count], T["guard.title"], new() { OkButtonText = T["guard.stay"], CancelButtonText = T["guard.leave"] });
        if (stay != false)
        {
            context.PreventNavigation();
        }
        else
        {
            await _keeper.EndAsync();
        }
    }

    /// <summary>Runs on the writer's time: only takes note.</summary>
    private void Hear(IReadOnlyList<RecordNews> news)
    {
        if (_draft is { IsNew: false } draft && news.FirstOrDefault(n => n.Id == draft.Original.Id && n.Entity == draft.Entity.Name) is { } item)
        {
            _ = InvokeInOwnCultureAsync(() => TellAsync(item));
        }
    }

    private async Task TellAsync(RecordNews item)
    {
        if (_busy || _saved || _gone.IsCancellationRequested || _draft is not { } draft || draft.Original.Id != item.Id)
        {
            return;
        }
        var now = await Store.FindAsync(draft.Entity, item.Id, Actor);
        if (!IsShown(draft) || now?.Version == draft.Original.Version)
        {
            return;
        }
        if (now is not null && !draft.HasChanges && !_opening.IsAny)
        {
            // Who only reads sees it as it is now; the timeline says who changed what.
            await ReloadAsync();
        }
        else
        {
            var by = item.By is { } id && await Directory.FindAsync(id) is { } person ? person.Name : T["history.platform"];
            _newsFrom = IsShown(draft) ? by : _newsFrom;
        }
        StateHasChanged();
    }

    /// <summary>Records that rules of fields look for have come, gone or changed.</summary>
    private async Task LookAroundAsync()
    {
        if (_draft is { } draft && !_gone.IsCancellationRequested)
        {
            await Drafts.LookAgainAsync(draft, _gone.Token);
            StateHasChanged();
        }
    }

    private void HearOfModel(Model model) => _ = InvokeInOwnCultureAsync(LookAtFormAsync);

    private async Task LookAtFormAsync()
    {
        if (_draft is { } draft && !_busy && Saving.IsOfOldForm(draft))
        {
            _formIsOld = true;
            if (!draft.HasChanges && !_opening.IsAny)
            {
                await RenewAsync();
            }
            StateHasChanged();
        }
    }
}
