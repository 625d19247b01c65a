using Crm.Data;
using Crm.Metadata;

namespace Crm.Ui.Dashboards;

/// <summary>Which dashboards there are for somebody.</summary>
public static class DashboardsOf
{
    public static Metadata.Label Label(DashboardDefinition dashboard) => dashboard.Label ?? Metadata.Label.FromName(dashboard.Name);

    /// <summary>Those of which the person may see anything at all.</summary>
    public static IEnumerable<DashboardDefinition> All(Model model, Actor actor) => model.Dashboards.Where(d => Widgets(d, model, actor).Any());

    /// <summary>What the person may see of a dashboard. A widget over an entity that there is not says so in its place.</summary>
    public static IEnumerable<WidgetDefinition> Widgets(DashboardDefinition dashboard, Model model, Actor actor) =>
        dashboard.Widgets.Where(w => w.Entity is null || model.Find(w.Entity) is not { } entity || Authority.May(actor, Operation.Read, entity));

    /// <summary>Where the person's day begins; null if no dashboard is for one of the person's roles.</summary>
    public static DashboardDefinition? Home(Model model, Actor actor) => All(model, actor).FirstOrDefault(d => d.Roles.Any(actor.Roles.Contains));
}
