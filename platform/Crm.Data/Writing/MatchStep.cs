using System.Globalization;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Finds out which records the changes mean that name one by key values instead of an id. It runs inside the transaction, so that two
/// requests with the same key do not both create the record.
/// </summary>
internal sealed class MatchStep : IWriteStep
{
    private const int ChunkSize = 200;

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
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
            foreach (var chunk in byKey.Chunk(ChunkSize))
            {
                await MatchAsync(batch.Session, group.Key.Entity, key, chunk, byKey, cancellationToken);
            }
            foreach (var change in byKey.Values.Where(c => c.Kind == ChangeKind.Update && c.Id == Guid.Empty))
            {
                change.Resolve(null);
            }
        }
    }

    private static async Task MatchAsync(
        Session session, Entity entity, IReadOnlyList<Field> key, KeyValuePair<string, RecordChange>[] chunk, Dictionary<string, RecordChange> byKey, CancellationToken cancellationToken)
    {
        var parameters = new List<SqlParameter>();
        var condition = key.Count == 1
            ? $"{Column(key[0])} IN ({string.Join(", ", chunk.Select(c => Parameter(key[0], c.Value)))})"
            : string.Join(" OR ", chunk.Select(c => "(" + string.Join(" AND ", key.Select(f => $"{Column(f)} = {Parameter(f, c.Value)}")) + ")"));
        var sql = $"SELECT \"id\", {string.Join(", ", key.Select(Column))} FROM {SqlDialect.Quote(entity.Table)} WHERE \"deleted_at\" IS NULL AND ({condition})";
        await session.ForEachAsync(sql, parameters, Take, cancellationToken);

        void Take(Row row)
        {
            var text = ValueKey.Of(key.Select((f, i) => row.Value(i + 1, f.Columns[0])));
            if (byKey.TryGetValue(text, out var change))
            {
                if (change.Id == Guid.Empty)
                {
                    change.Resolve(row.Uuid(0));
                }
                else
                {
                    change.Problems.Add(Problem.At(key[0].Name, ProblemKind.Refused, "key.ambiguous"));
                }
            }
        }

        string Parameter(Field field, RecordChange change)
        {
            parameters.Add(SqlParameter.Of(field.Columns[0], ColumnValue(field, change)));
            return "$" + parameters.Count.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static string Column(Field field) => SqlDialect.Quote(field.Columns[0].Name);

    /// <summary>The values of the key's principal columns; null if one is empty, which matches nothing.</summary>
    private static object[]? ValuesOf(RecordChange change, IReadOnlyList<Field> key)
    {
        var values = key.Select(f => ColumnValue(f, change)).ToArray();
        return Array.Exists(values, v => v is null) ? null : [.. values.OfType<object>()];
    }

    private static object? ColumnValue(Field field, RecordChange change)
    {
        var columns = new object?[field.Columns.Count];
        field.Type.ToColumns(change.Values.FirstOrDefault(v => v.Field == field).Value, columns);
        return columns[0];
    }
}
