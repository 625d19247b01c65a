using Crm.Tests.Databases;
using Shouldly;
using Xunit;
using static Crm.Tests.Workflow.Bench;

namespace Crm.Tests.Workflow;

/// <summary>What a script may not take from everybody else.</summary>
[Collection(Alone.Name), NoDatabase]
public sealed class ScriptLimitTests
{
    private readonly Bench _bench = new();

    [Theory]
    [InlineData("var s = 'x'; for (var i = 0; i < 40; i++) { s += s; } return s.length;")]
    [InlineData("var s = 'x'; for (var i = 0; i < 40; i++) { s = s + s + s; }")]
    [InlineData("(function f(x) { return f(x + x); })('x')")]
    [InlineData("var a = [1]; for (var i = 0; i < 40; i++) { a = a.concat(a); }")]
    [InlineData("var a = [1]; for (var i = 0; i < 60; i++) { a = [a, a]; } return a.join();")]
    [InlineData("var a = ['x']; for (var i = 0; i < 60; i++) { a = [a, a]; } return JSON.stringify(a);")]
    [InlineData("var a = []; for (var i = 0; i < 100000; i++) { a = [a]; } return JSON.stringify(a);")]
    [InlineData("var a = []; for (var i = 0; i < 100000; i++) { a = [a]; } return '' + a;")]
    [InlineData("var a = []; a.push(a); return a.join();")]
    [InlineData("var a = []; a.push(a); return a.toLocaleString();")]
    [InlineData("var s = new Array(1001).join('['); return JSON.parse(s);")]
    [InlineData("var s = new Array(100001).join('x'); return s.replace(/x/g, s);")]
    [InlineData("var s = new Array(1000001).join('$&'); return s.replace(/.*/, s);")]
    [InlineData("var s = new Array(100001).join('x'); var a = []; while (true) { a.push(s + a.length); }")]
    [InlineData("var s = new Array(100001).join('x'); var a = []; while (true) { a.push(s.substring(1)); }")]
    [InlineData("Math.max.apply(null, new Array(500000000))")]
    [InlineData("Array.prototype.map.call({length: 500000000}, x => x)")]
    [InlineData("new Array(500000000).sort()")]
    [InlineData("new Array(500000000).fill(1)")]
    [InlineData("'x'.repeat(1000000).split('')")]
    [InlineData("'x'.padStart(100000000)")]
    [InlineData("var s = new Array(1001).join('aaaaaaaaaaaaaaaaaaaaaa!'); return s.match(/(a|aa)+$/g);")]
    [InlineData("return new Array(1001).join('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!').replace(/(a+)+$/g, '');")]
    [InlineData("return 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.split(/(a+)+$/);")]
    [InlineData("var f = function () { return 1; }; for (var i = 0; i < 100000; i++) { f = f.bind(null); } return f();")]
    [InlineData("var o = {}; for (var i = 0; i < 100000; i++) { o = Object.create(o); } return o.x;")]
    [InlineData("var o = {}; for (var i = 0; i < 100000; i++) { var F = function () {}; F.prototype = o; o = new F(); } return o.x;")]
    [InlineData("var o = {toString: function () { return '' + o; }}; return '' + o;")]
    [InlineData("var o = {get a() { return o.a; }}; return o.a;")]
    [InlineData("[3, 2, 1].sort(function f(a, b) { return [a, b].sort(f).length; })")]
    [InlineData("'ab'.replace(/a/, function f(x) { return x.replace(/a/, f); })")]
    [InlineData("var a = [1]; for (var i = 0; i < 55; i++) { a = [a, a]; } return a;")]
    public async Task A_script_that_wants_all_memory_time_or_stack_is_stopped_before_it_has_it(string script)
    {
        await _bench.RunAsync(WriteJs("warm", "1"));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var clock = System.Diagnostics.Stopwatch.StartNew();

        var run = await _bench.RunAsync(WriteJs("w", script));

        run.Incidents.ShouldHaveSingleItem().Code.ShouldBeOneOf("script.limit", "script.value");
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5), "a second, on a machine with other work");
        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(64L << 20, "and lets go of what it took");
    }
}
