using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Lists;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Crm.Ui.Filters;

public sealed partial class FilterBar
{
    private Dictionary<Condition, string> _words = [];
    private FilterDraft? _editing;
    private Condition? _replaced;

    [Parameter, EditorRequired]
    public Entity Entity { get; set; } = default!;

    [Parameter, EditorRequired]
    public ListState State { get; set; } = default!;

    [Parameter]
    public EventCallback<ListState> StateChanged { get; set; }

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [Inject]
    private FilterWords Words { get; set; } = default!;

    protected override async Task OnParametersSetAsync()
    {
        var words = new Dictionary<Condition, string>(ReferenceEqualityComparer.Instance);
        foreach (var filter in State.Filters)
        {
            words[filter] = await Words.DescribeAsync(filter);
        }
        _words = words;
    }

    private void Add() => (_editing, _replaced) = (new FilterDraft(), null);

    private void Edit(Condition filter) => (_editing, _replaced) = (FilterDraft.Of((Comparison)filter), filter);

    private async Task CloseAsync()
    {
        _editing = null;
        await Browser.InvokeVoidAsync("crm.focus", "[data-testid=add-filter]");
    }

    private async Task ApplyAsync(Condition filter)
    {
        var next = _replaced is null ? State.With(filter) : State.Replace(_replaced, filter);
        await CloseAsync();
        await StateChanged.InvokeAsync(next);
    }
}
