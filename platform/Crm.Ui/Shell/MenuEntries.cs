using Crm.Data;
using Crm.Metadata;

namespace Crm.Ui.Shell;

/// <summary>An entry of the navigation that the person may see.</summary>
public sealed record MenuEntry(MenuGroup Group, MenuItem Item, Entity? Entity)
{
    public string Address => Addresses.Of(Item);

    public string Icon => Item.Icon ?? Entity?.Icon ?? "chevron_right";

    public Label Label => Item.Label ?? Entity?.PluralLabel ?? new Label(Item.Page ?? "");
}

/// <summary>The navigation as metadata says it, without what the person may not see.</summary>
public static class MenuEntries
{
    public static IEnumerable<MenuEntry> Of(Model model, Actor actor) => model.Menus
        .SelectMany(menu => menu.Groups)
        .SelectMany(group => group.Items.Where(item => MaySee(item, model, actor)).Select(item => new MenuEntry(group, item, item.Entity is null ? null : model.Find(item.Entity))));

    /// <summary>The menus themselves, with what the person may see of them.</summary>
    public static IEnumerable<MenuDefinition> Menus(Model model, Actor actor) => model.Menus.Select(menu => menu with
    {
        Groups = [.. menu.Groups.Select(group => group with { Items = [.. group.Items.Where(item => MaySee(item, model, actor))] }).Where(group => group.Items.Count > 0)],
    });

    private static bool MaySee(MenuItem item, Model model, Actor actor) =>
        (item.Role is not { } role || actor.Roles.Contains(role)) && (item.Entity is null || (model.Find(item.Entity) is { } entity && Authority.May(actor, Operation.Read, entity)));
}
