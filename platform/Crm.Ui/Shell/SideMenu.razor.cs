using Crm.Data;
using Crm.Metadata;
using Crm.Ui.Dashboards;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace Crm.Ui.Shell;

/// <summary>The navigation from metadata; groups that a person folds stay folded wherever the person signs in.</summary>
public sealed partial class SideMenu
{
    private const string Dashboards = "/dashboards";

    private IReadOnlyList<IGrouping<MenuGroup, MenuEntry>> _groups = [];
    private ShellSettings _settings = new();
    private bool _hasDashboards;
    private string _active = "";

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private PersonalSettings Personal { get; set; } = default!;

    public void Dispose() => Navigation.LocationChanged -= Follow;

    protected override async Task OnInitializedAsync()
    {
        _groups = [.. MenuEntries.Of(Model, Actor).GroupBy(e => e.Group)];
        _hasDashboards = DashboardsOf.All(Model, Actor).Any() && _groups.SelectMany(g => g).All(e => e.Address != Dashboards);
        _active = ActiveAt(Navigation.Uri);
        Navigation.LocationChanged += Follow;
        _settings = await Personal.ReadAsync<ShellSettings>(Actor, ShellSettings.Key) ?? _settings;
    }

    private Task FoldAsync(string group)
    {
        _settings = _settings with { Folded = _settings.Folded.Contains(group) ? [.. _settings.Folded.Where(f => f != group)] : [.. _settings.Folded, group] };
        return Personal.WriteAsync(Actor, ShellSettings.Key, _settings);
    }

    private void Follow(object? sender, LocationChangedEventArgs e)
    {
        _active = ActiveAt(e.Location);
        _ = InvokeInOwnCultureAsync(() =>
        {
            StateHasChanged();
            return Task.CompletedTask;
        });
    }

    /// <summary>The entry whose address begins the current one, the longest if several do.</summary>
    private string ActiveAt(string uri)
    {
        var path = new Uri(uri).AbsolutePath;
        return _groups.SelectMany(g => g).Select(e => e.Address).Append(Dashboards)
            .Where(a => path == a || path.StartsWith(a + "/", StringComparison.Ordinal))
            .MaxBy(a => a.Length) ?? (path == "/" ? "/" : "");
    }
}
