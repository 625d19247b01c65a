using Crm.Metadata;

namespace Crm.Data;

/// <summary>Gives new records their numbers. Counters live in the same transaction, so a refused record leaves no gap.</summary>
internal sealed class NumberingStep : IWriteStep
{
    private const string Take =
        $"INSERT INTO \"{SystemTables.Counter}\" (\"series\", \"value\") VALUES ($1, $2) " +
        $"ON CONFLICT (\"series\") DO UPDATE SET \"value\" = \"{SystemTables.Counter}\".\"value\" + excluded.\"value\" RETURNING \"value\"";

    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind == ChangeKind.Create && entity.OwnFields.Any(f => f.Type is AutonumberFieldType);

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        foreach (var group in batch.Pending.Where(c => c.Kind == ChangeKind.Create).GroupBy(c => c.Entity).ToList())
        {
            foreach (var field in group.Key.OwnFields.Where(f => f.Type is AutonumberFieldType))
            {
                var pattern = ((AutonumberFieldType)field.Type).Counter;
                foreach (var series in group.GroupBy(c => pattern.Series(MomentOf(c, batch))))
                {
                    var count = series.Count();
                    var last = await batch.Session.FirstAsync(Take, [Param.Text(field + "#" + series.Key), Param.Integer(count)], row => row.Integer(0), cancellationToken);
                    var number = last!.Value - count;
                    foreach (var change in series)
                    {
                        change.After![field] = pattern.Format(++number, MomentOf(change, batch));
                    }
                }
            }
        }
    }

    private static DateTimeOffset MomentOf(RecordChange change, WriteBatch batch) => change.Stamp?.At ?? batch.Now;
}
