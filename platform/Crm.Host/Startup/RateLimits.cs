using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Crm.Host.Api;

namespace Crm.Host.Startup;

/// <summary>
/// How many requests one caller may make: by token where there is one, else by address, so that one program that runs wild does not
/// take the others along. Signing in has a limit of its own, because it is what guessing needs.
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
            await ProblemDetailsJson.WriteAsync(rejected.HttpContext, StatusCodes.Status429TooManyRequests, "tooMany");
        };
    });

    private static RateLimitPartition<string> PartitionOf(HttpContext context, CrmOptions options)
    {
        var path = context.Request.Path;
        if (!ApiErrors.IsCall(context) || (IsLocal(context) && !options.RateLimit.Loopback))
        {
            return RateLimitPartition.GetNoLimiter("");
        }
        var isSignIn = path.StartsWithSegments("/api/auth", StringComparison.Ordinal);
        var perMinute = isSignIn ? options.RateLimit.SignInPerMinute : options.RateLimit.PerMinute;
        var caller = isSignIn || context.Request.Headers.Authorization.Count == 0 ? context.Connection.RemoteIpAddress?.ToString() ?? "" : context.Request.Headers.Authorization.ToString();
        return perMinute <= 0
            ? RateLimitPartition.GetNoLimiter("")
            : RateLimitPartition.GetTokenBucketLimiter((isSignIn ? "signIn " : "") + caller, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = Math.Max(1, perMinute), TokensPerPeriod = Math.Max(1, perMinute / 6), ReplenishmentPeriod = TimeSpan.FromSeconds(10), QueueLimit = 0, AutoReplenishment = true,
            });
    }

    /// <summary>A proxy on the same machine brings callers from elsewhere, and says so.</summary>
    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");
}
