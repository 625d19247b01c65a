using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Values that may occur only once: against what is stored, and among the changes themselves.</summary>
internal sealed class UniquenessStep : IWriteStep
{
    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        foreach (var group in batch.Pending.Where(c => c.Kind != ChangeKind.Delete).GroupBy(c => c.Entity).ToList())
        {
            foreach (var fields in UniqueSets(group.Key))
            {
                var seen = new HashSet<string>(StringComparer.Ordinal);
                foreach (var change in group.Where(c => !c.Failed && Concerns(c, fields)))
                {
                    if (!seen.Add(ValueKey.Of(fields, f => change.After![f])) || await EntityTable.Of(group.Key).FindTwinAsync(batch.Session, fields, change.After!, change.Id, cancellationToken) is not null)
                    {
                        change.Problems.Add(Problem.At(fields[0].Name, ProblemKind.Refused, "unique", string.Join(", ", fields.Select(f => f.Label)), string.Join(' ', fields.Select(f => f.Type.ToText(change.After![f]!, System.Globalization.CultureInfo.InvariantCulture)))));
                    }
                }
            }
        }
    }

    private static IEnumerable<IReadOnlyList<Field>> UniqueSets(Entity entity) =>
        entity.OwnFields.Where(f => f.Definition.Unique).Select(f => (IReadOnlyList<Field>)[f])
            .Concat(entity.Definition.Unique.Where(s => s.All(n => entity.Find(n) is not null)).Select(s => (IReadOnlyList<Field>)[.. s.Select(n => entity[n])]));

    private static bool Concerns(RecordChange change, IReadOnlyList<Field> fields) =>
        fields.All(f => change.After![f] is not null) &&
        (change.Kind != ChangeKind.Update || fields.Any(f => !f.Type.AreEqual(change.Before![f], change.After![f])));
}
