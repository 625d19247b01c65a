using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Crm.Tests.Workflow;

/// <summary>A server on loopback that remembers who told it something, and under which keys.</summary>
internal sealed class KillReceiver : IAsyncDisposable
{
    private readonly WebApplication _server;

    private KillReceiver(WebApplication server) => _server = server;

    public ConcurrentDictionary<string, ConcurrentDictionary<string, int>> KeysByName { get; } = new(StringComparer.Ordinal);

    public string Address => _server.Urls.First() + "/tell";

    public static async Task<KillReceiver> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new KillReceiver(builder.Build());
        receiver._server.MapPost("/tell", receiver.HearAsync);
        await receiver._server.StartAsync(cancellationToken);
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private async Task HearAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var name = (await reader.ReadToEndAsync(request.HttpContext.RequestAborted)).Trim('"');
        KeysByName.GetOrAdd(name, _ => new(StringComparer.Ordinal)).AddOrUpdate(request.Headers["Idempotency-Key"].ToString(), 1, (_, times) => times + 1);
    }
}
