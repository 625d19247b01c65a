using Crm.Data;
using Crm.Metadata;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Dashboards;

/// <summary>Names the component that shows a widget; a widget says which it wants in <see cref="WidgetDefinition.Kind"/>.</summary>
public sealed class WidgetKindAttribute(string name) : RegisteredAttribute(name);

/// <summary>How a widget looks once what it shows has been read; reading, waiting and failing are the frame's business.</summary>
public abstract class WidgetBody : UiComponent
{
    [Parameter, EditorRequired]
    public Widget Widget { get; set; } = default!;

    [Parameter, EditorRequired]
    public WidgetData Data { get; set; } = default!;
}
