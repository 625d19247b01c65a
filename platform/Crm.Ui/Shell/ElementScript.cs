using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Crm.Ui.Shell;

/// <summary>
/// The part of a component that runs in the browser: a script with <c>attach(element, component)</c> and <c>detach(element)</c>, which calls the component
/// back by its <see cref="JSInvokableAttribute"/> methods.
/// </summary>
/// <param name="browser">Of the circuit.</param>
/// <param name="script">What the script is called in the browser, such as <c>crmList</c>.</param>
public sealed class ElementScript<TComponent>(IJSRuntime browser, string script) : IAsyncDisposable
    where TComponent : class
{
    private DotNetObjectReference<TComponent>? _component;
    private ElementReference _element;

    public bool IsAttached => _component is not null;

    /// <summary>Attaches the script once the element is there; a second time does nothing.</summary>
    public async ValueTask AttachAsync(ElementReference element, TComponent component)
    {
        if (!IsAttached)
        {
            (_element, _component) = (element, DotNetObjectReference.Create(component));
            await browser.InvokeVoidAsync(script + ".attach", element, _component);
        }
    }

    /// <summary>Calls a function of the script with the element and what is given.</summary>
    public ValueTask CallAsync(string function, params object?[] arguments) => browser.InvokeVoidAsync($"{script}.{function}", [_element, .. arguments]);

    public async ValueTask DisposeAsync()
    {
        if (_component is not { } component)
        {
            return;
        }
        try
        {
            await CallAsync("detach");
        }
        catch (JSDisconnectedException)
        {
            // The tab was closed.
        }
        component.Dispose();
    }
}
