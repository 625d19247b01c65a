using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Crm.Workflow;

/// <summary>What one activity did in one burst, as the journal keeps it.</summary>
public sealed record ActivityRecord(
    string Id, string ActivityId, string NodeId, string ActivityType, string ActivityName, ActivityStatus Status, DateTimeOffset StartedAt, DateTimeOffset? CompletedAt, string? Outcomes, bool HasBookmarks, int FaultCount,
    string? ParentId, IReadOnlyDictionary<string, object?> Inputs, IReadOnlyDictionary<string, object?> Outputs, IReadOnlyDictionary<string, object?> Details, string? Fault, IReadOnlyList<ActivityEvent> Events)
{
    public int Version { get; init; } = 1;

    /// <summary>When the burst saw it last.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The kind of failure, where it failed.</summary>
    public string? FaultType { get; init; }
}

/// <summary>Writes and reads the journal of a burst: one record for each activity that it touched.</summary>
internal static class JournalText
{
    /// <summary>Longer texts are cut: the journal explains, it does not archive.</summary>
    private const int MaxText = 2_000;

    /// <summary>Stands for a value that is kept out of the journal.</summary>
    private const string Hidden = "•••";

    public static string Write(List<JournalEntry> entries, int from, int count)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }))
        {
            json.WriteStartArray();
            for (var i = from; i < from + count; i++)
            {
                var (context, happened, at) = entries[i];
                // An activity that began and ended in this burst is one record, at its end.
                if (happened is ActivityEvent.Started or ActivityEvent.Resumed && (context.Status is ActivityStatus.Completed or ActivityStatus.Canceled || EndsLater(entries, i, context)))
                {
                    continue;
                }
                Write(json, context, happened, at);
            }
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static IEnumerable<ActivityRecord> Read(string text)
    {
        using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 256 });
        foreach (var json in document.RootElement.EnumerateArray())
        {
            yield return new(
                json.GetProperty("id").GetString()!, json.GetProperty("activity").GetString()!, json.GetProperty("node").GetString()!, json.GetProperty("type").GetString()!, json.GetProperty("name").GetString()!,
                (ActivityStatus)json.GetProperty("status").GetInt32(), json.GetProperty("from").GetDateTimeOffset(), json.TryGetProperty("to", out var to) ? to.GetDateTimeOffset() : null,
                json.TryGetProperty("outcomes", out var outcomes) ? outcomes.GetString() : null, json.TryGetProperty("waits", out _), json.TryGetProperty("faults", out var faults) ? faults.GetInt32() : 0,
                json.TryGetProperty("parent", out var parent) ? parent.GetString() : null, Map(json, "in"), Map(json, "out"), Map(json, "notes"), json.TryGetProperty("fault", out var fault) ? fault.GetString() : null,
                [(ActivityEvent)json.GetProperty("event").GetInt32()])
            {
                Version = json.TryGetProperty("version", out var version) ? version.GetInt32() : 1,
                At = json.TryGetProperty("at", out var at) ? at.GetDateTimeOffset() : json.TryGetProperty("to", out var end) ? end.GetDateTimeOffset() : json.GetProperty("from").GetDateTimeOffset(),
                FaultType = json.TryGetProperty("faultType", out var faultType) ? faultType.GetString() : null,
            };
        }
    }

    private static bool EndsLater(List<JournalEntry> entries, int at, ActivityContext context)
    {
        // Only what is still open gets here, so this is the way of few.
        for (var i = at + 1; i < entries.Count && i < at + 8; i++)
        {
            if (ReferenceEquals(entries[i].Context, context))
            {
                return true;
            }
        }
        return false;
    }

    private static void Write(Utf8JsonWriter json, ActivityContext context, ActivityEvent happened, DateTimeOffset at)
    {
        var node = context.Node;
        json.WriteStartObject();
        json.WriteString("id", context.Id);
        json.WriteString("activity", node.Id);
        json.WriteString("node", node.NodeId);
        json.WriteString("type", node.TypeName);
        json.WriteString("name", node.Name);
        json.WriteNumber("event", (int)happened);
        json.WriteNumber("status", (int)(happened switch { ActivityEvent.Completed => ActivityStatus.Completed, ActivityEvent.Canceled => ActivityStatus.Canceled, ActivityEvent.Faulted => ActivityStatus.Faulted, _ => ActivityStatus.Running }));
        json.WriteString("from", context.StartedAt);
        if (happened is ActivityEvent.Completed or ActivityEvent.Canceled or ActivityEvent.Faulted)
        {
            json.WriteString("to", at);
        }
        else if (at != context.StartedAt)
        {
            json.WriteString("at", at);
        }
        if (node.Version != 1)
        {
            json.WriteNumber("version", node.Version);
        }
        if (context.Parent is { } parent)
        {
            json.WriteString("parent", parent.Id);
        }
        if (happened == ActivityEvent.Completed && context.Outcomes is { } outcomes && !ReferenceEquals(outcomes, Outcomes.Default))
        {
            json.WriteString("outcomes", outcomes.ToString());
        }
        if (happened == ActivityEvent.Suspended)
        {
            json.WriteBoolean("waits", true);
        }
        if (context.FaultCount > 0)
        {
            json.WriteNumber("faults", context.FaultCount);
        }
        if (context.Fault is { } fault)
        {
            json.WriteString("fault", Values.Shorten(fault.Message, MaxText));
            json.WriteString("faultType", fault is WorkflowException { Code: { } code } ? code : fault.GetType().Name);
        }
        WriteInputs(json, context);
        Write(json, "out", context.Node.Persistence is { } persistence && context.Outputs is { } all
            ? all.Where(o => persistence.KeepsOutput(o.Key, context)).ToDictionary(o => o.Key, o => o.Value, StringComparer.Ordinal)
            : context.Outputs, context.Concealed);
        Write(json, "notes", context.Journal, context.Concealed);
        json.WriteEndObject();
    }

    private static void WriteInputs(Utf8JsonWriter json, ActivityContext context)
    {
        var begun = false;
        foreach (var input in context.Node.Inputs)
        {
            if (input.IsGiven && !input.IsSensitive && context.Node.Persistence?.KeepsInput(input.Name, context) != false && context.TryKnown(input, out var value))
            {
                if (!begun)
                {
                    json.WriteStartObject("in");
                    begun = true;
                }
                WriteShort(json, input.Name, value, context.Concealed);
            }
        }
        if (begun)
        {
            json.WriteEndObject();
        }
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, object?>? values, IReadOnlySet<string>? concealed)
    {
        if (values is null)
        {
            return;
        }
        json.WriteStartObject(name);
        foreach (var (key, value) in values)
        {
            WriteShort(json, key, value, concealed);
        }
        json.WriteEndObject();
    }

    private static object? Conceal(string name, object? value, IReadOnlySet<string> concealed) => value switch
    {
        null => null,
        _ when concealed.Contains(name) => Hidden,
        IDictionary<string, object?> map => map.ToDictionary(m => m.Key, m => Conceal(m.Key, m.Value, concealed), StringComparer.Ordinal),
        List<object?> list => list.ConvertAll(item => Conceal("", item, concealed)),
        _ => value,
    };

    private static void WriteShort(Utf8JsonWriter json, string name, object? value, IReadOnlySet<string>? concealed)
    {
        json.WritePropertyName(name);
        value = concealed is null ? value : Conceal(name, value, concealed);
        switch (value)
        {
            case string { Length: > MaxText } text: json.WriteStringValue(Values.Shorten(text, MaxText)); break;
            case List<object?> { Count: > 100 } list: json.WriteStringValue($"[{list.Count}]"); break;
            default: Values.WriteJson(json, value); break;
        }
    }

    private static IReadOnlyDictionary<string, object?> Map(JsonElement json, string name) =>
        json.TryGetProperty(name, out var map) ? (Dictionary<string, object?>)Values.FromJson(map)! : new Dictionary<string, object?>();
}
