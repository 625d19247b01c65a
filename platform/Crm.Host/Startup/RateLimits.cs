using System.Globalization;
using System.Net;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Crm.Host.Api;

namespace Crm.Host.Startup;

/// <summary>
/// How many requests one caller may make: a person who is signed in, by whatever token, else an address, so that one program that runs wild does
/// not take the others along. Signing in, by form or by call, has a limit of its own for each address, because it is what guessing needs.
/// </summary>
internal static class RateLimits
{
    public static void AddRateLimits(this IServiceCollection services, CrmOptions options) => services.AddRateLimiter(limiter =>
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => PartitionOf(context, options));
        limiter.OnRejected = async (rejected, _) =>
        {
            if (rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after))
            {
                rejected.HttpContext.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            }
            if (ApiErrors.IsCall(rejected.HttpContext))
            {
                await ProblemDetailsJson.WriteAsync(rejected.HttpContext, StatusCodes.Status429TooManyRequests, "tooMany");
            }
            else
            {
                // A person sent the form, and gets its page again.
                rejected.HttpContext.Response.Redirect("/sign-in?error=locked");
            }
        };
    });

    private static RateLimitPartition<string> PartitionOf(HttpContext context, CrmOptions options)
    {
        var isSignIn = IsSignIn(context.Request);
        if ((!isSignIn && !ApiErrors.IsCall(context)) || (IsLocal(context) && !options.RateLimit.Loopback))
        {
            return RateLimitPartition.GetNoLimiter("");
        }
        var perMinute = isSignIn ? options.RateLimit.SignInPerMinute : options.RateLimit.PerMinute;
        var caller = (isSignIn ? null : context.User.FindFirstValue(ClaimTypes.NameIdentifier)) ?? context.Connection.RemoteIpAddress?.ToString() ?? "";
        return perMinute <= 0
            ? RateLimitPartition.GetNoLimiter("")
            : RateLimitPartition.GetTokenBucketLimiter((isSignIn ? "signIn " : "") + caller, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = Math.Max(1, perMinute), TokensPerPeriod = Math.Max(1, perMinute / 6), ReplenishmentPeriod = TimeSpan.FromSeconds(10), QueueLimit = 0, AutoReplenishment = true,
            });
    }

    /// <summary>The form's page is looked at as often as one likes; only what is sent is an attempt.</summary>
    private static bool IsSignIn(HttpRequest request) =>
        request.Path.StartsWithSegments("/api/auth", StringComparison.OrdinalIgnoreCase) || (HttpMethods.IsPost(request.Method) && request.Path.StartsWithSegments("/sign-in", StringComparison.OrdinalIgnoreCase));

    /// <summary>A proxy on the same machine brings callers from elsewhere, and says so.</summary>
    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");
}
