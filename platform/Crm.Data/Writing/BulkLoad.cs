using Crm.Metadata;

namespace Crm.Data;

/// <summary>
/// Stores finished records past the write path, for loads so large that a history of each record would be larger than the record: whoever
/// uses it has checked them, and nobody else sees the database yet. Search indexes follow; rules, figures over other records, history and events do not.
/// </summary>
public sealed class BulkLoad(Database database)
{
    /// <summary>SQLite walks what a savepoint may have to undo again and again: in few large transactions the last rows take longest.</summary>
    private const int RowsATransaction = 1_000;

    /// <returns>How many were stored.</returns>
    public async Task<long> InsertAsync(Entity entity, IEnumerable<Record> records, CancellationToken cancellationToken = default)
    {
        var stored = 0L;
        foreach (var piece in records.Chunk(RowsATransaction))
        {
            stored += await database.WriteAsync(
                async session =>
                {
                    await EntityTable.Of(entity).InsertAsync(session, piece, cancellationToken);
                    return piece.Length;
                },
                cancellationToken);
        }
        return stored;
    }
}
