using Crm.Data;
using Crm.Rules;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Lists;

/// <summary>Records as a table that goes on while one scrolls. What is shown stays until what was asked for instead is there.</summary>
public sealed partial class ListBody
{
    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<ListColumn> _columns = [];
    private ListColumn? _link;
    private RecordFeed? _feed;
    private string? _shown;
    private string? _problem;
    private bool _loading;

    [Inject]
    private RecordStore Store { get; set; } = default!;

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        var wanted = State.Address(View.Name);
        if (wanted == _shown)
        {
            return;
        }
        _shown = wanted;
        _columns = ListColumn.Of(Entity, View);
        _link = _columns.FirstOrDefault(c => c.Path.IsDirect && c.Path.Field == Entity.TitleField) ?? (_columns.Count > 0 ? _columns[0] : null);
        _loading = true;
        try
        {
            var feed = new RecordFeed(Store, Actor, State.Query(Entity, View) with { Fields = ListColumn.Paths(_columns), Titles = true });
            await feed.LoadMoreAsync(_gone.Token);
            if (wanted == _shown)
            {
                (_feed, _problem, _loading) = (feed, null, false);
            }
        }
        catch (ProblemException e)
        {
            (_problem, _loading) = (e.Problems[0].Message(Model.Texts), false);
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }

    private async Task LoadMoreAsync()
    {
        await _feed!.LoadMoreAsync(_gone.Token);
        StateHasChanged();
    }

    private Task CountExactlyAsync() => _feed!.CountExactlyAsync(_gone.Token);

    private Task SortBy(string? sort) => StateChanged.InvokeAsync(State with { Sort = sort });
}
