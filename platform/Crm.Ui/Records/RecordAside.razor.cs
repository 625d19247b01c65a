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

    [Parameter, EditorRequired]
    public Record Record { get; set; } = default!;

    [Inject]
    private RecordStore Store { get; set; } = default!;

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _related = [.. Related.Of(Model, Record.Entity).Where(r => Authority.May(Actor, Operation.Read, r.Entity))];
        _shown = _related.Count > 0 ? _related[0] : null;
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
