using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Finds out which records the changes mean that name one by key values instead of an id. It runs inside the transaction, so that two
/// requests with the same key do not both create the record.
/// </summary>
internal sealed class MatchStep : IWriteStep
{
    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        if (!batch.Changes.Exists(c => c.Key is not null))
        {
            return;
        }
        await KeyHold.RunAsync(
            batch,
            batch.Pending.Where(c => c.Key is not null && c.CreatesMissing).Select(c => (Fields: string.Join(',', c.Key!), Values: ValuesOf(c, c.Key!))).Where(k => k.Values is not null).Select(k => (k.Fields, ValueKey.Of(k.Values!))),
            cancellationToken);
        foreach (var group in batch.Pending.Where(c => c.Key is not null).GroupBy(c => (c.Entity, Key: string.Join(',', c.Key!))).ToList())
        {
            var key = group.First().Key!;
            var byKey = new Dictionary<string, RecordChange>(StringComparer.Ordinal);
            foreach (var change in group)
            {
                if (ValuesOf(change, key) is not { } values)
                {
                    change.Resolve(null);
                }
                else if (!byKey.TryAdd(ValueKey.Of(values), change))
                {
                    change.Problems.Add(Problem.At(key[0].Name, ProblemKind.Refused, "key.twice"));
                }
            }
            await EntityTable.Of(group.Key.Entity).ForEachWithAsync(batch.Session, key, [.. byKey.Values.Select(c => ValuesOf(c, key)!)], (id, found) => Take(id, byKey[ValueKey.Of(found)], key), cancellationToken);
            foreach (var change in byKey.Values.Where(c => c.Kind == ChangeKind.Update && c.Id == Guid.Empty))
            {
                change.Resolve(null);
            }
        }
    }

    private static void Take(Guid id, RecordChange change, IReadOnlyList<Field> key)
    {
        if (change.Id == Guid.Empty)
        {
            change.Resolve(id);
        }
        else
        {
            change.Problems.Add(Problem.At(key[0].Name, ProblemKind.Refused, "key.ambiguous"));
        }
    }

    /// <summary>The values of the key's principal columns; null if one is empty, which matches nothing.</summary>
    private static object[]? ValuesOf(RecordChange change, IReadOnlyList<Field> key)
    {
        var values = key.Select(f => RecordValues.Principal(f, change.Values.FirstOrDefault(v => v.Field == f).Value)).ToArray();
        return Array.Exists(values, v => v is null) ? null : [.. values.OfType<object>()];
    }
}
