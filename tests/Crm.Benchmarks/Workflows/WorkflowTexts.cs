using System.Globalization;

namespace Crm.Benchmarks.Workflows;

/// <summary>The definitions that are measured.</summary>
internal static class WorkflowTexts
{
    public const string Variables =
        """ "variables": [{"id": "n", "name": "N", "typeName": "Int32", "value": "0"}], "inputs": [{"name": "Record", "type": "String"}],""";

    /// <summary>Those that are kept in a database.</summary>
    public static IReadOnlyList<(string Id, string Root)> Durable { get; } =
    [
        ("make", """{"type": "Crm.CreateRecord", "id": "c", "entity": "thing", "fieldValues": {"typeName": "ObjectDictionary", "expression": {"type": "Object", "value": "{\"name\": \"x\", \"count\": 0}"} } }"""),
        ("plain", Sequence([.. Enumerable.Range(1, 4).Select(Step)])),
        // Set a variable, ask a condition, change a record, finish.
        ("steps",
            $$"""
            {"type": "Elsa.Flowchart", "id": "flow", "activities": [
                {"type": "Elsa.SetVariable", "id": "set", "variable": {"id": "n", "name": "N"}, "value": {"typeName": "Object", "expression": {"type": "JavaScript", "value": "getN() + 7"} } },
                {"type": "Elsa.FlowDecision", "id": "ask", "condition": {"typeName": "Boolean", "expression": {"type": "JavaScript", "value": "variables.N > 5"} } },
                {"type": "Crm.UpdateRecord", "id": "update", "entity": "thing", "recordId": {"typeName": "String", "expression": {"type": "JavaScript", "value": "getRecord()"} }, "fieldValues": {"typeName": "ObjectDictionary", "expression": {"type": "JavaScript", "value": "({name: 'changed ' + newShortGuid(), count: getN()})"} } },
                {"type": "Elsa.Finish", "id": "end"}],
             "connections": [{{Connection("set", "Done", "ask")}}, {{Connection("ask", "True", "update")}}, {{Connection("update", "Done", "end")}}]}
            """),
        ("waits", Sequence([Step(1), """{"type": "Elsa.Event", "id": "wait", "eventName": "go"}""", Step(2)])),
        ("timers", Sequence(["""{"type": "Elsa.Delay", "id": "delay", "timeSpan": "00:00:00.001"}""", Step(2)])),
        ("loop10", Loop(10)),
        ("loop10000", Loop(10_000)),
    ];

    public static string Step(int number) => $$"""{"type": "Elsa.Start", "id": "a{{number.ToString(CultureInfo.InvariantCulture)}}"}""";

    public static string Sequence(IReadOnlyList<string> activities) => $$"""{"type": "Elsa.Sequence", "id": "sequence", "activities": [{{string.Join(',', activities)}}]}""";

    public static string Flowchart(IReadOnlyList<string> activities) =>
        $$"""{"type": "Elsa.Flowchart", "id": "flow", "activities": [{{string.Join(',', activities)}}], "connections": [{{string.Join(',', Enumerable.Range(1, activities.Count - 1).Select(i => Connection($"a{i}", "Done", $"a{i + 1}")))}}]}""";

    public static string Loop(int turns) => $$"""{"type": "Elsa.For", "id": "for", "start": 1, "end": {{turns}}, "body": {{Step(1)}} }""";

    public static string Definition(string id, string root, string more = "") => $$"""{"id": "{{id}}-1", "definitionId": "{{id}}", "name": "{{id}}", "version": 1, {{more}} "root": {{root}} }""";

    private static string Connection(string source, string port, string target) =>
        $$"""{"source": {"activity": "{{source}}", "port": "{{port}}"}, "target": {"activity": "{{target}}", "port": "In"} }""";
}
