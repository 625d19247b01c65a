using System.Text.Json.Nodes;
using Crm.Rules;
using Crm.Tests.Databases;
using Crm.Workflow;
using Shouldly;
using Xunit;
using static Crm.Tests.Workflow.Bench;

namespace Crm.Tests.Workflow;

/// <summary>The shapes that definitions come in, and that nothing is lost on the way through.</summary>
[NoDatabase]
public class DefinitionTests
{
    private static readonly string Root = Sequence(Write("a", "a"));

    [Fact]
    public void A_model_a_save_request_and_a_stored_entity_are_one_thing()
    {
        var model = Json(Root);
        var stored = new JsonObject { ["id"] = "test-1", ["definitionId"] = "test", ["version"] = 1, ["stringData"] = Root, ["materializerName"] = "Json" }.ToJsonString();
        var original = new JsonObject { ["id"] = "test-1", ["originalSource"] = model }.ToJsonString();
        string[] shapes = [model, $$"""{"model": {{model}}, "publish": true}""", stored, original, "\uFEFF" + model];

        foreach (var shape in shapes)
        {
            var definition = Parts.Reader.Read(shape);
            (definition.DefinitionId, definition.Version).ShouldBe(("test", 1));
            JsonNode.DeepEquals(definition.Root!["activities"]![0]!["text"], JsonNode.Parse(Root)!["activities"]![0]!["text"]).ShouldBeTrue();
        }
    }

    [Fact]
    public void Every_activity_has_a_node_id_and_those_without_an_id_get_one()
    {
        var definition = Parts.Reader.Read(Json("""{"type": "Elsa.Sequence", "activities": [{"type": "Elsa.WriteLine"}, {"type": "Elsa.WriteLine"}, {"type": "Elsa.If", "id": "if", "then": {"type": "Elsa.WriteLine", "id": "WriteLine1"} }]}"""));

        var activities = definition.Root!["activities"]!.AsArray();
        definition.Root["nodeId"]!.GetValue<string>().ShouldBe("Workflow1:Sequence1");
        activities.Select(a => a!["nodeId"]!.GetValue<string>()).ShouldBe(["Workflow1:Sequence1:WriteLine2", "Workflow1:Sequence1:WriteLine3", "Workflow1:Sequence1:if"]);
        activities[2]!["then"]!["nodeId"]!.GetValue<string>().ShouldBe("Workflow1:Sequence1:if:WriteLine1");
    }

    [Fact]
    public async Task An_unknown_activity_is_kept_with_all_it_has_and_fails_only_where_it_runs()
    {
        var unknown = """{"type": "Acme.Magic", "id": "m", "spell": {"typeName": "Rune", "expression": {"type": "Runic", "value": "abra"} }, "deep": [1, {"x": null}]}""";
        var bench = new Bench();
        var graph = bench.Engine.Add(Json(Sequence(Write("a", "before"), unknown)));

        graph.Problems.ShouldHaveSingleItem().Code.ShouldBe("workflow.activity.unknown");
        var again = Parts.Reader.Read(graph.Definition.ToJson()).Root!["activities"]![1]!;
        JsonNode.DeepEquals(again["spell"], JsonNode.Parse(unknown)!["spell"]).ShouldBeTrue();
        JsonNode.DeepEquals(again["deep"], JsonNode.Parse(unknown)!["deep"]).ShouldBeTrue();

        var run = await bench.Engine.StartAsync(graph);
        bench.Lines.ShouldBe(["before"]);
        run.Incidents.ShouldHaveSingleItem().Code.ShouldBe("activity.unknown");
    }

