using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Crm.Ui.Lists;

/// <summary>The end of what has been read: coming near it reads on; where that cannot be noticed, the button does.</summary>
public sealed partial class LoadMore
{
    private ElementReference _element;
    private ElementScript<LoadMore> _script = default!;

    [Parameter]
    public Func<Task> Reached { get; set; } = () => Task.CompletedTask;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [JSInvokable]
    public Task ReachedAsync() => InvokeAsync(Reached);

    public ValueTask DisposeAsync() => _script.DisposeAsync();

    protected override void OnInitialized() => _script = new(Browser, "crmMore");

    protected override async Task OnAfterRenderAsync(bool firstRender) => await _script.AttachAsync(_element, this);
}
