namespace Crm.Tests.Browser.Harness;

/// <summary>The server of the made-up company, started by the first journey that visits it. Who changes something there takes records of their own.</summary>
public sealed class DemoServer : IAsyncDisposable
{
    public const string Seller = "clara.weiss@demo.example", Manager = "margaret.ellison@demo.example", Password = "crm-demo";

    private readonly Lazy<Task<RunningServer>> _running = new(() => RunningServer.StartAsync(new ServerSettings { Demo = "true" }));

    public Task<RunningServer> StartedAsync() => _running.Value;

    public async ValueTask DisposeAsync()
    {
        if (_running.IsValueCreated && _running.Value.IsCompletedSuccessfully)
        {
            await (await _running.Value).DisposeAsync();
        }
    }
}
