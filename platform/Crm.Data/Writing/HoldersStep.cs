using System.Runtime.CompilerServices;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>
/// Rows and links that were changed by themselves change the record that holds them: it gets a new version and a note of which entries, so that whoever
/// has it open and saves its list learns of them. Only the entries that differ are noted, so that a list may be long.
/// </summary>
internal sealed class HoldersStep : IWriteStep
{
    private static readonly ConditionalWeakTable<Model, ILookup<Entity, Field>> Holding = [];

    public bool Concerns(Model model, Entity entity, ChangeKind kind) => HoldingIn(model).Contains(entity);

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var holding = HoldingIn(batch.Model);
        var notes = new Dictionary<(Entity Holder, Guid Id), List<(Field Field, RecordChange Change)>>();
        foreach (var group in batch.Pending.Where(c => !c.IsNoChange).GroupBy(c => c.Entity).Where(g => holding.Contains(g.Key)))
        {
            foreach (var field in holding[group.Key])
            {
                foreach (var change in group.Where(c => !(c.FollowsFrom is { } cause && cause.Entries.ContainsKey(field))))
                {
                    Note(notes, field, change);
                }
            }
        }
        if (notes.Count == 0)
        {
            return;
        }
        var written = batch.Pending.GroupBy(c => (c.Entity, c.Id)).ToDictionary(g => g.Key, g => g.Last());
        foreach (var group in notes.GroupBy(n => n.Key.Holder).OrderBy(g => g.Key.Name, StringComparer.Ordinal))
        {
            var others = group.Where(n => !written.ContainsKey(n.Key)).Select(n => n.Key.Id).Order().ToList();
            var records = others.Count == 0 ? [] : await EntityTable.Of(group.Key).LoadAsync(batch.Session, others, cancellationToken, batch.Dialect.LockRows);
            foreach (var (key, touched) in group.OrderBy(n => n.Key.Id))
            {
                if (written.TryGetValue(key, out var change))
                {
                    await JoinAsync(batch, change, touched, cancellationToken);
                }
                else if (records.TryGetValue(key.Id, out var record) && record.Values[Entity.DeletedAtOrdinal] is null)
                {
                    change = RecordChange.Derived(record, [], touched.Select(t => t.Change).Aggregate(RecordChange.LaterOf), batch.ChangeSet);
                    Lay(change, touched);
                    await SaveStep.UpdateAsync(batch, change, cancellationToken);
                    batch.Changes.Add(change);
                }
            }
        }
    }

    private static ILookup<Entity, Field> HoldingIn(Model model) => Holding.GetValue(model, static model => model.Entities.Values.SelectMany(e => e.Collections).ToLookup(f => ((CollectionFieldType)f.Type).Child));

    private static void Note(Dictionary<(Entity Holder, Guid Id), List<(Field Field, RecordChange Change)>> notes, Field field, RecordChange change)
    {
        var parent = ((CollectionFieldType)field.Type).Parent;
        // One that moves from one record to another changes both.
        foreach (var holder in new[] { change.Before?[parent], change.After?[parent] }.OfType<Guid>().Distinct())
        {
            (notes.TryGetValue((field.Entity, holder), out var touched) ? touched : notes[(field.Entity, holder)] = []).Add((field, change));
        }
    }

    /// <summary>The record is written by the same request: what it says of itself stands, and a list that it does not speak of is noted with it.</summary>
    private static async ValueTask JoinAsync(WriteBatch batch, RecordChange change, List<(Field Field, RecordChange Change)> touched, CancellationToken cancellationToken)
    {
        if (change.Kind == ChangeKind.Update)
        {
            var isSaved = !change.IsNoChange;
            Lay(change, [.. touched.Where(t => !change.Entries.ContainsKey(t.Field))]);
            if (!isSaved && !change.IsNoChange)
            {
                await SaveStep.UpdateAsync(batch, change, cancellationToken);
            }
        }
    }

    private static void Lay(RecordChange holder, IReadOnlyList<(Field Field, RecordChange Change)> touched)
    {
        foreach (var group in touched.GroupBy(t => t.Field))
        {
            var parent = ((CollectionFieldType)group.Key.Type).Parent;
            holder.Before!.Values[group.Key.Ordinal] = ListOf(c => c.Kind is ChangeKind.Create or ChangeKind.Restore ? null : c.Before);
            holder.After!.Values[group.Key.Ordinal] = ListOf(c => c.Kind == ChangeKind.Delete ? null : c.After);

            ItemList? ListOf(Func<RecordChange, Record?> entry) =>
                Collections.ListOf(group.Key, [.. group.Select(t => entry(t.Change)).OfType<Record>().Where(r => Equals(r[parent], holder.Id)).GroupBy(r => r.Id).Select(g => g.Last())]);
        }
    }
}