    [Fact]
    public async Task An_activity_that_another_tool_did_not_know_comes_back_with_its_connections()
    {
        var original = Write("x", "restored").Replace("\"", "\\\"", StringComparison.Ordinal);
        var flow =
            $$"""
            {"type": "Elsa.Flowchart", "id": "f", "activities": [{"type": "Elsa.NotFoundActivity", "id": "x", "missingTypeName": "Elsa.WriteLine", "missingTypeVersion": 1, "originalActivityJson": "{{original}}"}, {{Write("y", "after")}}], "connections": [],
             "customProperties": {"notFoundConnections": [{"source": {"activity": "x", "port": "Done"}, "target": {"activity": "y", "port": "In"} }]} }
            """;
        var bench = new Bench();

        await bench.RunAsync(flow);

        bench.Lines.ShouldBe(["restored", "after"]);
    }

    [Theory]
    [InlineData("""[{"source": {"activity": "a", "port": "Done"}, "target": {"activity": "b", "port": "In"}}]""")]
    [InlineData("""[{"Source": {"Activity": "a", "Port": "Done"}, "Target": {"Activity": "b"}}]""")]
    [InlineData("""[{"source": "a", "target": "b", "sourcePort": "Done", "targetPort": "In"}]""")]
    [InlineData("""{"source": {"activity": "a", "port": "Done"}, "target": {"activity": "b", "port": "In"}}""")]
    [InlineData("""{"$values": [{"source": "a", "target": "b"}]}""")]
    [InlineData("""[{"source": {"activity": "a", "port": "Done"}, "target": {"activity": "b"}}, {"source": {"activity": "gone"}, "target": {"activity": "b"}}]""")]
    public async Task Connections_are_read_in_every_shape_that_they_come_in(string connections)
    {
        var bench = new Bench();

        await bench.RunAsync($$"""{"type": "Elsa.Flowchart", "id": "f", "activities": [{{Write("a", "a")}}, {{Write("b", "b")}}], "connections": {{connections}} }""");

        bench.Lines.ShouldBe(["a", "b"]);
    }

    [Theory]
    [InlineData(""" "text": "plain" """, "plain")]
    [InlineData(""" "text": {"typeName": "String", "expression": {"type": "Literal", "value": "literal"}} """, "literal")]
    [InlineData(""" "text": {"typeName": "String", "expression": {"type": "Object", "value": "object"}} """, "object")]
    [InlineData(""" "text": {"expression": {"type": "Literal", "value": "no type name"}} """, "")]
    [InlineData(""" "text": {"typeName": "String"} """, "")]
    [InlineData(""" "text": null """, "")]
    [InlineData(""" "text": 5 """, "5")]
    [InlineData(""" "text": {"typeName": "String", "expression": {"type": "Variable", "value": {"id": "V", "name": "V"}}} """, "v")]
    [InlineData(""" "text": {"typeName": "String", "expression": {"type": "Input", "value": {"name": "I"}}} """, "i")]
    [InlineData(""" "text": {"typeName": "String", "expression": {"type": "Input", "value": "{\"name\": \"I\"}"}} """, "i")]
    [InlineData(""" "text": {"typeName": "String", "expression": {"type": null, "value": "a literal"}} """, "a literal")]
    [InlineData(""" "text": {"typeName": "String", "expression": {"value": "of no language"}} """, "")]
    [InlineData(""" "_type": "x", "text": {"_type": "y", "typeName": "String", "expression": {"type": "Literal", "value": "wrapped"}} """, "wrapped")]
    public async Task An_input_is_read_in_every_shape_that_it_comes_in(string text, string expected)
    {
        var bench = new Bench();

        await bench.RunAsync($$"""{"type": "Elsa.WriteLine", "id": "w", {{text}} }""", $"\"variables\": [{Variable("V", "String", "v")}], \"inputs\": [{{\"name\": \"I\", \"type\": \"String\"}}],", input: new Dictionary<string, object?> { ["I"] = "i" });

        bench.Lines.ShouldBe([expected]);
    }

