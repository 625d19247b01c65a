using System.Diagnostics;

namespace Crm.Benchmarks.Startup;

/// <summary>A PostgreSQL server of its own, by <c>tests/with-postgres</c>; it ends with this object, or with this process however that ends.</summary>
internal sealed class PostgresCluster : IDisposable
{
    private readonly Process _process;

    private PostgresCluster(Process process, string connectionString) => (_process, ConnectionString) = (process, connectionString);

    /// <summary>Without a database.</summary>
    public string ConnectionString { get; }

    /// <exception cref="InvalidOperationException">PostgreSQL is not installed, or does not start.</exception>
    public static async Task<PostgresCluster> StartAsync(params string[] settings)
    {
        var start = new ProcessStartInfo(Crm.Tests.Repository.File("tests", "with-postgres")) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in settings.SelectMany(s => new[] { "-c", s }).Concat(["sh", "-c", "echo \"$CRM_TEST_POSTGRES\"; exec cat"]))
        {
            start.ArgumentList.Add(argument);
        }
        var process = Process.Start(start)!;
        return await process.StandardOutput.ReadLineAsync() is { } connectionString
            ? new(process, connectionString)
            : throw new InvalidOperationException("PostgreSQL did not start.");
    }

    /// <summary>The server runs until nobody holds the other end of its input.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
