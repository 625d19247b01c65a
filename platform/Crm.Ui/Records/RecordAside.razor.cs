using Crm.Data;
using Crm.Metadata;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Records;

public sealed partial class RecordAside : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private readonly Dictionary<Related, RecordPage> _pages = [];
    private IReadOnlyList<Related> _related = [];
    private Related? _shown;
    private long _version;

    [Parameter, EditorRequired]
    public Record Record { get; set; } = default!;

    [Inject]
    private RecordStore Store { get; set; } = default!;

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override void OnInitialized()
    {
        _related = [.. Related.ListsOf(Model, Record.Entity).Where(r => Authority.May(Actor, Operation.Read, r.Entity))];
        _shown = _related.Count > 0 ? _related[0] : null;
    }

    /// <summary>Read again with each version of the record; the tab that is open stays open.</summary>
    protected override async Task OnParametersSetAsync()
    {
        if (_version == Record.Version)
        {
            return;
        }
        _version = Record.Version;
        try
        {
            foreach (var related in _related)
            {
                _pages[related] = await Store.QueryAsync(related.Query(Record.Id), Actor, _gone.Token);
                StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }
}
