using Crm.Metadata;

namespace Crm.Data;

/// <summary>Restored records bring back what went along with them when they were deleted, and the references that others lost by that.</summary>
internal sealed class ReviveStep : IWriteStep
{
    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind == ChangeKind.Restore;

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Request.IsUndo)
        {
            return;
        }
        var back = new Dictionary<(Entity Entity, Guid Id), Revival>();
        foreach (var group in batch.Pending.Where(c => c.Kind == ChangeKind.Restore).GroupBy(c => c.Entity))
        {
            // Nothing happens to a record in the recycle bin, so its deletion is the row of its present version.
            var deletions = await AuditTrail.DeletionsAsync(batch.Session, group.Key, group.ToDictionary(c => c.Id, c => c.Before!.Version), cancellationToken);
            foreach (var change in group.Where(c => deletions.ContainsKey(c.Id)))
            {
                back.Add((change.Entity, change.Id), new(change, deletions[change.Id]));
            }
        }
        if (back.Count > 0)
        {
            List<Guid> changeSets = [.. back.Values.Select(r => r.ChangeSet).Distinct()];
            var done = await AuditTrail.KindsAsync(batch.Session, changeSets, cancellationToken);
            await ReviveAsync(batch, back, changeSets, done, cancellationToken);
            await ReconnectAsync(batch, back, changeSets, done, cancellationToken);
        }
    }

    /// <summary>What went along hangs on what it went along with, so each round brings back one generation.</summary>
    private static async Task ReviveAsync(
        WriteBatch batch, Dictionary<(Entity Entity, Guid Id), Revival> back, List<Guid> changeSets, HashSet<(string Entity, ChangeKind Kind)> done, CancellationToken cancellationToken)
    {
        var known = batch.Changes.Select(c => (c.Entity, c.Id)).ToHashSet();
        for (var wave = back.Keys.Select(k => k.Entity).ToHashSet(); wave.Count > 0;)
        {
            var next = new HashSet<Entity>();
            foreach (var (target, lookup) in wave.SelectMany(e => batch.Model.ReferencesTo(e).Select(l => (e, l))).Where(r => done.Contains((r.l.Entity.Name, ChangeKind.Delete)) && CascadeStep.RuleOf(r.l) == OnDelete.Cascade))
            {
                var table = EntityTable.Of(lookup.Entity);
                var gone = (await table.DeletedWithAsync(batch.Session, lookup, target, changeSets, cancellationToken))
                    .FindAll(g => back.TryGetValue((target, g.Target), out var cause) && cause.ChangeSet == g.ChangeSet && known.Add((lookup.Entity, g.Id)));
                var records = await table.LoadAsync(batch.Session, [.. gone.Select(g => g.Id).Order()], cancellationToken, batch.Dialect.LockRows);
                foreach (var (id, of, changeSet) in gone.Where(g => records.GetValueOrDefault(g.Id)?.Values[Entity.DeletedAtOrdinal] is not null))
                {
                    var change = Add(batch, RecordChange.Following(back[(target, of)].Change, ChangeKind.Restore, lookup.Entity, id, []), records[id]);
                    back.Add((lookup.Entity, id), new(change, changeSet));
                    next.Add(lookup.Entity);
                }
            }
            wave = next;
        }
    }

    private static async Task ReconnectAsync(
        WriteBatch batch, Dictionary<(Entity Entity, Guid Id), Revival> back, List<Guid> changeSets, HashSet<(string Entity, ChangeKind Kind)> done, CancellationToken cancellationToken)
    {
        var lookups = back.Keys.Select(k => k.Entity).Distinct().SelectMany(batch.Model.ReferencesTo).Distinct().Where(l => done.Contains((l.Entity.Name, ChangeKind.Update))).ToList();
        var lost = (await AuditTrail.EmptiedAsync(batch.Session, lookups, changeSets, cancellationToken))
            .FindAll(l => CauseOf(l.Field, l.Value) is { } cause && cause.ChangeSet == l.ChangeSet);
        var known = batch.Changes.Select(c => (c.Entity, c.Id)).ToHashSet();
        foreach (var group in lost.GroupBy(l => l.Field.Entity).OrderBy(g => g.Key.Name, StringComparer.Ordinal))
        {
            List<Guid> others = [.. group.Select(l => l.Id).Where(id => !known.Contains((group.Key, id))).Distinct().Order()];
            var records = await EntityTable.Of(group.Key).LoadAsync(batch.Session, others, cancellationToken, batch.Dialect.LockRows);
            foreach (var (field, id, value, _) in group)
            {
                if (back.TryGetValue((group.Key, id), out var revived))
                {
                    revived.Change.After![field] ??= value;
                }
                else if (records.TryGetValue(id, out var record) && record.Values[Entity.DeletedAtOrdinal] is null && record[field] is null)
                {
                    records[id] = Add(batch, RecordChange.Following(CauseOf(field, value)!.Change, ChangeKind.Update, group.Key, id, [new(field, value)]), record).After!;
                }
            }
        }

        Revival? CauseOf(Field field, object? value) => field.PointedToBy(value).Select(to => back.GetValueOrDefault(to)).FirstOrDefault(r => r is not null);
    }

    private static RecordChange Add(WriteBatch batch, RecordChange change, Record before)
    {
        change.LayOver(before);
        batch.Changes.Add(change);
        return change;
    }

    /// <summary>A record that comes back, and the change set that had put it into the recycle bin.</summary>
    private sealed record Revival(RecordChange Change, Guid ChangeSet);
}
