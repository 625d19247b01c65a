namespace Crm.Metadata;

/// <summary>Holds the entries of a menu against the entities and views that there are.</summary>
internal static class MenuCheck
{
    /// <summary>What is wrong, each with the member of the menu where it stands.</summary>
    public static IEnumerable<(string Member, string Message)> Of(MenuDefinition menu, IReadOnlyDictionary<string, Entity> entities)
    {
        for (var g = 0; g < menu.Groups.Count; g++)
        {
            for (var i = 0; i < menu.Groups[g].Items.Count; i++)
            {
                var item = menu.Groups[g].Items[i];
                var path = $"groups[{g}].items[{i}]";
                if (item.Entity is null == item.Page is null)
                {
                    yield return (path, "An entry names either an entity or a page.");
                }
                else if (item.Entity is { } name && !entities.ContainsKey(name))
                {
                    yield return (path + ".entity", $"There is no entity '{name}'.");
                }
                else if (item.Entity is { } known && item.View is { } view && entities[known].Views.All(v => v.Name != view))
                {
                    yield return (path + ".view", $"The entity '{known}' has no view '{view}'.");
                }
            }
        }
    }
}
