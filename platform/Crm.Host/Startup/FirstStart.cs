using System.Security.Cryptography;
using Crm.Data;
using Crm.Host.Identity;
using Microsoft.AspNetCore.Identity;

namespace Crm.Host.Startup;

/// <summary>Gives an empty installation its first administrator.</summary>
internal sealed class FirstStart(CrmOptions options, RecordStore store, ModelSource models, CredentialStore credentials, IServiceScopeFactory scopes)
{
    /// <summary>Creates the administrator if nobody can sign in yet.</summary>
    /// <returns>What to tell the person who started the server; null if there is nothing new.</returns>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        if (await credentials.AnyAsync(cancellationToken))
        {
            return null;
        }
        var password = options.Admin.Password is { Length: > 0 } given ? given : RandomPassword();
        var user = models.Current["user"];
        var record = await store.CreateAsync(
            user,
            [new(user["name"], "Administrator"), new(user["email"], options.Admin.Email), new(user["administrator"], true), new(user["active"], true)],
            Actor.Platform,
            Door.Platform,
            cancellationToken);
        await SetPasswordAsync(record.Id, password);
        return password == options.Admin.Password ? $"Sign in as {options.Admin.Email}." : $"Sign in as {options.Admin.Email} with password {password} (shown only this once).";
    }

    /// <exception cref="InvalidOperationException">The password breaks the rules for passwords.</exception>
    public async Task SetPasswordAsync(Guid userId, string password)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        var account = await users.FindByIdAsync(userId.ToString("D")) ?? throw new InvalidOperationException("There is no such user.");
        var result = await users.AddPasswordAsync(account, password);
        if (!result.Succeeded)
        {
            throw new InvalidOperationException(string.Join(" ", result.Errors.Select(e => e.Description)));
        }
    }

    private static string RandomPassword() => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 14);
}
