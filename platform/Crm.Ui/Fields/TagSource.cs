using Crm.Data;
using Crm.Metadata;
using Crm.Ui.Shell;

namespace Crm.Ui.Fields;

/// <summary>Tags that are in use already, the most frequent first, so that one thing does not get many names.</summary>
public sealed class TagSource(RecordStore store, CurrentActor current)
{
    private const int Groups = 500, Shown = 100;

    public async Task<IReadOnlyList<string>> KnownAsync(Field field, CancellationToken cancellationToken = default)
    {
        if (!Authority.May(current.Actor, Operation.Read, field.Entity))
        {
            return [];
        }
        var path = new FieldPath([field]);
        var result = await store.AggregateAsync(new(field.Entity, [new(path, null)], [new(MeasureFunction.Count, null, "count")]) { Sort = "-count", Limit = Groups }, current.Actor, cancellationToken);
        return [.. result.Rows
            .Where(r => r[0] is TextSet)
            .SelectMany(r => ((TextSet)r[0]!).Items.Select(tag => (Tag: tag, Count: (long)r[1]!)))
            .GroupBy(t => t.Tag, StringComparer.Ordinal)
            .OrderByDescending(g => g.Sum(t => t.Count)).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Take(Shown).Select(g => g.Key)];
    }
}
