using Crm.Metadata;

namespace Crm.Ui.Lists;

/// <summary>The views of an entity, of which there is always at least one.</summary>
public static class EntityViews
{
    public const string List = "list";

    private static readonly ViewDefinition Everything = new() { Name = "all", Default = true };

    public static IReadOnlyList<ViewDefinition> Of(Entity entity) => entity.Views.Count > 0 ? entity.Views : [Everything];

    /// <summary>The view of that name; without a name the one that is shown first. Null if there is none of that name.</summary>
    public static ViewDefinition? Find(Entity entity, string? name)
    {
        var views = Of(entity);
        return name is null ? views.FirstOrDefault(v => v.Default) ?? views[0] : views.FirstOrDefault(v => v.Name == name);
    }

    /// <summary>The list that holds every record, for a figure that leads to the records behind it.</summary>
    public static ViewDefinition Widest(Entity entity)
    {
        var lists = Of(entity).Where(v => v.Kind == List).ToList();
        return lists.FirstOrDefault(v => v.Filter is null) ?? lists.FirstOrDefault(v => v.Default) ?? lists.FirstOrDefault() ?? Everything;
    }
}
