using Crm.Data;
using Crm.Metadata;
using Crm.Ui.Fields;
using Crm.Ui.Lists;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Home;

/// <summary>The first records of a view, with the little that tells them apart.</summary>
public sealed partial class ListTile
{
    private const int Shown = 6, MostColumns = 4;

    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<ListColumn> _columns = [];
    private RecordPage? _page;

    [Parameter, EditorRequired]
    public Entity Entity { get; set; } = default!;

    [Parameter, EditorRequired]
    public ViewDefinition View { get; set; } = default!;

    [Inject]
    private RecordStore Store { get; set; } = default!;

    [Inject]
    private FieldText Words { get; set; } = default!;

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _columns = [.. ListColumn.Of(Entity, View).OrderByDescending(c => c.Path.IsDirect && c.Path.Field == Entity.TitleField).Take(MostColumns)];
        try
        {
            var query = ListState.Empty.Query(Entity, View) with { Fields = ListColumn.Paths(_columns), Limit = Shown, Count = CountMode.Capped, Titles = true };
            _page = await Store.QueryAsync(query, Actor, _gone.Token);
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }
}
