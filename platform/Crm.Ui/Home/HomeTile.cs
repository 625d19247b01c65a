using Crm.Data;
using Crm.Metadata;
using Crm.Ui.Lists;
using Crm.Ui.Shell;

namespace Crm.Ui.Home;

/// <summary>A view in small on the start page.</summary>
public sealed record HomeTile(Entity Entity, ViewDefinition View)
{
    private const int Most = 4;

    public string Address => Addresses.List(Entity, View.Name);

    public Label Title => View.Label ?? Entity.PluralLabel;

    /// <summary>
    /// For the first entities of the menu: the chart that the menu leads to, and the list of what is the person's own (the first list that
    /// asks for "me"), else the first list.
    /// </summary>
    public static IEnumerable<HomeTile> For(Model model, Actor actor)
    {
        var first = model.Menus.SelectMany(m => m.Groups).FirstOrDefault();
        var entries = MenuEntries.Of(model, actor).Where(e => e.Group == first && e.Entity is not null).ToList();
        var charts = entries.Select(e => new HomeTile(e.Entity!, EntityViews.Find(e.Entity!, e.Item.View)!)).Where(t => t.View is not null && t.View.Kind != EntityViews.List);
        var lists = entries.Select(e => e.Entity!).Distinct().Select(e => new HomeTile(e, Own(e)));
        return charts.Concat(lists).Take(Most);
    }

    private static ViewDefinition Own(Entity entity)
    {
        var lists = EntityViews.Of(entity).Where(v => v.Kind == EntityViews.List).ToList();
        return lists.FirstOrDefault(v => v.Filter?.GetRawText().Contains("\"me\"", StringComparison.Ordinal) == true) ?? EntityViews.Widest(entity);
    }
}
