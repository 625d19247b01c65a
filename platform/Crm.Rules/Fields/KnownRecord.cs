using Crm.Metadata;

namespace Crm.Rules;

/// <summary>The records whose <paramref name="Parent"/> points to one record.</summary>
/// <param name="Parent">The lookup that points.</param>
/// <param name="Of">The entity of the record that it points to.</param>
/// <param name="Id">That record; empty for one that is not stored yet and has no id.</param>
public readonly record struct ChildList(Field Parent, Entity Of, Guid Id);

/// <summary>A record as conditions see it, among what is at hand of others.</summary>
/// <param name="id">Its id, which a record that is not stored yet does not have among its values.</param>
/// <param name="record">Its values.</param>
/// <param name="among">What is at hand of others.</param>
public sealed class KnownRecord(Guid id, Record record, RelatedRecords among) : IConditionSubject
{
    public Guid Id => id;

    public Record Record => record;

    public RelatedRecords Among => among;

    public object? Read(FieldPath path) => among.Read(record, path);

    public IEnumerable<IConditionSubject> Children(ChildPath path) => ListAt(path) is { } list ? among.In(list) : [];

    public bool Has(ChildExists question, ConditionScope scope) => ListAt(question.Path) is { } list &&
        (among.AnswerTo(question, list) == true || among.In(list).Any(c => ConditionEvaluator.Holds(question.Where, c, scope)));

    /// <summary>The list at the end of a path; null where a lookup on the way is empty or its record is not at hand.</summary>
    public ChildList? ListAt(ChildPath path) => path.Through is null ? new(path.Parent, record.Entity, id)
        : Read(path.Through) is Guid of ? new(path.Parent, path.Through.Field.Target!, of)
        : null;
}
