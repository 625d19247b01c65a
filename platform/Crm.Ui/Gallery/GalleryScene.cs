using Crm.Metadata;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Gallery;

/// <summary>Names a scene of the gallery; each is found by scanning.</summary>
public sealed class GallerySceneAttribute(string name) : RegisteredAttribute(name);

/// <summary>A state in which a page can be: nothing there, not there yet, refused, broken.</summary>
public abstract class GalleryScene : UiComponent
{
    /// <summary>An entity to show it with.</summary>
    [Parameter, EditorRequired]
    public Entity Entity { get; set; } = default!;
}