    [Theory]
    [InlineData("Int32", "5", "number")]
    [InlineData("System.Int64, System.Private.CoreLib", "5", "number")]
    [InlineData("Boolean", "true", "boolean")]
    [InlineData("String", "x", "string")]
    [InlineData("List<Object>", "[1]", "object")]
    [InlineData("Int32", "no number", "number")]
    public async Task A_variable_begins_with_its_default_converted_to_its_type(string type, string value, string expected)
    {
        var bench = new Bench();

        await bench.RunAsync(WriteJs("w", "typeof getV()"), $"\"variables\": [{Variable("V", type, value)}],");

        bench.Lines.ShouldBe([expected]);
    }

    [Theory]
    [InlineData("JSON")]
    [InlineData("JsonElement")]
    [InlineData("JsonNode")]
    [InlineData("System.Text.Json.JsonElement, System.Text.Json")]
    public async Task A_variable_of_JSON_begins_with_what_the_text_of_its_default_says(string type)
    {
        var bench = new Bench();

        await bench.RunAsync(
            WriteJs("w", "typeof getV() + ' ' + getV().k + ' ' + getBroken()"),
            $$""" "variables": [{"id": "V", "name": "V", "typeName": "{{type}}", "value": "{\"k\": 1}"}, {"id": "B", "name": "Broken", "typeName": "{{type}}", "value": "{\"k\""}],""");

        bench.Lines.ShouldBe(["object 1 null"]);
    }

    [Theory]
    [InlineData("[1,")]
    [InlineData(" {\"a\": ")]
    public void JSON_for_a_list_that_is_none_is_said_at_publish(string value)
    {
        var items = $$"""{"typeName": "List<Object>", "expression": {"type": "Object", "value": {{System.Text.Json.JsonSerializer.Serialize(value)}} } }""";

        var graph = new Bench().Engine.Add(Json($$"""{"type": "Elsa.ForEach", "id": "f", "items": {{items}}, "body": {{Write("w", "x")}} }"""));

        graph.Problems.ShouldHaveSingleItem().Code.ShouldBe("workflow.expression.broken");
    }

    [Fact]
    public async Task A_variable_of_an_unknown_type_is_dropped()
    {
        var bench = new Bench();

        var run = await bench.RunAsync(WriteJs("w", "getV()"), $"\"variables\": [{Variable("V", "Acme.Thing, Acme", "x")}],");

        run.Incidents.ShouldHaveSingleItem().Message.ShouldContain("'V'");
    }

    [Theory]
    [InlineData("", "workflow.json")]
    [InlineData("[]", "workflow.json")]
    [InlineData("{\"root\": ", "workflow.json")]
    [InlineData("{\"a\": 1, \"a\": 2, \"root\": {}}", "workflow.json")]
    [InlineData("{}", "workflow.root")]
    [InlineData("{\"root\": 5}", "workflow.root")]
    public void What_is_no_definition_is_refused_with_a_reason(string json, string code) =>
        Should.Throw<ProblemException>(() => Parts.Reader.Read(json)).Problems.ShouldHaveSingleItem().Code.ShouldBe(code);

    [Theory]
    [InlineData("\"name\": 5", "name: value.text")]
    [InlineData("\"version\": \"x\"", "version: value.integer")]
    [InlineData("\"version\": 1.5", "version: value.integer")]
    [InlineData("\"createdAt\": \"soon\"", "createdAt: value.dateTime")]
    [InlineData("\"isSystem\": \"true\"", "isSystem: value.boolean")]
    [InlineData("\"customProperties\": []", "customProperties: json.object")]
    [InlineData("\"options\": {\"usableAsActivity\": 1}", "options.usableAsActivity: value.boolean")]
    [InlineData("\"variables\": \"x\"", "variables: value.list")]
    [InlineData("\"variables\": [{\"name\": 5}, \"y\"]", "variables[0].name: value.text; variables[1]: json.object")]
    [InlineData("\"inputs\": [{\"isArray\": \"no\"}], \"outcomes\": [\"Done\", 1]", "inputs[0].isArray: value.boolean; outcomes[1]: value.text")]
    public void A_member_that_is_not_what_it_must_be_is_refused_with_its_path(string member, string problems) =>
        Should.Throw<ProblemException>(() => Parts.Reader.Read($$"""{ {{member}}, "root": {{Root}} }""")).Message.ShouldBe(problems);

