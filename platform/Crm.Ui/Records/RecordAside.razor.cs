using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Records;

public sealed partial class RecordAside : IDisposable
{
    private const int Few = 4;

    private readonly CancellationTokenSource _gone = new();
    private readonly Dictionary<Related, RecordPage> _pages = [];
    private readonly Dictionary<Related, long> _counts = [];
    private IReadOnlyList<Related> _related = [];
    private Related? _shown;
    private AttachmentPlace? _desk;
    private Entity? _entity;
    private long _version, _filesCount;
    private bool _files, _desked;

    [Parameter, EditorRequired]
    public Record Record { get; set; } = default!;

    /// <summary>What happened around the record was looked at again.</summary>
    [Parameter]
    public EventCallback Refreshed { get; set; }

    [Inject]
    private RecordStore Store { get; set; } = default!;

    private bool IsTimeline => _shown is null && !_files;

    /// <summary>Lists that hold something, the one that is looked at, and where there are few, all of them.</summary>
    private List<Related> Front => [.. _related.Where(r => _related.Count <= Few || r == _shown || _counts.GetValueOrDefault(r) > 0)];

    private List<Related> Back => [.. _related.Except(Front)];

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <summary>Counted again with each version of the record; the tab that is open stays open. Rows are read for the tab that is looked at.</summary>
    protected override async Task OnParametersSetAsync()
    {
        if (_version == Record.Version && _entity == Record.Entity)
        {
            return;
        }
        if (_entity != Record.Entity)
        {
            _entity = Record.Entity;
            _related = [.. Related.ListsOf(Model, Record.Entity).Where(r => Authority.May(Actor, Operation.Read, r.Entity))];
            _desk = AttachmentPlace.For(Model, Record.Entity, Actor);
            _shown = _shown is { } shown ? _related.FirstOrDefault(r => r.Name == shown.Name) : null;
        }
        _version = Record.Version;
        await CountAsync();
        if (_shown is not null)
        {
            await ShowAsync(_shown);
        }
    }

    private async Task CountAsync() => await TryAsync(async () =>
    {
        var questions = _related.Select(r => (r.Entity, (Condition)r.Filter(Record.Id))).ToList();
        if (_desk is { } desk)
        {
            questions.Add((desk.Entity, desk.Filter(Record)));
        }
        var counts = await Store.CountAsync(questions, Actor, _gone.Token);
        _filesCount = _desk is null ? 0 : counts[^1];
        for (var i = 0; i < _related.Count; i++)
        {
            _counts[_related[i]] = counts[i];
        }
    });

    private async Task ShowAsync(Related related)
    {
        (_shown, _files) = (related, false);
        await TryAsync(async () => _pages[related] = await Store.QueryAsync(related.Query(Record.Id), Actor, _gone.Token));
    }

    private async Task AddedAsync()
    {
        await CountAsync();
        if (_shown is not null)
        {
            await ShowAsync(_shown);
        }
    }

    private static async Task TryAsync(Func<Task> read)
    {
        try
        {
            await read();
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }
}
