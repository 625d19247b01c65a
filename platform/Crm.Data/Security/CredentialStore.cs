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
        FindAsync("u.\"email$fold\" = $1 AND u.\"email\" IS NOT NULL", Param.Text(Folding.Fold(email)), cancellationToken);

    public Task<SignInUser?> FindByIdAsync(Guid userId, CancellationToken cancellationToken) => FindAsync("u.\"id\" = $1", Param.Uuid(userId), cancellationToken);

    /// <summary>Whether anybody can sign in at all; a new installation has nobody.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync($"SELECT 1 FROM \"{SystemTables.Credential}\" LIMIT 1", [], row => row.Integer(0), cancellationToken) is not null;
    }

    public Task SaveAsync(Credential credential, CancellationToken cancellationToken) => database.WriteAsync(
        async session => await session.ExecuteAsync(
            $"INSERT INTO \"{SystemTables.Credential}\" (\"user_id\", \"password_hash\", \"security_stamp\", \"failed_count\", \"lockout_end\") VALUES ($1, $2, $3, $4, $5) " +
            "ON CONFLICT (\"user_id\") DO UPDATE SET \"password_hash\" = excluded.\"password_hash\", \"security_stamp\" = excluded.\"security_stamp\", " +
            "\"failed_count\" = excluded.\"failed_count\", \"lockout_end\" = excluded.\"lockout_end\"",
            [Param.Uuid(credential.UserId), Param.Text(credential.PasswordHash), Param.Text(credential.SecurityStamp), Param.Integer(credential.FailedCount), Param.Timestamp(credential.LockoutEnd)],
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
