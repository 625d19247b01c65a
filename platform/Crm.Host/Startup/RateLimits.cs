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
internal sealed class RateLimits(RequestDelegate next, CrmOptions options)
{
    private readonly PartitionedRateLimiter<Caller> _limiter = PartitionedRateLimiter.Create<Caller, Caller>(
        caller => RateLimitPartition.GetTokenBucketLimiter(caller, c => BucketFor(PerMinute(options, c.SignsIn))));

    public Task InvokeAsync(HttpContext context) => CallerOf(context) is { } caller && WaitOf(caller) is { } wait ? RefuseAsync(context, wait) : next(context);

    /// <summary>How long a caller has to wait; null for who may go on. Nothing is put back when the request ends, so nothing is held until then.</summary>
    private TimeSpan? WaitOf(Caller caller)
    {
        using var lease = _limiter.AttemptAcquire(caller);
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.Zero;
    }

    /// <summary>Who is counted; null for what may be asked as often as one likes.</summary>
    private Caller? CallerOf(HttpContext context)
    {
        var signsIn = IsSignIn(context.Request);
        if ((!signsIn && !ApiErrors.IsCall(context)) || (!options.RateLimit.Loopback && IsLocal(context)) || PerMinute(options, signsIn) <= 0)
        {
            return null;
        }
        return new(signsIn, (signsIn ? null : context.User.FindFirstValue(ClaimTypes.NameIdentifier)) ?? context.Connection.RemoteIpAddress?.ToString() ?? "");
    }

    private static Task RefuseAsync(HttpContext context, TimeSpan wait)
    {
        context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (ApiErrors.IsCall(context))
        {
            return ProblemDetailsJson.WriteAsync(context, StatusCodes.Status429TooManyRequests, "tooMany");
        }
        // A person sent the form, and gets its page again.
        context.Response.Redirect("/sign-in?error=locked");
        return Task.CompletedTask;
    }

    private static int PerMinute(CrmOptions options, bool signsIn) => signsIn ? options.RateLimit.SignInPerMinute : options.RateLimit.PerMinute;

    private static TokenBucketRateLimiterOptions BucketFor(int perMinute) => new()
    {
        TokenLimit = perMinute, TokensPerPeriod = Math.Max(1, perMinute / 6), ReplenishmentPeriod = TimeSpan.FromSeconds(10), QueueLimit = 0, AutoReplenishment = true,
    };

    /// <summary>The form's page is looked at as often as one likes; only what is sent is an attempt.</summary>
    private static bool IsSignIn(HttpRequest request) =>
        request.Path.StartsWithSegments("/api/auth", StringComparison.OrdinalIgnoreCase) || (HttpMethods.IsPost(request.Method) && request.Path.StartsWithSegments("/sign-in", StringComparison.OrdinalIgnoreCase));

    /// <summary>A proxy on the same machine brings callers from elsewhere, and says so.</summary>
    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");

    /// <param name="SignsIn">Whether it is attempts to sign in that are counted.</param>
    /// <param name="Name">A person's id, or an address.</param>
    private readonly record struct Caller(bool SignsIn, string Name);
}
