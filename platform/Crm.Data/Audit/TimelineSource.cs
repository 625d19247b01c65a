using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Records that tell of another because they point to it, directly or through a link of theirs.</summary>
/// <param name="Lookup">What points to the record.</param>
/// <param name="Shown">Whose records are told of: those that point, or those that hold the link.</param>
/// <param name="Steps">The way from the entity of the lookup to what is shown.</param>
/// <param name="Moment">When it happened.</param>
/// <param name="Only">Which of them; null for all.</param>
internal sealed record TimelineSource(Field Lookup, Entity Shown, IReadOnlyList<Field> Steps, FieldPath Moment, Condition? Only)
{
    private const string Start = "start";

    public FieldPath Path(Field field) => new([.. Steps, field]);

    /// <summary>A condition on what is shown, asked from where the lookup is.</summary>
    public Condition At(Condition condition) => Steps.Count == 0 ? condition : condition switch
    {
        AllOf all => new AllOf([.. all.Parts.Select(At)]),
        AnyOf any => new AnyOf([.. any.Parts.Select(At)]),
        Not not => new Not(At(not.Inner)),
        Comparison { Operand: OtherField other } comparison => new Comparison(At(comparison.Path), comparison.Operator, new OtherField(At(other.Path))),
        Comparison comparison => comparison with { Path = At(comparison.Path) },
        _ => throw new NotSupportedException("A timeline is narrowed by comparisons only."),
    };

    private FieldPath At(FieldPath path) => new([.. Steps, .. path.Steps]);

    /// <summary>The sources for records of an entity: what the actor may read and what keeps a history. Entries of the record itself are told by its own changes.</summary>
    public static IEnumerable<TimelineSource> Of(Model model, Entity entity, Actor actor) => model.Entities.Values
        .Where(e => !e.IsSystem).OrderBy(e => e.Name, StringComparer.Ordinal)
        .SelectMany(e => e.OwnFields)
        .Where(f => f.OwnedBy is null && f.Targets.Contains(entity) && f.Entity.Definition.Audit)
        .SelectMany(Of)
        .Where(s => Authority.May(actor, Operation.Read, s.Shown) && Authority.May(actor, Operation.Read, s.Lookup.Entity));

    /// <summary>Calls and meetings stand where they took place; those without a time, and all other records, where they were entered.</summary>
    private static IEnumerable<TimelineSource> Of(Field lookup)
    {
        var link = lookup.Entity.LinkOf;
        var shown = link?.Entity ?? lookup.Entity;
        IReadOnlyList<Field> steps = link is null ? [] : [lookup.Entity[LinksFieldType.SourceName]];
        FieldPath entered = new([.. steps, shown.Fields[Entity.CreatedAtOrdinal]]);
        if (shown.Definition.Template != EntityTemplate.Interaction || shown.Find(Start) is not { IsStored: true, Type: DateTimeFieldType } start)
        {
            yield return new(lookup, shown, steps, entered, null);
            yield break;
        }
        FieldPath began = new([.. steps, start]);
        yield return new(lookup, shown, steps, began, new Comparison(began, ConditionOperator.NotNull, new Constants([])));
        yield return new(lookup, shown, steps, entered, new Comparison(began, ConditionOperator.IsNull, new Constants([])));
    }
}
