using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Shell;

/// <summary>What every component of the product has at hand: the texts, the Model and who is looking.</summary>
public abstract class UiComponent : ComponentBase
{
    private readonly (CultureInfo, CultureInfo) _cultures = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);

    [Inject]
    protected UiText T { get; set; } = default!;

    [Inject]
    protected ModelSource Models { get; set; } = default!;

    [Inject]
    protected CurrentActor Current { get; set; } = default!;

    /// <summary>Goes on in this component after somebody else's doing, whose language is not that of the person who looks.</summary>
    protected Task InvokeInOwnCultureAsync(Func<Task> work) => InvokeAsync(() =>
    {
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = _cultures;
        return work();
    });

    protected Actor Actor => Current.Actor;

    protected Model Model => Models.Current;
}
