using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Lists;
using Crm.Ui.Shell;

namespace Crm.Ui.Dashboards;

/// <summary>The way from a figure to the records behind it.</summary>
internal static class Drill
{
    /// <summary>The widest list of an entity with all conditions as chips, so that each can be taken away by itself.</summary>
    public static string To(Entity entity, IEnumerable<Condition?> conditions, string? sort = null) =>
        new ListState("", sort, [.. conditions.OfType<Condition>().SelectMany(Parts)]).Address(Addresses.List(entity, EntityViews.Widest(entity).Name));

    private static IEnumerable<Condition> Parts(Condition condition) => condition is AllOf all ? all.Parts.SelectMany(Parts) : [condition];
}
