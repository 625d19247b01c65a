using Crm.Metadata;

namespace Crm.Data;

/// <summary>
/// Stores finished records past the rules of the write path, for loads so large that asking for each record costs more than storing it: whoever uses
/// it has checked them, and hardly anybody works with the table yet. What is kept for every record is kept for these too: history, search, match
/// forms, figures over other records. All of them are stored or none; nobody is told of them one by one.
/// </summary>
public sealed class BulkLoad(Database database, ModelSource models, IdSource ids, TimeProvider time)
{
    private const int RowsAtOnce = 1_000, ParentsAtOnce = 500;

    /// <summary>Figures that go round in a circle through a tree end here.</summary>
    private const int MaxGenerations = 32;

    /// <param name="entity">Whose records.</param>
    /// <param name="records">New records with ids, versions, stamps and values; enumerated again if the transaction has to begin again.</param>
    /// <param name="cancellationToken">Ends the load; nothing of it remains.</param>
    /// <returns>How many were stored.</returns>
    public async Task<long> InsertAsync(Entity entity, IEnumerable<Record> records, CancellationToken cancellationToken = default)
    {
        var (stored, concerned) = await database.LoadAsync(entity.Table, session => StoreAsync(session, entity, records, cancellationToken), cancellationToken);
        for (var generation = 0; concerned.Count > 0 && generation < MaxGenerations; generation++)
        {
            concerned = await RenewAsync(concerned, cancellationToken);
        }
        return stored;
    }

    private async Task<(long Stored, Dictionary<Field, HashSet<Guid>> Concerned)> StoreAsync(Session session, Entity entity, IEnumerable<Record> records, CancellationToken cancellationToken)
    {
        var (stored, concerned) = (0L, models.Current.RollupsOver(entity).ToDictionary(r => r, _ => new HashSet<Guid>()));
        var (request, changeSet) = (new WriteRequest(Actor.Platform, Door.Platform, []), ids.Next());
        var (rollups, rules) = (entity.OwnFields.Where(f => f.Type is RollupFieldType).ToList(), DuplicateRule.Of(entity));
        foreach (var piece in records.Chunk(RowsAtOnce))
        {
            foreach (var record in piece)
            {
                rollups.ForEach(r => record[r] = Rollups.OfNothing(r));
                foreach (var (rollup, parents) in concerned)
                {
                    if (record[((RollupFieldType)rollup.Type).Through] is Guid parent)
                    {
                        parents.Add(parent);
                    }
                }
            }
            await EntityTable.Of(entity).InsertAsync(session, piece, cancellationToken);
            if (entity.Definition.Audit)
            {
                var batch = new WriteBatch(session, request, models.Current, database.Dialect, changeSet, time.GetUtcNow());
                await AuditTrail.WriteAsync(batch, ids, [.. piece.Select(Creation)], cancellationToken);
            }
            foreach (var rule in rules)
            {
                await MatchIndex.NoteAsync(session, rule, piece, cancellationToken);
            }
            stored += piece.Length;
        }
        return (stored, concerned.Where(c => c.Value.Count > 0).ToDictionary());
    }

    private static RecordChange Creation(Record record)
    {
        var values = record.Values;
        var change = RecordChange.Create(record.Entity, [], record.Id, ((DateTimeOffset)values[Entity.CreatedAtOrdinal]!, values[Entity.CreatedByOrdinal] as Guid?));
        change.After = record;
        return change;
    }

    /// <summary>Computes figures anew.</summary>
    /// <returns>The figures over those figures.</returns>
    private async Task<Dictionary<Field, HashSet<Guid>>> RenewAsync(Dictionary<Field, HashSet<Guid>> concerned, CancellationToken cancellationToken)
    {
        var next = new Dictionary<Field, HashSet<Guid>>();
        foreach (var (rollup, parents) in concerned)
        {
            var further = models.Current.RollupsOver(rollup.Entity).Where(r => Rollups.FieldsRead(r).Contains(rollup)).ToList();
            foreach (var chunk in parents.Order().Chunk(ParentsAtOnce))
            {
                var records = await database.WriteAsync(
                    async session =>
                    {
                        await Rollups.RenewAsync(session, database.Dialect, rollup, chunk, time.GetUtcNow(), cancellationToken);
                        return further.Count == 0 ? [] : await EntityTable.Of(rollup.Entity).LoadAsync(session, chunk, cancellationToken);
                    },
                    cancellationToken);
                foreach (var over in further)
                {
                    var above = records.Values.Select(r => r[((RollupFieldType)over.Type).Through]).OfType<Guid>().ToList();
                    if (above.Count > 0)
                    {
                        (next.TryGetValue(over, out var known) ? known : next[over] = []).UnionWith(above);
                    }
                }
            }
        }
        return next;
    }
}
