using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
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
    private IDisposable? _news;
    private string? _newsFrom;
    private string? _refusal;
    private string? _shown;
    private bool _missing, _busy, _saved;

    [Parameter]
    public string EntityName { get; set; } = "";

    [Parameter]
    public Guid? Id { get; set; }

    [Inject]
    private RecordStore Store { get; set; } = default!;

    [Inject]
    private RecordTitles Titles { get; set; } = default!;

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
    private Mishaps Mishaps { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private bool MayDelete => !_draft!.IsNew && Authority.May(Actor, Operation.Delete, _draft.Entity);

    private string PageTitleText => _draft is null ? Model.Organisation.Name.ToString()
        : $"{(_draft.IsNew ? T["record.new", UiText.InSentence(_draft.Entity.Label)] : _draft.Original.Title)} · {Model.Organisation.Name}";

    public void Dispose()
    {
        _news?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override void OnInitialized() => _news = Feed.Subscribe(Hear);

    protected override async Task OnParametersSetAsync()
    {
        var wanted = Id is { } id ? $"{EntityName}/{id}" : Navigation.Uri;
        if (wanted == _shown)
        {
            return;
        }
        _shown = wanted;
        (_draft, _refusal, _newsFrom, _missing, _saved) = (null, null, null, false, false);
        _entity = Model.Find(EntityName);
        if (_entity is null)
        {
            _missing = true;
            return;
        }
        try
        {
            var draft = Id is { } known ? await LoadAsync(_entity, known) : await BeginAsync(_entity);
            if (wanted == _shown)
            {
                (_draft, _missing) = (draft, draft is null);
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

    private async Task<RecordDraft?> LoadAsync(Entity entity, Guid id) =>
        await Store.FindAsync(entity, id, Actor, _gone.Token) is { } record
            ? await WithRelatedAsync(new(record, await Store.TitlesAsync(record, Actor, _gone.Token), isNew: false)
            {
                MayWrite = Authority.May(Actor, Operation.Update, entity),
                Scope = Actor.ScopeAt(Time.GetUtcNow()),
            })
            : null;

    /// <summary>Rules of fields may look at the records that this one points to.</summary>
    private async Task<RecordDraft> WithRelatedAsync(RecordDraft draft)
    {
        await Store.AddRelatedAsync(draft.Related, draft.Current, _gone.Token);
        return draft;
    }

    private async Task ReactAsync()
    {
        if (_draft is { } draft)
        {
            await WithRelatedAsync(draft);
        }
    }

    private async Task<RecordDraft> BeginAsync(Entity entity)
    {
        if (!Authority.May(Actor, Operation.Create, entity))
        {
            throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden.create", entity.PluralLabel));
        }
        var record = NewRecord.Begin(entity, new Uri(Navigation.Uri).Query, Actor, Time.GetUtcNow());
        return await WithRelatedAsync(new(record, await NewRecord.TitlesAsync(record, Titles, _gone.Token), isNew: true) { Scope = Actor.ScopeAt(Time.GetUtcNow()) });
    }

    private Task SaveAsync() => SaveAsync(confirmsDuplicates: false);

    private async Task SaveAsync(bool confirmsDuplicates)
    {
        if (_busy || !_draft!.Check())
        {
            return;
        }
        _busy = true;
        try
        {
            await (_draft.IsNew ? CreateAsync(confirmsDuplicates) : UpdateAsync(confirmsDuplicates));
        }
        catch (ProblemException e) when (e.Conflicts.Count > 0)
        {
            await SettleAsync(e.Conflicts);
        }
        catch (ProblemException e) when (e.Problems.All(p => p.Code == "duplicate.warn"))
        {
            await ConfirmAsync(e.Problems);
        }
        catch (ProblemException e)
        {
            _draft.Refuse(e.Problems);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The page must not break over it: what was typed is still here and can be saved again.
            Toaster.ShowProblem(T["form.failed", Mishaps.Note(e)]);
        }
        finally
        {
            _busy = false;
        }
    }

    /// <summary>What was typed is probably here already; whoever knows better saves it anyway.</summary>
    private async Task ConfirmAsync(IReadOnlyList<Problem> problems)
    {
        var anyway = await Dialogs.Confirm(problems[0].Message(Model.Texts), T["duplicates.title"], new() { OkButtonText = T["duplicates.save"], CancelButtonText = T["common.cancel"] });
        if (anyway == true)
        {
            _busy = false;
            await SaveAsync(confirmsDuplicates: true);
        }
        else
        {
            _draft!.Refuse(problems);
        }
    }

    private async Task<Record> WriteAsync(RecordChange change, bool confirmsDuplicates) =>
        (await Store.WriteAsync(new(Actor, Door.Form, [change]) { ConfirmsDuplicates = confirmsDuplicates }))[0].After!;

    private async Task CreateAsync(bool confirmsDuplicates)
    {
        var record = await WriteAsync(RecordChange.Create(_entity!, _draft!.Values), confirmsDuplicates);
        _saved = true;
        Toaster.Show(T["record.created", _entity!.Label]);
        Navigation.NavigateTo(Addresses.Record(_entity!, record.Id), replace: true);
    }

    private async Task UpdateAsync(bool confirmsDuplicates)
    {
        await WriteAsync(RecordChange.Update(_entity!, _draft!.Original.Id, _draft.Values, _draft.Original.Version), confirmsDuplicates);
        _newsFrom = null;
        _draft = await LoadAsync(_entity!, _draft.Original.Id);
        _missing = _draft is null;
        Toaster.Show(T["record.saved"]);
    }

    /// <summary>Somebody else changed the same fields: the person chooses field by field, then it is saved on top of what is there now.</summary>
    private async Task SettleAsync(IReadOnlyList<FieldConflict> conflicts)
    {
        // What is sent of rows and links is only what changes about them; what the person sees is all of them.
        conflicts = [.. conflicts.Select(c => c.Field.Type is CollectionFieldType ? c with { Yours = _draft!.Current[c.Field] } : c)];
        var titles = await Titles.OfAsync(ConflictDialog.References(conflicts), _gone.Token);
        var mine = await Dialogs.OpenAsync<ConflictDialog>(
            T["conflict.title"],
            new() { [nameof(ConflictDialog.Conflicts)] = conflicts, [nameof(ConflictDialog.Titles)] = titles },
            new() { Width = "720px", CloseDialogOnEsc = true }) as IReadOnlySet<Field>;
        if (mine is null || await LoadAsync(_entity!, _draft!.Original.Id) is not { } fresh)
        {
            return;
        }
        _draft = _draft.Onto(fresh.Original, await Store.TitlesAsync(fresh.Original, Actor, _gone.Token), field => conflicts.All(c => c.Field != field) || mine.Contains(field));
        _newsFrom = null;
        if (_draft.HasChanges)
        {
            _busy = false;
            await SaveAsync();
        }
    }

    private async Task DeleteAsync()
    {
        var (entity, id, title) = (_entity!, _draft!.Original.Id, _draft.Original.Title);
        try
        {
            await Store.DeleteAsync(entity, id, Actor, Door.Form);
        }
        catch (ProblemException e)
        {
            Toaster.ShowProblem(e.Problems[0].Message(Model.Texts));
            return;
        }
        _saved = true;
        Toaster.Show(T["record.deleted", title.Length > 0 ? title : entity.Label.ToString()], T["common.undo"], () => RestoreAsync(entity, id));
        Navigation.NavigateTo(Addresses.List(entity));
    }

    /// <summary>Runs from the toast, when this page is long gone.</summary>
    private async Task RestoreAsync(Entity entity, Guid id)
    {
        try
        {
            await Store.RestoreAsync(entity, id, Actor, Door.Form);
            Navigation.NavigateTo(Addresses.Record(entity, id));
        }
        catch (ProblemException e)
        {
            Toaster.ShowProblem(e.Problems[0].Message(Model.Texts));
        }
    }

    private async Task ReloadAsync()
    {
        _newsFrom = null;
        _draft = await LoadAsync(_entity!, _draft!.Original.Id);
        _missing = _draft is null;
    }

    private void Undo()
    {
        _draft!.Undo();
        if (_draft.IsNew)
        {
            Navigation.NavigateTo(Addresses.List(_entity!));
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
        if (_draft == draft && now?.Version != draft.Original.Version)
        {
            _newsFrom = item.By is { } by && await Directory.FindAsync(by) is { } person ? person.Name : T["history.platform"];
            StateHasChanged();
        }
    }
}
