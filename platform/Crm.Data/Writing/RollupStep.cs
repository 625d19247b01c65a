using Crm.Metadata;

namespace Crm.Data;

/// <summary>
/// Keeps the figures over other records: what was just written is counted anew for the records that it belongs to, one statement a figure,
/// and, where figures are over figures, on upwards.
/// </summary>
internal sealed class RollupStep : IWriteStep
{
    /// <summary>A tree of records can be deep; figures that go round in a circle through it end here.</summary>
    private const int MaxGenerations = 32;

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var wave = batch.Pending.Where(c => !c.IsNoChange).ToList();
        var written = wave.GroupBy(c => c.Id).ToDictionary(g => g.Key, g => g.Last());
        for (var generation = 0; wave.Count > 0 && generation < MaxGenerations; generation++)
        {
            var next = new Dictionary<Guid, RecordChange>();
            foreach (var (rollup, parents) in Concerned(batch.Model, wave))
            {
                await ComputeAsync(batch, rollup, parents, written, next, cancellationToken);
            }
            wave = [.. next.Values];
        }
    }

    /// <summary>Which records' figures the changes bear on.</summary>
    private static Dictionary<Field, HashSet<Guid>> Concerned(Model model, IEnumerable<RecordChange> changes)
    {
        var concerned = new Dictionary<Field, HashSet<Guid>>();
        foreach (var group in changes.GroupBy(c => c.Entity))
        {
            foreach (var rollup in model.RollupsOver(group.Key))
            {
                var read = Rollups.FieldsRead(rollup);
                var through = ((RollupFieldType)rollup.Type).Through;
                var parents = new HashSet<Guid>();
                foreach (var change in group.Where(c => c.Kind != ChangeKind.Update || read.Any(f => !f.Type.AreEqual(c.Before![f], c.After![f]))))
                {
                    parents.UnionWith(new[] { change.Before?[through], change.After?[through] }.OfType<Guid>());
                }
                Add(rollup, parents);
            }
            // While a record lay in the recycle bin, nobody kept its figures.
            foreach (var rollup in group.Key.OwnFields.Where(f => f.Type is RollupFieldType))
            {
                Add(rollup, [.. group.Where(c => c.Kind == ChangeKind.Restore).Select(c => c.Id)]);
            }
        }
        return concerned;

        void Add(Field rollup, HashSet<Guid> parents)
        {
            if (parents.Count > 0)
            {
                (concerned.TryGetValue(rollup, out var known) ? known : concerned[rollup] = []).UnionWith(parents);
            }
        }
    }

    private static async Task ComputeAsync(
        WriteBatch batch, Field rollup, HashSet<Guid> parents, Dictionary<Guid, RecordChange> written, Dictionary<Guid, RecordChange> next, CancellationToken cancellationToken)
    {
        var table = EntityTable.Of(rollup.Entity);
        var records = await table.LoadAsync(batch.Session, [.. parents], cancellationToken, batch.Dialect.LockRows);
        var figures = await Rollups.ComputeAsync(batch.Session, batch.Dialect, rollup, parents, batch.Now, cancellationToken);
        foreach (var (id, record) in records.Where(r => r.Value.Values[Entity.DeletedAtOrdinal] is null).OrderBy(r => r.Key))
        {
            var figure = figures.GetValueOrDefault(id, Rollups.OfNothing(rollup));
            if (rollup.Type.AreEqual(record[rollup], figure))
            {
                continue;
            }
            if (written.TryGetValue(id, out var change))
            {
                // It is being written anyway: the figure is part of that change.
                change.After![rollup] = figure;
                await table.UpdateAsync(batch.Session, change.After, [rollup], change.After.Version, cancellationToken);
            }
            else
            {
                change = RecordChange.Update(rollup.Entity, id, [new(rollup, figure)], expectedVersion: null);
                (change.Before, change.After, change.ChangeSet) = (record, record.Clone(), batch.ChangeSet);
                change.After[rollup] = figure;
                await SaveStep.UpdateAsync(batch, change, cancellationToken);
                batch.Changes.Add(change);
                written[id] = change;
            }
            next[id] = change;
        }
    }
}
