using System.Text.Json;
using Xunit;

namespace Crm.Tests.Workflow;

/// <summary>Workflow definitions from elsa-core's own tests with the results that those expect; they lie beside the repository like the other shared data.</summary>
internal static class ElsaConformance
{
    public sealed record Case(
        string Name, IReadOnlyList<string> Import, string? Run, IReadOnlyList<string>? Lines, IReadOnlyList<string>? Contains, string? Status, string? SubStatus, string? Mode, string? CompletedOnce, bool? Publish,
        Dictionary<string, JsonElement>? Input)
    {
        public bool IsTokenBased => Mode == "token";
    }

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static string Folder { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("CRM_SHARED_DATA") is { } data ? Path.Combine(data, "..") : Repository.File("..", "shared"), "conformance", "elsa");

    public static IReadOnlyList<Case> Cases
    {
        get
        {
            Assert.SkipUnless(File.Exists(Path.Combine(Folder, "cases.json")), "needs ../shared/conformance/elsa beside the repository (or CRM_SHARED_DATA's sibling)");
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "cases.json")));
            return document.RootElement.GetProperty("cases").Deserialize<List<Case>>(Options)!;
        }
    }

    public static string Read(string file) => File.ReadAllText(Path.Combine(Folder, file));
}
