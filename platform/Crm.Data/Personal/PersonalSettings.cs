using System.Text.Json;

namespace Crm.Data;

/// <summary>
/// What a person has arranged for themselves: columns, density, what is folded. By key, as JSON, on the server, so that it follows the person to any
/// screen. It is nobody else's business and no record: it has no history and is lost without harm.
/// </summary>
public sealed class PersonalSettings(Database database, TimeProvider time)
{
    private const int MaxKey = 200, MaxValue = 64 * 1024;

    /// <summary>What the person arranged under <paramref name="key"/>; null if nothing, or nothing that can still be read.</summary>
    public async Task<T?> ReadAsync<T>(Actor person, string key, CancellationToken cancellationToken = default) where T : class
    {
        if (person.UserId is not { } user)
        {
            return null;
        }
        await using var session = await database.ReadAsync(cancellationToken);
        var text = await session.FirstAsync(
            $"SELECT \"value\" FROM \"{SystemTables.Personal}\" WHERE \"user_id\" = $1 AND \"key\" = $2", [Param.Uuid(user), Param.Text(key)], row => row.Text(0), cancellationToken);
        try
        {
            return text is null ? null : JsonSerializer.Deserialize<T>(text, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            // An older version wrote another shape: better to begin anew than to stand in the way.
            return null;
        }
    }

    /// <summary>Keeps it; null forgets.</summary>
    public async Task WriteAsync<T>(Actor person, string key, T? value, CancellationToken cancellationToken = default) where T : class
    {
        if (person.UserId is not { } user)
        {
            return;
        }
        var text = value is null ? null : JsonSerializer.Serialize(value, JsonSerializerOptions.Web);
        if (key.Length is 0 or > MaxKey || text?.Length > MaxValue)
        {
            throw new ArgumentException("A personal setting has a short key and no more than 64 KB.", nameof(key));
        }
        await database.WriteAsync(
            async session => text is null
                ? await session.ExecuteAsync($"DELETE FROM \"{SystemTables.Personal}\" WHERE \"user_id\" = $1 AND \"key\" = $2", [Param.Uuid(user), Param.Text(key)], cancellationToken)
                : await session.ExecuteAsync(
                    $"INSERT INTO \"{SystemTables.Personal}\" (\"user_id\", \"key\", \"value\", \"at\") VALUES ($1, $2, $3, $4) " +
                    "ON CONFLICT (\"user_id\", \"key\") DO UPDATE SET \"value\" = excluded.\"value\", \"at\" = excluded.\"at\"",
                    [Param.Uuid(user), Param.Text(key), Param.Text(text), Param.Timestamp(time.GetUtcNow())],
                    cancellationToken),
            cancellationToken);
    }
}
