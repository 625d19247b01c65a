using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What happens to a record.</summary>
public enum ChangeKind
{
    Create, Update, Delete, Restore,
}

/// <summary>A value to be written to a field; null empties it.</summary>
public readonly record struct FieldValue(Field Field, object? Value);

/// <summary>
/// One record to be written. The caller says what it wants; the steps of the write path fill in what was and what will be.
/// </summary>
public sealed class RecordChange
{
    private RecordChange(ChangeKind kind, Entity entity, Guid id, IReadOnlyList<FieldValue> values)
    {
        (Kind, Entity, Id, Values) = (kind, entity, id, values);
    }

    public ChangeKind Kind { get; private set; }

    public Entity Entity { get; }

    public Guid Id { get; internal set; }

    public IReadOnlyList<FieldValue> Values { get; }

    /// <summary>The version that the caller saw; null writes over whatever is there.</summary>
    public long? ExpectedVersion { get; init; }

    /// <summary>The fields whose values say which record is meant, where the caller does not know its id.</summary>
    public IReadOnlyList<Field>? Key { get; private init; }

    /// <summary>Whether a record that the key does not find is created; otherwise it is refused.</summary>
    public bool CreatesMissing { get; private init; }

    /// <summary>Moment and person to note instead of now and the actor; only the platform itself, when it loads history, sets it.</summary>
    public (DateTimeOffset At, Guid? By)? Stamp { get; init; }

    /// <summary>The record before; null for a new one.</summary>
    public Record? Before { get; internal set; }

    /// <summary>The record as it will be, or is, once written.</summary>
    public Record? After { get; internal set; }

    /// <summary>The change set that it was written with.</summary>
    public Guid ChangeSet { get; internal set; }

    /// <summary>Why it cannot be written; empty if it can.</summary>
    public List<Problem> Problems { get; } = [];

    /// <summary>Fields that somebody else changed meanwhile.</summary>
    public List<FieldConflict> Conflicts { get; } = [];

    /// <summary>The change that brought this one along; the two are written together or not at all.</summary>
    internal RecordChange? FollowsFrom { get; init; }

    /// <summary>Where the change stands in the one that brought it along, such as <c>lines[2]</c>; null for one that was asked for by itself.</summary>
    internal string? Place { get; init; }

    /// <summary>The entries of each collection that is written, as they will be.</summary>
    internal Dictionary<Field, IReadOnlyList<Record>> Entries { get; } = [];

    /// <summary>The problems, with the place that the caller knows.</summary>
    internal IEnumerable<Problem> LocatedProblems => Place is null ? Problems : Problems.Select(p => p with { Field = p.Field is null ? Place : $"{Place}.{p.Field}" });

    public bool Failed => Problems.Count > 0;

    /// <summary>Whether anything differs; an update that changes nothing leaves version and history alone.</summary>
    internal bool IsNoChange => Kind == ChangeKind.Update && Before is not null && After is not null && !ChangedFields().Any();

    public static RecordChange Create(Entity entity, IReadOnlyList<FieldValue> values, Guid? id = null) => new(ChangeKind.Create, entity, id ?? Guid.Empty, values);

    public static RecordChange Create(Entity entity, IReadOnlyList<FieldValue> values, Guid? id, (DateTimeOffset At, Guid? By) stamp) =>
        new(ChangeKind.Create, entity, id ?? Guid.Empty, values) { Stamp = stamp };

    public static RecordChange Update(Entity entity, Guid id, IReadOnlyList<FieldValue> values, long? expectedVersion) =>
        new(ChangeKind.Update, entity, id, values) { ExpectedVersion = expectedVersion };

    public static RecordChange Update(Entity entity, Guid id, IReadOnlyList<FieldValue> values, (DateTimeOffset At, Guid? By) stamp) =>
        new(ChangeKind.Update, entity, id, values) { Stamp = stamp };

    /// <summary>A change of a record that was read for it and follows from that of another; what was loaded as history is followed at its own time.</summary>
    internal static RecordChange Derived(Record record, IReadOnlyList<FieldValue> values, RecordChange cause, Guid changeSet)
    {
        // History goes forward, even where what it follows from is older than what happened to the record since.
        var stamp = cause.Stamp is { } given && record.Values[Entity.UpdatedAtOrdinal] is DateTimeOffset last && last > given.At ? (last, given.By) : cause.Stamp;
        var change = new RecordChange(ChangeKind.Update, record.Entity, record.Id, values) { Stamp = stamp, ChangeSet = changeSet };
        change.LayOver(record);
        return change;
    }

    /// <summary>The one that was made later; what has no time of its own is made now.</summary>
    internal static RecordChange LaterOf(RecordChange one, RecordChange other) => one.Stamp is not { } at ? one : other.Stamp is not { } then || then.At > at.At ? other : one;

    /// <summary>Changes the record that has the same values in the <paramref name="key"/> fields, or creates it.</summary>
    public static RecordChange Upsert(Entity entity, IReadOnlyList<Field> key, IReadOnlyList<FieldValue> values, bool createMissing = true) =>
        new(ChangeKind.Update, entity, Guid.Empty, values) { Key = key, CreatesMissing = createMissing };

