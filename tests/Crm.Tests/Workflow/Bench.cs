using Crm.Workflow;

namespace Crm.Tests.Workflow;

/// <summary>An engine in memory with the clock and the ids in the test's hand, and what its workflows wrote.</summary>
internal sealed class Bench
{
    private static readonly WorkflowParts Shared = new();

    private readonly SequentialIds _ids = new();

    public Bench()
    {
        Engine = new(Shared, Clock, _ids.Next) { Output = Lines.Add };
    }

    public static WorkflowParts Parts => Shared;

    public ManualTimeProvider Clock { get; } = new();

    public MemoryEngine Engine { get; }

    public List<string> Lines { get; } = [];

    /// <summary>Runs a workflow whose root is <paramref name="root"/>.</summary>
    public async Task<WorkflowRun> RunAsync(string root, string more = "", bool tokens = false, IReadOnlyDictionary<string, object?>? input = null, string? trigger = null)
    {
        var graph = Engine.Add(Json(root, more));
        return await Engine.StartAsync(graph, input, trigger, isTokenBased: tokens);
    }

    /// <summary>Resumes whatever waits until nothing does.</summary>
    public async Task DrainAsync(WorkflowRun run, IReadOnlyDictionary<string, object?>? input = null)
    {
        for (var turn = 0; run.Status == WorkflowStatus.Running && run.Bookmarks.Count > 0 && turn < 1_000; turn++)
        {
            foreach (var bookmark in run.Bookmarks.ToList())
            {
                await Engine.ResumeAsync(run, bookmark, input);
            }
        }
    }

    public static string Json(string root, string more = "", string id = "test") =>
        $$"""{"id": "{{id}}-1", "definitionId": "{{id}}", "name": "{{id}}", "version": 1, {{more}} "root": {{root}}}""";

    public static string Write(string id, string text) => $$"""{"type": "Elsa.WriteLine", "id": "{{id}}", "text": {"typeName": "String", "expression": {"type": "Literal", "value": "{{text}}"} } }""";

    public static string WriteJs(string id, string script) => $$"""{"type": "Elsa.WriteLine", "id": "{{id}}", "text": {{Js("String", script)}} }""";

    public static string Js(string type, string script) => $$"""{"typeName": "{{type}}", "expression": {"type": "JavaScript", "value": {{System.Text.Json.JsonSerializer.Serialize(script)}} } }""";

    public static string Set(string id, string variable, string script) => $$"""{"type": "Elsa.SetVariable", "id": "{{id}}", "variable": {"id": "{{variable}}", "name": "{{variable}}"}, "value": {{Js("Object", script)}} }""";

    public static string Variable(string name, string type = "Int32", string value = "0") => $$"""{"id": "{{name}}", "name": "{{name}}", "typeName": "{{type}}", "value": "{{value}}"}""";

    public static string Sequence(params string[] activities) => $$"""{"type": "Elsa.Sequence", "id": "sequence{{Math.Abs(string.Concat(activities).GetHashCode(StringComparison.Ordinal))}}", "activities": [{{string.Join(',', activities)}}]}""";

    /// <summary>A flowchart; connections as <c>a:Done->b</c>.</summary>
    public static string Flow(string[] activities, params string[] connections) =>
        $$"""{"type": "Elsa.Flowchart", "id": "flow", "activities": [{{string.Join(',', activities)}}], "connections": [{{string.Join(',', connections.Select(Connection))}}]}""";

    private static string Connection(string text)
    {
        var (source, target) = (text.Split("->")[0], text.Split("->")[1]);
        var port = source.Contains(':', StringComparison.Ordinal) ? source.Split(':')[1] : "Done";
        return $$"""{"source": {"activity": "{{source.Split(':')[0]}}", "port": "{{port}}"}, "target": {"activity": "{{target}}", "port": "In"} }""";
    }
}
