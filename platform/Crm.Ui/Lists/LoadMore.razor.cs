using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Crm.Ui.Lists;

/// <summary>The end of what has been read: coming near it reads on; where that cannot be noticed, the button does.</summary>
public sealed partial class LoadMore
{
    private ElementReference _element;
    private DotNetObjectReference<LoadMore>? _self;

    [Parameter]
    public Func<Task> Reached { get; set; } = () => Task.CompletedTask;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [JSInvokable]
    public Task ReachedAsync() => InvokeAsync(Reached);

    public async ValueTask DisposeAsync()
    {
        if (_self is null)
        {
            return;
        }
        try
        {
            await Browser.InvokeVoidAsync("crm.unwatch", _element);
        }
        catch (JSDisconnectedException)
        {
            // The tab was closed.
        }
        _self.Dispose();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _self = DotNetObjectReference.Create(this);
            await Browser.InvokeVoidAsync("crm.watch", _element, _self);
        }
    }
}
