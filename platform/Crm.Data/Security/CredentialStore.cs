using Crm.Metadata;

namespace Crm.Data;

/// <summary>What a person signs in with; the record of the person itself is an ordinary record of entity <c>user</c>.</summary>
public sealed record Credential(Guid UserId, string? PasswordHash, string SecurityStamp, int FailedCount, DateTimeOffset? LockoutEnd);

/// <summary>A person who may sign in.</summary>
public sealed record SignInUser(Guid Id, string Name, string? Email, Credential? Credential);

/// <summary>Keeps credentials apart from records, so that no list, export or history can ever show them.</summary>
public sealed class CredentialStore(Database database)
{
    private const string Select =
        $"SELECT u.\"id\", u.\"name\", u.\"email\", c.\"password_hash\", c.\"security_stamp\", c.\"failed_count\", c.\"lockout_end\" " +
        $"FROM \"user\" u LEFT JOIN \"{SystemTables.Credential}\" c ON c.\"user_id\" = u.\"id\" WHERE u.\"deleted_at\" IS NULL AND (u.\"active\" IS NULL OR u.\"active\" <> $2) AND ";

    public Task<SignInUser?> FindByEmailAsync(string email, CancellationToken cancellationToken) =>
        // No text that is stored holds this character, and PostgreSQL takes none that does.
        email.Contains('\0', StringComparison.Ordinal) ? Task.FromResult<SignInUser?>(null)
        : FindAsync("u.\"email$fold\" = $1 AND u.\"email\" IS NOT NULL", Param.Text(Folding.Fold(email)), cancellationToken);

    public Task<SignInUser?> FindByIdAsync(Guid userId, CancellationToken cancellationToken) => FindAsync("u.\"id\" = $1", Param.Uuid(userId), cancellationToken);

    /// <summary>Whether anybody can sign in at all; a new installation has nobody.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync($"SELECT 1 FROM \"{SystemTables.Credential}\" LIMIT 1", [], row => row.Integer(0), cancellationToken) is not null;
    }

    /// <param name="credential">What is to be kept.</param>
    /// <param name="read">What it was made from; null where there was none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if the person got another password or was locked out since: then nothing is kept.</returns>
    public async Task<bool> SaveAsync(Credential credential, Credential? read, CancellationToken cancellationToken) => await database.WriteAsync(
        async session => await session.ExecuteAsync(
            $"INSERT INTO \"{SystemTables.Credential}\" (\"user_id\", \"password_hash\", \"security_stamp\", \"failed_count\", \"lockout_end\") VALUES ($1, $2, $3, $4, $5) " +
            "ON CONFLICT (\"user_id\") DO UPDATE SET \"password_hash\" = excluded.\"password_hash\", \"security_stamp\" = excluded.\"security_stamp\", " +
            "\"failed_count\" = excluded.\"failed_count\", \"lockout_end\" = excluded.\"lockout_end\" " +
            $"WHERE \"{SystemTables.Credential}\".\"security_stamp\" = $6 AND \"{SystemTables.Credential}\".\"lockout_end\" IS NOT DISTINCT FROM $7",
            [
                Param.Uuid(credential.UserId), Param.Text(credential.PasswordHash), Param.Text(credential.SecurityStamp), Param.Integer(credential.FailedCount), Param.Timestamp(credential.LockoutEnd),
                Param.Text(read?.SecurityStamp), Param.Timestamp(read?.LockoutEnd),
            ],
            cancellationToken),
        cancellationToken) > 0;

    /// <summary>Counts a failed attempt; each counts, however many are made at once.</summary>
    /// <returns>How many there are now; null if the person has another stamp by now, so that it was an attempt at an earlier password.</returns>
    public Task<long?> CountFailureAsync(Guid userId, string securityStamp, CancellationToken cancellationToken) => database.WriteAsync(
        async session => await session.FirstAsync(
            $"INSERT INTO \"{SystemTables.Credential}\" (\"user_id\", \"security_stamp\", \"failed_count\") VALUES ($1, $2, 1) " +
            $"ON CONFLICT (\"user_id\") DO UPDATE SET \"failed_count\" = \"{SystemTables.Credential}\".\"failed_count\" + 1 " +
            $"WHERE \"{SystemTables.Credential}\".\"security_stamp\" = excluded.\"security_stamp\" RETURNING \"failed_count\"",
            [Param.Uuid(userId), Param.Text(securityStamp)],
            row => row.Integer(0),
            cancellationToken),
        cancellationToken);

    private async Task<SignInUser?> FindAsync(string condition, Rules.SqlParameter parameter, CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync(Select + condition, [parameter, new(false, ColumnKind.Boolean, 0)], Read, cancellationToken);
    }

    private static SignInUser Read(Row row)
    {
        var id = row.Uuid(0)!.Value;
        var credential = row.Text(4) is { } stamp ? new Credential(id, row.Text(3), stamp, (int)row.Integer(5)!.Value, row.Timestamp(6)) : null;
        return new(id, row.Text(1) ?? "", row.Text(2), credential);
    }
}
