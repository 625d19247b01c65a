using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Ui.Records;

/// <summary>Where files about a record are kept that are in no field of its own: records of their own that point to it, attachments before notes.</summary>
/// <param name="Entity">Whose records hold them.</param>
/// <param name="Files">The field that holds them.</param>
/// <param name="About">The lookup that says to which record they belong.</param>
public sealed record AttachmentPlace(Entity Entity, Field Files, Field About)
{
    private static readonly string[] Known = ["attachment", "note"];

    public static AttachmentPlace? For(Model model, Entity of, Actor actor) => Known.Select(model.Find).OfType<Entity>()
        .Where(e => e != of && Authority.May(actor, Operation.Read, e))
        .Select(e => (Entity: e, Files: e.OwnFields.FirstOrDefault(f => f.IsStored && f.Type is FileBasedFieldType { IsPicture: false }), About: Interactions.About(e, of)))
        .Where(p => p.Files is not null && p.About is not null)
        .Select(p => new AttachmentPlace(p.Entity, p.Files!, p.About!))
        .FirstOrDefault();

    public Condition Filter(Record of) => Condition.And(
        new Comparison(new([About]), ConditionOperator.Eq, new Constants([About.ValueFor(of.Entity, of.Id)])), new Comparison(new([Files]), ConditionOperator.NotNull, new Constants([])));

    /// <summary>What to write so that a file belongs to the record.</summary>
    public IReadOnlyList<FieldValue> Values(Record of, AttachedFile file) =>
    [
        new(Files, new FileSet([file])), new(About, About.ValueFor(of.Entity, of.Id)), .. Entity.TitleField is { IsWritable: true } title ? new[] { new FieldValue(title, file.Name) } : [],
    ];
}
