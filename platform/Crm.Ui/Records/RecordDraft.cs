using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Crm.Ui.Items;

namespace Crm.Ui.Records;

/// <summary>
/// A record while somebody edits it: what it was, what it shall be, and what is wrong with that. It knows nothing of screens.
/// </summary>
public sealed class RecordDraft
{
    private readonly Dictionary<string, string> _titles;
    private readonly Dictionary<Field, Fault> _faults = [];
    private readonly HashSet<Field> _left = [];
    private readonly IReadOnlyDictionary<string, string> _originalTitles;
    private List<Problem> _problems = [];
    private RelatedRecords _related = new();
    private IReadOnlyList<KnownRecord>? _seen;

    /// <param name="original">The record as stored, or a new one with its defaults.</param>
    /// <param name="titles">What its lookups are called, by field.</param>
    /// <param name="isNew">Whether it is not stored yet.</param>
    public RecordDraft(Record original, IReadOnlyDictionary<string, string> titles, bool isNew)
    {
        (Original, IsNew, _originalTitles) = (original, isNew, titles);
        Current = original.Clone();
        _titles = new(titles, StringComparer.Ordinal);
    }

    public Entity Entity => Original.Entity;

    public Record Original { get; }

    public Record Current { get; }

    public bool IsNew { get; }

    /// <summary>Whether the person may save; without that the form shows and does not edit.</summary>
    public bool MayWrite { get; init; } = true;

    /// <summary>What the rules of the fields look at beyond the record.</summary>
    public RelatedRecords Related { get => _related; init => _related = value; }

    /// <summary>Rows and links that the person may not read; what rules ask about them, the store knows.</summary>
    public IReadOnlyCollection<Field> Unread { get; init; } = [];

    /// <summary>Who edits and when, for the rules of the fields.</summary>
    public ConditionScope Scope { get; init; } = new(null, null, DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc);

    /// <summary>The record as the rules see it: as it is typed and, where it is stored, as it was.</summary>
    public IReadOnlyList<KnownRecord> Seen => _seen ??= SeenAmong(_related);

    /// <summary>Whether the field has a place on the form, as things stand.</summary>
    public bool IsVisible(Field field) => FieldRules.Of(Entity).IsVisible(field, Seen[0], Scope);

    public bool IsRequired(Field field) => FieldRules.Of(Entity).IsRequired(field, Seen[0], Scope);

    /// <summary>Whether the record as it is stored closes the field to changes.</summary>
    public bool IsReadOnly(Field field) => !IsNew && FieldRules.Of(Entity).IsReadOnly(field, Seen[^1], Scope);

    /// <summary>The same among what was fetched of other records for another look at them.</summary>
    public IReadOnlyList<KnownRecord> SeenAmong(RelatedRecords others)
    {
        var typed = new DraftRecords(others, Current, IsNew, Unread).Record;
        return IsNew ? [typed] : [typed, new DraftRecords(others, Original, IsNew, Unread).Record];
    }

    /// <summary>From now on the rules look at these.</summary>
    public void LookAt(RelatedRecords others) => (_related, _seen) = (others, null);

    /// <summary>Grows when values changed from elsewhere than the fields themselves, which then start afresh.</summary>
    public int Revision { get; private set; }

    /// <summary>What the last attempt to save ran into.</summary>
    public IReadOnlyList<Problem> Problems => _problems;

    /// <summary>Fields whose content differs from what is stored, text that is no value included.</summary>
    public IReadOnlyList<Field> Changed => [.. Entity.Fields.Where(f => f.IsWritable && (_faults.ContainsKey(f) || !f.Type.AreEqual(Original[f], Current[f])))];

    public bool HasChanges => Changed.Count > 0;

    public string? TitleOf(Field field) => Current[field] is null ? null : _titles.GetValueOrDefault(field.Name);

    public void Set(Field field, FieldInput input)
    {
        var before = Current[field];
        Lay(field, input);
        ForgetDependents(field, before);
    }

    private void Lay(Field field, FieldInput input)
    {
        // Text that is no value leaves the value alone, so that the person can go on typing.
        if (input.Fault is null || input.Value is not null)
        {
            Current[field] = input.Value;
        }
        if (input.Title is not null)
        {
            _titles[field.Name] = input.Title;
        }
        if (input.Fault is { } fault)
        {
            _faults[field] = fault;
        }
        else
        {
            _faults.Remove(field);
        }
        if (input.IsFinal)
        {
            _left.Add(field);
        }
        ForgetMisfits(field);
        _problems.RemoveAll(p => input.Place is null ? IsWithin(p, field) : p.Field == field.Name || p.Field == field.Name + input.Place);
    }

