using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Crm.Tests.Browser.Harness;

/// <summary>One run of the host: its environment, its output, its end.</summary>
internal sealed class ServerProcess
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Lock _writing = new();

    public ServerProcess(string assembly, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(DotnetExecutable(), [assembly])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Not the repository: a published server finds its files from any folder, and so must this one.
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var inherited in start.Environment.Keys.Where(IsServerSetting).ToList())
        {
            start.Environment.Remove(inherited);
        }
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    public string Output
    {
        get
        {
            lock (_writing)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Ends the run; its output stays readable, nothing else does.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>The developer's own settings must not leak into the server under test.</summary>
    private static bool IsServerSetting(string name) =>
        name.StartsWith("Crm__", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase);

    /// <summary>The dotnet that runs these tests; it need not be the one on the path.</summary>
    private static string DotnetExecutable() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private void Keep(string? line)
    {
        lock (_writing)
        {
            _output.AppendLine(line);
        }
    }
}
