using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Lists;

/// <summary>The records of an entity in one of its views. Everything that a person narrows or sorts stands in the address.</summary>
public sealed partial class ViewPage
{
    private Entity? _entity;
    private ViewDefinition? _view;
    private ListState _state = ListState.Empty;
    private Type _body = typeof(ListBody);
    private Dictionary<string, object> _parameters = [];
    private string? _problem;

    [Parameter]
    public string EntityName { get; set; } = "";

    [Parameter]
    public string? ViewName { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "sort")]
    private string? Sort { get; set; }

    [SupplyParameterFromQuery(Name = "filter")]
    private string? Filter { get; set; }

    [Inject]
    private Registry<ViewKindAttribute, ViewBody> Kinds { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <summary>What the list shows, as a workbook for people.</summary>
    private string ExportAddress => _state.Address($"/api/exports/{_entity!.Name}") is var address
        ? $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}format=xlsx&headings=labels&view={_view!.Name}"
        : "";

    protected override void OnParametersSet()
    {
        _problem = null;
        _entity = Model.Find(EntityName);
        if (_entity is null)
        {
            return;
        }
        if (!Authority.May(Actor, Operation.Read, _entity))
        {
            _problem = T["problem.forbidden.read", _entity.PluralLabel];
            return;
        }
        _view = EntityViews.Find(_entity, ViewName);
        if (_view is null)
        {
            _entity = null;
            return;
        }
        try
        {
            _state = ListState.Read(_entity, Search, Sort, Filter);
        }
        catch (ProblemException e)
        {
            _problem = T["list.brokenAddress", e.Problems[0].Message(Model.Texts)];
            return;
        }
        _body = Kinds.Find(_view.Kind) ?? typeof(ListBody);
        _parameters = new()
        {
            [nameof(ViewBody.Entity)] = _entity,
            [nameof(ViewBody.View)] = _view,
            [nameof(ViewBody.State)] = _state,
            [nameof(ViewBody.StateChanged)] = EventCallback.Factory.Create<ListState>(this, Show),
        };
    }

    private void Show(ListState state) => Navigation.NavigateTo(state.Address(Addresses.List(_entity!, ViewName)), replace: true);
}
