using Crm.Rules;

namespace Crm.Data;

/// <summary>A field of a record that refers to a file.</summary>
internal readonly record struct FileUse(Guid File, string Entity, Guid Record, string Field)
{
    public IEnumerable<SqlParameter> Parameters => [Param.Uuid(File), Param.Text(Entity), Param.Uuid(Record), Param.Text(Field)];
}

/// <summary>The rows of files and of what refers to them.</summary>
public static class FileRows
{
    private static readonly RowsInsert Uses = new(SystemTables.FileUse, ["file_id", "entity", "record_id", "field"], " ON CONFLICT DO NOTHING");

    private const string Select = $"SELECT \"id\", \"name\", \"type\", \"size\", \"sha256\", \"width\", \"height\", \"created_at\", \"created_by\", \"free_at\" FROM \"{SystemTables.File}\" WHERE ";

    public static ValueTask<int> InsertAsync(Session session, StoredFile file, CancellationToken cancellationToken) => session.ExecuteAsync(
        $"INSERT INTO \"{SystemTables.File}\" (\"id\", \"name\", \"type\", \"size\", \"sha256\", \"width\", \"height\", \"created_at\", \"created_by\", \"free_at\") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [
            Param.Uuid(file.Id), Param.Text(file.Name), Param.Text(file.Type), Param.Integer(file.Size), Param.Text(file.Sha256), Param.Integer(file.Width), Param.Integer(file.Height),
            Param.Timestamp(file.CreatedAt), Param.Uuid(file.CreatedBy), Param.Timestamp(file.FreeAt),
        ],
        cancellationToken);

    internal static async Task<Dictionary<Guid, StoredFile>> FindAsync(Session session, IEnumerable<Guid> ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, StoredFile>();
        foreach (var chunk in ids.Distinct().Chunk(200))
        {
            await session.ForEachAsync(Select + "\"id\" IN " + SqlList.Of(chunk.Length), [.. chunk.Select(id => Param.Uuid(id))], row => found[row.Uuid(0)!.Value] = Read(row), cancellationToken);
        }
        return found;
    }

    internal static ValueTask<List<StoredFile>> FreeAsync(Session session, DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        session.QueryAsync(Select + "\"free_at\" < $1 ORDER BY \"free_at\" LIMIT $2", [Param.Timestamp(now), Param.Integer(limit)], Read, cancellationToken);

    /// <summary>Deletes a row that nothing refers to; false if something does after all.</summary>
    internal static async Task<bool> DeleteAsync(Session session, Guid id, DateTimeOffset now, CancellationToken cancellationToken) => await session.ExecuteAsync(
        $"DELETE FROM \"{SystemTables.File}\" WHERE \"id\" = $1 AND \"free_at\" < $2 AND NOT EXISTS (SELECT 1 FROM \"{SystemTables.FileUse}\" u WHERE u.\"file_id\" = \"{SystemTables.File}\".\"id\")",
        [Param.Uuid(id), Param.Timestamp(now)],
        cancellationToken) > 0;

    internal static async Task<List<(Guid File, string Entity, Guid Record)>> UsesAsync(Session session, IEnumerable<Guid> files, CancellationToken cancellationToken)
    {
        var uses = new List<(Guid, string, Guid)>();
        foreach (var chunk in files.Distinct().Chunk(200))
        {
            await session.ForEachAsync(
                $"SELECT \"file_id\", \"entity\", \"record_id\" FROM \"{SystemTables.FileUse}\" WHERE \"file_id\" IN " + SqlList.Of(chunk.Length),
                [.. chunk.Select(id => Param.Uuid(id))],
                row => uses.Add((row.Uuid(0)!.Value, row.Text(1)!, row.Uuid(2)!.Value)),
                cancellationToken);
        }
        return uses;
    }

    internal static ValueTask AddUsesAsync(Session session, IEnumerable<FileUse> uses, CancellationToken cancellationToken) =>
        session.InsertAsync(Uses, [.. uses.SelectMany(u => u.Parameters)], cancellationToken);

    internal static async Task RemoveUsesAsync(Session session, IEnumerable<FileUse> uses, CancellationToken cancellationToken)
    {
        foreach (var chunk in uses.Chunk(200))
        {
            var these = string.Join(" OR ", chunk.Select((_, i) => FormattableString.Invariant($"(\"file_id\" = ${(4 * i) + 1} AND \"entity\" = ${(4 * i) + 2} AND \"record_id\" = ${(4 * i) + 3} AND \"field\" = ${(4 * i) + 4})")));
            await session.ExecuteAsync($"DELETE FROM \"{SystemTables.FileUse}\" WHERE {these}", [.. chunk.SelectMany(u => u.Parameters)], cancellationToken);
        }
    }

    /// <summary>Notes for files from when on they may be deleted; those that something refers to never.</summary>
    internal static async Task SetFreeAsync(Session session, IEnumerable<Guid> files, DateTimeOffset freeAt, CancellationToken cancellationToken)
    {
        foreach (var chunk in files.Distinct().Chunk(200))
        {
            await session.ExecuteAsync(
                $"UPDATE \"{SystemTables.File}\" SET \"free_at\" = CASE WHEN EXISTS (SELECT 1 FROM \"{SystemTables.FileUse}\" u WHERE u.\"file_id\" = \"{SystemTables.File}\".\"id\") THEN NULL ELSE $1 END WHERE \"id\" IN " + SqlList.Of(chunk.Length, from: 1),
                [Param.Timestamp(freeAt), .. chunk.Select(id => Param.Uuid(id))],
                cancellationToken);
        }
    }

    private static StoredFile Read(Row row) => new(
        row.Uuid(0)!.Value, row.Text(1)!, row.Text(2)!, row.Integer(3)!.Value, row.Text(4)!, (int?)row.Integer(5), (int?)row.Integer(6), row.Timestamp(7)!.Value, row.Uuid(8), row.Timestamp(9));
}
