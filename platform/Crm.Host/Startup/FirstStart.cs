using System.Security.Cryptography;
using Crm.Data;
using Crm.Host.Demo;
using Crm.Host.Identity;
using Microsoft.AspNetCore.Identity;

namespace Crm.Host.Startup;

/// <summary>Gives an empty installation its first administrator and, where that is wanted, the demo company.</summary>
internal sealed class FirstStart(CrmOptions options, RecordStore store, ModelSource models, CredentialStore credentials, DemoLoader demo, IServiceScopeFactory scopes)
{
    /// <summary>Everybody of the demo company signs in with this; it is printed at every start, so it protects nothing but made-up data.</summary>
    private const string DemoPassword = "crm-demo";

    private const int ManyCustomers = 10_000, ManyOpportunities = 1_000_000;

    /// <summary>Fills an installation in which nobody can sign in yet.</summary>
    /// <returns>What to tell the person who started the server, line by line.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        if (!await credentials.AnyAsync(cancellationToken))
        {
            if (options.IsDemo)
            {
                await demo.LoadAsync(scale: 1, cancellationToken);
                if (options.IsLargeDemo)
                {
                    await demo.LoadManyAsync(ManyCustomers, ManyOpportunities, cancellationToken);
                }
                foreach (var person in DemoCompany.SignIns)
                {
                    var account = await credentials.FindByEmailAsync(person.Email, cancellationToken);
                    await SetPasswordAsync(account!.Id, DemoPassword);
                }
            }
            if (!options.IsDemo || options.Admin.Password is { Length: > 0 })
            {
                lines.Add(await CreateAdministratorAsync(cancellationToken));
            }
        }
        if (options.IsDemo && await credentials.FindByEmailAsync(DemoCompany.SignIns[0].Email, cancellationToken) is not null)
        {
            lines.AddRange(DemoCompany.SignIns.Select(p => $"Sign in as {p.Email} with password {DemoPassword} ({p.Name}, {p.Role.Replace('_', ' ')})."));
        }
        return lines;
    }

    private async Task<string> CreateAdministratorAsync(CancellationToken cancellationToken)
    {
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
