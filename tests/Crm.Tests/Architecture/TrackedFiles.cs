using System.Diagnostics;

namespace Crm.Tests.Architecture;

/// <summary>What git tracks is what the product is; build output and a developer's own files do not count.</summary>
internal static class TrackedFiles
{
    private static readonly Lazy<IReadOnlyList<string>> LazyAll = new(List);

    /// <summary>Paths from the repository root, with slashes.</summary>
    public static IReadOnlyList<string> All => LazyAll.Value;

    private static List<string> List()
    {
        // A clone made by another user (a build machine's checkout) is one that git otherwise refuses to read.
        var start = new ProcessStartInfo("git", ["-c", "safe.directory=*", "ls-files", "-z"])
        {
            WorkingDirectory = Repository.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start) ?? throw new InvalidOperationException("git does not start.");
        var paths = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        return git.ExitCode == 0
            ? [.. paths.Where(path => File.Exists(Repository.File(path)))]
            : throw new InvalidOperationException($"git ls-files ended with {git.ExitCode} in {Repository.Root}.");
    }
}
