using Xunit;

namespace Crm.Tests;

/// <summary>
/// Real-world files for imports. They are too large for the repository and lie beside it, in <c>../shared/data</c>, or where
/// <c>CRM_SHARED_DATA</c> says; a test that wants them is skipped where they are not.
/// </summary>
public static class SharedData
{
    /// <summary>The absolute path of a file or folder of the shared data; skips the running test when it is not there.</summary>
    public static string Path(params string[] parts)
    {
        var root = Environment.GetEnvironmentVariable("CRM_SHARED_DATA")
            ?? System.IO.Path.GetFullPath(Repository.File("..", "shared", "data"));
        var path = System.IO.Path.Combine([root, .. parts]);
        Assert.SkipUnless(
            Directory.Exists(path) || System.IO.File.Exists(path),
            $"needs ../shared/data/{string.Join('/', parts)} beside the repository (or CRM_SHARED_DATA)");
        return path;
    }
}
