using Crm.Metadata;

namespace Crm.Rules;

/// <summary>What is to be asked of the database before a question about a list can be answered.</summary>
public enum Missing
{
    Nothing,
    /// <summary>Whether there is such a record in it.</summary>
    Answer,
    /// <summary>The records themselves.</summary>
    Records,
}

/// <summary>
/// Other records that conditions look at, at hand so that they need not be asked for one by one: those behind lookups as records, those that point to a
/// record as the answers to what is asked about them, so that a list may be long. What is not at hand is as if it were not there.
/// </summary>
public class RelatedRecords
{
    private readonly Dictionary<(Entity Entity, Guid Id), Record?> _records = [];
    private readonly Dictionary<ChildList, IReadOnlyList<Record>> _lists = [];
    private readonly Dictionary<ChildExists, Dictionary<Guid, bool>> _answers = new(ReferenceEqualityComparer.Instance);

    /// <summary>A record as conditions see it among these.</summary>
    public KnownRecord Of(Guid id, Record record) => new(id, record, this);

    public virtual void Add(Entity entity, Guid id, Record? record) => _records[(entity, id)] = record;

    /// <summary>Whether it has been looked for; it may still be missing.</summary>
    public virtual bool Knows(Entity entity, Guid id) => _records.ContainsKey((entity, id));

    /// <summary>The record, if it is at hand.</summary>
    public virtual Record? Find(Entity entity, Guid id) => _records.GetValueOrDefault((entity, id));

    /// <summary>The record that a lookup with the value <paramref name="id"/> points to, if it is at hand.</summary>
    private Record? Find(Field lookup, Guid id) => Find(lookup.Target!, id) ?? (lookup.OtherTarget is { } other ? Find(other, id) : null);

    /// <summary>The value at the end of a path; null where a lookup on the way is empty or its record is not at hand.</summary>
    public object? Read(Record record, FieldPath path)
    {
        var (at, before) = (record, (Field?)null);
        // A step that is no lookup is a value of which the last step is a part.
        for (var i = 0; i < path.Steps.Count - 1 && path.Steps[i].Target is not null; i++)
        {
            if (Value(at, path.Steps[i], before) is not Guid id || Find(path.Steps[i], id) is not { } next)
            {
                return null;
            }
            (at, before) = (next, path.Steps[i]);
        }
        return Value(at, path.Field, before);
    }

    /// <summary>The ids at step <paramref name="step"/> of <paramref name="path"/> that were not looked for in <paramref name="target"/> yet, nor found elsewhere.</summary>
    public IEnumerable<Guid> Unknown(IEnumerable<Record> records, FieldPath path, int step, Entity target)
    {
        var lookup = path.Steps[step];
        var upTo = new FieldPath([.. path.Steps.Take(step + 1)]);
        return records.Select(r => Read(r, upTo)).OfType<Guid>().Where(id => !Knows(target, id) && Find(lookup, id) is null).Distinct();
    }

    /// <summary>What a question about a list still needs.</summary>
    public virtual Missing MissingFor(ChildExists question, ChildList list) => Stored(list) is not null || AnswerTo(question, list) is not null ? Missing.Nothing : Missing.Answer;

    /// <summary>Records of a list that an answer must leave out, because what will become of them is known here.</summary>
    public virtual IReadOnlyCollection<Guid> LeftOut(ChildList list) => [];

    /// <summary>Takes note whether one of the records of a list meets the question's condition, those that are <see cref="LeftOut"/> apart.</summary>
    public virtual void Answer(ChildExists question, ChildList list, bool answer) =>
        (_answers.TryGetValue(question, out var known) ? known : _answers[question] = [])[list.Id] = answer;

    /// <summary>What was noted; null if nothing was.</summary>
    public virtual bool? AnswerTo(ChildExists question, ChildList list) => _answers.TryGetValue(question, out var known) && known.TryGetValue(list.Id, out var answer) ? answer : null;

    /// <summary>Takes all live records of a list as they are stored.</summary>
    public virtual void AddStored(ChildList list, IReadOnlyList<Record> records) => _lists[list] = records;

    /// <summary>All live records of a list as they are stored; null if they are not at hand.</summary>
    public virtual IReadOnlyList<Record>? Stored(ChildList list) => _lists.GetValueOrDefault(list);

    /// <summary>The records of a list that are at hand.</summary>
    public virtual IEnumerable<KnownRecord> In(ChildList list) => (Stored(list) ?? []).Select(r => Of(r.Id, r));

    /// <summary>The value of a field, of which a record of the other entity that the lookup before it may point to has its own form.</summary>
    private static object? Value(Record record, Field field, Field? before) =>
        before is null || record.Entity != before.OtherTarget ? record[field]
        : field.CounterpartIn(record.Entity) is { } same ? record[same] : null;
}