    /// <summary>What was chosen for another customer than the one that is chosen now is taken back, and what depends on that in turn.</summary>
    private void ForgetDependents(Field master, object? before)
    {
        if (before is null || master.Type.AreEqual(before, Current[master]))
        {
            return;
        }
        foreach (var dependent in Entity.OwnFields.Where(f => LookupDependency.Of(f)?.Master == master && Current[f] is not null))
        {
            var chosen = Current[dependent];
            Current[dependent] = null;
            ForgetDependents(dependent, chosen);
        }
    }

    /// <summary>A choice that no longer goes with what it depends on is taken back, for the person to choose anew.</summary>
    private void ForgetMisfits(Field master)
    {
        foreach (var dependent in Entity.OwnFields.Where(f => ChoiceDependency.Master(f) == master && ChoiceDependency.Misfit(f, Current) is not null))
        {
            Current[dependent] = null;
        }
    }

    public void Undo()
    {
        Original.Values.CopyTo(Current.Values, 0);
        foreach (var (name, title) in _originalTitles)
        {
            _titles[name] = title;
        }
        _faults.Clear();
        _left.Clear();
        _problems = [];
        Revision++;
    }

    /// <summary>What to say at a field: what saving ran into, or what is wrong with its text once the person has left it.</summary>
    public IEnumerable<Problem> ProblemsOf(Field field) =>
        _problems.Any(p => p.Field == field.Name) ? _problems.Where(p => p.Field == field.Name)
        : _left.Contains(field) && _faults.TryGetValue(field, out var fault) && fault.Place.Length == 0 ? [Problem.At(field.Name, ProblemKind.Invalid, fault.Code, fault.Arguments)]
        : [];

    /// <summary>What saving ran into inside a field's value, such as at <c>lines[2].quantity</c>.</summary>
    public IEnumerable<Problem> ProblemsInside(Field field) => _problems.Where(p => p.Field != field.Name && IsWithin(p, field));

    /// <summary>Whether it is worth asking the store; what is plainly missing or unreadable is said at once.</summary>
    public bool Check()
    {
        _problems =
        [
            .. _faults.Select(f => Problem.At(f.Key.Name + f.Value.Place, ProblemKind.Invalid, f.Value.Code, f.Value.Arguments)),
            .. Entity.Fields.Where(f => f.IsWritable && Current[f] is null && !_faults.ContainsKey(f) && IsRequired(f) && FieldRules.Of(Entity).SourceOf(f) is null &&
                    (IsNew || Original[f] is not null || !f.Definition.Required) && !FieldRules.Of(Entity).HasEntries(f, Seen[0], Scope))
                .Select(f => Problem.At(f.Name, ProblemKind.Refused, "required", f.Label)),
        ];
        return _problems.Count == 0;
    }

    /// <summary>Keeps what saving ran into; problems of entries come back by their place in what was written.</summary>
    public void Refuse(IEnumerable<Problem> problems)
    {
        foreach (var field in Entity.Collections)
        {
            var written = ItemChange.Of((CollectionFieldType)field.Type, (ItemList?)Original[field], (ItemList?)Current[field]);
            problems = problems.Select(p => written.Locate(field, p)).ToList();
        }
        _problems = [.. problems];
    }

    /// <summary>What to write: of a new record all that a person may set, of a stored one what changed.</summary>
    public IReadOnlyList<FieldValue> Values => IsNew
        ? [.. Entity.Fields.Where(f => f.IsWritable && IsVisible(f) && ((!f.IsSystem && FieldRules.Of(Entity).SourceOf(f) is null) || Current[f] is not null)).Select(f => new FieldValue(f, ToWrite(f)))]
        : [.. Changed.Where(f => !f.Type.AreEqual(Original[f], Current[f]) && IsVisible(f)).Select(f => new FieldValue(f, ToWrite(f)))];

    /// <summary>This draft's changes on top of a newer state of the record; where both changed a field, <paramref name="keepMine"/> decides.</summary>
    public RecordDraft Onto(Record newer, IReadOnlyDictionary<string, string> titles, Func<Field, bool> keepMine)
    {
        var draft = new RecordDraft(newer, titles, isNew: false) { Revision = Revision + 1, MayWrite = MayWrite, Related = Related, Unread = Unread, Scope = Scope };
        foreach (var field in Values.Select(v => v.Field).Where(keepMine))
        {
            draft.Lay(field, new(Current[field], TitleOf(field)));
        }
        return draft;
    }

