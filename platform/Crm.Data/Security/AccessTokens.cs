using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;

namespace Crm.Data;

/// <summary>
/// Bearer tokens: 256 random bits, of which the database holds only a hash, so that a stolen file signs nobody in. A new password ends them,
/// because each remembers the security stamp under which it was made.
/// </summary>
public sealed class AccessTokens(Database database, CredentialStore credentials, IdSource ids, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(90);

    /// <summary>Longest name that a token can have.</summary>
    public const int MaxName = 100;

    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(366);

    /// <summary>How long a token is believed without asking the database again.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(30);

    private const int MaxRemembered = 10_000;

    /// <summary>How exactly it is known when a token was last used.</summary>
    private static readonly TimeSpan UseNoted = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (TokenBearer Bearer, DateTimeOffset Until)> _remembered = new(StringComparer.Ordinal);

    /// <summary>A token for a person who has just signed in.</summary>
    public async Task<(string Token, DateTimeOffset ExpiresAt)> CreateAsync(Guid userId, CancellationToken cancellationToken)
    {
        var expires = time.GetUtcNow() + Lifetime;
        return (await InsertAsync(userId, null, expires, cancellationToken), expires);
    }

    /// <summary>A token for a program; the secret is known only now.</summary>
    public async Task<(AccessToken Token, string Secret)> CreateAsync(Guid userId, string name, string scope, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        var token = new AccessToken(ids.Next(), name, scope, Crm.Metadata.Iso8601.ToMicroseconds(time.GetUtcNow()), expires);
        return (token, await InsertAsync(userId, token, expires, cancellationToken));
    }

    /// <summary>The tokens that a person made for programs and that still work, newest first.</summary>
    public async Task<IReadOnlyList<AccessToken>> ListAsync(Guid userId, CancellationToken cancellationToken)
    {
        var stamp = (await credentials.FindByIdAsync(userId, cancellationToken))?.Credential?.SecurityStamp;
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.QueryAsync(
            $"SELECT \"id\", \"name\", \"scope\", \"created_at\", \"expires_at\" FROM \"{SystemTables.AccessToken}\" WHERE \"user_id\" = $1 AND \"id\" IS NOT NULL AND \"expires_at\" > $2 AND \"security_stamp\" = $3 ORDER BY \"created_at\" DESC, \"id\" DESC",
            [Param.Uuid(userId), Param.Timestamp(time.GetUtcNow()), Param.Text(stamp)],
            row => new AccessToken(row.Uuid(0)!.Value, row.Text(1)!, row.Text(2)!, row.Timestamp(3)!.Value, row.Timestamp(4)!.Value),
            cancellationToken);
    }

    /// <summary>Ends a token at once; false if the person has no such token.</summary>
    public async Task<bool> RevokeAsync(Guid userId, Guid id, CancellationToken cancellationToken)
    {
        var deleted = await database.WriteAsync(
            async session => await session.ExecuteAsync($"DELETE FROM \"{SystemTables.AccessToken}\" WHERE \"user_id\" = $1 AND \"id\" = $2", [Param.Uuid(userId), Param.Uuid(id)], cancellationToken),
            cancellationToken);
        Forget(userId);
        return deleted > 0;
    }

    private async Task<string> InsertAsync(Guid userId, AccessToken? named, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        var credential = (await credentials.FindByIdAsync(userId, cancellationToken))?.Credential ?? throw new InvalidOperationException("The user has no credential.");
        var token = "crm_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync($"DELETE FROM \"{SystemTables.AccessToken}\" WHERE \"expires_at\" < $1", [Param.Timestamp(now)], cancellationToken);
                return await session.ExecuteAsync(
                    $"INSERT INTO \"{SystemTables.AccessToken}\" (\"hash\", \"user_id\", \"created_at\", \"expires_at\", \"security_stamp\", \"id\", \"name\", \"scope\") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                    [Param.Text(Hash(token)), Param.Uuid(userId), Param.Timestamp(now), Param.Timestamp(expires), Param.Text(credential.SecurityStamp), Param.Uuid(named?.Id), Param.Text(named?.Name), Param.Text(named?.Scope)],
                    cancellationToken);
            },
            cancellationToken);
        return token;
    }

    /// <summary>Whose token it is; null if it is unknown, expired or revoked.</summary>
    public async ValueTask<TokenBearer?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_remembered.TryGetValue(token, out var known) && known.Until > now)
        {
            return known.Bearer;
        }
        _remembered.TryRemove(token, out _);
        var (userId, expires, stamp, scope, named, used) = await ReadAsync(token, cancellationToken);
        if (userId is null || expires <= now || (await credentials.FindByIdAsync(userId.Value, cancellationToken))?.Credential?.SecurityStamp != stamp)
        {
            return null;
        }
        if (named && (used is null || used <= now - UseNoted))
        {
            await NoteUseAsync(token, now, cancellationToken);
        }
        if (_remembered.Count >= MaxRemembered)
        {
            _remembered.Clear();
        }
        var bearer = new TokenBearer(userId.Value, scope);
        _remembered[token] = (bearer, expires < now + Remembered ? expires : now + Remembered);
        return bearer;
    }

    /// <summary>Asks the database again for every token of a person, because what they sign in with has changed.</summary>
    public void Forget(Guid userId)
    {
        foreach (var (token, _) in _remembered.Where(r => r.Value.Bearer.UserId == userId))
        {
            _remembered.TryRemove(token, out _);
        }
    }

    /// <summary>A database that takes no writes for a while keeps nobody from reading.</summary>
    private async Task NoteUseAsync(string token, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await database.WriteAsync(
                async session => await session.ExecuteAsync(
                    $"UPDATE \"{SystemTables.AccessToken}\" SET \"used_at\" = $2 WHERE \"hash\" = $1", [Param.Text(Hash(token)), Param.Timestamp(now)], cancellationToken),
                cancellationToken);
        }
        catch (DbException e) when (database.IsAway(e))
        {
            // The next use is noted.
        }
    }

    private async Task<(Guid? UserId, DateTimeOffset Expires, string? Stamp, string? Scope, bool Named, DateTimeOffset? Used)> ReadAsync(string token, CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync(
            $"SELECT \"user_id\", \"expires_at\", \"security_stamp\", \"scope\", \"id\", \"used_at\" FROM \"{SystemTables.AccessToken}\" WHERE \"hash\" = $1",
            [Param.Text(Hash(token))],
            row => (row.Uuid(0), row.Timestamp(1)!.Value, row.Text(2), row.Text(3), !row.IsEmpty(4), row.Timestamp(5)),
            cancellationToken);
    }

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token)));
}
