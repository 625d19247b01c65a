using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Crm.Benchmarks.Startup;

/// <summary>A server as a process of its own, on a free loopback port, stopped at the end.</summary>
internal sealed class ServerUnderTest : IDisposable
{
    public const string Email = "bench@example.test", Password = "bench-password";

    private readonly Process _process;

    private ServerUnderTest(Process process, Uri address)
    {
        (_process, Address) = (process, address);
    }

    public Uri Address { get; }

    /// <summary>Memory of the process that is not swapped out, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts the product's built server; <paramref name="demo"/> is <c>true</c> or <c>large</c> for its demo company.</summary>
    public static ServerUnderTest StartCrm(string dataPath, string? metadataPath = null, string? postgres = null, string demo = "false")
    {
        var host = Crm.Tests.Repository.File("platform", "Crm.Host", "bin", "Release", "net10.0", "Crm.Host.dll");
        return Start([host], new()
        {
            ["Crm__DataPath"] = dataPath, ["Crm__MetadataPath"] = metadataPath ?? "", ["Crm__Admin__Email"] = Email, ["Crm__Admin__Password"] = Password, ["Crm__Demo"] = demo,
            ["Crm__Database"] = postgres is null ? "sqlite" : "postgres", ["ConnectionStrings__Crm"] = postgres ?? "",
        });
    }

    /// <summary>Starts the hand-written server of <see cref="Floor.FloorServer"/>.</summary>
    public static ServerUnderTest StartFloor(string kind, string database) => Start([typeof(ServerUnderTest).Assembly.Location, "floor-server", kind, database, "{address}"], []);

    /// <summary>Asks until the address answers with success; how long that took since the call.</summary>
    public async Task<TimeSpan> WaitForAsync(string path)
    {
        using var client = new HttpClient { BaseAddress = Address };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromMinutes(10))
        {
            try
            {
                using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
                if (response.IsSuccessStatusCode)
                {
                    return clock.Elapsed;
                }
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                // Not listening yet.
            }
            await timer.WaitForNextTickAsync();
        }
        throw new TimeoutException($"{path} did not answer within ten minutes.");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    private static ServerUnderTest Start(IReadOnlyList<string> arguments, Dictionary<string, string> environment)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument.Replace("{address}", address.ToString(), StringComparison.Ordinal));
        }
        foreach (var (name, value) in environment.Append(new("ASPNETCORE_URLS", address.ToString())))
        {
            start.Environment[name] = value;
        }
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return new(process, address);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
