using Crm.Metadata;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Lists;

/// <summary>Names the component that shows a view; a view says which it wants in <see cref="ViewDefinition.Kind"/>.</summary>
public sealed class ViewKindAttribute(string name) : RegisteredAttribute(name);

/// <summary>A way to show the records of a view: as a list, a funnel, and so on. Search and filter above it are the page's business.</summary>
public abstract class ViewBody : UiComponent
{
    [Parameter, EditorRequired]
    public Entity Entity { get; set; } = default!;

    [Parameter, EditorRequired]
    public ViewDefinition View { get; set; } = default!;

    [Parameter, EditorRequired]
    public ListState State { get; set; } = default!;

    /// <summary>Asks for another state; the page puts it into the address.</summary>
    [Parameter]
    public EventCallback<ListState> StateChanged { get; set; }
}
