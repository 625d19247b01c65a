using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Crm.Ui.Forms;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Radzen;

namespace Crm.Ui.Records;

/// <summary>One record: seen, changed, created, deleted. What happens to it meanwhile elsewhere is told, not done to the person.</summary>
public sealed partial class RecordSheet
{
    private readonly CancellationTokenSource _gone = new();
    private Entity? _entity;
    private RecordDraft? _draft;
    private FormOpening _opening = new();
    private IDisposable? _news, _models;
    private string? _newsFrom;
    private string? _refusal;
    private string? _shown;
    private int _pulse;
    private bool _missing, _busy, _saved, _left, _formIsOld;
    private KeptInput? _kept, _sent;
    private string? _askedFor;

    [Parameter]
    public string EntityName { get; set; } = "";

    [Parameter]
    public Guid? Id { get; set; }

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
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override void OnInitialized()
    {
        _news = Feed.Subscribe(Hear);
        _models = Models.Subscribe(HearOfModel);
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
        (_kept, _sent, _left) = (null, null, false);
        _entity = Model.Find(EntityName);
        if (_entity is null)
        {
            _missing = true;
            return;
        }
        try
        {
            var draft = Id is { } known ? await Drafts.LoadAsync(_entity, known, _gone.Token) : await Drafts.BeginAsync(_entity, new Uri(Navigation.Uri).Query, _gone.Token);
            if (wanted == _shown)
            {
                (_draft, _missing) = (draft, draft is null);
                _opening = new(everything: Id is null);
            }
        }
        catch (ProblemException e)
        {
            _refusal = e.Problems[0].Message(Model.Texts);
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }

    /// <summary>Once the record is shown, the browser is asked for what was typed here before; from then on it is told what is typed.</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_left || _draft is not { MayWrite: true } draft || _shown is not { } shown)
        {
            return;
        }
        if (_askedFor != shown)
        {
            _askedFor = shown;
            var kept = await Memory.RecallAsync(shown);
            if (kept is not null && shown == _shown)
            {
                _kept = kept;
                StateHasChanged();
            }
            return;
        }
        var now = _saved ? null : KeptInput.Of(draft, Time.GetUtcNow());
        if (now is null ? _sent is not null : !now.IsSameAs(_sent))
        {
            _sent = now;
            await (now is null ? Memory.ForgetAsync(shown) : Memory.KeepAsync(shown, now));
        }
    }

    private async Task RestoreAsync()
    {
        _draft = _draft!.Resume(_kept!);
        _kept = null;
        _opening.OpenAll();
        await ReactAsync();
    }

    private Task DiscardAsync()
    {
        _kept = null;
        return LetGoAsync();
    }

    /// <summary>What was typed is saved, or not wanted any more.</summary>
    private async Task LetGoAsync()
    {
        (_kept, _sent) = (null, null);
        await Memory.ForgetAsync(_shown!);
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
        if (_busy || _draft is not { } draft)
        {
            return;
        }
        _busy = true;
        try
        {
            var (next, written) = await Saving.SaveAsync(draft, _gone.Token);
            (_draft, _entity, _formIsOld) = (next, next.Entity, false);
            if (next != draft)
            {
                _newsFrom = null;
                // Whoever took the others' side everywhere has nothing left to edit.
                _opening = next.IsNew || next.HasChanges ? _opening : new();
            }
            if (written is not null)
            {
                await SavedAsync(draft.IsNew, written);
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

    private async Task SavedAsync(bool wasNew, RecordChange written)
    {
        _saved = wasNew;
        await LetGoAsync();
        if (wasNew)
        {
            Toaster.Show(T["record.created", _entity!.Label]);
            Navigation.NavigateTo(Addresses.Record(_entity!, written.Id), replace: true);
            return;
        }
        await ReloadAsync();
        Undoing.Show(T["record.saved"], written.ChangeSet);
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
        var (entity, id, title) = (_entity!, _draft!.Original.Id, _draft.Original.Title);
        try
        {
            var deleted = (await Store.WriteAsync(new(Actor, Door.Form, [RecordChange.Delete(entity, id)])))[0];
            _saved = true;
            await LetGoAsync();
            Undoing.Show(T["record.deleted", title.Length > 0 ? title : entity.Label.ToString()], deleted.ChangeSet, () => Navigation.NavigateTo(Addresses.Record(entity, id)));
            Navigation.NavigateTo(Addresses.List(entity));
        }
        catch (ProblemException e)
        {
            Toaster.ShowProblem(e.Problems[0].Message(Model.Texts));
        }
    }

    private async Task ReloadAsync()
    {
        (_newsFrom, _opening) = (null, new());
        _draft = await Drafts.LoadAsync(_entity!, _draft!.Original.Id, _gone.Token);
        _missing = _draft is null;
    }

    /// <summary>The form as an administrator has just made it, with what was typed so far.</summary>
    private async Task RenewAsync()
    {
        try
        {
            (_draft, _) = await Saving.RenewAsync(_draft!, _gone.Token);
            (_entity, _formIsOld) = (_draft.Entity, false);
        }
        catch (ProblemException)
        {
            _missing = true;
        }
    }

    private async Task UndoAsync()
    {
        _draft!.Undo();
        await LetGoAsync();
        if (_draft.IsNew)
        {
            Navigation.NavigateTo(Addresses.List(_entity!));
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
            _left = true;
            await LetGoAsync();
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
        if (_draft != draft || now?.Version == draft.Original.Version)
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
            _newsFrom = item.By is { } by && await Directory.FindAsync(by) is { } person ? person.Name : T["history.platform"];
        }
        StateHasChanged();
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
