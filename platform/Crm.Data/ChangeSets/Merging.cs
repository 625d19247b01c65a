using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Makes one record of several: what points to the losers then points to the winner, the losers go into the recycle bin with a pointer to it. One
/// change set, so that it can be taken back.
/// </summary>
public sealed class Merging(Database database, RecordStore store, ModelSource models)
{
    private const int MaxLosers = 50, MaxReferences = 50_000;

    /// <param name="entity">Whose records.</param>
    /// <param name="winner">The record that stays.</param>
    /// <param name="losers">The records that it replaces.</param>
    /// <param name="values">What the winner takes over from them.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="door">The way it came in.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProblemException">It was refused; nothing is merged.</exception>
    public async Task<Record> MergeAsync(
        Entity entity, Guid winner, IReadOnlyList<Guid> losers, IReadOnlyList<FieldValue> values, Actor actor, Door door, CancellationToken cancellationToken = default)
    {
        if (losers.Count is 0 or > MaxLosers || losers.Contains(winner) || losers.Distinct().Count() != losers.Count)
        {
            throw new ProblemException(Problem.At("losers", ProblemKind.Invalid, "merge.losers", MaxLosers));
        }
        var changes = await store.WritePlannedAsync(session => PlanAsync(session, entity, winner, losers, values, actor, door, cancellationToken), cancellationToken);
        return changes.FirstOrDefault(c => c.Id == winner)?.After ?? await store.GetAsync(entity, winner, actor, cancellationToken);
    }

    private async Task<WriteRequest> PlanAsync(
        Session session, Entity entity, Guid winner, IReadOnlyList<Guid> losers, IReadOnlyList<FieldValue> values, Actor actor, Door door, CancellationToken cancellationToken)
    {
        var found = await EntityTable.Of(entity).LoadAsync(session, [winner, .. losers], cancellationToken, database.Dialect.LockRows);
        foreach (var id in losers.Prepend(winner).Where(id => found.GetValueOrDefault(id)?.Values[Entity.DeletedAtOrdinal] is not null || !found.ContainsKey(id)))
        {
            throw RecordStore.NotFound(entity, id);
        }
        var gone = losers.ToHashSet();
        var moves = new Dictionary<(Entity, Guid), List<FieldValue>>();
        var doubled = new HashSet<(Entity, Guid)>();
        foreach (var lookup in References(entity))
        {
            var table = EntityTable.Of(lookup.Entity);
            var referring = await table.ReferringAsync(session, lookup, entity, losers, MaxReferences + 1, cancellationToken);
            if (referring.Count > MaxReferences)
            {
                throw new ProblemException(Problem.Of(ProblemKind.Refused, "merge.tooMany", MaxReferences));
            }
            if (lookup.Entity.LinkOf is not null && lookup.Name is (LinksFieldType.SourceName or LinksFieldType.TargetName))
            {
                doubled.UnionWith((await DoubledAsync(session, lookup, winner, referring, cancellationToken)).Select(id => (lookup.Entity, id)));
            }
            foreach (var (id, _) in referring.Where(r => lookup.Entity != entity || !gone.Contains(r.Id)))
            {
                // The winner does not come to point to itself.
                (moves.TryGetValue((lookup.Entity, id), out var known) ? known : moves[(lookup.Entity, id)] = []).Add(new(lookup, id == winner && lookup.Entity == entity ? null : lookup.ValueFor(entity, winner)));
            }
        }
        var own = moves.Remove((entity, winner), out var turned) ? turned.Where(t => values.All(v => v.Field != t.Field)) : [];
        List<FieldValue> final = [.. own, .. values];
        return new(
            actor, door,
            [
                .. doubled.Select(d => RecordChange.Delete(d.Item1, d.Item2)),
                .. moves.Where(m => !doubled.Contains(m.Key)).Select(m => RecordChange.Update(m.Key.Item1, m.Key.Item2, m.Value, expectedVersion: null)),
                .. losers.Select(id => RecordChange.Delete(entity, id)),
                .. final.Count > 0 ? [RecordChange.Update(entity, winner, final, expectedVersion: null)] : Array.Empty<RecordChange>(),
            ],
            Cause: Causes.Merge(winner));
    }

    /// <summary>Every lookup that can point to a record of the entity; of the system fields, those that people set.</summary>
    private IEnumerable<Field> References(Entity entity) => models.Current.Entities.Values
        .OrderBy(e => e.Name, StringComparer.Ordinal)
        .SelectMany(e => e.Fields)
        .Where(f => f.Targets.Contains(entity) && (!f.IsSystem || f.Ordinal is Entity.OwnerOrdinal or Entity.UnitOrdinal));

    /// <summary>Links of losers to where the winner, or another loser, is linked already: one of each stays.</summary>
    private static async Task<IEnumerable<Guid>> DoubledAsync(Session session, Field lookup, Guid winner, List<(Guid Id, Guid Target)> referring, CancellationToken cancellationToken)
    {
        var other = lookup.Entity[lookup.Name == LinksFieldType.SourceName ? LinksFieldType.TargetName : LinksFieldType.SourceName];
        var table = EntityTable.Of(lookup.Entity);
        var kept = await table.ReferringAsync(session, lookup, lookup.Target!, [winner], MaxReferences, cancellationToken);
        var links = await table.LoadAsync(session, [.. kept.Concat(referring).Select(r => r.Id)], cancellationToken);
        var seen = kept.Select(r => links[r.Id][other]).ToHashSet();
        return [.. referring.OrderBy(r => r.Id).Where(r => !seen.Add(links[r.Id][other])).Select(r => r.Id)];
    }
}
