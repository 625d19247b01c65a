using Crm.Metadata;

namespace Crm.Data;

/// <summary>
/// Keeps the figures over other records: what was just written is counted anew for the records that it belongs to, one statement for all figures over
/// the same records, and, where figures are over figures, on upwards.
/// </summary>
internal sealed class RollupStep : IWriteStep
{
    /// <summary>A tree of records can be deep; figures that go round in a circle through it end here.</summary>
    private const int MaxGenerations = 32;

    public bool Concerns(Model model, Entity entity, ChangeKind kind) => model.RollupsOver(entity).Count > 0 || (kind == ChangeKind.Restore && entity.OwnFields.Any(f => f.Type is RollupFieldType));

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var wave = batch.Pending.Where(c => !c.IsNoChange).ToList();
        var written = wave.GroupBy(c => c.Id).ToDictionary(g => g.Key, g => g.Last());
        for (var generation = 0; wave.Count > 0 && generation < MaxGenerations; generation++)
        {
            var next = new Dictionary<Guid, RecordChange>();
            foreach (var same in Concerned(batch.Model, wave).GroupBy(c => (((RollupFieldType)c.Key.Type).Through, ((RollupFieldType)c.Key.Type).Deep)))
            {
                var causes = new Dictionary<Guid, RecordChange>();
                foreach (var (parent, cause) in same.SelectMany(c => c.Value))
                {
                    Note(causes, parent, cause);
                }
                await ComputeAsync(batch, [.. same.Select(c => c.Key)], causes, written, next, cancellationToken);
            }
            wave = [.. next.Values];
        }
    }

    /// <summary>Which records' figures the changes bear on, each with the last of those changes.</summary>
    private static Dictionary<Field, Dictionary<Guid, RecordChange>> Concerned(Model model, IEnumerable<RecordChange> changes)
    {
        var concerned = new Dictionary<Field, Dictionary<Guid, RecordChange>>();
        foreach (var group in changes.GroupBy(c => c.Entity))
        {
            foreach (var rollup in model.RollupsOver(group.Key))
            {
                var read = Rollups.FieldsRead(rollup);
                var through = ((RollupFieldType)rollup.Type).Through;
                foreach (var change in group.Where(c => c.Kind != ChangeKind.Update || read.Any(f => !f.Type.AreEqual(c.Before![f], c.After![f]))))
                {
                    foreach (var parent in new[] { change.Before?[through], change.After?[through] }.OfType<Guid>())
                    {
                        Note(Of(rollup), parent, change);
                    }
                }
            }
            // While a record lay in the recycle bin, nobody kept its figures.
            foreach (var rollup in group.Key.OwnFields.Where(f => f.Type is RollupFieldType))
            {
                foreach (var change in group.Where(c => c.Kind == ChangeKind.Restore))
                {
                    Note(Of(rollup), change.Id, change);
                }
            }
        }
        return concerned;

        Dictionary<Guid, RecordChange> Of(Field rollup) => concerned.TryGetValue(rollup, out var known) ? known : concerned[rollup] = [];
    }

    private static void Note(Dictionary<Guid, RecordChange> causes, Guid parent, RecordChange cause) => causes[parent] = causes.TryGetValue(parent, out var known) ? RecordChange.LaterOf(known, cause) : cause;

    private static async Task ComputeAsync(
        WriteBatch batch, IReadOnlyList<Field> rollups, Dictionary<Guid, RecordChange> causes, Dictionary<Guid, RecordChange> written, Dictionary<Guid, RecordChange> next, CancellationToken cancellationToken)
    {
        var table = EntityTable.Of(rollups[0].Entity);
        var records = await table.LoadAsync(batch.Session, [.. causes.Keys], cancellationToken, batch.Dialect.LockRows);
        var figures = await Rollups.ComputeAsync(batch.Session, batch.Dialect, rollups, causes.Keys, batch.Now, cancellationToken);
        foreach (var (id, record) in records.Where(r => r.Value.Values[Entity.DeletedAtOrdinal] is null).OrderBy(r => r.Key))
        {
            var changed = rollups.Zip(figures[id], (rollup, figure) => new FieldValue(rollup, figure)).Where(f => !f.Field.Type.AreEqual(record[f.Field], f.Value)).ToList();
            if (changed.Count == 0)
            {
                continue;
            }
            if (written.TryGetValue(id, out var change))
            {
                // It is being written anyway: the figures are part of that change.
                changed.ForEach(f => change.After![f.Field] = f.Value);
                await table.UpdateAsync(batch.Session, change.After!, [.. changed.Select(f => f.Field)], change.After!.Version, cancellationToken);
            }
            else
            {
                change = RecordChange.Derived(record, changed, causes[id], batch.ChangeSet);
                await SaveStep.UpdateAsync(batch, change, cancellationToken);
                batch.Changes.Add(change);
                written[id] = change;
            }
            next[id] = change;
        }
    }
}
