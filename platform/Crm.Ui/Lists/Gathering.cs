using Crm.Metadata;

namespace Crm.Ui.Lists;

/// <summary>A relation by which what is selected in a list is added to another record: customers to a segment, contacts to a target list.</summary>
/// <param name="Links">The entity of the links.</param>
/// <param name="Member">The link's lookup to what is added.</param>
/// <param name="Whole">The link's lookup to what it is added to.</param>
public sealed record Gathering(Entity Links, Field Member, Field Whole)
{
    public Entity Into => Whole.Target!;

    /// <summary>The relations that metadata offers for the records of an entity.</summary>
    public static IReadOnlyList<Gathering> Of(Model model, Entity entity) =>
    [
        .. model.Entities.Values.OrderBy(e => e.Name, StringComparer.Ordinal).SelectMany(e => e.OwnFields).Select(f => f.Type).OfType<LinksFieldType>()
            .Select(links => links.AddFrom switch
            {
                LinksFieldType.SourceName => new Gathering(links.Child, links.Parent, links.Key!),
                LinksFieldType.TargetName => new Gathering(links.Child, links.Key!, links.Parent),
                _ => null,
            })
            .OfType<Gathering>().Where(g => g.Member.Target == entity && g.Whole.Target is not null),
    ];
}
