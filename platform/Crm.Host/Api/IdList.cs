using System.Text.Json;
using Crm.Rules;

namespace Crm.Host.Api;

/// <summary>A list of record ids in a request.</summary>
internal static class IdList
{
    /// <exception cref="ProblemException">An entry is no id.</exception>
    public static IReadOnlyList<Guid> Read(JsonElement list, string member) =>
    [
        .. list.EnumerateArray().Select((item, i) => item.ValueKind == JsonValueKind.String && Guid.TryParseExact(item.GetString(), "D", out var id)
            ? id
            : throw new ProblemException(Problem.At($"{member}[{i}]", ProblemKind.Invalid, "value.lookup"))),
    ];
}