    [Theory]
    [InlineData("""{"id": "a"}""", "root.type: workflow.activity.type")]
    [InlineData("""{"type": 5}""", "root.type: workflow.activity.type")]
    [InlineData("""{"type": "Elsa.Sequence", "activities": "z"}""", "root.activities: json.object")]
    [InlineData("""{"type": "Elsa.Sequence", "activities": [{"type": "Elsa.WriteLine"}, {"id": "x"}, 5]}""", "root.activities[1].type: workflow.activity.type; root.activities[2]: json.object")]
    [InlineData("""{"type": "Elsa.If", "then": {"type": "Elsa.While", "body": {} } }""", "root.then.body.type: workflow.activity.type")]
    [InlineData("""{"type": "Elsa.Switch", "cases": [{"label": "a", "activity": {"id": "x"} }]}""", "root.cases[0].activity.type: workflow.activity.type")]
    [InlineData("""{"type": "Elsa.StateMachine", "states": [{"name": "a", "entry": {"id": "x"} }]}""", "root.states[0].entry.type: workflow.activity.type")]
    [InlineData("""{"type": "Elsa.Flowchart", "version": "one", "metadata": [], "variables": [{"id": 1}], "connections": 5}""", "root.version: value.integer; root.metadata: json.object; root.connections: value.list; root.variables[0].id: value.text")]
    [InlineData("""{"type": "Elsa.NotFoundActivity", "id": "x", "originalActivityJson": "{}"}""", "root.type: workflow.activity.type")]
    public void An_activity_without_a_type_or_with_something_else_than_it_must_have_is_refused_with_its_path(string root, string problems) =>
        Should.Throw<ProblemException>(() => Parts.Reader.Read(Json(root))).Message.ShouldBe(problems);

    [Theory]
    [InlineData("{\"stringData\": \"{x\"}")]
    [InlineData("{\"originalSource\": \"{x\"}")]
    [InlineData("{\"root\": {\"type\": \"Elsa.NotFoundActivity\", \"id\": \"x\", \"originalActivityJson\": \"{x\"} }")]
    public void A_definition_with_broken_JSON_inside_is_refused_with_a_reason(string json) =>
        Should.Throw<ProblemException>(() => Parts.Reader.Read(JsonNode.Parse(json)!.AsObject())).Problems.ShouldHaveSingleItem().Code.ShouldBe("workflow.json");

    [Fact]
    public void What_is_wrong_with_a_definition_is_said_with_the_activity_it_concerns()
    {
        var bench = new Bench();
        var flow = """{"type": "Elsa.Flowchart", "id": "f", "activities": [{"type": "Elsa.WriteLine", "id": "w"}, {"type": "Elsa.WriteLine", "id": "w"}, {"type": "Elsa.Cron", "id": "c", "cronExpression": "every now and then"}, {"type": "Elsa.Timer", "id": "t", "interval": "00:00:00"}], "connections": []}""";

        var problems = bench.Engine.Add(Json(flow)).Problems;

        problems.Select(p => p.Code).ShouldBe(["workflow.activity.twice", "workflow.cron", "workflow.timer.interval"], ignoreOrder: true);
        problems.Single(p => p.Code == "workflow.cron").Field.ShouldBe("Workflow1:f:c.CronExpression");
    }

