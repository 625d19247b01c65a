using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Crm.Data;

/// <summary>
/// Bearer tokens: 256 random bits, of which the database holds only a hash, so that a stolen file signs nobody in. A new password ends them,
/// because each remembers the security stamp under which it was made.
/// </summary>
public sealed class AccessTokens(Database database, CredentialStore credentials, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>How long a token is believed without asking the database again.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(30);

    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<string, (Guid UserId, DateTimeOffset Until)> _remembered = new(StringComparer.Ordinal);

    public async Task<(string Token, DateTimeOffset ExpiresAt)> CreateAsync(Guid userId, CancellationToken cancellationToken)
    {
        var credential = (await credentials.FindByIdAsync(userId, cancellationToken))?.Credential ?? throw new InvalidOperationException("The user has no credential.");
        var token = "crm_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        var expires = now + Lifetime;
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync($"DELETE FROM \"{SystemTables.AccessToken}\" WHERE \"expires_at\" < $1", [Param.Timestamp(now)], cancellationToken);
                return await session.ExecuteAsync(
                    $"INSERT INTO \"{SystemTables.AccessToken}\" (\"hash\", \"user_id\", \"created_at\", \"expires_at\", \"security_stamp\") VALUES ($1, $2, $3, $4, $5)",
                    [Param.Text(Hash(token)), Param.Uuid(userId), Param.Timestamp(now), Param.Timestamp(expires), Param.Text(credential.SecurityStamp)],
                    cancellationToken);
            },
            cancellationToken);
        return (token, expires);
    }

    /// <summary>Whose token it is; null if it is unknown, expired or revoked.</summary>
    public async ValueTask<Guid?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_remembered.TryGetValue(token, out var known) && known.Until > now)
        {
            return known.UserId;
        }
        _remembered.TryRemove(token, out _);
        var (userId, expires, stamp) = await ReadAsync(token, cancellationToken);
        if (userId is null || expires <= now || (await credentials.FindByIdAsync(userId.Value, cancellationToken))?.Credential?.SecurityStamp != stamp)
        {
            return null;
        }
        if (_remembered.Count >= MaxRemembered)
        {
            _remembered.Clear();
        }
        _remembered[token] = (userId.Value, expires < now + Remembered ? expires : now + Remembered);
        return userId;
    }

    /// <summary>Asks the database again for every token of a person, because what they sign in with has changed.</summary>
    public void Forget(Guid userId)
    {
        foreach (var (token, _) in _remembered.Where(r => r.Value.UserId == userId))
        {
            _remembered.TryRemove(token, out _);
        }
    }

    private async Task<(Guid? UserId, DateTimeOffset Expires, string? Stamp)> ReadAsync(string token, CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync(
            $"SELECT \"user_id\", \"expires_at\", \"security_stamp\" FROM \"{SystemTables.AccessToken}\" WHERE \"hash\" = $1",
            [Param.Text(Hash(token))],
            row => (row.Uuid(0), row.Timestamp(1)!.Value, row.Text(2)),
            cancellationToken);
    }

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token)));
}
