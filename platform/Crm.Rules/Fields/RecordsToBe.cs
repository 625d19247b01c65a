using Crm.Metadata;

namespace Crm.Rules;

/// <summary>
/// Records as they will be once something is written, over what is stored: what is being written is known here, the rest is asked of the database. So
/// conditions hold for the record that is being written as they would if it were stored already.
/// </summary>
/// <param name="stored">The records as they are stored.</param>
public abstract class RecordsToBe(RelatedRecords stored) : RelatedRecords
{
    private readonly Dictionary<ChildExists, bool> _reads = new(ReferenceEqualityComparer.Instance);

    public sealed override void Add(Entity entity, Guid id, Record? record) => stored.Add(entity, id, record);

    public sealed override bool Knows(Entity entity, Guid id) => Written(entity, id) is not null || stored.Knows(entity, id);

    public sealed override Record? Find(Entity entity, Guid id) => Written(entity, id) ?? stored.Find(entity, id);

    /// <summary>Where a question reads what is being written, the database cannot answer it: the records themselves are needed.</summary>
    public override Missing MissingFor(ChildExists question, ChildList list) =>
        IsWhole(list) || Stored(list) is not null ? Missing.Nothing
        : ReadsWritten(question) ? Missing.Records
        : AnswerTo(question, list) is not null ? Missing.Nothing
        : Missing.Answer;

    public sealed override void Answer(ChildExists question, ChildList list, bool answer)
    {
        if (LeftOut(list).Count > 0)
        {
            base.Answer(question, list, answer);
        }
        else
        {
            stored.Answer(question, list, answer);
        }
    }

    public sealed override bool? AnswerTo(ChildExists question, ChildList list) =>
        IsWhole(list) || Stored(list) is not null ? null
        : LeftOut(list).Count > 0 ? base.AnswerTo(question, list)
        : stored.AnswerTo(question, list);

    public sealed override void AddStored(ChildList list, IReadOnlyList<Record> records) => stored.AddStored(list, records);

    public sealed override IReadOnlyList<Record>? Stored(ChildList list) => stored.Stored(list);

    public sealed override IEnumerable<KnownRecord> In(ChildList list) => IsWhole(list)
        ? WrittenIn(list)
        : (Stored(list) ?? []).Where(r => Written(r.Entity, r.Id) is null).Select(r => Of(r.Id, r)).Concat(WrittenIn(list));

    private bool ReadsWritten(ChildExists question) => _reads.TryGetValue(question, out var reads) ? reads : _reads[question] = question.Where.Reads.Any(IsWritten);

    /// <summary>A record that is being written, as it will be; null for any other.</summary>
    protected abstract Record? Written(Entity entity, Guid id);

    /// <summary>Those among the records that are being written that will be in a list.</summary>
    protected abstract IEnumerable<KnownRecord> WrittenIn(ChildList list);

    /// <summary>Whether nothing will be in a list but what is being written.</summary>
    protected abstract bool IsWhole(ChildList list);

    /// <summary>Whether records of an entity are among those that are being written.</summary>
    protected abstract bool IsWritten(Entity entity);
}
