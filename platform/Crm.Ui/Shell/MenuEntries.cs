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
        .SelectMany(group => group.Items.Select(item => new MenuEntry(group, item, item.Entity is null ? null : model.Find(item.Entity))))
        .Where(entry => entry.Item.Role is not { } role || actor.Roles.Contains(role))
        .Where(entry => entry.Item.Entity is null || (entry.Entity is { } entity && Authority.May(actor, Operation.Read, entity)));
}
