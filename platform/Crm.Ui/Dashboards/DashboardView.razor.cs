using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Filters;
using Crm.Ui.Records;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace Crm.Ui.Dashboards;

/// <summary>A dashboard with what narrows it; all that is chosen stands in the address.</summary>
public sealed partial class DashboardView : IDisposable
{
    private const string Custom = "custom";

    private IReadOnlyList<DashboardFilter> _filters = [];
    private IReadOnlyList<WidgetDefinition> _widgets = [];
    private IReadOnlyDictionary<Guid, string> _names = new Dictionary<Guid, string>();
    private DashboardDefinition? _bound;
    private DashboardState _state = new(Period.All, new Dictionary<string, object>());
    private bool _custom;

    [Parameter, EditorRequired]
    public DashboardDefinition Dashboard { get; set; } = default!;

    /// <summary>Where it stands, without what is chosen.</summary>
    [Parameter, EditorRequired]
    public string Address { get; set; } = "";

    /// <summary>What stands above it instead of its name.</summary>
    [Parameter]
    public string? Heading { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private FilterWords Words { get; set; } = default!;

    [Inject]
    private RecordTitles Records { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private string Selected => _custom ? Custom : _state.Period.Text;

    private IEnumerable<(string Value, string Text)> Periods
    {
        get
        {
            var spans = Period.Presets.Concat(_state.Period.Span is { } span && !Period.Presets.Contains(span) ? [span] : []);
            return [.. spans.Select(s => (s, Capital(Words.SpanOf(s)))), (Period.All.Text, T["dashboard.allTime"]), (Custom, T["dashboard.custom"])];
        }
    }

    public void Dispose() => Navigation.LocationChanged -= Follow;

    protected override void OnInitialized() => Navigation.LocationChanged += Follow;

    protected override Task OnParametersSetAsync()
    {
        if (_bound == Dashboard)
        {
            return Task.CompletedTask;
        }
        _bound = Dashboard;
        _widgets = [.. DashboardsOf.Widgets(Dashboard, Model, Actor)];
        var entities = _widgets.SelectMany(EntitiesOf).ToList();
        _filters = [.. Dashboard.Filters.Select(f => DashboardFilter.Of(f, entities)).OfType<DashboardFilter>()];
        return ReadAddressAsync();
    }

    private IEnumerable<Entity> EntitiesOf(WidgetDefinition definition)
    {
        try
        {
            return Widget.Of(definition, Model).Sources.Select(s => s.Entity);
        }
        catch (ProblemException)
        {
            // The widget's own place says what is wrong with it.
            return [];
        }
    }

    private async Task ReadAddressAsync()
    {
        _state = DashboardState.Read(Navigation.Uri, Dashboard, _filters);
        _custom = _state.Period.IsCustom;
        _names = await Records.OfAsync(_filters.SelectMany(f => f.Path.Field.PointedToBy(_state.Chosen.GetValueOrDefault(f.Name))));
    }

    private void Follow(object? sender, LocationChangedEventArgs e)
    {
        if (new Uri(e.Location).AbsolutePath == Address)
        {
            _ = InvokeInOwnCultureAsync(async () =>
            {
                await ReadAddressAsync();
                StateHasChanged();
            });
        }
    }

    private Task PickAsync(string? period)
    {
        if (period != Custom)
        {
            return ShowAsync(_state with { Period = Period.Read(period, null) });
        }
        var today = Actor.ScopeAt(Time.GetUtcNow()).Today;
        var (from, until) = _state.Period.Resolve(today) ?? (today.AddMonths(-1), today.AddDays(1));
        return ShowAsync(_state with { Period = new(null, from, until.AddDays(-1)) });
    }

    private Task BoundAsync(string? text, bool isFirst)
    {
        // A year that is being typed is not yet the one that is meant.
        if (Period.ReadDay(text) is not { } day)
        {
            return Task.CompletedTask;
        }
        var (first, last) = isFirst ? (day, _state.Period.Last ?? day) : (_state.Period.First ?? day, day);
        return ShowAsync(_state with { Period = first <= last ? new(null, first, last) : new(null, day, day) });
    }

    private Task ShowAsync(DashboardState state)
    {
        if (!state.Equals(_state))
        {
            Navigation.NavigateTo(state.Address(Address, Dashboard, _filters), replace: true);
        }
        return Task.CompletedTask;
    }

    private string? TitleOf(DashboardFilter filter) => filter.Path.Field.PointedTo(_state.Chosen.GetValueOrDefault(filter.Name)) is { } to ? _names.GetValueOrDefault(to.Id) : null;

    private static string IdOf(DashboardFilter filter) => "filter-" + filter.Name.Replace('.', '-');

    private static string? Iso(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpper(text[0], CultureInfo.CurrentCulture) + text[1..];
}
