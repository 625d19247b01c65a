using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>One record that a change set touched.</summary>
public sealed record ChangedRecord(Entity Entity, Guid Id, ChangeKind Kind, long Version, IReadOnlyList<FieldChange> Changes);

/// <summary>What one change set did: an import, a mass update, a merge, a batch, a save.</summary>
/// <param name="Records">The changes, up to a limit.</param>
/// <param name="IsWhole">Whether these are all.</param>
public sealed record ChangeSet(Guid Id, DateTimeOffset At, Guid? By, Door Door, string? Cause, IReadOnlyList<ChangedRecord> Records, bool IsWhole);

/// <summary>
/// Changes that share a change set can be seen and taken back together. Taking back goes the way of every write, in one transaction, and is a
/// change set that can be taken back itself.
/// </summary>
public sealed class ChangeSets(Database database, RecordStore store, ModelSource models)
{
    /// <summary>Changes that are listed, and that are taken back in one transaction, at most.</summary>
    private const int MaxListed = 1_000, MaxUndone = 100_000;

    private const int MaxConflicts = 100;

    /// <exception cref="ProblemException">There is no such change set, or nothing in it that the actor may see.</exception>
    public async Task<ChangeSet> ReadAsync(Guid changeSet, Actor actor, CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        var rows = await AuditTrail.ReadSetAsync(session, models.Current, changeSet, MaxListed + 1, cancellationToken);
        var visible = rows.Take(MaxListed).Where(r => Authority.May(actor, Operation.Read, r.Entity)).ToList();
        return visible.Count == 0 ? throw Unknown(changeSet) : new(
            changeSet, visible.Min(r => r.At), visible[0].By, visible[0].Door, visible[0].Cause,
            [.. visible.Select(r => new ChangedRecord(r.Entity, r.RecordId, r.Kind, r.Version, r.Changes))], rows.Count <= MaxListed);
    }

    /// <summary>Makes every record what it was before the change set, where nobody has changed the same fields since.</summary>
    /// <returns>The changes that took it back.</returns>
    /// <exception cref="ProblemException">The actor may not, or records were changed since: each is named with its field.</exception>
    public Task<IReadOnlyList<RecordChange>> UndoAsync(Guid changeSet, Actor actor, Door door, CancellationToken cancellationToken = default) =>
        store.WritePlannedAsync(session => PlanAsync(session, changeSet, actor, door, cancellationToken), cancellationToken);

    private async Task<WriteRequest> PlanAsync(Session session, Guid changeSet, Actor actor, Door door, CancellationToken cancellationToken)
    {
        var rows = await AuditTrail.ReadSetAsync(session, models.Current, changeSet, MaxUndone + 1, cancellationToken);
        if (rows.Count == 0)
        {
            throw Unknown(changeSet);
        }
        if (rows.Count > MaxUndone)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Refused, "undo.tooLarge", MaxUndone));
        }
        if (!actor.IsAdministrator && rows.Any(r => r.By != actor.UserId))
        {
            throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden.undo"));
        }
        var (changes, problems) = (new List<RecordChange>(), new List<Problem>());
        foreach (var group in rows.GroupBy(r => r.RecordId).Select(g => new NetChange(g)).GroupBy(n => n.Entity))
        {
            var current = await EntityTable.Of(group.Key).LoadAsync(session, [.. group.Select(n => n.Id)], cancellationToken, database.Dialect.LockRows);
            changes.AddRange(group.Select(net => net.Reverse(current.GetValueOrDefault(net.Id), problems)).OfType<RecordChange>());
        }
        if (problems.Count > 0)
        {
            throw new ProblemException([.. problems.Take(MaxConflicts)]);
        }
        if (changes.Count == 0)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Conflict, "undo.nothing"));
        }
        // What gives values free comes before what takes them.
        return new(actor, door, [.. changes.OrderBy(c => c.Kind switch { ChangeKind.Delete => 0, ChangeKind.Update => 1, _ => 2 })], Cause: Causes.Undo(changeSet)) { IsUndo = true };
    }

    private static ProblemException Unknown(Guid changeSet) => new(Problem.Of(ProblemKind.NotFound, "changeSet.unknown", changeSet.ToString("D")));
}
