using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Crm.Workflow;

/// <summary>A variable of a workflow and what it holds.</summary>
public sealed record VariableValue(string Id, string Name, object? Value);

/// <summary>What is left of an instance that is over: what it was given, what it gave and what it knew, so that it can explain itself.</summary>
public sealed record EndedState(IReadOnlyDictionary<string, object?> Input, IReadOnlyDictionary<string, object?> Output, IReadOnlyList<VariableValue> Variables, IReadOnlyList<Incident> Incidents)
{
    internal static readonly EndedState Nothing = new(new Dictionary<string, object?>(), new Dictionary<string, object?>(), [], []);

    internal static string? Write(WorkflowRun run)
    {
        if (run.StartInput.Count == 0 && run.Output.Count == 0 && run.EndVariables.Count == 0 && run.Incidents.Count == 0)
        {
            return null;
        }
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }))
        {
            json.WriteStartObject();
            Write(json, "input", run.StartInput);
            Write(json, "output", run.Output);
            json.WriteStartArray("variables");
            foreach (var variable in run.EndVariables)
            {
                json.WriteStartObject();
                json.WriteString("id", variable.Id);
                json.WriteString("name", variable.Name);
                json.WritePropertyName("value");
                Values.WriteJson(json, variable.Value);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            if (run.Incidents.Count > 0)
            {
                json.WritePropertyName("incidents");
                JsonSerializer.Serialize(json, run.Incidents, StateJson.Options);
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    internal static EndedState Read(string? state)
    {
        if (state is null)
        {
            return Nothing;
        }
        using var document = JsonDocument.Parse(state, new JsonDocumentOptions { MaxDepth = 256 });
        var json = document.RootElement;
        return new(
            Map(json, "input"), Map(json, "output"),
            [.. json.GetProperty("variables").EnumerateArray().Select(v => new VariableValue(v.GetProperty("id").GetString()!, v.GetProperty("name").GetString()!, Values.FromJson(v.GetProperty("value"))))],
            json.TryGetProperty("incidents", out var incidents) ? incidents.Deserialize<List<Incident>>(StateJson.Options)! : []);
    }

    private static Dictionary<string, object?> Map(JsonElement json, string name) => (Dictionary<string, object?>)Values.FromJson(json.GetProperty(name))!;

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, object?> map)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in map)
        {
            json.WritePropertyName(key);
            Values.WriteJson(json, value);
        }
        json.WriteEndObject();
    }
}
