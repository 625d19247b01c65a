using Crm.Tests.Databases;
using Crm.Workflow;
using Shouldly;
using Xunit;
using static Crm.Tests.Workflow.Bench;

namespace Crm.Tests.Workflow;

/// <summary>JavaScript expressions: what they can say, and what they cannot do to anybody else.</summary>
[NoDatabase]
public class ScriptTests
{
    private readonly Bench _bench = new();

    [Theory]
    [InlineData("1 + 2", "3")]
    [InlineData("return 1 + 2;", "3")]
    [InlineData("var a = 1; a + 1", "2")]
    [InlineData("`a ${1 + 1} ${`b ${3}`}`", "a 2 b 3")]
    [InlineData("`quote \" and \\` and $`", "quote \" and ` and $")]
    [InlineData("[1, 2, 3].map(x => x * 2).join()", "2,4,6")]
    [InlineData("[1, 2, 3].filter((x, i) => { return i > 0; }).length", "2")]
    [InlineData("[[1, 2], [3]].map(a => a.map(b => b + 1)).join(';')", "2,3;4")]
    [InlineData("null ?? 'fallback'", "fallback")]
    [InlineData("return getN() ?? 5;", "7")]
    [InlineData("var o = {a: {b: 1}}; return o?.a?.b;", "1")]
    [InlineData("var o = null; return o?.a?.b ?? 'none';", "none")]
    [InlineData("const f = (a, b) => a + b; let x = f(1, 2); return x;", "3")]
    [InlineData("'abc'.includes('b') && ['x'].includes('x')", "true")]
    [InlineData("'a/b/c'.replace(/\\//g, '-')", "a-b-c")]
    [InlineData("variables.N + 1", "8")]
    [InlineData("getVariable('N')", "7")]
    [InlineData("getInput('Given') + getGiven()", "gg")]
    [InlineData("isNullOrWhiteSpace(' ') + ' ' + isNullOrEmpty('x')", "true false")]
    [InlineData("toJson({a: [1, 'b', null]})", "{\"a\":[1,\"b\",null]}")]
    [InlineData("stringFromBase64(stringToBase64('é'))", "é")]
    [InlineData("getWorkflowDefinitionId() + getWorkflowDefinitionVersion()", "test1")]
    [InlineData("JSON.stringify({a: 1})", "{\"a\":1}")]
    public async Task An_expression_gives_its_value(string script, string expected)
    {
        var run = await _bench.RunAsync(WriteJs("w", script), $"\"variables\": [{Variable("N", value: "7")}], \"inputs\": [{{\"name\": \"Given\", \"type\": \"String\"}}],", input: new Dictionary<string, object?> { ["Given"] = "g" });

        run.Incidents.ShouldBeEmpty();
        _bench.Lines.ShouldBe([expected]);
    }

    [Fact]
    public async Task Scripts_write_variables_back_in_the_nearest_scope()
    {
        var run = await _bench.RunAsync(
            Sequence(Write("x", "x"), $$"""{"type": "Elsa.RunJavaScript", "id": "r", "script": {{Js("Object", "variables.N = variables.N + 1; setM(getM() + 'b'); setVariable('L', [1, {a: 2}]);")}} }""", WriteJs("w", "getN() + getM() + getL()[1].a")),
            $"\"variables\": [{Variable("N", value: "1")}, {Variable("M", "String", "a")}, {Variable("L", "Object", "")}],");

        run.Incidents.ShouldBeEmpty();
        _bench.Lines.ShouldBe(["x", "2ab2"]);
    }

    [Theory]
    [InlineData("while (true) {}", "script.limit")]
    [InlineData("function f() { return f(); } return f();", "script.limit")]
    [InlineData("new Array(500000000).join('x')", "script.error")]
    [InlineData("return /(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')", "script.limit")]
    [InlineData("throw new Error('on purpose')", "script.error")]
    [InlineData("nothing.there", "script.error")]
    [InlineData("getNothing()", "script.error")]
    [InlineData("System.IO.File", "script.error")]
    public async Task A_script_that_fails_is_an_incident_and_nothing_else_stops(string script, string code)
    {
        var run = await _bench.RunAsync(WriteJs("w", script));

        run.Incidents.ShouldHaveSingleItem().Code.ShouldBe(code);
        (await new Bench().RunAsync(WriteJs("w", "1"))).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task What_one_script_leaves_behind_no_other_finds()
    {
        await _bench.RunAsync(WriteJs("a", "leak = 1; Array.prototype.map = null; Object.prototype.stain = 1; return 'done'"));

        await _bench.RunAsync(WriteJs("b", "typeof leak + typeof ({}).stain + [1].map(x => x + 1)[0]"));

        _bench.Lines.ShouldBe(["done", "undefinedundefined2"]);
    }

    [Theory]
    [InlineData("JavaScript", "1 +", "workflow.expression.broken")]
    [InlineData("JavaScript", "`never ends", "workflow.expression.broken")]
    [InlineData("CSharp", "1", "workflow.expression.refused")]
    [InlineData("Python", "1", "workflow.expression.refused")]
    [InlineData("Liquid", "{{ 1 }}", "workflow.expression.refused")]
    [InlineData("Klingon", "1", "workflow.expression.unknown")]
    public void A_language_that_is_not_run_and_a_script_that_is_none_are_said_at_publish(string language, string script, string code)
    {
        var json = Json($$"""{"type": "Elsa.WriteLine", "id": "w", "text": {"typeName": "String", "expression": {"type": "{{language}}", "value": "{{script}}"} } }""");

        var graph = _bench.Engine.Add(json);

        graph.Problems.ShouldHaveSingleItem().Code.ShouldBe(code);
        graph.Definition.ToJson().ShouldContain(language, Case.Sensitive, "what is not run is kept all the same");
    }
}
