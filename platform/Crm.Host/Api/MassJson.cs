using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Host.Api;

/// <summary>Reads <c>{"filter": condition} or {"ids": []}</c> with <c>"set": {}</c> or <c>"delete": true</c> or <c>"restore": true</c>.</summary>
internal static class MassJson
{
    private const int MaxIds = 100_000;

    /// <exception cref="ProblemException">It cannot be understood.</exception>
    public static MassChange Read(JsonElement json, Entity entity)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "json.object"));
        }
        JsonElement? filter = null, set = null;
        IReadOnlyList<Guid>? ids = null;
        var (deletes, restores) = (false, false);
        foreach (var member in json.EnumerateObject())
        {
            switch (member.Name)
            {
                case "filter":
                    ConditionReader.Read(member.Value, entity);
                    filter = member.Value;
                    break;
                case "ids" when member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() <= MaxIds:
                    ids = IdList.Read(member.Value, "ids");
                    break;
                case "set":
                    RecordJson.ReadValues(member.Value, entity);
                    set = member.Value;
                    break;
                case "delete" when member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    deletes = member.Value.GetBoolean();
                    break;
                case "restore" when member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    restores = member.Value.GetBoolean();
                    break;
                default:
                    throw new ProblemException(Problem.At(member.Name, ProblemKind.Invalid, "parameter.unknown", member.Name));
            }
        }
        return filter is null == ids is null || (set is null ? 0 : 1) + (deletes ? 1 : 0) + (restores ? 1 : 0) != 1 ? throw new ProblemException(Problem.Of(ProblemKind.Invalid, "mass.which")) : new(entity, filter, ids, set) { Restores = restores };
    }
}
