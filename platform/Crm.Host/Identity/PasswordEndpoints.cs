using Crm.Data;
using Crm.Host.Api;
using Crm.Rules;
using Microsoft.AspNetCore.Identity;

namespace Crm.Host.Identity;

/// <summary>
/// <c>POST /api/users/{id}/password {"password", "current"}</c>: an administrator gives a person access, and everybody changes their own
/// password by naming the current one. Every sign-in of that person ends.
/// </summary>
internal static class PasswordEndpoints
{
    public static void MapPasswords(this IEndpointRouteBuilder api) => api.MapPost("/users/{id}/password", SetAsync);

    private static async Task SetAsync(HttpContext context, string id, UserManager<Account> users, ModelSource models, AccessTokens tokens, SignIns signIns)
    {
        var actor = await ApiRequest.ActorAsync(context);
        var userId = ApiRequest.IdOf(models.Current["user"], id);
        if (!actor.IsAdministrator && actor.UserId != userId)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden"));
        }
        using var body = await RecordJson.ReadBodyAsync(context.Request);
        RecordJson.DemandMembers(body.RootElement, "password", "current");
        var password = SignInEndpoints.Text(body.RootElement, "password");
        var account = await users.FindByIdAsync(id) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "notFound", models.Current["user"].Label, id));
        if (actor.UserId == userId && !await users.CheckPasswordAsync(account, SignInEndpoints.Text(body.RootElement, "current")))
        {
            throw new ProblemException(Problem.At("current", ProblemKind.Refused, "password.current"));
        }
        foreach (var validator in users.PasswordValidators)
        {
            if (!(await validator.ValidateAsync(users, account, password)).Succeeded)
            {
                throw new ProblemException(Problem.At("password", ProblemKind.Refused, "password.weak", users.Options.Password.RequiredLength));
            }
        }
        (account.PasswordHash, account.FailedCount, account.LockoutEnd) = (users.PasswordHasher.HashPassword(account, password), 0, null);
        if (!(await users.UpdateSecurityStampAsync(account)).Succeeded)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Conflict, "password.meanwhile"));
        }
        tokens.Forget(userId);
        signIns.Forget(userId);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
