using System.Security.Cryptography;
using System.Text.Json;
using Crm.Host.Startup;
using Crm.Rules;
using Crm.Workflow;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Crm.Host.Elsa;

/// <summary>
/// Addresses that workflows give out: whoever has one raises an event in an instance, without signing in. What it stands for is sealed in the address itself, so that nothing
/// has to be kept and none can be made up.
/// </summary>
internal sealed class EventLinks(IDataProtectionProvider protection, CrmOptions options, IServer server, TimeProvider time)
{
    public const string Path = ElsaRequest.BasePath + "/events/trigger";

    private readonly IDataProtector _protector = protection.CreateProtector("Crm.Workflow.EventLinks");

    /// <summary>Gives scripts what they ask of the server, and takes the addresses that they give out.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        var links = ActivatorUtilities.CreateInstance<EventLinks>(app.ServiceProvider);
        var outside = app.ServiceProvider.GetRequiredService<WorkflowParts>().Outside;
        var secrets = app.ServiceProvider.GetRequiredService<IConfiguration>().GetSection("Crm:Secrets");
        outside.EventUrl = links.UrlOf;
        outside.Secret = name => secrets[name];
        app.MapGet(Path, links.RaiseAsync).AllowAnonymous();
    }

    private async Task RaiseAsync(HttpContext context, WorkflowEngine engine)
    {
        var address = Open(ElsaRequest.Query(context, "t") ?? "") ?? throw new ProblemException(Problem.At("t", ProblemKind.Invalid, "workflow.eventLink"));
        await engine.PublishAsync(address.EventName, instanceId: address.InstanceId, cancellationToken: context.RequestAborted);
    }

    private string UrlOf(EventAddress address)
    {
        var begin = options.PublicAddress is { Length: > 0 } known ? known : server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "";
        return $"{begin.TrimEnd('/')}{Path}?t={Uri.EscapeDataString(_protector.Protect(JsonSerializer.Serialize(address)))}";
    }

    private EventAddress? Open(string token)
    {
        try
        {
            var address = JsonSerializer.Deserialize<EventAddress>(_protector.Unprotect(token));
            return address?.Until <= time.GetUtcNow() ? null : address;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
