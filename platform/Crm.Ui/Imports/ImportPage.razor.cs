using System.Globalization;
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
    private IReadOnlyList<ImportProfile> _profiles = [];
    private ImportPlan? _plan;
    private string _entityName = "";
    private Step _step;
    private ImportDraft? _draft;
    private Job? _job;
    private ImportOutcome? _outcome;
    private string? _problem;
    private bool _isFoundOut;
    private bool _reading;
    private bool _mapChanged;
    private bool _undoing;
    private bool _undone;

    private enum Step
    {
        File, Columns, Check, Done,
    }

    [Inject]
    private ImportService Imports { get; set; } = default!;

    [Inject]
    private JobStore Jobs { get; set; } = default!;

    [Inject]
    private ChangeSets Changes { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    /// <summary>The entity to begin with.</summary>
    [SupplyParameterFromQuery(Name = "entity")]
    private string? Preset { get; set; }

    /// <summary>The profile to go by, where a link names one.</summary>
    [SupplyParameterFromQuery(Name = "profile")]
    private string? PresetProfile { get; set; }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override void OnInitialized()
    {
        _entities = [.. Model.Entities.Values.Where(e => e.LinkOf is null && Authority.May(Actor, Operation.Create, e)).OrderBy(e => e.PluralLabel.ToString(), StringComparer.CurrentCulture)];
        _entityName = _entities.FirstOrDefault(e => e.Name == Preset)?.Name ?? "";
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
            await TakeAsync(new(change.File.Name, content.ToArray()));
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

    /// <summary>Reads the file as it is set, and begins with what is known of files like it.</summary>
    private async Task TakeAsync(ImportReading reading)
    {
        var table = ImportService.ReadTable(reading.FileName, reading.Content, reading.ToProfile());
        var before = await Imports.RememberedAsync(table, Actor, _gone.Token);
        if (_entityName.Length == 0)
        {
            // Nobody has said what the file holds: what the last file of this shape held, or what its columns are called after.
            _entityName = (_entities.FirstOrDefault(e => e.Name == before?.Entity) ?? ImportDraft.MostLikely(_entities, table)).Name;
            _isFoundOut = true;
        }
        var entity = Model[_entityName];
        var draft = new ImportDraft(entity, reading, table);
        _profiles = Imports.ProfilesFor(table, Actor);
        if (_profiles.FirstOrDefault(p => p.Name == PresetProfile) is { } wanted)
        {
            draft.Profile = wanted;
        }
        else if (before is not null && (before.Profile is not null || before.Entity == entity.Name))
        {
            draft.Recall(before, Model);
        }
        _draft = draft;
        Replan();
    }

    private async Task RereadAsync()
    {
        _problem = null;
        try
        {
            await TakeAsync(_draft!.Reading);
        }
        catch (ProblemException refusal)
        {
            Show(refusal);
        }
    }

    /// <summary>Finds out anew what the columns that go somewhere look like; what stands against it is said when it is checked.</summary>
    private void Replan()
    {
        try
        {
            var options = Imports.Resolve(_draft!.ToProfile(dryRun: true));
            _plan = ImportPlan.MakeAll(options, _draft.Table, Model, Actor.TimeZone)[0];
        }
        catch (ProblemException)
        {
            _plan = null;
        }
    }

    private void Use(ImportProfile profile)
    {
        _draft!.Profile = profile;
        Replan();
    }

    private void Forget()
    {
        _draft!.Suggest();
        Replan();
    }

    private async Task UndoAsync()
    {
        (_problem, _undoing) = (null, true);
        StateHasChanged();
        try
        {
            await Changes.UndoAsync(_outcome!.ChangeSet!.Value, Actor, Door.Form, _gone.Token);
            _undone = true;
        }
        catch (ProblemException refusal)
        {
            Show(refusal);
        }
        finally
        {
            _undoing = false;
        }
    }

    private async Task RunAsync(bool dryRun)
    {
        (_problem, _outcome, _mapChanged, _undone) = (null, null, false, false);
        try
        {
            _job = await Imports.StartAsync(_draft!.Reading.FileName, _draft.Reading.Content, _draft.ToProfile(dryRun), Actor, _gone.Token);
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

    private void StartOver()
    {
        (_step, _draft, _job, _outcome, _problem) = (Step.File, null, null, null, null);
        (_entityName, _isFoundOut) = (_isFoundOut ? "" : _entityName, false);
    }

    private void Show(ProblemException refusal) => _problem = string.Join(" ", refusal.Problems.Take(5).Select(p => p.Message(Model.Texts)));

    private static string Figure(long number) => number.ToString("N0", CultureInfo.CurrentCulture);
}
