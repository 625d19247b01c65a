using Crm.Metadata;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace Crm.Ui.Shell;

public sealed partial class SideMenu
{
    private IReadOnlyList<IGrouping<MenuGroup, MenuEntry>> _groups = [];
    private string _active = "";

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    public void Dispose() => Navigation.LocationChanged -= Follow;

    protected override void OnInitialized()
    {
        _groups = [.. MenuEntries.Of(Model, Actor).GroupBy(e => e.Group)];
        _active = ActiveAt(Navigation.Uri);
        Navigation.LocationChanged += Follow;
    }

    private void Follow(object? sender, LocationChangedEventArgs e)
    {
        _active = ActiveAt(e.Location);
        _ = InvokeAsync(StateHasChanged);
    }

    /// <summary>The entry whose address begins the current one, the longest if several do.</summary>
    private string ActiveAt(string uri)
    {
        var path = new Uri(uri).AbsolutePath;
        return _groups.SelectMany(g => g).Select(e => e.Address)
            .Where(a => path == a || path.StartsWith(a + "/", StringComparison.Ordinal))
            .MaxBy(a => a.Length) ?? (path == "/" ? "/" : "");
    }
}
