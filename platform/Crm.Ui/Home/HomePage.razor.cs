using Crm.Metadata;
using Crm.Ui.Dashboards;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Home;

/// <summary>Where the day begins: the dashboard of the person's role, else the figures and the records that are the person's own, as the menu and the views say.</summary>
public sealed partial class HomePage
{
    private IReadOnlyList<HomeTile> _tiles = [];
    private DashboardDefinition? _dashboard;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private string Greeting
    {
        get
        {
            var hour = TimeZoneInfo.ConvertTime(Time.GetUtcNow(), Actor.TimeZone).Hour;
            return T[hour switch { < 5 => "home.evening", < 12 => "home.morning", < 18 => "home.afternoon", _ => "home.evening" }, Actor.Name];
        }
    }

    protected override void OnInitialized()
    {
        _dashboard = DashboardsOf.Home(Model, Actor);
        _tiles = _dashboard is null ? [.. HomeTile.For(Model, Actor)] : [];
    }
}
