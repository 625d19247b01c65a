using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What follows from a deletion: records that point here refuse it, lose their reference, or go along.</summary>
internal sealed class CascadeStep : IWriteStep
{
    public const string TooManyCode = "delete.tooMany";

    /// <summary>A deletion from which more would follow is more likely a mistake than an intention.</summary>
    private const int MaxFollowers = 10_000;

    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind == ChangeKind.Delete;

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var asked = batch.Pending.Where(c => c.Kind == ChangeKind.Delete).ToList();
        var deleted = asked.Select(c => c.Id).ToHashSet();
        var before = batch.Changes.Count;
        // What the request itself points elsewhere does not follow.
        var moved = batch.Pending.Where(c => c.Kind == ChangeKind.Update && deleted.Count > 0)
            .SelectMany(c => c.Values.Where(v => v.Field.Targets.Count > 0 && !deleted.Contains(v.Field.PointedTo(v.Value)?.Id ?? Guid.Empty)).Select(v => (v.Field, c.Id))).ToHashSet();
        for (var wave = asked; wave.Count > 0;)
        {
            var next = new List<RecordChange>();
            foreach (var group in wave.GroupBy(c => c.Entity))
            {
                var byId = group.ToDictionary(c => c.Id);
                foreach (var lookup in batch.Model.ReferencesTo(group.Key))
                {
                    // Those that the request deletes or moves itself may all be among them: whoever finds still more finds too many.
                    var limit = deleted.Count + moved.Count + MaxFollowers + 1;
                    var followers = await EntityTable.Of(lookup.Entity).ReferringAsync(batch.Session, lookup, group.Key, [.. byId.Keys], limit, cancellationToken);
                    Follow(batch, lookup, followers.Where(f => !moved.Contains((lookup, f.Id))), byId, deleted, next);
                    if (followers.Count == limit || batch.Changes.Count - before + next.Count > MaxFollowers)
                    {
                        batch.Changes.RemoveRange(before, batch.Changes.Count - before);
                        asked.FindAll(c => !c.Failed).ForEach(c => c.Problems.Add(Problem.Of(ProblemKind.Refused, TooManyCode, MaxFollowers)));
                        return;
                    }
                }
            }
            await AddAsync(batch, next, cancellationToken);
            wave = [.. next.Where(c => c.Kind == ChangeKind.Delete)];
        }
    }

    /// <summary>What happens to records when the one that a lookup of theirs points to is deleted; what a record holds goes with it, whatever the lookup says.</summary>
    public static OnDelete RuleOf(Field lookup) => lookup.OwnedBy is null ? ((ReferenceFieldType)lookup.Type).OnDelete : OnDelete.Cascade;

    private static void Follow(WriteBatch batch, Field lookup, IEnumerable<(Guid Id, Guid Target)> followers, Dictionary<Guid, RecordChange> targets, HashSet<Guid> deleted, List<RecordChange> next)
    {
        foreach (var (id, target) in followers.Where(f => !deleted.Contains(f.Id)))
        {
            switch (batch.Request.IsUndo ? OnDelete.Restrict : RuleOf(lookup))
            {
                case OnDelete.Restrict:
                    var change = targets[target];
                    if (change.Problems.All(p => p.Rule != lookup.ToString()))
                    {
                        change.Problems.Add(new Problem(null, "delete.referenced", [lookup.Entity.PluralLabel, lookup.Label], ProblemKind.Refused, lookup.ToString()));
                    }
                    break;
                case OnDelete.Clear:
                    next.Add(RecordChange.Following(targets[target], ChangeKind.Update, lookup.Entity, id, [new(lookup, null)]));
                    break;
                case OnDelete.Cascade:
                    deleted.Add(id);
                    next.Add(RecordChange.Following(targets[target], ChangeKind.Delete, lookup.Entity, id, []));
                    break;
            }
        }
    }

    private static async Task AddAsync(WriteBatch batch, List<RecordChange> followers, CancellationToken cancellationToken)
    {
        // A record that is touched more than once is changed step by step, each time from where the step before left it.
        var latest = batch.Pending.Where(c => c.After is not null).GroupBy(c => (c.Entity, c.Id)).ToDictionary(g => g.Key, g => g.Last().After!);
        foreach (var group in followers.GroupBy(c => c.Entity))
        {
            var records = await EntityTable.Of(group.Key).LoadAsync(batch.Session, [.. group.Select(c => c.Id)], cancellationToken, group.Any(c => c.Kind == ChangeKind.Delete) ? batch.Dialect.LockRowsToDelete : batch.Dialect.LockRows);
            foreach (var change in group.Where(c => records.ContainsKey(c.Id)))
            {
                change.LayOver(latest.GetValueOrDefault((change.Entity, change.Id)) ?? records[change.Id]);
                latest[(change.Entity, change.Id)] = change.After!;
            }
        }
        batch.Changes.AddRange(followers);
    }
}
