using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>Records as workflows see them: maps by field name, in the form of the API.</summary>
internal static class RecordMaps
{
    public static Entity Entity(ModelSource models, string name) => models.Current.Find(name) ?? throw new WorkflowException("entity.missing", $"There is no entity '{name}'.")
    {
        Advice = "Choose another entity in the designer.",
    };

    public static Dictionary<string, object?> ToMap(Record record)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var field in record.Entity.Fields)
            {
                if (field.IsStored && record.Values[field.Ordinal] is { } value)
                {
                    json.WritePropertyName(field.Name);
                    field.Type.WriteJson(json, value);
                }
            }
            json.WriteEndObject();
        }
        using var document = JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
        return (Dictionary<string, object?>)Values.FromJson(document.RootElement)!;
    }

    /// <summary>Values for a write.</summary>
    /// <exception cref="WorkflowException">There is no such field, or a value is none for it.</exception>
    public static List<FieldValue> Fields(Entity entity, IDictionary<string, object?> map)
    {
        using var document = JsonDocument.Parse(Values.ToJson(map));
        var values = new List<FieldValue>();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            var field = entity.Find(member.Name) ?? throw new WorkflowException("field.missing", $"{entity.Label} has no field '{member.Name}'.") { Advice = "Choose another field in the designer." };
            if (!field.IsWritable)
            {
                throw new WorkflowException("field.readOnly", $"'{field.Label}' cannot be written.");
            }
            var parsed = member.Value.ValueKind == JsonValueKind.Null ? Parsed.Ok(null) : field.Type.FromJson(member.Value);
            values.Add(parsed.Fault is { } fault ? throw new ProblemException(Problem.At(field.Name, ProblemKind.Invalid, fault.Code, [.. fault.Arguments])) : new(field, parsed.Value));
        }
        return values;
    }

    public static Guid Id(string? text) => Guid.TryParse(text, out var id) ? id : throw new WorkflowException("record.id", $"'{Values.Shorten(text)}' is no id of a record.");
}