    public static RecordChange Upsert(Entity entity, IReadOnlyList<Field> key, IReadOnlyList<FieldValue> values, bool createMissing, (DateTimeOffset At, Guid? By) stamp) =>
        new(ChangeKind.Update, entity, Guid.Empty, values) { Key = key, CreatesMissing = createMissing, Stamp = stamp };

    public static RecordChange Delete(Entity entity, Guid id, long? expectedVersion = null) => new(ChangeKind.Delete, entity, id, []) { ExpectedVersion = expectedVersion };

    /// <summary>Puts the record back to where it was: into the recycle bin, with the values that it had there.</summary>
    internal static RecordChange PutBack(Entity entity, Guid id, IReadOnlyList<FieldValue> values) => new(ChangeKind.Delete, entity, id, values);

    /// <summary>A change that another one brings along; what is made with a record is made when and by whom that is.</summary>
    internal static RecordChange Following(RecordChange cause, ChangeKind kind, Entity entity, Guid id, IReadOnlyList<FieldValue> values, string? place = null) =>
        new(kind, entity, id, values) { FollowsFrom = cause, Place = place, Stamp = kind == ChangeKind.Create ? cause.Stamp : null };

    /// <summary>Takes the record out of the recycle bin, and gives it <paramref name="values"/> on the way.</summary>
    public static RecordChange Restore(Entity entity, Guid id, IReadOnlyList<FieldValue>? values = null) => new(ChangeKind.Restore, entity, id, values ?? []);

    /// <summary>Lays the wanted values over the record as it is, or over an empty one where there is none yet.</summary>
    internal void LayOver(Record? before)
    {
        Before = before;
        After = before?.Clone() ?? new Record(Entity);
        foreach (var (field, value) in Values)
        {
            After.Values[field.Ordinal] = value;
        }
    }

    /// <summary>Settles what a key has found.</summary>
    internal void Resolve(Guid? found)
    {
        if (found is { } id)
        {
            Id = id;
        }
        else if (CreatesMissing)
        {
            Kind = ChangeKind.Create;
        }
        else
        {
            Problems.Add(Problem.At(Key![0].Name, ProblemKind.Refused, "key.missing"));
        }
    }

    /// <summary>Forgets what an attempt that was rolled back left behind.</summary>
    internal void Begin()
    {
        (Before, After) = (null, null);
        if (Key is not null)
        {
            (Kind, Id) = (ChangeKind.Update, Guid.Empty);
        }
        Problems.Clear();
        Conflicts.Clear();
        Entries.Clear();
    }

    /// <summary>Fields, system fields apart from owner and unit, whose value differs between before and after.</summary>
    public IEnumerable<Field> ChangedFields()
    {
        foreach (var field in Entity.Fields)
        {
            if ((!field.IsSystem || field.Ordinal is Entity.OwnerOrdinal or Entity.UnitOrdinal) && (field.IsStored || field.Type is CollectionFieldType) &&
                !field.Type.AreEqual(Before?.Values[field.Ordinal], After?.Values[field.Ordinal]))
            {
                yield return field;
            }
        }
    }
}

/// <summary>By which way a change came in; noted with it.</summary>
public enum Door
{
    Form, Api, Import, Platform, Mass, Workflow,
}

/// <summary>What becomes of a request when something in it is refused.</summary>
public enum WriteMode
{
    /// <summary>The first step that refuses something ends it with an exception; nothing is written.</summary>
    Atomic,
    /// <summary>Every refusal is found and stands with its change; if there is one, nothing is written.</summary>
    AllOrNothing,
    /// <summary>What is refused stays out and says why; the rest is written.</summary>
    Partial,
}

/// <summary>A set of changes that belong together: they share a transaction, a change set for undo, and a reason.</summary>
/// <param name="Actor">Who wants it.</param>
/// <param name="Door">The way it came in.</param>
/// <param name="Changes">What is to be written, in order.</param>
/// <param name="Mode">What a refusal does to the rest.</param>
/// <param name="ChangeSet">Joins several requests, such as the pieces of an import; a new one if null.</param>
/// <param name="Cause">What led to it, in words for the history.</param>
public sealed record WriteRequest(Actor Actor, Door Door, IReadOnlyList<RecordChange> Changes, WriteMode Mode = WriteMode.Atomic, Guid? ChangeSet = null, string? Cause = null)
{
    /// <summary>Goes the whole way but leaves nothing behind: what would be refused is refused.</summary>
    public bool DryRun { get; init; }

    /// <summary>Whoever wants it has been warned of probable duplicates and goes on.</summary>
    public bool ConfirmsDuplicates { get; init; }

    /// <summary>
    /// Takes back what another change set did: records become what they were, so rules about what people may enter do not apply, and nothing
    /// may follow that was not part of it.
    /// </summary>
    internal bool IsUndo { get; init; }
}
