using System.Security.Claims;
using System.Text.Encodings.Web;
using Crm.Data;
using Crm.Host.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Crm.Host.Identity;

/// <summary>Signs a request in by <c>Authorization: Bearer</c>.</summary>
internal sealed class TokenAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AccessTokens tokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Token";

    /// <summary>What a token may do; a sign-in has none and may do what the person may.</summary>
    public const string ScopeClaim = "scope";

    /// <summary>Elsa Studio calls a token that somebody gave it an API key.</summary>
    private static readonly string[] Prefixes = ["Bearer ", "ApiKey "];

    public static bool IsMeant(HttpRequest request) => PrefixOf(request.Headers.Authorization.ToString()) is not null;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (TokenOf(Request) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }
        if (await tokens.FindAsync(token, Context.RequestAborted) is not { } bearer)
        {
            return AuthenticateResult.Fail("Unknown or expired token.");
        }
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, bearer.UserId.ToString("D"))], Scheme.Name);
        if (bearer.Scope is { } scope)
        {
            identity.AddClaim(new(ScopeClaim, scope));
        }
        return AuthenticateResult.Success(new(new ClaimsPrincipal(identity), Scheme.Name));
    }

    private static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return PrefixOf(header) is { } prefix ? header[prefix.Length..].Trim() : null;
    }

    private static string? PrefixOf(string header)
    {
        foreach (var prefix in Prefixes)
        {
            if (header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return prefix;
            }
        }
        return null;
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return ProblemDetailsJson.WriteAsync(Context, StatusCodes.Status401Unauthorized, "signIn.needed");
    }
}
