using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Host.Api;

/// <summary>Reads <c>{"losers": [ids], "values": {}}</c>.</summary>
internal static class MergeJson
{
    /// <exception cref="ProblemException">It cannot be understood.</exception>
    public static (IReadOnlyList<Guid> Losers, IReadOnlyList<FieldValue> Values) Read(JsonElement json, Entity entity)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "json.object"));
        }
        var (losers, values) = (new List<Guid>(), new List<FieldValue>());
        foreach (var member in json.EnumerateObject())
        {
            switch (member.Name)
            {
                case "losers" when member.Value.ValueKind == JsonValueKind.Array:
                    losers.AddRange(IdList.Read(member.Value, "losers"));
                    break;
                case "values":
                    values = RecordJson.ReadValues(member.Value, entity);
                    break;
                default:
                    throw new ProblemException(Problem.At(member.Name, ProblemKind.Invalid, "parameter.unknown", member.Name));
            }
        }
        return (losers, values);
    }
}
