using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Records;

/// <summary>Makes one record of several, field by field, beginning with what the rules take for duplicates.</summary>
public sealed partial class MergePage
{
    private readonly CancellationTokenSource _gone = new();
    private Entity? _entity;
    private MergeDraft? _draft;
    private IReadOnlyList<DuplicateCandidate> _candidates = [];
    private bool _hasMore;
    private IReadOnlyDictionary<Guid, string> _titles = new Dictionary<Guid, string>();
    private string? _problem;
    private bool _all, _busy, _missing;

    [Parameter]
    public string EntityName { get; set; } = "";

    [Parameter]
    public Guid Id { get; set; }

    [Inject]
    private RecordStore Store { get; set; } = default!;

    [Inject]
    private Merging Merging { get; set; } = default!;

    [Inject]
    private DuplicateFinder Duplicates { get; set; } = default!;

    [Inject]
    private RecordTitles Titles { get; set; } = default!;

    [Inject]
    private UndoToast Undoing { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        try
        {
            _entity = Model.Find(EntityName) is { } entity && Authority.May(Actor, Operation.Update, entity) && Authority.May(Actor, Operation.Delete, entity) ? entity : null;
            var record = _entity is null ? null : await Store.FindAsync(_entity, Id, Actor, _gone.Token);
            if (record is null)
            {
                _missing = true;
                return;
            }
            _draft = new(_entity!);
            await TakeAsync(record);
            (_candidates, _hasMore) = await Duplicates.FindAsync(_entity!, Id, Actor, _gone.Token);
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }

    private async Task AddAsync(Guid id)
    {
        if (await Store.FindAsync(_entity!, id, Actor, _gone.Token) is { } record)
        {
            await TakeAsync(record);
        }
    }

    private async Task TakeAsync(Record record)
    {
        _draft!.Add(record);
        _titles = await Titles.OfAsync(_draft.Records.SelectMany(r => r.Entity.Fields.Where(f => f.IsWritable).SelectMany(f => f.PointedToBy(r[f]))), _gone.Token);
    }

    private async Task MergeAsync()
    {
        var draft = _draft!;
        (_busy, _problem) = (true, null);
        try
        {
            var (entity, losers) = (_entity!, draft.Losers);
            var merged = await Merging.MergeAsync(entity, draft.Winner, losers, draft.Values, Actor, Door.Form, _gone.Token);
            // A merge is one change set; that of a record that went is known by its last change.
            var changeSet = (await Store.HistoryAsync(entity, losers[0], Actor, limit: 1, cancellationToken: _gone.Token)).Items[0].ChangeSet;
            Undoing.Show(T["merge.done", draft.Records.Count, merged.Title], changeSet, () => Navigation.NavigateTo(Addresses.Record(entity, Id)));
            Navigation.NavigateTo(Addresses.Record(entity, draft.Winner));
        }
        catch (ProblemException e)
        {
            _problem = string.Join(" ", e.Problems.Select(p => p.Message(Model.Texts)));
        }
        finally
        {
            _busy = false;
        }
    }
}
