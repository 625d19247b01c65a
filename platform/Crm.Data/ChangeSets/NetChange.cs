using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What one change set did to one record, all its rows taken together, and how that is taken back.</summary>
internal sealed class NetChange
{
    private readonly Dictionary<Field, FieldChange> _fields = [];
    private readonly ChangeKind _first, _last;

    public NetChange(IEnumerable<ChangeRow> rows)
    {
        var ordered = rows.OrderBy(r => r.Version).ToList();
        (Entity, Id, _first, _last) = (ordered[0].Entity, ordered[0].RecordId, ordered[0].Kind, ordered[^1].Kind);
        // Entries of collections are taken back as the records that they are, and figures over them follow.
        foreach (var change in ordered.SelectMany(r => r.Changes).Where(c => c.Field.IsStored && c.Field.Type is not RollupFieldType))
        {
            _fields[change.Field] = new(change.Field, _fields.TryGetValue(change.Field, out var earlier) ? earlier.Before : change.Before, change.After);
        }
    }

    public Entity Entity { get; }

    public Guid Id { get; }

    private bool WasLive => _first is ChangeKind.Update or ChangeKind.Delete;

    private bool IsLeftLive => _last != ChangeKind.Delete;

    /// <summary>The change that makes the record what it was; null if it is that already.</summary>
    /// <param name="current">The record now; null if it is gone for good.</param>
    /// <param name="problems">Told where somebody has changed since what is to be taken back.</param>
    public RecordChange? Reverse(Record? current, List<Problem> problems)
    {
        var isLive = current is not null && current.Values[Entity.DeletedAtOrdinal] is null;
        if (!WasLive && !isLive)
        {
            return null;
        }
        if (current is null || (WasLive && IsLeftLive && !isLive))
        {
            problems.Add(Problem.Of(ProblemKind.Conflict, "undo.deleted", Entity.Label, Id.ToString("D")) with { Records = [Id] });
            return null;
        }
        var values = new List<FieldValue>();
        foreach (var (field, before, after) in _first == ChangeKind.Create ? AllFields() : _fields.Values)
        {
            var now = current[field];
            if (field.Type.AreEqual(now, before) && _first != ChangeKind.Create)
            {
                continue;
            }
            if (!field.Type.AreEqual(now, after))
            {
                problems.Add(Problem.At(field.Name, ProblemKind.Conflict, "undo.changed", field.Label, Entity.Label, current.Title) with { Records = [Id] });
            }
            else if (_first != ChangeKind.Create)
            {
                values.Add(new(field, before));
            }
        }
        return (WasLive, isLive) switch
        {
            (false, _) => RecordChange.PutBack(Entity, Id, values),
            (true, false) => RecordChange.Restore(Entity, Id, values),
            _ => values.Count > 0 ? RecordChange.Update(Entity, Id, values, expectedVersion: null) : null,
        };
    }

    /// <summary>A new record is taken back as a whole, so that whatever was added to it since counts.</summary>
    private IEnumerable<FieldChange> AllFields() => Entity.Fields
        .Where(f => f.IsStored && f.Type is not RollupFieldType && f.Definition.Audit && (!f.IsSystem || f.Ordinal is Entity.OwnerOrdinal or Entity.UnitOrdinal))
        .Select(f => _fields.TryGetValue(f, out var change) ? change : new(f, null, null));
}