    /// <summary>
    /// Goes on from the draft that was on the screen while this one was fetched: what was typed into it since it was <paramref name="sent"/> is a change here. In
    /// a form that stays, so does text that is no value.
    /// </summary>
    public void GoOnFrom(RecordDraft typed, Record sent)
    {
        var stays = Entity == typed.Entity && Revision <= typed.Revision;
        foreach (var field in typed.Entity.Fields.Where(f => f.IsWritable))
        {
            var fault = stays && field.Type is not CollectionFieldType ? typed._faults.GetValueOrDefault(field) : null;
            if ((fault is not null || !field.Type.AreEqual(sent[field], typed.Current[field])) && Entity.Find(field.Name) is { IsWritable: true } into)
            {
                var value = into != field ? typed.ValueIn(into, field)
                    : field.Type is CollectionFieldType ? ItemChange.Over((ItemList?)Original[field], (ItemList?)sent[field], (ItemList?)typed.Current[field])
                    : typed.Current[field];
                Lay(into, new(value, typed.TitleOf(field), fault, typed._left.Contains(field)));
            }
        }
        Revision = Math.Max(Revision, typed.Revision);
    }

    /// <summary>Gives what was typed here to a draft in the form of another Model, field by field of the same name.</summary>
    public void CarryOver(RecordDraft next)
    {
        foreach (var field in IsNew ? Entity.Fields.Where(f => f.IsWritable && Current[f] is not null) : Changed)
        {
            if (next.Entity.Find(field.Name) is { IsWritable: true } into && ValueIn(into, field) is { } value)
            {
                next.Lay(into, new(value, TitleOf(field)));
            }
        }
        next.Revision = Revision + 1;
    }

    /// <summary>
    /// This draft with what was typed before and kept elsewhere. Of a record that others have changed since, it goes on from the state that was typed over, so
    /// that saving finds out where the two meet.
    /// </summary>
    public RecordDraft Resume(KeptInput kept)
    {
        var original = Original.Clone();
        var fields = kept.Fields.Select(f => (Field: Entity.Find(f.Key), Kept: f.Value)).Where(f => f.Field is { IsWritable: true }).Select(f => (Field: f.Field!, f.Kept)).ToList();
        if (!IsNew && kept.Version != original.Version)
        {
            original.Values[Entity.VersionOrdinal] = kept.Version;
            foreach (var (field, before) in fields)
            {
                original[field] = KeptInput.Value(field, before.Before);
            }
        }
        var draft = new RecordDraft(original, _originalTitles, IsNew) { Revision = Revision + 1, MayWrite = MayWrite, Related = Related, Unread = Unread, Scope = Scope };
        foreach (var (field, value) in fields)
        {
            // What is no value of the field any more, because its type has changed, is left out.
            var input = KeptInput.Value(field, value.Value);
            if (input is not null || value.Value is null)
            {
                draft.Lay(field, new(input, value.Title));
            }
        }
        return draft;
    }

    /// <summary>Takes back what was typed into one field.</summary>
    public void Revert(Field field)
    {
        Current[field] = Original[field];
        if (_originalTitles.TryGetValue(field.Name, out var title))
        {
            _titles[field.Name] = title;
        }
        _faults.Remove(field);
        _left.Remove(field);
        _problems.RemoveAll(p => IsWithin(p, field));
    }

    private object? ValueIn(Field into, Field field)
    {
        if (Current[field] is not { } value)
        {
            return null;
        }
        // The way through JSON finds the fields of entries, and what another type makes of a value.
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new System.Text.Json.Utf8JsonWriter(buffer))
        {
            field.Type.WriteJson(json, value);
        }
        using var read = System.Text.Json.JsonDocument.Parse(buffer.WrittenMemory);
        return into.Type.FromJson(read.RootElement).Value;
    }

    private static bool IsWithin(Problem problem, Field field) =>
        problem.Field == field.Name || problem.Field?.StartsWith(field.Name + "[", StringComparison.Ordinal) == true;

    private object? ToWrite(Field field) => field.Type is CollectionFieldType collection
        ? ItemChange.Of(collection, (ItemList?)Original[field], (ItemList?)Current[field]).Value
        : Current[field];
}
