using System.Globalization;
using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Filters;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Lists;

/// <summary>
/// The records of an entity in one of its views. Everything that a person asks for stands in the address, so that it can be shared; what they arrange
/// for themselves is remembered for them alone.
/// </summary>
public sealed partial class ViewPage : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private Entity? _entity;
    private IReadOnlyList<SavedView> _saved = [];
    private IReadOnlyList<ViewDefinition> _views = [];
    private ViewDefinition? _base, _view;
    private ListSettings _settings = ListSettings.None;
    private ListState _state = ListState.Empty;
    private Condition _filter = Condition.Always;
    private Type _body = typeof(ListBody);
    private Dictionary<string, object> _parameters = [];
    private (Entity Entity, string? View)? _loaded;
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

    [SupplyParameterFromQuery(Name = "as")]
    private string? Mode { get; set; }

    [SupplyParameterFromQuery(Name = "open")]
    private string? Open { get; set; }

    [SupplyParameterFromQuery(Name = "bin")]
    private string? Bin { get; set; }

    [SupplyParameterFromQuery(Name = "on")]
    private string? On { get; set; }

    [SupplyParameterFromQuery(Name = "span")]
    private string? Span { get; set; }

    [Inject]
    private Registry<ViewKindAttribute, ViewBody> Kinds { get; set; } = default!;

    [Inject]
    private SavedViews SavedViews { get; set; } = default!;

    [Inject]
    private PersonalSettings Personal { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <summary>What the list shows, as a workbook for people.</summary>
    private string ExportAddress
    {
        get
        {
            var asked = ListState.Empty with { Search = _state.Search, Sort = _state.Sort ?? _view!.Sort, Filters = [.. Parts(_filter)] };
            var address = asked.Address($"/api/exports/{_entity!.Name}");
            return $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}format=xlsx&headings=labels&fields={Uri.EscapeDataString(string.Join(',', ListColumn.Of(_entity, _view!).Select(c => c.Path)))}";
        }
    }

    /// <summary>What is shown, as a view that could be saved.</summary>
    private ViewDefinition Present => _view! with
    {
        Sort = _state.Sort ?? _view.Sort,
        Filter = _state.Filters.Count == 0 ? _view.Filter : JsonDocument.Parse(ConditionWriter.Write(_filter)).RootElement,
    };

    private bool IsChanged => _state.Filters.Count > 0 || _state.Sort is not null || _view!.Kind != _base!.Kind || _settings.Columns is not null || _settings.GroupBy is not null || _settings.Sort is not null;

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        var entity = Model.Find(EntityName);
        if (entity is null || !Authority.May(Actor, Operation.Read, entity))
        {
            (_entity, _view, _problem) = (entity, null, entity is null ? null : T["problem.forbidden.read", entity.PluralLabel]);
            return;
        }
        if (_entity != entity)
        {
            (_entity, _view, _problem) = (entity, null, null);
        }
        if (_loaded != (entity, ViewName) && !await LoadAsync(entity))
        {
            return;
        }
        try
        {
            var state = ListState.Read(entity, Search, Sort, Filter) with
            {
                Mode = Mode, InBin = Bin == "1", Open = Guid.TryParseExact(Open, "D", out var open) ? open : null, Span = Span,
                On = DateOnly.TryParseExact(On, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var on) ? on : null,
            };
            // A view that somebody saved may ask for fields that are gone since.
            (_filter, _state, _problem) = (state.Filter(entity, _base!), state, null);
        }
        catch (ProblemException e)
        {
            _problem = T["list.brokenAddress", e.Problems[0].Message(Model.Texts)];
            return;
        }
        Show();
    }

    /// <summary>Reads what people saved about the entity and this view; false if somebody went on meanwhile, or there is no such view.</summary>
    private async Task<bool> LoadAsync(Entity entity)
    {
        var wanted = (entity, ViewName);
        try
        {
            var saved = await SavedViews.OfAsync(entity, _gone.Token);
            IReadOnlyList<ViewDefinition> views = [.. EntityViews.Of(entity), .. saved.Select(s => s.View)];
            var view = ViewName is null ? EntityViews.Find(entity, null) : views.FirstOrDefault(v => v.Name == ViewName);
            var settings = view is null ? null : await Personal.ReadAsync<ListSettings>(Actor, ListSettings.KeyOf(entity, view), _gone.Token);
            if (wanted != (_entity, ViewName))
            {
                return false;
            }
            (_saved, _views, _base, _settings, _loaded) = (saved, views, view, settings ?? ListSettings.None, wanted);
            if (view is null)
            {
                (_entity, _view, _loaded) = (null, null, null);
            }
            return view is not null;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Show()
    {
        var kind = _state.InBin ? ViewKinds.List : _state.Mode;
        var view = ViewModes.Show(_entity!, _base!, kind);
        if (view.Kind == ViewKinds.List)
        {
            view = _settings.ApplyTo(view, _entity!);
        }
        if (_state.InBin)
        {
            // The bin holds whatever was deleted, and the latest is what one looks for.
            view = view with { Filter = null, Sort = "-deleted_at", GroupBy = null, Columns = [.. view.Columns.Where(c => c.Field != SystemFields.DeletedAt), new(SystemFields.DeletedAt)] };
        }
        // The same view stays the same object, so that the body knows that there is nothing to read anew.
        _view = _view is not null && SameView(_view, view) ? _view : view;
        _body = Kinds.Find(_view.Kind) ?? typeof(ListBody);
        _parameters = new()
        {
            [nameof(ViewBody.Entity)] = _entity!,
            [nameof(ViewBody.View)] = _view,
            [nameof(ViewBody.State)] = _state,
            [nameof(ViewBody.StateChanged)] = EventCallback.Factory.Create<ListState>(this, Ask),
        };
        if (_body == typeof(ListBody))
        {
            _parameters[nameof(ListBody.Resized)] = EventCallback.Factory.Create<IReadOnlyList<ListColumnSetting>>(this, columns => KeepAsync(_settings with { Columns = columns }));
        }
    }

    private static bool SameView(ViewDefinition one, ViewDefinition other) =>
        one with { Columns = other.Columns, Filter = other.Filter } == other && one.Columns.SequenceEqual(other.Columns) && one.Filter?.GetRawText() == other.Filter?.GetRawText();

    private void Ask(ListState state)
    {
        if (state.Sort != _state.Sort && !state.InBin)
        {
            // The list follows the address, which says the same.
            _ = RememberAsync(_settings with { Sort = state.Sort });
        }
        Navigation.NavigateTo(state.Address(Addresses.List(_entity!, ViewName)), replace: state.Open is null || _state.Open is not null);
    }

    private void SwitchAsync(string mode) => Ask(_state with { Mode = mode == _base!.Kind ? null : mode, On = null, Span = null });

    private Task KeepAsync(ListSettings settings)
    {
        var remembered = RememberAsync(settings);
        Show();
        return remembered;
    }

    private Task RememberAsync(ListSettings settings)
    {
        _settings = settings;
        return Personal.WriteAsync(Actor, ListSettings.KeyOf(_entity!, _base!), settings.IsNone ? null : settings);
    }

    private void GoAsync(string? view)
    {
        _loaded = null;
        Navigation.NavigateTo(Addresses.List(_entity!, view), forceLoad: false, replace: false);
        if (view == ViewName)
        {
            StateHasChanged();
        }
    }

    private static IEnumerable<Condition> Parts(Condition condition) => condition == Condition.Always ? [] : condition is AllOf all ? all.Parts : [condition];
}
