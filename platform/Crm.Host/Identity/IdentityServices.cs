using System.Security.Claims;
using Crm.Data;
using Crm.Host.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;

namespace Crm.Host.Identity;

/// <summary>Sign-in: cookies for the browser, bearer tokens for programs, lock-out after repeated failures.</summary>
internal static class IdentityServices
{
    public static void AddCrmIdentity(this IServiceCollection services)
    {
        services.AddAuthentication(TokenAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.SchemeName, o => o.ForwardDefaultSelector = context => TokenAuthentication.IsMeant(context.Request) ? null : IdentityConstants.ApplicationScheme)
            .AddCookie(IdentityConstants.ApplicationScheme, ConfigureCookie);
        services.AddIdentityCore<Account>(o =>
            {
                o.User.AllowedUserNameCharacters = "";
                o.Password = new() { RequiredLength = 8, RequireDigit = false, RequireLowercase = false, RequireNonAlphanumeric = false, RequireUppercase = false, RequiredUniqueChars = 3 };
                o.Lockout = new() { MaxFailedAccessAttempts = 5, DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5) };
            })
            .AddUserStore<AccountStore>()
            .AddSignInManager();
        // The stamp is looked at anew every half hour, and the principal made anew with it: it stays the same sign-in.
        services.Configure<SecurityStampValidatorOptions>(o => o.OnRefreshingPrincipal = context =>
        {
            if (context.CurrentPrincipal?.FindFirst(SignIns.Claim) is { } claim)
            {
                (context.NewPrincipal?.Identity as ClaimsIdentity)?.AddClaim(claim);
            }
            return Task.CompletedTask;
        });
        services.AddSingleton<ILookupNormalizer, AsWritten>();
        services.AddAuthorizationBuilder();
        services.AddCascadingAuthenticationState();
    }

    private static void ConfigureCookie(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "crm.session";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.LoginPath = "/sign-in";
        options.ReturnUrlParameter = "returnUrl";
        options.ExpireTimeSpan = SignIns.Lifetime;
        options.SlidingExpiration = true;
        options.Events.OnValidatePrincipal = ValidateAsync;
        options.Events.OnRedirectToLogin = context => Answer(context, StatusCodes.Status401Unauthorized, "signIn.needed");
        options.Events.OnRedirectToAccessDenied = context => Answer(context, StatusCodes.Status403Forbidden, "forbidden");
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        await SecurityStampValidator.ValidatePrincipalAsync(context);
        if (context.Principal is { } principal && SignIns.IdOf(principal) is { } id && !await context.HttpContext.RequestServices.GetRequiredService<SignIns>().IsOpenAsync(id, context.HttpContext.RequestAborted))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(IdentityConstants.ApplicationScheme);
        }
    }

    /// <summary>Programs get a status, people get the sign-in page.</summary>
    private static Task Answer(RedirectContext<CookieAuthenticationOptions> context, int status, string code)
    {
        if (ApiErrors.IsCall(context.HttpContext))
        {
            return ProblemDetailsJson.WriteAsync(context.HttpContext, status, code);
        }
        context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }

    /// <summary>The store compares addresses in their folded form; nothing is to be done to them before.</summary>
    private sealed class AsWritten : ILookupNormalizer
    {
        public string? NormalizeName(string? name) => name;

        public string? NormalizeEmail(string? email) => email;
    }
}
