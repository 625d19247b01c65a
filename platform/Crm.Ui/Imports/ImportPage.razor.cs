using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace Crm.Ui.Imports;

/// <summary>Leads a file into an entity: choose, map, check without writing, import.</summary>
public sealed partial class ImportPage
{
    private const long MaxFile = 256L * 1024 * 1024;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<Entity> _entities = [];
    private IReadOnlyList<Field> _fields = [];
    private string _entityName = "";
    private Step _step;
    private ImportDraft? _draft;
    private Job? _job;
    private ImportOutcome? _outcome;
    private string? _problem;
    private bool _reading;
    private bool _mapChanged;

    private enum Step
    {
        File, Columns, Check, Done,
    }

    [Inject]
    private ImportService Imports { get; set; } = default!;

    [Inject]
    private JobStore Jobs { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    /// <summary>The entity to begin with.</summary>
    [SupplyParameterFromQuery(Name = "entity")]
    private string? Preset { get; set; }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override void OnInitialized()
    {
        _entities = [.. Model.Entities.Values.Where(e => e.LinkOf is null && Authority.May(Actor, Operation.Create, e)).OrderBy(e => e.PluralLabel.ToString(), StringComparer.CurrentCulture)];
        _entityName = _entities.FirstOrDefault(e => e.Name == Preset)?.Name ?? (_entities.Count > 0 ? _entities[0].Name : "");
    }

    private async Task ReadAsync(InputFileChangeEventArgs change)
    {
        (_problem, _reading) = (null, true);
        try
        {
            using var content = new MemoryStream();
            await using (var stream = change.File.OpenReadStream(MaxFile, _gone.Token))
            {
                await stream.CopyToAsync(content, _gone.Token);
            }
            var entity = Model[_entityName];
            var preview = Imports.Preview(change.File.Name, content.ToArray(), new ImportProfile { Entity = entity.Name });
            _draft = new(entity, change.File.Name, content.ToArray(), preview.Table);
            _fields = [.. entity.OwnFields.Where(f => f.IsWritable), .. entity.Fields.Where(f => f.IsSystem && f.IsWritable)];
            _step = Step.Columns;
        }
        catch (ProblemException refusal)
        {
            Show(refusal);
        }
        catch (IOException)
        {
            _problem = T["import.tooLarge", MaxFile / 1024 / 1024];
        }
        finally
        {
            _reading = false;
        }
    }

    private void Choose(ImportDraftColumn column, string? name)
    {
        column.Field = string.IsNullOrEmpty(name) ? null : _draft!.Entity[name];
        foreach (var other in _draft!.Columns.Where(c => c != column && c.Field == column.Field))
        {
            other.Field = null;
        }
        if (_draft.KeyColumns.All(c => c.Name != _draft.Key))
        {
            _draft.Key = "";
        }
    }

    private async Task RunAsync(bool dryRun)
    {
        (_problem, _outcome, _mapChanged) = (null, null, false);
        try
        {
            _job = await Imports.StartAsync(_draft!.FileName, _draft.Content, _draft.ToProfile(dryRun), Actor, _gone.Token);
            _step = dryRun ? Step.Check : Step.Done;
            await FollowAsync();
        }
        catch (ProblemException refusal)
        {
            Show(refusal);
        }
        catch (OperationCanceledException)
        {
            // The page was left; the job goes on.
        }
    }

    private async Task FollowAsync()
    {
        using var timer = new PeriodicTimer(PollInterval, Time);
        while (_job is { IsOver: false })
        {
            StateHasChanged();
            await timer.WaitForNextTickAsync(_gone.Token);
            _job = await Jobs.FindAsync(_job.Id, Actor, _gone.Token);
        }
        _outcome = _job is null ? null : ImportOutcome.Of(_job);
        if (_outcome is null)
        {
            _problem = _job?.ProblemOf()?.Message(Model.Texts) ?? T["import.cancelled"];
            _step = Step.Columns;
        }
    }

    private Task CancelAsync() => Jobs.CancelAsync(_job!.Id, _gone.Token);

    private void StartOver() => (_step, _draft, _job, _outcome, _problem) = (Step.File, null, null, null, null);

    private void Show(ProblemException refusal) => _problem = string.Join(" ", refusal.Problems.Select(p => p.Message(Model.Texts)));
}
