using Crm.Data;
using Crm.Metadata;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Shell;

/// <summary>What every component of the product has at hand: the texts, the Model and who is looking.</summary>
public abstract class UiComponent : ComponentBase
{
    [Inject]
    protected UiText T { get; set; } = default!;

    [Inject]
    protected ModelSource Models { get; set; } = default!;

    [Inject]
    protected CurrentActor Current { get; set; } = default!;

    protected Actor Actor => Current.Actor;

    protected Model Model => Models.Current;
}
