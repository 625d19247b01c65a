using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Crm.Workflow;

/// <summary>
/// What an instance is while it waits, as JSON: what is open, what is scheduled, variables, bookmarks, incidents. Places are named by node
/// ids and variables by their ids, so that the state of one version can be read with the graph of another.
/// </summary>
internal static class RunState
{
    public static string Write(WorkflowRun run)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("last", run.LastNumber);
            Map(json, "input", run.StartInput);
            // Whoever goes on with it, or tries again what failed, is given what this burst was given.
            if ((run.HasWork || run.SubStatus == WorkflowSubStatus.Faulted) && !ReferenceEquals(run.Input, run.StartInput))
            {
                Map(json, "given", run.Input);
            }
            json.WriteString("trigger", run.TriggerActivityId);
            if (run.IsStarting && run.HasWork)
            {
                json.WriteBoolean("starting", true);
            }
            Map(json, "properties", run.Properties);
            Map(json, "output", run.Output);
            json.WriteStartArray("open");
            foreach (var context in run.Open.OrderBy(c => c.Number))
            {
                Write(json, context);
            }
            json.WriteEndArray();
            json.WriteStartArray("queue");
            foreach (var context in run.Queue)
            {
                if (context.IsAttached)
                {
                    json.WriteNumberValue(context.Number);
                }
                else
                {
                    Write(json, context);
                }
            }
            json.WriteEndArray();
            json.WriteStartArray("bookmarks");
            foreach (var bookmark in run.Bookmarks)
            {
                Write(json, bookmark);
            }
            json.WriteEndArray();
            json.WriteStartArray("incidents");
            foreach (var incident in run.Incidents)
            {
                JsonSerializer.Serialize(json, incident, StateJson.Options);
            }
            json.WriteEndArray();
            WriteOutputs(json, run);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Makes the instance again.</summary>
    /// <param name="run">A run that has not begun.</param>
    /// <param name="state">What <see cref="Write(WorkflowRun)"/> wrote.</param>
    /// <param name="own">The version with which it was written; null where that is gone.</param>
    /// <param name="lost">Told the node ids of open places that the graph does not have, or has as something else; what is below them is lost too.</param>
    public static void Read(WorkflowRun run, string state, WorkflowGraph? own, Action<string>? lost = null)
    {
        using var document = JsonDocument.Parse(state, new JsonDocumentOptions { MaxDepth = 256 });
        var json = document.RootElement;
        run.LastNumber = json.GetProperty("last").GetInt64();
        run.StartInput = (Dictionary<string, object?>)Values.FromJson(json.GetProperty("input"))!;
        run.Input = json.TryGetProperty("given", out var given) ? (Dictionary<string, object?>)Values.FromJson(given)! : run.StartInput;
        run.TriggerActivityId = json.GetProperty("trigger").GetString();
        Fill(run.Properties, json.GetProperty("properties"));
        Fill(run.Output, json.GetProperty("output"));
        var contexts = new Dictionary<long, ActivityContext>();
        foreach (var item in json.GetProperty("open").EnumerateArray())
        {
            if (Read(run, item, contexts, own, lost) is { } context)
            {
                run.Restore(context, isQueued: false);
                if (context.Parent is null)
                {
                    run.Root = context;
                }
            }
        }
        foreach (var item in json.GetProperty("queue").EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Number)
            {
                if (contexts.TryGetValue(item.GetInt64(), out var again))
                {
                    run.Enqueue(again);
                }
            }
            else if (Read(run, item, contexts, own, lost) is { } context)
            {
                run.Restore(context, isQueued: true);
            }
        }
        // States of old do not say it, but where the workflow itself is still to begin it is so.
        run.IsStarting = json.TryGetProperty("starting", out _) || run.Root is { IsAttached: false };
        foreach (var item in json.GetProperty("bookmarks").EnumerateArray())
        {
            var bookmark = ReadBookmark(item);
            if (contexts.TryGetValue(bookmark.ActivityNumber, out var context))
            {
                run.Bookmarks.Add(bookmark);
                context.BookmarkCount++;
            }
        }
        foreach (var item in json.GetProperty("incidents").EnumerateArray())
        {
            run.Incidents.Add(item.Deserialize<Incident>(StateJson.Options)!);
        }
        ReadOutputs(run, json.GetProperty("outputs"));
        run.Outputs.LastResult = json.TryGetProperty("result", out var result) ? Values.FromJson(result) : null;
    }

    private static void Write(Utf8JsonWriter json, ActivityContext context)
    {
        json.WriteStartObject();
        json.WriteNumber("n", context.Number);
        json.WriteString("node", context.Node.NodeId);
        if (context.Parent is { } parent)
        {
            json.WriteNumber("parent", parent.Number);
        }
        json.WriteNumber("status", (int)context.Status);
        json.WriteString("at", context.StartedAt);
        if (context.Tag is { } tag)
        {
            json.WriteString("tag", tag);
        }
        if (context.IsTrigger)
        {
            json.WriteBoolean("trigger", true);
        }
        if (context.IsBreaking)
        {
            json.WriteBoolean("breaking", true);
        }
        if (context.ByBackwardConnection)
        {
            json.WriteBoolean("back", true);
        }
        if (context.FaultCount > 0)
        {
            json.WriteNumber("faults", context.FaultCount);
        }
        if (context.CompositeOutcomes is { } outcomes)
        {
            json.WriteStartArray("outcomes");
            foreach (var name in outcomes.Names)
            {
                json.WriteStringValue(name);
            }
            json.WriteEndArray();
        }
        if (context.Variables is { } variables)
        {
            json.WriteStartObject("variables");
            for (var i = 0; i < variables.Length; i++)
            {
                if (context.Node.Variables[i].IsKept)
                {
                    json.WritePropertyName(context.Node.Variables[i].Id);
                    Values.WriteJson(json, variables[i]);
                }
            }
            json.WriteEndObject();
        }
        if (context.Locals is { } locals)
        {
            json.WriteStartObject("locals");
            foreach (var (name, value) in locals)
            {
                json.WritePropertyName(name);
                Values.WriteJson(json, value);
            }
            json.WriteEndObject();
        }
        if (context.State is { } state)
        {
            json.WritePropertyName("state");
            context.Node.Activity.WriteState(json, state);
        }
        json.WriteEndObject();
    }

    private static ActivityContext? Read(WorkflowRun run, JsonElement json, Dictionary<long, ActivityContext> contexts, WorkflowGraph? own, Action<string>? lost)
    {
        ActivityContext? parent = null;
        if (json.TryGetProperty("parent", out var number) && !contexts.TryGetValue(number.GetInt64(), out parent))
        {
            return null;
        }
        var nodeId = json.GetProperty("node").GetString()!;
        if (run.Graph.ByNodeId(nodeId) is not { } node || (own?.ByNodeId(nodeId) is { } before && before.TypeName != node.TypeName))
        {
            lost?.Invoke(nodeId);
            return null;
        }
        ActivityContext context;
        try
        {
            context = Read(run, json, node, parent);
        }
        catch (Exception e) when (lost is not null && e is WorkflowException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // What one version keeps, another may not understand.
            lost?.Invoke(nodeId);
            return null;
        }
        contexts[context.Number] = context;
        return context;
    }

    private static ActivityContext Read(WorkflowRun run, JsonElement json, ActivityNode node, ActivityContext? parent)
    {
        var context = new ActivityContext(run, node, parent, json.GetProperty("n").GetInt64())
        {
            StartedAt = json.GetProperty("at").GetDateTimeOffset(),
            Tag = json.TryGetProperty("tag", out var tag) ? tag.GetString() : null,
            IsTrigger = json.TryGetProperty("trigger", out _),
            IsBreaking = json.TryGetProperty("breaking", out _),
            ByBackwardConnection = json.TryGetProperty("back", out _),
            FaultCount = json.TryGetProperty("faults", out var faults) ? faults.GetInt32() : 0,
        };
        context.SetStatus((ActivityStatus)json.GetProperty("status").GetInt32());
        if (json.TryGetProperty("outcomes", out var outcomes))
        {
            context.CompositeOutcomes = Outcomes.Of([.. outcomes.EnumerateArray().Select(o => o.GetString()).OfType<string>()]);
        }
        if (json.TryGetProperty("variables", out var variables))
        {
            for (var i = 0; i < node.Variables.Length; i++)
            {
                if (variables.TryGetProperty(node.Variables[i].Id, out var value))
                {
                    context.Variables![i] = Values.To(node.Variables[i].Type, Values.FromJson(value));
                }
            }
        }
        if (json.TryGetProperty("locals", out var locals))
        {
            context.Locals = [.. locals.EnumerateObject().Select(l => new KeyValuePair<string, object?>(l.Name, Values.FromJson(l.Value)))];
        }
        if (json.TryGetProperty("state", out var state))
        {
            context.State = node.Activity.ReadState(state);
        }
        return context;
    }

    private static void Write(Utf8JsonWriter json, Bookmark bookmark)
    {
        json.WriteStartObject();
        json.WriteString("id", bookmark.Id);
        json.WriteString("name", bookmark.Name);
        json.WriteString("hash", bookmark.Hash);
        json.WritePropertyName("payload");
        Values.WriteJson(json, bookmark.Payload);
        json.WriteString("activity", bookmark.ActivityId);
        json.WriteString("node", bookmark.NodeId);
        json.WriteString("execution", bookmark.ActivityInstanceId);
        json.WriteNumber("n", bookmark.ActivityNumber);
        json.WriteString("at", bookmark.CreatedAt);
        if (bookmark.DueAt is { } due)
        {
            json.WriteString("due", due);
        }
        if (!bookmark.AutoBurn)
        {
            json.WriteBoolean("stays", true);
        }
        json.WriteEndObject();
    }

    private static Bookmark ReadBookmark(JsonElement json) => new()
    {
        Id = json.GetProperty("id").GetString()!,
        Name = json.GetProperty("name").GetString()!,
        Hash = json.GetProperty("hash").GetString()!,
        Payload = (Dictionary<string, object?>)Values.FromJson(json.GetProperty("payload"))!,
        ActivityId = json.GetProperty("activity").GetString()!,
        NodeId = json.GetProperty("node").GetString()!,
        ActivityInstanceId = json.GetProperty("execution").GetString()!,
        ActivityNumber = json.GetProperty("n").GetInt64(),
        CreatedAt = json.GetProperty("at").GetDateTimeOffset(),
        DueAt = json.TryGetProperty("due", out var due) ? due.GetDateTimeOffset() : null,
        AutoBurn = !json.TryGetProperty("stays", out _),
        IsStored = true,
    };

    private static void WriteOutputs(Utf8JsonWriter json, WorkflowRun run)
    {
        json.WriteStartObject("outputs");
        foreach (var (index, outputs) in run.Outputs.ByNode ?? new Dictionary<int, Dictionary<string, object?>>())
        {
            json.WriteStartObject(run.Graph.Nodes[index].NodeId);
            foreach (var (name, value) in outputs)
            {
                json.WritePropertyName(name);
                Values.WriteJson(json, value);
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WritePropertyName("result");
        Values.WriteJson(json, run.LastResult);
    }

    private static void ReadOutputs(WorkflowRun run, JsonElement json)
    {
        var outputs = new Dictionary<int, Dictionary<string, object?>>();
        foreach (var item in json.EnumerateObject())
        {
            if (run.Graph.ByNodeId(item.Name) is { } node)
            {
                outputs[node.Index] = (Dictionary<string, object?>)Values.FromJson(item.Value)!;
            }
        }
        if (outputs.Count > 0)
        {
            run.Outputs.RestoreOutputs(outputs);
        }
    }

    private static void Map(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, object?> map)
    {
        json.WritePropertyName(name);
        Values.WriteJson(json, map as IDictionary<string, object?> ?? map.ToDictionary(StringComparer.Ordinal));
    }

    private static void Fill(Dictionary<string, object?> target, JsonElement json)
    {
        foreach (var member in json.EnumerateObject())
        {
            target[member.Name] = Values.FromJson(member.Value);
        }
    }
}
