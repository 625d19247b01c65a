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
    [InlineData("setN(9); return variables.N;", "9 9")]
    [InlineData("setVariable('N', 9); return variables.N + variables.N;", "18 9")]
    [InlineData("variables.N = 8; setN(9); return variables.N;", "9 9")]
    [InlineData("setN(9); variables.N = 8; return variables.N;", "8 8")]
    [InlineData("setN(variables.N + 1); variables.N += 1; return getN();", "2 3")]
    public async Task A_variable_is_one_however_a_script_writes_it(string script, string expected)
    {
        var run = await _bench.RunAsync(Sequence($$"""{"type": "Elsa.RunJavaScript", "id": "r", "name": "Run", "script": {{Js("Object", script)}} }""", WriteJs("w", "getResultFromRun() + ' ' + getN()")), $"\"variables\": [{Variable("N", value: "1")}],");

        run.Incidents.ShouldBeEmpty();
        _bench.Lines.ShouldBe([expected]);
    }

    [Theory]
    [InlineData("while (true) {}", "script.limit")]
    [InlineData("function f() { return f(); } return f();", "script.limit")]
    [InlineData("new Array(500000000).join('x')", "script.limit")]
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
    public async Task A_template_and_a_sum_may_be_long()
    {
        var template = "`" + string.Concat(Enumerable.Repeat("x${getN()}", 400)) + "`";

        var run = await _bench.RunAsync(Sequence(WriteJs("w", template + ".length"), WriteJs("v", string.Join(" + ", Enumerable.Repeat("'x'", 100)))), $"\"variables\": [{Variable("N", value: "7")}],");

        run.Incidents.ShouldBeEmpty();
        _bench.Lines.ShouldBe(["800", new string('x', 100)]);
    }

    [Theory]
    [InlineData("eval('1')")]
    [InlineData("new Function('return 1')()")]
    [InlineData("[].constructor.constructor('return 1')()")]
    [InlineData("(function () {}).constructor('return 1')()")]
    public async Task A_text_is_not_run_as_a_script(string script)
    {
        var run = await _bench.RunAsync(WriteJs("w", script));

        run.Incidents.ShouldHaveSingleItem().Code.ShouldBe("script.error");
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("!", "")]
    [InlineData("1 ? 1 : ", "")]
    [InlineData("a = ", "")]
    [InlineData("- ", "")]
    [InlineData("1 + (1 + ", "))")]
    [InlineData("x => ", "")]
    [InlineData("`${", "}`")]
    [InlineData("if (1) ", "")]
    [InlineData("new ", "")]
    public void A_script_nested_beyond_reason_is_refused_and_ends_no_process(string open, string close)
    {
        var many = 20_000 / open.Length;
        var script = string.Concat(Enumerable.Repeat(open, many)) + "1" + string.Concat(Enumerable.Repeat(close, many));

        Should.Throw<WorkflowException>(() => new Scripts().Compile(script)).Code.ShouldBe("script.syntax");
    }

    [Theory]
    [InlineData("'a1b22'.replace(/\\d+/g, '<$&>')", "a<1>b<22>")]
    [InlineData("'John Smith'.replace(/(\\w+) (\\w+)/, '$2, $1 $$ $3')", "Smith, John $ $3")]
    [InlineData("'abc'.replace('b', \"[$`|$']\")", "a[a|c]c")]
    [InlineData("'aXbX'.replace(/x/gi, function (m, at) { return at; })", "a1b3")]
    [InlineData("'aa'.replace(/x*/g, '-')", "-a-a-")]
    [InlineData("'a1b2'.match(/\\d/g).join('+')", "1+2")]
    [InlineData("'a1b2'.match(/(\\w)(\\d)/).join('+')", "a1+a+1")]
    [InlineData("String('ab'.match(/x/g))", "null")]
    [InlineData("'a1b2'.search(/\\d/)", "1")]
    [InlineData("'a1b2c'.split(/\\d/).join('|')", "a|b|c")]
    [InlineData("'a1b2c'.split(/(\\d)/).join('|')", "a|1|b|2|c")]
    [InlineData("'abc'.split(/(?:)/).join('|')", "a|b|c")]
    [InlineData("'a,b,c'.split(',', 2).join('|')", "a|b")]
    [InlineData("''.split(/,/).length + ' ' + ''.split(/(?:)/).length", "1 0")]
    [InlineData("[1, [2, [3, null]], undefined].join('-')", "1-2,3,-")]
    [InlineData("'a'.concat(1, null, 'b')", "a1nullb")]
    [InlineData("1 + 2 + 'x' + 3 + 4 + 5 + 6", "3x3456")]
    [InlineData("var f = function () { return 2; }; f() + 1", "3")]
    [InlineData("if (1 > 2) { 'a' } else { 'b' }", "b")]
    [InlineData("try { throw new Error('x'); } catch (e) { e.message }", "x")]
    [InlineData("JSON.stringify(JSON.parse('{\"a\": [1, {\"b\": \"[[[\"}]}'))", "{\"a\":[1,{\"b\":\"[[[\"}]}")]
    [InlineData("(function () {}) instanceof Function", "true")]
    [InlineData("var n = 0; for (var i = 0; i < 20000; i++) { n += i; } n", "199990000")]
    public async Task What_is_guarded_does_what_it_did(string script, string expected)
    {
        var run = await _bench.RunAsync(WriteJs("w", script));

        run.Incidents.ShouldBeEmpty();
        _bench.Lines.ShouldBe([expected]);
    }

    [Theory]
    [InlineData("[...getList(), 4].join()", "1,2,3,4")]
    [InlineData("[0, ...getList(), ...[9]].length", "5")]
    [InlineData("Math.max(...getList())", "3")]
    [InlineData("var a = []; a.push(...getList(), 7); return a.join();", "1,2,3,7")]
    [InlineData("var f = (...r) => r.length; return f(...getList(), 1);", "4")]
    [InlineData("[{a: 1}].concat(...[[{b: 2}]]).map(({a, b}) => a || b).join()", "1,2")]
    [InlineData("const {a, c: d, e = 5, ...rest} = {a: 1, c: 2, f: 3}; return [a, d, e, rest.f, rest.a].join('|');", "1|2|5|3|")]
    [InlineData("const [x, , z = 9, ...more] = [1, 2]; return x + z + more.length;", "10")]
    [InlineData("const {a: {b: [c]}} = {a: {b: [7]}}, d = 1; return c + d;", "8")]
    [InlineData("let s = 0; for (const x of getList()) { if (x === 2) { continue; } s += x; } return s;", "4")]
    [InlineData("let s = ''; for (const [k, v] of Object.entries({a: 1, b: 2})) s += k + v; return s;", "a1b2")]
    [InlineData("let s = ''; for (const c of 'abc') { for (const d of [1, 2]) { s += c + d; } } return s;", "a1a2b1b2c1c2")]
    [InlineData("const a = 1, b = 2; return JSON.stringify({a, b, c: {a}});", "{\"a\":1,\"b\":2,\"c\":{\"a\":1}}")]
    [InlineData("const k = 'x'; return JSON.stringify({[k + 1]: 1, y: 2, ...{z: 3}});", "{\"x1\":1,\"y\":2,\"z\":3}")]
    [InlineData("var o = {n: 4, twice(x = 2) { return this.n * x; }}; return o.twice();", "8")]
    [InlineData("function f(a, b = a + 1, {c} = {c: 5}) { return a + b + c; } return f(1) + f(1, 1, {c: 1});", "11")]
    [InlineData("[[1, 2], [3, 4]].map(([a, b]) => a + b).join()", "3,7")]
    [InlineData("[1, 2].map((x, i = 0) => { const {y} = {y: x}; return y + i; }).join()", "1,3")]
    [InlineData("let s = ''; for (const [i, v] of getList().entries()) { s += i + ':' + v + ' '; } return s.trim();", "0:1 1:2 2:3")]
    [InlineData("const f = function ({a, b = 2}, [c]) { return a + b + c; }; return f({a: 1}, [3]);", "6")]
    [InlineData("const o = {'x-y': 1, 2: 3, if: 4, get g() { return 5; }, m(...r) { return r.length; }}; return o['x-y'] + o[2] + o.if + o.g + o.m(1, 1);", "15")]
    [InlineData("switch (1) { case 1: { const {x} = {x: 'block'}; return x; } }", "block")]
    [InlineData("const add = a => b => a + b; const f = ({x} = {}) => x ?? add(1)(2); return f();", "3")]
    [InlineData("getList().map(n => ({n, square: n * n})).filter(({square}) => square > 1).length", "2")]
    [InlineData("`${getList().map(x => `<${[...[x]].join()}>`).join('')}`", "<1><2><3>")]
    [InlineData("try { throw 1; } catch { return 'caught'; }", "caught")]
    [InlineData("[{a: null}, null].map(x => x?.a ?? 'none').join()", "none,none")]
    [InlineData("[1].map(x => ({x, y: x ?? 2}))[0].x", "1")]
    [InlineData("var o = {f: x => x ?? 3}; return o?.f(null ?? undefined);", "3")]
    [InlineData("Promise.resolve(42)", "42")]
    [InlineData("return new Promise(r => r(5)).then(x => x + 1);", "6")]
    [InlineData("Promise.reject(new Error('no')).catch(e => e.message)", "no")]
    [InlineData("Promise.all([1, Promise.resolve(2)]).then(l => l.join())", "1,2")]
    [InlineData("async function f(x) { return x + await Promise.resolve(3); } return f(1);", "4")]
    [InlineData("(async () => { const x = await Promise.resolve({a: 3}); return (await x).a + 1; })()", "4")]
    [InlineData("(async x => { try { await Promise.reject('bad'); } catch (e) { return e + x; } })(1)", "bad1")]
    [InlineData("var of = 1, async = 2, o = {of: 3, await: 4, get: 5}; return of + async + o.of + o.await + o.get;", "15")]
    [InlineData("[1, [2, [3]]].flat().length + [1].flatMap(x => [x, x]).length + [7].at(-1)", "12")]
    [InlineData("'a-b-a'.replaceAll('a', 'x') + 'abc'.at(-1) + Object.fromEntries([['k', 'v']]).k", "x-b-xcv")]
    public async Task Newer_words_mean_what_they_mean(string script, string expected)
    {
        var run = await _bench.RunAsync(WriteJs("w", script), """ "variables": [{"id": "List", "name": "List", "typeName": "Object", "isArray": true, "value": "[1, 2, 3]"}],""");

        run.Incidents.ShouldBeEmpty();
        _bench.Lines.ShouldBe([expected]);
    }

    [Theory]
    [InlineData("Promise.reject(new Error('on purpose'))", "on purpose")]
    [InlineData("(async () => { throw new Error('on purpose'); })()", "on purpose")]
    [InlineData("(async () => { await new Promise(() => 1); })()", "never comes")]
    [InlineData("[...5]", "no list")]
    public async Task A_promise_that_is_not_kept_and_a_list_that_is_none_are_incidents(string script, string message)
    {
        var run = await _bench.RunAsync(WriteJs("w", script));

        var incident = run.Incidents.ShouldHaveSingleItem();
        (incident.Code, incident.Message).ShouldSatisfyAllConditions(i => i.Code.ShouldBe("script.error"), i => i.Message.ShouldContain(message));
    }

    [Fact]
    public async Task What_scripts_are_given_none_changes_for_the_next()
    {
        await _bench.RunAsync(WriteJs("a", "getInput = function () { return 'changed'; }; Array = null; Object.keys = null; Promise = null; Object.prototype.toString = function () { return 'changed'; }; return 'done'"));

        await _bench.RunAsync(WriteJs("b", "getInput('Given') + Array.isArray([]) + Object.keys({a: 1}).length + typeof Promise + {}"), "\"inputs\": [{\"name\": \"Given\", \"type\": \"String\"}],", input: new Dictionary<string, object?> { ["Given"] = "g" });

        _bench.Lines.ShouldBe(["done", "gtrue1function[object Object]"]);
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
    public void A_language_that_is_not_run_and_a_script_that_is_none_are_said_at_publish(string language, string script, string code)
    {
        var json = Json($$"""{"type": "Elsa.WriteLine", "id": "w", "text": {"typeName": "String", "expression": {"type": "{{language}}", "value": "{{script}}"} } }""");

        var graph = _bench.Engine.Add(json);

        graph.Problems.ShouldHaveSingleItem().Code.ShouldBe(code);
        graph.Definition.ToJson().ShouldContain(language, Case.Sensitive, "what is not run is kept all the same");
    }

    [Fact]
    public async Task An_expression_in_a_language_that_nobody_knows_is_kept_and_gives_nothing()
    {
        var graph = _bench.Engine.Add(Json("""{"type": "Elsa.WriteLine", "id": "w", "text": {"typeName": "String", "expression": {"type": "Klingon", "value": "1"} } }"""));

        var run = await _bench.Engine.StartAsync(graph);

        graph.Problems.ShouldBeEmpty();
        run.Incidents.ShouldBeEmpty();
        _bench.Lines.ShouldBe([""]);
        graph.Definition.ToJson().ShouldContain("Klingon", Case.Sensitive);
    }

    [Theory]
    [InlineData("getSecret('key')", "s3cret")]
    [InlineData("var key = await getSecret('key'); return 'Bearer ' + key;", "Bearer s3cret")]
    [InlineData("getSecret('key').then(key => key + '!')", "s3cret!")]
    [InlineData("getSecret('other').then(key => key, fault => 'none')", "none")]
    public async Task A_script_gets_the_secrets_that_there_are_and_the_journal_does_not(string script, string expected)
    {
        var (engine, lines) = Outside(outside => outside.Secret = name => name == "key" ? "s3cret" : null);
        var graph = engine.Add(Json(Sequence(WriteJs("w", script), $$"""{"type": "Elsa.RunJavaScript", "id": "r", "script": {{Js("Object", script)}} }""")));

        var run = await engine.StartAsync(graph);

        run.Incidents.ShouldBeEmpty();
        lines.ShouldBe([expected]);
        JournalText.Write(run.Journal, 0, run.Journal.Count).ShouldNotContain("s3cret");
    }

    [Theory]
    [InlineData("createEventTriggerUrl('go')", "go ")]
    [InlineData("createEventTriggerUrl('go', '01:00:00')", "go 2026-03-18T15:30:00.0000000+00:00")]
    [InlineData("createEventTriggerUrl('go', new Date(0))", "go 1970-01-01T00:00:00.0000000+00:00")]
    public async Task A_script_makes_an_address_that_raises_an_event_up_to_a_moment(string script, string expected)
    {
        var (engine, lines) = Outside(outside => outside.EventUrl = address => $"{address.EventName} {address.Until:O}");

        await engine.StartAsync(engine.Add(Json(WriteJs("w", script))));

        lines.ShouldBe([expected]);
    }

    [Theory]
    [InlineData("createEventTriggerUrl('go')")]
    [InlineData("getSecret('key')")]
    public async Task A_script_that_asks_a_server_where_there_is_none_fails(string script)
    {
        var (engine, lines) = Outside(_ => { });

        var run = await engine.StartAsync(engine.Add(Json(WriteJs("w", script))));

        run.Incidents.ShouldHaveSingleItem().Code.ShouldBe("script.error");
        lines.ShouldBeEmpty();
    }

    private static (MemoryEngine Engine, List<string> Lines) Outside(Action<ScriptOutside> prepare)
    {
        var (parts, lines) = (new WorkflowParts(), new List<string>());
        prepare(parts.Outside);
        return (new(parts, new ManualTimeProvider(), new SequentialIds().Next) { Output = lines.Add }, lines);
    }
}
