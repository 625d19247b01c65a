using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Xunit;

namespace Crm.Tests.Browser.Harness;

/// <summary>
/// The built host as a process of its own, on a free port and an empty folder: what a journey sees is what a customer starts,
/// and killing it is a real crash. As an assembly fixture it is shared by all journeys and starts with the first one;
/// a test that kills, or wants other settings, starts its own with <see cref="StartAsync"/>.
/// </summary>
public sealed class RunningServer : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("crm-test-");
    private readonly HttpClient _probe = new() { Timeout = TimeSpan.FromSeconds(5) };
    private ServerProcess? _process;
    private bool _refused;

    public ServerSettings Settings { get; private init; } = new();

    /// <summary>The same for the server's whole life, restarts included, so that an open page can reconnect.</summary>
    public Uri Address { get; } = new($"http://127.0.0.1:{FreePort()}/");

    public string DataPath => _data.FullName;

    /// <summary>What the current process has printed so far.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>A server of the caller's own, ready to answer.</summary>
    public static async Task<RunningServer> StartAsync(ServerSettings? settings = null)
    {
        var server = new RunningServer { Settings = settings ?? new ServerSettings() };
        try
        {
            await server.EnsureStartedAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the process unless it already runs.</summary>
    public async Task EnsureStartedAsync()
    {
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            // One wait for a server that does not start is enough; the first journey printed its output.
            Assert.False(_refused, "The server did not start; the first failure says why.");
            if (_process is null)
            {
                _process = new ServerProcess(HostAssembly(), EnvironmentVariables());
                await ReadyAsync(_process);
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>SIGKILL: nothing is flushed, nothing says goodbye.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            await process.KillAsync();
        }
    }

    /// <summary>Kills the process if it still runs and starts another on the same data and address.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        _refused = false;
        await EnsureStartedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _probe.Dispose();
        _starting.Dispose();
        _data.Delete(recursive: true);
    }

    private async Task ReadyAsync(ServerProcess process)
    {
        var waited = Stopwatch.StartNew();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await AnswersAsync())
        {
            var ended = process.HasExited;
            if (ended || waited.Elapsed > Settings.ReadyWithin)
            {
                await KillAsync();
                _refused = true;
                throw new InvalidOperationException(
                    $"The server {(ended ? "ended by itself" : "was not ready in time")} ({waited.Elapsed.TotalSeconds:0.0} s). Its output:\n{process.Output}");
            }
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await _probe.GetAsync(new Uri(Address, "health/ready"), TestContext.Current.CancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private Dictionary<string, string> EnvironmentVariables()
    {
        var variables = new Dictionary<string, string>(Settings.Environment, StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = Address.GetLeftPart(UriPartial.Authority),
            ["Crm__DataPath"] = DataPath,
            ["Crm__Admin__Email"] = Settings.AdminEmail,
            ["Crm__Admin__Password"] = Settings.AdminPassword,
        };
        if (Settings.Demo is { } demo)
        {
            variables["Crm__Demo"] = demo;
        }
        return variables;
    }

    private static string HostAssembly()
    {
        var configuration = typeof(RunningServer).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var assembly = Repository.File("platform", "Crm.Host", "bin", configuration, "net10.0", "Crm.Host.dll");
        return File.Exists(assembly) ? assembly : throw new FileNotFoundException($"Build the solution first: {assembly} is missing.", assembly);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
