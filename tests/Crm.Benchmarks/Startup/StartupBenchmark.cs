using System.Globalization;

namespace Crm.Benchmarks.Startup;

/// <summary>How long a person waits after starting the server, and what it takes while nobody uses it.</summary>
internal static class StartupBenchmark
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(8);

    public static async Task<int> RunAsync()
    {
        var data = Directory.CreateTempSubdirectory("crm-startup-");
        try
        {
            await MeasureAsync("first start, empty folder", data.FullName, "/health/ready");
            await MeasureAsync("next start", data.FullName, "/health/ready");
            await MeasureAsync("next start, sign-in page", data.FullName, "/sign-in");
            return 0;
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(string name, string data, string path)
    {
        using var server = ServerUnderTest.StartCrm(data);
        var elapsed = await server.WaitForAsync(path);
        using var timer = new PeriodicTimer(Settle);
        await timer.WaitForNextTickAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-28} {elapsed.TotalMilliseconds,7:N0} ms to the first answer   {server.WorkingSet / 1024.0 / 1024.0,6:N0} MB idle"));
    }
}
