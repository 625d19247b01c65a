using Microsoft.AspNetCore.Hosting;

namespace Crm.Tests.Api;

/// <summary>A server that takes few requests and few attempts to sign in, from its own machine too.</summary>
public sealed class LimitedServer : ApiServer
{
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Crm:RateLimit:PerMinute", "30");
        builder.UseSetting("Crm:RateLimit:SignInPerMinute", "30");
        builder.UseSetting("Crm:RateLimit:Loopback", "true");
    }
}
