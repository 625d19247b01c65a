using Crm.Metadata;

namespace Crm.Data;

/// <summary>
/// Stores finished records past the write path, for loads so large that a history of each record would be larger than the record: whoever
/// uses it has checked them, and nobody else sees the database yet. Search indexes follow; rules, figures over other records, history and events do not.
/// </summary>
public sealed class BulkLoad(Database database)
{
    private const int RowsATransaction = 20_000, RowsAStatement = 500;

    /// <returns>How many were stored.</returns>
    public async Task<long> InsertAsync(Entity entity, IEnumerable<Record> records, CancellationToken cancellationToken = default)
    {
        var stored = 0L;
        foreach (var piece in records.Chunk(RowsATransaction))
        {
            stored += await database.WriteAsync(
                async session =>
                {
                    foreach (var rows in piece.Chunk(RowsAStatement))
                    {
                        await EntityTable.Of(entity).InsertAsync(session, rows, cancellationToken);
                    }
                    return piece.Length;
                },
                cancellationToken);
        }
        return stored;
    }
}
