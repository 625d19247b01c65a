using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Reads the fields of a record from JSON, whoever sends it.</summary>
public static class RecordInput
{
    /// <summary>What the members say; every fault is noted, not only the first.</summary>
    /// <param name="members">Names of fields with their values.</param>
    /// <param name="entity">Whose record it is.</param>
    /// <param name="problems">Takes what is wrong, each with the member: no field, one that nobody sets, a value that does not fit.</param>
    public static List<FieldValue> Read(IEnumerable<KeyValuePair<string, JsonElement>> members, Entity entity, List<Problem> problems)
    {
        var values = new List<FieldValue>();
        foreach (var (name, json) in members)
        {
            if (entity.Find(name) is not { } field)
            {
                problems.Add(Problem.At(name, ProblemKind.Invalid, "field.unknown", name, entity.Label));
            }
            else if (!field.IsWritable)
            {
                problems.Add(Problem.At(name, ProblemKind.Invalid, "field.readOnly", field.Label));
            }
            else if (json.ValueKind == JsonValueKind.Null)
            {
                values.Add(new(field, null));
            }
            else if (field.Type.FromJson(json) is var parsed && parsed.Fault is { } fault)
            {
                problems.Add(Problem.At(name + fault.Place, ProblemKind.Invalid, fault.Code, fault.Arguments));
            }
            else
            {
                values.Add(new(field, parsed.Value));
            }
        }
        return values;
    }
}
