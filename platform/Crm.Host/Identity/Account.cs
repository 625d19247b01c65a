using Crm.Data;

namespace Crm.Host.Identity;

/// <summary>A user as ASP.NET Core Identity sees one: the person's record and what they sign in with.</summary>
internal sealed class Account
{
    public Account(SignInUser user, Func<string> newStamp)
    {
        (Id, Name, Email) = (user.Id, user.Name, user.Email);
        PasswordHash = user.Credential?.PasswordHash;
        SecurityStamp = user.Credential?.SecurityStamp ?? newStamp();
        FailedCount = user.Credential?.FailedCount ?? 0;
        LockoutEnd = user.Credential?.LockoutEnd;
        Stored = user.Credential;
    }

    public Guid Id { get; }

    public string Name { get; }

    public string? Email { get; }

    public string? PasswordHash { get; set; }

    public string SecurityStamp { get; set; }

    public int FailedCount { get; set; }

    public DateTimeOffset? LockoutEnd { get; set; }

    /// <summary>What was read or written last; null where nothing is stored yet.</summary>
    public Credential? Stored { get; set; }

    public Credential ToCredential() => new(Id, PasswordHash, SecurityStamp, FailedCount, LockoutEnd);
}
