using System.Collections.Concurrent;
using System.Security.Claims;

namespace Crm.Data;

/// <summary>
/// Where people are signed in. A browser's cookie names its row here and is worth nothing without it, so that a person can end what they left open
/// elsewhere; a new password ends them all, because each remembers the security stamp under which it began.
/// </summary>
public sealed class SignIns(Database database, CredentialStore credentials, IdSource ids, TimeProvider time)
{
    /// <summary>The claim of a signed-in browser that names its row.</summary>
    public const string Claim = "crm:sign-in";

    /// <summary>How long a browser stays signed in that is not heard of.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private const int MaxText = 300;

    /// <summary>How long a browser is believed without asking the database again.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Noted = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<Guid, (Guid UserId, DateTimeOffset Until)> _open = [];

    /// <summary>One has ended, here and now: whoever shows pages for it stops.</summary>
    public event EventHandler<SignInEndedEventArgs>? Ended;

    /// <summary>Which one a signed-in person came with; null for programs.</summary>
    public static Guid? IdOf(ClaimsPrincipal principal) => Guid.TryParseExact(principal.FindFirst(Claim)?.Value, "D", out var id) ? id : null;

    public async Task<Guid> BeginAsync(Guid userId, string? agent, string? address, CancellationToken cancellationToken)
    {
        var stamp = (await credentials.FindByIdAsync(userId, cancellationToken))?.Credential?.SecurityStamp ?? throw new InvalidOperationException("The user has no credential.");
        var (id, now) = (ids.Next(), time.GetUtcNow());
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync($"DELETE FROM \"{SystemTables.SignIn}\" WHERE \"seen_at\" < $1", [Param.Timestamp(now - Lifetime)], cancellationToken);
                return await session.ExecuteAsync(
                    $"INSERT INTO \"{SystemTables.SignIn}\" (\"id\", \"user_id\", \"created_at\", \"seen_at\", \"security_stamp\", \"agent\", \"address\") VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    [Param.Uuid(id), Param.Uuid(userId), Param.Timestamp(now), Param.Timestamp(now), Param.Text(stamp), Param.Text(Cut(agent)), Param.Text(Cut(address))],
                    cancellationToken);
            },
            cancellationToken);
        return id;
    }

    /// <summary>Whether it has neither ended nor been forgotten; notes that it was heard of.</summary>
    public async ValueTask<bool> IsOpenAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_open.TryGetValue(id, out var known) && known.Until > now)
        {
            return true;
        }
        _open.TryRemove(id, out _);
        if (await SeenAsync(id, cancellationToken) is not var (userId, seen) || seen < now - Lifetime)
        {
            return false;
        }
        if (seen < now - Noted)
        {
            await database.WriteAsync(async session => await session.ExecuteAsync($"UPDATE \"{SystemTables.SignIn}\" SET \"seen_at\" = $2 WHERE \"id\" = $1", [Param.Uuid(id), Param.Timestamp(now)], cancellationToken), cancellationToken);
        }
        _open[id] = (userId, now + Remembered);
        return true;
    }

    /// <summary>Where a person is signed in, the latest first.</summary>
    public async Task<IReadOnlyList<SignInSession>> ListAsync(Guid userId, CancellationToken cancellationToken)
    {
        var stamp = (await credentials.FindByIdAsync(userId, cancellationToken))?.Credential?.SecurityStamp;
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.QueryAsync(
            $"SELECT \"id\", \"created_at\", \"seen_at\", \"agent\", \"address\" FROM \"{SystemTables.SignIn}\" WHERE \"user_id\" = $1 AND \"seen_at\" >= $2 AND \"security_stamp\" = $3 ORDER BY \"seen_at\" DESC, \"id\" DESC",
            [Param.Uuid(userId), Param.Timestamp(time.GetUtcNow() - Lifetime), Param.Text(stamp)],
            row => new SignInSession(row.Uuid(0)!.Value, row.Timestamp(1)!.Value, row.Timestamp(2)!.Value, row.Text(3), row.Text(4)),
            cancellationToken);
    }

    /// <summary>Ends one; false if the person has no such one.</summary>
    public async Task<bool> EndAsync(Guid userId, Guid id, CancellationToken cancellationToken)
    {
        var deleted = await database.WriteAsync(
            async session => await session.ExecuteAsync($"DELETE FROM \"{SystemTables.SignIn}\" WHERE \"user_id\" = $1 AND \"id\" = $2", [Param.Uuid(userId), Param.Uuid(id)], cancellationToken),
            cancellationToken);
        if (deleted == 0)
        {
            return false;
        }
        _open.TryRemove(id, out _);
        Ended?.Invoke(this, new(id));
        return true;
    }

    /// <summary>Believes none of a person's any more, because what they sign in with has changed.</summary>
    public void Forget(Guid userId)
    {
        foreach (var (id, _) in _open.Where(o => o.Value.UserId == userId))
        {
            _open.TryRemove(id, out _);
            Ended?.Invoke(this, new(id));
        }
    }

    /// <summary>Whose it is and when it was last heard of; null if it has ended, as it does with a new password.</summary>
    private async Task<(Guid UserId, DateTimeOffset At)?> SeenAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync<(Guid, DateTimeOffset)?>(
            $"SELECT s.\"user_id\", s.\"seen_at\" FROM \"{SystemTables.SignIn}\" s JOIN \"{SystemTables.Credential}\" c ON c.\"user_id\" = s.\"user_id\" AND c.\"security_stamp\" = s.\"security_stamp\" WHERE s.\"id\" = $1",
            [Param.Uuid(id)],
            row => (row.Uuid(0)!.Value, row.Timestamp(1)!.Value),
            cancellationToken);
    }

    private static string? Cut(string? text) => text is { Length: > MaxText } ? text[..MaxText] : text;
}