    [Theory]
    [InlineData("""{"type": "Elsa.Sequence", "id": "s", "activities": [{"type": "Elsa.WriteLine", "id": "w"}, {"type": "Elsa.Event", "id": "w", "eventName": "x"}]}""")]
    [InlineData("""{"type": "Elsa.Fork", "id": "f", "branches": [{"type": "Elsa.WriteLine", "id": "w"}, {"type": "Elsa.WriteLine", "id": "w"}]}""")]
    [InlineData("""{"type": "Elsa.Flowchart", "id": "f", "activities": [{"type": "Elsa.WriteLine", "id": "w"}, {"type": "Elsa.WriteLine", "id": "w"}], "connections": []}""")]
    public void Two_activities_of_one_id_beside_each_other_are_refused_because_a_waiting_instance_could_not_tell_them_apart(string root) =>
        new Bench().Engine.Add(Json(root)).Problems.ShouldHaveSingleItem().Code.ShouldBe("workflow.activity.twice");

    [Theory]
    [InlineData("Greeting", "greeting")]
    [InlineData("URL", "uRL")]
    [InlineData("URL", "url")]
    [InlineData("my_input", "myInput")]
    public async Task An_input_of_a_workflow_used_as_an_activity_is_found_however_its_name_begins_small(string name, string member)
    {
        var bench = new Bench();
        bench.Engine.Add(Json(WriteJs("w", $"'got ' + getInput('{name}')"), $"\"inputs\": [{{\"name\": \"{name}\", \"type\": \"String\"}}],", "child"));

        await bench.RunAsync($$"""{"type": "Child", "id": "c", "workflowDefinitionId": "child", "{{member}}": {"typeName": "String", "expression": {"type": "Literal", "value": "it"} } }""");

        bench.Lines.ShouldBe(["got it"]);
    }

    [Fact]
    public async Task An_input_of_a_workflow_used_as_an_activity_that_says_no_type_stays_empty_and_is_told()
    {
        var bench = new Bench();
        bench.Engine.Add(Json(WriteJs("w", "'got ' + getInput('Greeting')"), "\"inputs\": [{\"name\": \"Greeting\", \"type\": \"String\"}],", "child"));
        var graph = bench.Engine.Add(Json("""{"type": "Child", "id": "c", "workflowDefinitionId": "child", "greeting": {"expression": {"type": "Literal", "value": "it"} } }"""));

        await bench.Engine.StartAsync(graph);

        graph.Problems.ShouldHaveSingleItem().Code.ShouldBe("workflow.input.typeName");
        bench.Lines.ShouldBe(["got null"]);
    }

    [Fact]
    public void A_workflow_that_uses_itself_is_refused()
    {
        var bench = new Bench();

        var graph = bench.Engine.Add(Json("""{"type": "Test", "id": "self", "workflowDefinitionId": "test"}"""));

        graph.Problems.ShouldHaveSingleItem().Code.ShouldBe("workflow.used.cycle");
    }

    [Theory]
    [InlineData("0 0 * * * *", "2026-03-18T15:00:00Z")]
    [InlineData("0 15 10 ? * MON-FRI", "2026-03-19T10:15:00Z")]
    [InlineData("*/10 * * * *", "2026-03-18T14:40:00Z")]
    [InlineData("0 9 * * 1", "2026-03-23T09:00:00Z")]
    [InlineData("0 9 * * 5,7", "2026-03-20T09:00:00Z")]
    [InlineData("0 9 * * */2", "2026-03-19T09:00:00Z")]
    [InlineData("0 9 * * 1-5/2", "2026-03-20T09:00:00Z")]
    [InlineData("0 9 * * 1#2", "2026-04-13T09:00:00Z")]
    [InlineData("0 9 * * 0-7", "2026-03-19T09:00:00Z")]
    [InlineData("0 9 * * 0-7/3", "2026-03-21T09:00:00Z")]
    [InlineData("0 0 1 * *", "2026-04-01T00:00:00Z")]
    public void Cron_expressions_of_five_and_six_fields_name_their_next_time(string expression, string expected) =>
        CronTimes.Next(expression, ManualTimeProvider.Start).ShouldBe(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture));
}
