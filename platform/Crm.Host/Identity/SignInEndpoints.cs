using System.Text.Json;
using Crm.Data;
using Crm.Host.Api;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.SignIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Mvc;
using SignInResult = Microsoft.AspNetCore.Identity.SignInResult;

namespace Crm.Host.Identity;

/// <summary>Signing in and out, by form for people and by JSON for programs.</summary>
internal static class SignInEndpoints
{
    public const string CultureCookie = "crm.culture";

    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        app.MapPost("/sign-in", SignInAsync).AllowAnonymous();
        app.MapPost("/sign-out", SignOutAsync);
        app.MapGet("/culture", SetCulture).AllowAnonymous();
        app.MapPost("/api/auth/token", CreateTokenAsync).AllowAnonymous();
    }

    private static async Task<IResult> SignInAsync([FromForm] string? email, [FromForm] string? password, [FromForm] string? returnUrl, HttpContext context, SignInManager<Account> signIn, UserManager<Account> users, SignIns signIns)
    {
        var back = Local(returnUrl);
        var account = await users.FindByNameAsync((email ?? "").Trim());
        var result = account is null ? SignInResult.Failed : await signIn.CheckPasswordSignInAsync(account, password ?? "", lockoutOnFailure: true);
        if (result.Succeeded)
        {
            var id = await signIns.BeginAsync(account!.Id, context.Request.Headers.UserAgent, context.Connection.RemoteIpAddress?.ToString(), context.RequestAborted);
            await signIn.SignInWithClaimsAsync(account, isPersistent: true, [new(SignIns.Claim, id.ToString("D"))]);
        }
        // The address that was typed is there for the next try, and stays out of the page's own address and of logs.
        var typed = new CookieOptions { IsEssential = true, HttpOnly = true, Secure = context.Request.IsHttps, MaxAge = TimeSpan.FromMinutes(5), Path = "/sign-in", SameSite = SameSiteMode.Lax };
        if (result.Succeeded || email is not { Length: > 0 and <= 254 })
        {
            context.Response.Cookies.Delete(SignInPage.TypedCookie, typed);
        }
        else
        {
            context.Response.Cookies.Append(SignInPage.TypedCookie, email, typed);
        }
        return result.Succeeded
            ? Results.LocalRedirect(back)
            : Results.LocalRedirect($"/sign-in?error={(result.IsLockedOut ? "locked" : "wrong")}&returnUrl={Uri.EscapeDataString(back)}");
    }

    private static async Task<IResult> SignOutAsync(SignInManager<Account> signIn, SignIns signIns, UserManager<Account> users)
    {
        if (SignIns.IdOf(signIn.Context.User) is { } id && Guid.TryParse(users.GetUserId(signIn.Context.User), out var person))
        {
            await signIns.EndAsync(person, id, signIn.Context.RequestAborted);
        }
        await signIn.Context.SignOutAsync(IdentityConstants.ApplicationScheme);
        return Results.LocalRedirect("/sign-in");
    }

    private static IResult SetCulture(HttpContext context, string? language, string? returnUrl, ModelSource models)
    {
        if (models.Current.Texts.Languages.FirstOrDefault(l => string.Equals(l, language, StringComparison.OrdinalIgnoreCase)) is { } known)
        {
            context.Response.Cookies.Append(
                CultureCookie,
                CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(known)),
                new CookieOptions { IsEssential = true, MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax });
        }
        return Results.LocalRedirect(Local(returnUrl));
    }

    private static async Task CreateTokenAsync(HttpContext context, SignInManager<Account> signIn, UserManager<Account> users, AccessTokens tokens)
    {
        using var body = await RecordJson.ReadBodyAsync(context.Request);
        RecordJson.DemandMembers(body.RootElement, "email", "password", "code");
        var (email, password) = (Text(body.RootElement, "email"), Text(body.RootElement, "password"));
        var account = await users.FindByNameAsync(email);
        var result = account is null ? SignInResult.Failed : await signIn.CheckPasswordSignInAsync(account, password, lockoutOnFailure: true);
        if (!result.Succeeded)
        {
            await (result.IsLockedOut
                ? ProblemDetailsJson.WriteAsync(context, StatusCodes.Status423Locked, "signIn.locked")
                : ProblemDetailsJson.WriteAsync(context, StatusCodes.Status401Unauthorized, "signIn.wrong"));
            return;
        }
        var (token, expires) = await tokens.CreateAsync(account!.Id, context.RequestAborted);
        await ApiRequest.WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("accessToken", token);
            json.WriteString("expiresAt", Iso8601.ToText(expires));
            json.WriteEndObject();
        });
    }

    internal static string Text(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new ProblemException(Problem.At(member, ProblemKind.Invalid, "value.text"));

    /// <summary>Only addresses of this product; anything else leads home.</summary>
    private static string Local(string? url) =>
        url is ['/', ..] && url is not ['/', '/' or '\\', ..] && Uri.IsWellFormedUriString(url, UriKind.Relative) ? url : "/";
}
