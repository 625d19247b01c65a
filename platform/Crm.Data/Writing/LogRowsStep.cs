using Crm.Metadata;

namespace Crm.Data;

/// <summary>
/// Rows that log a field of their record, such as the stages that an opportunity passed: each time the field changes, a row notes the value that was left, since
/// when it was held and for how long. Reports can then count and sum what the history of a record only tells.
/// </summary>
internal sealed class LogRowsStep(IdSource ids) : IWriteStep
{
    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind == ChangeKind.Update && entity.Collections.Any(f => f.Type is RowsFieldType { Logs: not null });

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Request.IsUndo)
        {
            // What is taken back was not left: the row goes with the change that made it.
            return;
        }
        foreach (var group in batch.Pending.Where(c => c.Kind == ChangeKind.Update).GroupBy(c => c.Entity).ToList())
        {
            foreach (var field in group.Key.Collections)
            {
                if (field.Type is RowsFieldType { Logs: { } name } rows && group.Key[name] is { } logged)
                {
                    var left = group.Where(c => !logged.Type.AreEqual(c.Before![logged], c.After![logged])).ToList();
                    var earlier = await Collections.LoadAsync(batch.Session, field, [.. left.Select(c => c.Id)], cancellationToken);
                    batch.Changes.AddRange(left.Select(change => RowOf(batch, change, rows, logged, earlier.GetValueOrDefault(change.Id) ?? [])));
                }
            }
        }
    }

    private RecordChange RowOf(WriteBatch batch, RecordChange change, RowsFieldType rows, Field logged, IReadOnlyList<Record> earlier)
    {
        var (at, by) = change.Stamp ?? (batch.Now, batch.Request.Actor.UserId);
        var entered = earlier.Select(r => rows.Child.Find(RowsFieldType.LeftAt) is { } leftAt ? r[leftAt] as DateTimeOffset? : null).Max() ?? change.Before!.Values[Entity.CreatedAtOrdinal] as DateTimeOffset? ?? at;
        // History goes forward, even where what is loaded is older than what is known already.
        var left = at < entered ? entered : at;
        List<FieldValue> values = [new(rows.Parent, change.Id)];
        foreach (var field in rows.ItemFields)
        {
            object? value = field.Name switch
            {
                RowsFieldType.EnteredAt => entered,
                RowsFieldType.LeftAt => left,
                RowsFieldType.Days => Math.Round((decimal)(left - entered).TotalDays, 1),
                RowsFieldType.By => by,
                _ when field.Name == RowsFieldType.Next + logged.Name => change.After![logged],
                _ => change.Entity.Find(field.Name) is { IsStored: true } own && own.Type.Name == field.Type.Name ? change.Before![own] : null,
            };
            if (value is not null)
            {
                values.Add(new(field, value));
            }
        }
        var row = RecordChange.Following(change, ChangeKind.Create, rows.Child, ids.Next(), values);
        row.LayOver(null);
        row.After!.Values[Entity.IdOrdinal] = row.Id;
        return row;
    }
}
