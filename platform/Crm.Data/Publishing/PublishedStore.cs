using System.Text.Json;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>The published layer and its versions, as rows.</summary>
public static class PublishedStore
{
    /// <summary>What is published; nothing in a database that has no place for it yet.</summary>
    public static async Task<PublishedMetadata> ReadAsync(Database database, CancellationToken cancellationToken = default)
    {
        if ((await database.SchemaAsync(cancellationToken)).Find(SystemTables.ModelVersion) is null)
        {
            return PublishedMetadata.None;
        }
        await using var session = await database.ReadAsync(cancellationToken);
        return await ReadAsync(session, cancellationToken);
    }

    internal static async Task<PublishedMetadata> ReadAsync(Session session, CancellationToken cancellationToken)
    {
        var version = await session.FirstAsync($"SELECT max(\"number\") FROM \"{SystemTables.ModelVersion}\"", [], row => row.Integer(0), cancellationToken) ?? 0;
        var files = await session.QueryAsync(
            $"SELECT \"kind\", \"name\", \"content\" FROM \"{SystemTables.Metadata}\" ORDER BY \"kind\", \"name\"", [], row => new MetadataFile(row.Text(0)!, row.Text(1)!, row.Text(2)), cancellationToken);
        return new(version, files);
    }

    internal static async Task<IReadOnlyList<ModelVersion>> VersionsAsync(Session session, CancellationToken cancellationToken) => await session.QueryAsync(
        "SELECT v.\"number\", v.\"at\", v.\"by\", u.\"name\", v.\"title\", v.\"changes\" " +
        $"FROM \"{SystemTables.ModelVersion}\" v LEFT JOIN \"user\" u ON u.\"id\" = v.\"by\" ORDER BY v.\"number\" DESC",
        [],
        row => new ModelVersion(
            row.Integer(0)!.Value, row.Timestamp(1)!.Value, row.Uuid(2), row.Text(3), row.Text(4)!, JsonSerializer.Deserialize<List<PublishedChange>>(row.Text(5)!)!),
        cancellationToken);

    internal static async Task WriteAsync(Session session, ModelVersion version, Guid id, CancellationToken cancellationToken)
    {
        foreach (var change in version.Changes)
        {
            await session.ExecuteAsync($"DELETE FROM \"{SystemTables.Metadata}\" WHERE \"kind\" = $1 AND \"name\" = $2", [Param.Text(change.Kind), Param.Text(change.Name)], cancellationToken);
            if (change.After is { } after)
            {
                await session.ExecuteAsync(
                    $"INSERT INTO \"{SystemTables.Metadata}\" (\"kind\", \"name\", \"content\", \"version\") VALUES ($1, $2, $3, $4)",
                    [Param.Text(change.Kind), Param.Text(change.Name), Param.Text(after.Content), Param.Integer(version.Number)],
                    cancellationToken);
            }
        }
        await session.ExecuteAsync(
            $"INSERT INTO \"{SystemTables.ModelVersion}\" (\"id\", \"number\", \"at\", \"by\", \"title\", \"changes\") VALUES ($1, $2, $3, $4, $5, $6)",
            [Param.Uuid(id), Param.Integer(version.Number), Param.Timestamp(version.At), Param.Uuid(version.By), Param.Text(version.Title), Param.Text(JsonSerializer.Serialize(version.Changes))],
            cancellationToken);
    }
}
