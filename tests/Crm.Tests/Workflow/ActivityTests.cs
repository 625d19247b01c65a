using Crm.Tests.Databases;
using Crm.Workflow;
using Shouldly;
using Xunit;
using static Crm.Tests.Workflow.Bench;

namespace Crm.Tests.Workflow;

/// <summary>Every activity for which Elsa's own test files have no case.</summary>
[NoDatabase]
public class ActivityTests
{
    private readonly Bench _bench = new();

    [Theory]
    [InlineData("true", "then")]
    [InlineData("false", "else")]
    public async Task If_runs_one_of_its_branches_and_gives_its_result(string condition, string expected)
    {
        var run = await _bench.RunAsync(Sequence(
            $$"""{"type": "Elsa.If", "id": "if", "name": "Choice", "condition": {{Js("Boolean", condition)}}, "then": {{Write("t", "then")}}, "else": {{Write("e", "else")}} }""",
            WriteJs("after", "'result ' + getResultFromChoice()")));

        _bench.Lines.ShouldBe([expected, "result " + condition]);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task While_asks_its_condition_before_each_turn()
    {
        await _bench.RunAsync(
            $$"""{"type": "Elsa.While", "id": "while", "condition": {{Js("Boolean", "getN() < 3")}}, "body": {{Sequence(WriteJs("w", "getN()"), Set("s", "N", "getN() + 1"))}} }""", $"\"variables\": [{Variable("N")}],");

        _bench.Lines.ShouldBe(["0", "1", "2"]);
    }

    [Fact]
    public async Task Break_leaves_the_innermost_loop_only()
    {
        var inner = $$"""{"type": "Elsa.While", "id": "inner", "condition": {{Js("Boolean", "true")}}, "body": {{Sequence(Write("i", "inner"), """{"type": "Elsa.Break", "id": "break"}""", Write("never", "never"))}} }""";
        await _bench.RunAsync($$"""{"type": "Elsa.For", "id": "for", "start": 1, "end": 2, "body": {{Sequence(inner, WriteJs("o", "'outer ' + getCurrentValue()"))}} }""");

        _bench.Lines.ShouldBe(["inner", "outer 1", "inner", "outer 2"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Break_reaches_its_loop_through_a_flowchart_and_an_if(bool tokens)
    {
        var body = Flow(
            [WriteJs("w", "getCurrentValue()"), $$"""{"type": "Elsa.If", "id": "if", "condition": {{Js("Boolean", "getCurrentValue() == 2")}}, "then": {"type": "Elsa.Break", "id": "break"} }"""], "w->if");
        await _bench.RunAsync(Sequence($$"""{"type": "Elsa.ForEach", "id": "each", "items": {{Js("Object", "[1, 2, 3]")}}, "body": {{body}} }""", Write("end", "end")), tokens: tokens);

        _bench.Lines.ShouldBe(["1", "2", "end"]);
    }

    [Theory]
    [InlineData(1, 3, 1, true, "1 2 3")]
    [InlineData(1, 3, 1, false, "1 2")]
    [InlineData(3, 1, -1, true, "3 2 1")]
    [InlineData(3, 1, -1, false, "3 2")]
    [InlineData(0, 10, 5, true, "0 5 10")]
    [InlineData(2, 1, 1, true, "")]
    public async Task For_counts_from_start_to_end(int start, int end, int step, bool inclusive, string expected)
    {
        await _bench.RunAsync(
            $$"""{"type": "Elsa.For", "id": "for", "start": {{start}}, "end": {{end}}, "step": {{step}}, "outerBoundInclusive": {{(inclusive ? "true" : "false")}}, "currentValue": {"typeName": "Object", "memoryReference": {"id": "Last"} }, "body": {{WriteJs("w", "getCurrentValue()")}} }""",
            $"\"variables\": [{Variable("Last")}],");

        string.Join(' ', _bench.Lines).ShouldBe(expected);
    }

    [Fact]
    public async Task ForEach_gives_item_and_index_and_reads_its_list_again_each_turn()
    {
        var items = """{"typeName": "Object", "expression": {"type": "Variable", "value": {"id": "Items", "name": "Items"} } }""";
        var body = Sequence(WriteJs("w", "getCurrentIndex() + ':' + getCurrentValue()"), Set("grow", "Items", "getItems().length < 3 ? getItems().concat(['new']) : getItems()"));
        await _bench.RunAsync($$"""{"type": "Elsa.ForEach", "id": "each", "items": {{items}}, "body": {{body}} }""", """ "variables": [{"id": "Items", "name": "Items", "typeName": "Object", "isArray": true, "value": "[\"a\", \"b\"]"}],""");

        _bench.Lines.ShouldBe(["0:a", "1:b", "2:new"]);
    }

    [Fact]
    public async Task ForEach_without_a_list_is_an_incident()
    {
        var run = await _bench.RunAsync($$"""{"type": "Elsa.ForEach", "id": "each", "items": {{Js("Object", "null")}}, "body": {{Write("w", "never")}} }""");

        run.SubStatus.ShouldBe(WorkflowSubStatus.Faulted);
        run.Incidents.ShouldHaveSingleItem().ActivityId.ShouldBe("each");
    }

    [Fact]
    public async Task ParallelForEach_runs_all_bodies_with_their_own_values_and_ends_with_the_last()
    {
        var body = Sequence("""{"type": "Elsa.Event", "id": "wait", "eventName": "go"}""", WriteJs("w", "getCurrentIndex() + getCurrentValue()"));
        var run = await _bench.RunAsync(Sequence($$"""{"type": "Elsa.ParallelForEach", "id": "each", "items": {{Js("Object", "['a', 'b']")}}, "body": {{body}} }""", Write("end", "end")));
        run.Bookmarks.Count.ShouldBe(2);

        await _bench.DrainAsync(run);

        _bench.Lines.ShouldBe(["0a", "1b", "end"]);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task ParallelForEach_over_nothing_is_complete(string items)
    {
        (await _bench.RunAsync($$"""{"type": "Elsa.ParallelForEach", "id": "each", "items": {{Js("Object", items)}}, "body": {{Write("w", "never")}} }""")).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
        _bench.Lines.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("MatchFirst", 5, "small")]
    [InlineData("MatchAny", 5, "small,any")]
    [InlineData("MatchFirst", 50, "default")]
    public async Task Switch_runs_matching_cases_or_the_default(string mode, int value, string expected)
    {
        await _bench.RunAsync(
            $$"""
            {"type": "Elsa.Switch", "id": "switch", "mode": "{{mode}}", "cases": [
              {"label": "small", "condition": {"type": "JavaScript", "value": "{{value}} < 10"}, "activity": {{Write("a", "small")}} },
              {"label": "any", "condition": {"type": "JavaScript", "value": "{{value}} < 20"}, "activity": {{Write("b", "any")}} }],
              "default": {{Write("d", "default")}} }
            """);

        string.Join(',', _bench.Lines).ShouldBe(expected);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FlowSwitch_leaves_by_the_matching_cases(bool tokens)
    {
        var flow = Flow(
            [
                """{"type": "Elsa.FlowSwitch", "id": "s", "mode": {"typeName": "SwitchMode", "expression": {"type": "Literal", "value": "MatchAny"} }, "cases": [{"label": "one", "condition": {"type": "JavaScript", "value": "true"} }, {"label": "two", "condition": {"type": "JavaScript", "value": "true"} }, {"label": "no", "condition": {"type": "JavaScript", "value": "false"} }]}""",
                Write("a", "one"), Write("b", "two"), Write("c", "no"), Write("d", "default"),
            ],
            "s:one->a", "s:two->b", "s:no->c", "s:Default->d");
        var run = await _bench.RunAsync(flow, tokens: tokens);

        _bench.Lines.ShouldBe(["one", "two"]);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Theory]
    [InlineData(false, "[\"A\", \"B\"]", "a b end")]
    [InlineData(true, "[\"A\", \"B\"]", "a b end")]
    [InlineData(false, "[]", "done")]
    [InlineData(true, "[]", "done")]
    public async Task FlowFork_leaves_by_each_of_its_branches_or_by_Done(bool tokens, string branches, string expected)
    {
        var flow = Flow(
            [
                $$"""{"type": "Elsa.FlowFork", "id": "f", "branches": {"typeName": "List<String>", "expression": {"type": "Object", "value": {{System.Text.Json.JsonSerializer.Serialize(branches)}} } } }""",
                Write("a", "a"), Write("b", "b"), """{"type": "Elsa.FlowJoin", "id": "j", "mode": {"typeName": "FlowJoinMode", "expression": {"type": "Literal", "value": "WaitAll"} } }""", Write("end", "end"), Write("d", "done"),
            ],
            "f:A->a", "f:B->b", "a->j", "b->j", "j->end", "f->d");
        var run = await _bench.RunAsync(flow, tokens: tokens);

        string.Join(' ', _bench.Lines).ShouldBe(expected);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FlowNode_runs_its_body_and_then_goes_on(bool tokens)
    {
        var run = await _bench.RunAsync(Flow([$$"""{"type": "Elsa.FlowNode", "id": "n", "body": {{Sequence(Write("a", "a"), Write("b", "b"))}} }""", Write("end", "end")], "n->end"), tokens: tokens);

        _bench.Lines.ShouldBe(["a", "b", "end"]);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Waits_of_every_kind_in_a_flowchart_go_on_when_they_are_resumed(bool tokens)
    {
        var run = await _bench.RunAsync(
            Flow(
                [
                    """{"type": "Elsa.Delay", "id": "d", "timeSpan": "00:01:00"}""", """{"type": "Elsa.Timer", "id": "t", "interval": "00:01:00"}""", """{"type": "Elsa.Cron", "id": "c", "cronExpression": "0 0 * * * *"}""",
                    """{"type": "Elsa.StartAt", "id": "at", "dateTime": "2099-01-01T00:00:00Z"}""", """{"type": "Elsa.Event", "id": "e", "eventName": "x"}""", Write("end", "end"),
                ],
                "d->t", "t->c", "c->at", "at->e", "e->end"), tokens: tokens);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Suspended);

        await _bench.DrainAsync(run);

        _bench.Lines.ShouldBe(["end"]);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelling_one_branch_lets_the_others_end_the_flowchart(bool tokens)
    {
        var run = await _bench.RunAsync(Flow(["""{"type": "Elsa.Start", "id": "s"}""", """{"type": "Elsa.Event", "id": "a", "eventName": "a"}""", """{"type": "Elsa.Event", "id": "b", "eventName": "b"}""", Write("end", "end")], "s->a", "s->b", "b->end"), tokens: tokens);

        run.Open.Single(c => c.Node.Id == "a").Cancel();
        await _bench.DrainAsync(run);

        _bench.Lines.ShouldBe(["end"]);
        (run.SubStatus, run.Bookmarks.Count).ShouldBe((WorkflowSubStatus.Finished, 0));
    }

    [Theory]
    [InlineData("{\"type\": \"Elsa.WriteLine\", \"id\": \"x\", \"text\": {\"typeName\": \"String\", \"expression\": {\"type\": \"JavaScript\", \"value\": \"throw 1\"} } }")]
    [InlineData("{\"type\": \"Elsa.WriteLine\", \"id\": \"x\", \"text\": {\"typeName\": \"String\", \"expression\": {\"type\": \"JavaScript\", \"value\": \"while (true) { }\"} } }")]
    [InlineData("{\"type\": \"Elsa.SetVariable\", \"id\": \"x\", \"variable\": {\"id\": \"gone\", \"name\": \"Gone\"}, \"value\": 1}")]
    [InlineData("{\"type\": \"Elsa.Cron\", \"id\": \"x\", \"cronExpression\": \"never\"}")]
    [InlineData("{\"type\": \"Elsa.Delay\", \"id\": \"x\", \"timeSpan\": \"a while\"}")]
    [InlineData("{\"type\": \"Elsa.DispatchWorkflow\", \"id\": \"x\", \"workflowDefinitionId\": \"nowhere\"}")]
    [InlineData("{\"type\": \"Elsa.For\", \"id\": \"x\", \"start\": 1, \"end\": 5, \"step\": 0, \"body\": {\"type\": \"Elsa.Start\", \"id\": \"b\"} }")]
    [InlineData("{\"type\": \"Acme.Unknown\", \"id\": \"x\", \"anything\": {\"goes\": [1]} }")]
    public async Task What_cannot_be_done_is_an_incident_at_its_activity_that_says_what_to_do(string activity)
    {
        _bench.Engine.ActivityBudget = 1_000;
        var run = await _bench.RunAsync(Flow([Write("s", "s"), activity, Write("never", "never")], "s->x", "x->never"));

        var incident = run.Incidents.ShouldHaveSingleItem();
        (incident.ActivityId, run.SubStatus).ShouldBe(("x", WorkflowSubStatus.Faulted));
        (incident.Message.Length > 0, incident.Advice?.Length > 0).ShouldBe((true, true));
        _bench.Lines.ShouldBe(["s"]);
        (await new Bench().RunAsync(WriteJs("w", "1"))).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Theory]
    [InlineData("GE T")]
    [InlineData("GET\r\nX-One: 1")]
    [InlineData(" ")]
    [InlineData("größe")]
    public async Task A_request_by_a_method_that_is_none_is_an_incident_before_anything_is_sent(string method)
    {
        var run = await _bench.RunAsync($$"""{"type": "Elsa.SendHttpRequest", "id": "x", "url": "https://example.com", "method": {{System.Text.Json.JsonSerializer.Serialize(method)}} }""");

        run.Incidents.ShouldHaveSingleItem().Code.ShouldBe("http.method");
        run.Bookmarks.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("WaitAll", "a b end")]
    [InlineData("WaitAny", "a end")]
    public async Task Fork_ends_with_all_branches_or_the_first(string mode, string expected)
    {
        var run = await _bench.RunAsync(Sequence(
            $$"""{"type": "Elsa.Fork", "id": "fork", "joinMode": "{{mode}}", "branches": [{{Write("a", "a")}}, {{Sequence("""{"type": "Elsa.Event", "id": "wait", "eventName": "go"}""", Write("b", "b"))}}]}""", Write("end", "end")));

        await _bench.DrainAsync(run);

        string.Join(' ', _bench.Lines).ShouldBe(expected);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task Parallel_ends_when_all_its_children_are_complete()
    {
        var run = await _bench.RunAsync(Sequence($$"""{"type": "Elsa.Parallel", "id": "p", "activities": [{"type": "Elsa.Delay", "id": "d", "timeSpan": "00:05:00"}, {{Write("a", "a")}}]}""", Write("end", "end")));
        _bench.Lines.ShouldBe(["a"]);

        await _bench.DrainAsync(run);

        _bench.Lines.ShouldBe(["a", "end"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_join_that_waits_for_any_goes_on_with_the_first_and_cancels_the_others(bool tokens)
    {
        var flow = Flow(
            [
                """{"type": "Elsa.Start", "id": "s"}""", """{"type": "Elsa.Event", "id": "a", "eventName": "a"}""", """{"type": "Elsa.Event", "id": "b", "eventName": "b"}""",
                """{"type": "Elsa.FlowJoin", "id": "j", "mode": {"typeName": "FlowJoinMode", "expression": {"type": "Literal", "value": "WaitAny"} } }""", Write("end", "end"),
            ],
            "s->a", "s->b", "a->j", "b->j", "j->end");
        var run = await _bench.RunAsync(flow, tokens: tokens);
        run.Bookmarks.Count.ShouldBe(2);

        await _bench.Engine.ResumeAsync(run, run.Bookmarks[1]);

        _bench.Lines.ShouldBe(["end"]);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
        run.Bookmarks.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_join_inside_a_loop_joins_each_turn(bool tokens)
    {
        var flow = Flow(
            [
                Write("start", "turn"), Write("a", "a"), Write("b", "b"), """{"type": "Elsa.FlowJoin", "id": "j", "mode": {"typeName": "FlowJoinMode", "expression": {"type": "Literal", "value": "WaitAll"} } }""",
                Set("count", "N", "getN() + 1"), $$"""{"type": "Elsa.FlowDecision", "id": "again", "condition": {{Js("Boolean", "getN() < 3")}} }""", Write("end", "end"),
            ],
            "start->a", "start->b", "a->j", "b->j", "j->count", "count->again", "again:True->start", "again:False->end");
        var run = await _bench.RunAsync(flow, $"\"variables\": [{Variable("N")}],", tokens);

        _bench.Lines.ShouldBe(["turn", "a", "b", "turn", "a", "b", "turn", "a", "b", "end"]);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_merge_whose_other_branch_never_comes_keeps_its_flowchart_open_as_in_elsa()
    {
        var flow = Flow(
            [
                $$"""{"type": "Elsa.FlowDecision", "id": "d", "condition": {{Js("Boolean", "true")}} }""", Write("a", "a"), Write("b", "b"),
                """{"type": "Elsa.FlowJoin", "id": "j", "mode": {"typeName": "FlowJoinMode", "expression": {"type": "Literal", "value": "WaitAll"} } }""", Write("end", "end"),
            ],
            "d:True->a", "d:False->b", "a->j", "b->j", "j->end");
        var run = await _bench.RunAsync(flow, tokens: true);

        _bench.Lines.ShouldBe(["a"]);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Suspended);
    }

    [Fact]
    public async Task A_backward_connection_that_closes_no_loop_is_an_incident_that_says_so()
    {
        // b leads back to c, which not every way to b has passed.
        var flow = Flow([Write("s", "s"), Write("c", "c"), Write("b", "b"), Write("d", "d")], "s->c", "s->d", "c->d", "d->b", "b->c");
        var run = await _bench.RunAsync(flow);

        run.SubStatus.ShouldBe(WorkflowSubStatus.Faulted);
        run.Incidents.ShouldHaveSingleItem().Message.ShouldContain("Invalid backward connection");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Finish_ends_the_whole_instance(bool tokens)
    {
        var flow = Flow(
            ["""{"type": "Elsa.Start", "id": "s"}""", """{"type": "Elsa.Event", "id": "wait", "eventName": "x"}""", """{"type": "Elsa.Finish", "id": "f"}""", Write("after", "after"), Write("late", "late")], "s->wait", "s->f", "f->after", "s->late");
        var run = await _bench.RunAsync(flow, tokens: tokens);

        (run.Status, run.SubStatus).ShouldBe((WorkflowStatus.Finished, WorkflowSubStatus.Finished));
        run.Bookmarks.ShouldBeEmpty();
        _bench.Lines.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task End_ends_its_own_flowchart_only(bool tokens)
    {
        var inner = Flow(["""{"type": "Elsa.End", "id": "end"}""", Write("never", "never")], "end->never").Replace("\"flow\"", "\"inner\"", StringComparison.Ordinal);
        var run = await _bench.RunAsync(Flow([inner, Write("after", "after")], "inner->after"), tokens: tokens);

        _bench.Lines.ShouldBe(["after"]);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_fault_ends_the_instance_by_default_though_what_was_scheduled_still_runs(bool tokens)
    {
        var run = await _bench.RunAsync(Flow(["""{"type": "Elsa.Start", "id": "s"}""", """{"type": "Elsa.Fault", "id": "f", "message": "broken", "code": "42"}""", Write("a", "a"), Write("b", "b")], "s->f", "s->a", "f->b"), tokens: tokens);

        (run.Status, run.SubStatus).ShouldBe((WorkflowStatus.Finished, WorkflowSubStatus.Faulted));
        var incident = run.Incidents.ShouldHaveSingleItem();
        (incident.ActivityId, incident.Message, incident.Code).ShouldBe(("f", "broken", "42"));
        _bench.Lines.ShouldBe(["a"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_incidents_allowed_the_other_branches_go_on_and_the_instance_stays(bool tokens)
    {
        var run = await _bench.RunAsync(
            Flow(["""{"type": "Elsa.Start", "id": "s"}""", """{"type": "Elsa.Fault", "id": "f", "message": "broken"}""", """{"type": "Elsa.Event", "id": "e", "eventName": "x"}""", Write("a", "a")], "s->f", "s->e", "e->a"),
            """ "options": {"incidentStrategyType": "Elsa.Workflows.IncidentStrategies.ContinueWithIncidentsStrategy, Elsa.Workflows.Core"},""", tokens);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Suspended);

        await _bench.DrainAsync(run);

        _bench.Lines.ShouldBe(["a"]);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Suspended);
        run.Incidents.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Cancelling_ends_everything_that_is_open()
    {
        var run = await _bench.RunAsync(Sequence("""{"type": "Elsa.Event", "id": "e", "eventName": "x"}""", Write("a", "a")));

        run.Cancel();

        (run.Status, run.SubStatus).ShouldBe((WorkflowStatus.Finished, WorkflowSubStatus.Cancelled));
        run.Bookmarks.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_loop_without_end_is_stopped_by_the_budget_and_says_what_to_do(bool tokens)
    {
        _bench.Engine.ActivityBudget = 1_000;
        var run = await _bench.RunAsync(Flow([Write("a", "a"), Write("b", "b")], "a->b", "b->a"), tokens: tokens);

        run.SubStatus.ShouldBe(WorkflowSubStatus.Faulted);
        run.Incidents[0].Code.ShouldBe("budget");
        run.Incidents[0].Advice.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task RunTask_hands_out_a_task_and_takes_its_result()
    {
        var run = await _bench.RunAsync(Sequence("""{"type": "Elsa.RunTask", "id": "t", "name": "Ask", "taskName": "ask somebody"}""", WriteJs("w", "getResultFromAsk().answer")));
        var (id, name) = _bench.Engine.Tasks.ShouldHaveSingleItem();
        name.ShouldBe("ask somebody");

        await _bench.Engine.CompleteTaskAsync(id, new Dictionary<string, object?> { ["answer"] = 42 });

        _bench.Lines.ShouldBe(["42"]);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task An_event_resumes_by_name_and_correlation_and_brings_its_payload()
    {
        var root = Sequence("""{"type": "Elsa.Correlate", "id": "c", "correlationId": "order-1"}""", """{"type": "Elsa.Event", "id": "e", "name": "Paid", "eventName": "paid"}""", WriteJs("w", "getResultFromPaid()"));
        var run = await _bench.RunAsync(root);

        await _bench.Engine.SendAsync(new(Event.Named("paid"), new Dictionary<string, object?> { [Event.InputKey] = "no" }, CorrelationId: "order-2"));
        _bench.Lines.ShouldBeEmpty();
        await _bench.Engine.SendAsync(new(Event.Named("paid"), new Dictionary<string, object?> { [Event.InputKey] = "yes" }, CorrelationId: "order-1"));

        _bench.Lines.ShouldBe(["yes"]);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Theory]
    [InlineData("2026-03-18T14:00:00Z", WorkflowSubStatus.Finished)]
    [InlineData("2026-03-18T15:00:00Z", WorkflowSubStatus.Suspended)]
    public async Task StartAt_in_the_past_goes_on_at_once(string moment, WorkflowSubStatus expected) =>
        (await _bench.RunAsync($$"""{"type": "Elsa.StartAt", "id": "at", "dateTime": "{{moment}}"}""")).SubStatus.ShouldBe(expected);

    [Fact]
    public async Task DispatchWorkflow_waits_for_the_child_and_gets_its_output()
    {
        _bench.Engine.Add(Json("""{"type": "Elsa.SetOutput", "id": "o", "outputName": "Answer", "outputValue": {"typeName": "Object", "expression": {"type": "JavaScript", "value": "getQuestion() * 2"} } }""", """ "outputs": [{"name": "Answer", "type": "Int32"}],""", "child"));
        var run = await _bench.RunAsync(Sequence(
            """{"type": "Elsa.DispatchWorkflow", "id": "d", "name": "Child", "workflowDefinitionId": "child", "waitForCompletion": true, "input": {"typeName": "Object", "expression": {"type": "Object", "value": "{\"Question\": 21}"} } }""",
            WriteJs("w", "getResultFromChild().WorkflowOutput.Answer")));

        _bench.Lines.ShouldBe(["42"]);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Theory]
    [InlineData("Elsa.ExecuteWorkflow")]
    [InlineData("Elsa.DispatchWorkflow")]
    public async Task A_workflow_that_starts_itself_ends_somewhere(string type)
    {
        _bench.Engine.Add(Json(Sequence(Write("w", "again"), $$"""{"type": "{{type}}", "id": "d", "workflowDefinitionId": "endless"}"""), "", "endless"));

        await _bench.Engine.StartAsync(_bench.Engine.Graph("endless"));

        _bench.Lines.Count.ShouldBe(13);
    }

    [Fact]
    public async Task BulkDispatchWorkflows_runs_one_child_an_item_and_looks_after_each()
    {
        _bench.Engine.Add(Json(WriteJs("w", "'child ' + getInput('Item') + ' ' + getCorrelationId()"), "", "child"));
        var run = await _bench.RunAsync(Flow(
            [
                $$"""{"type": "Elsa.BulkDispatchWorkflows", "id": "b", "workflowDefinitionId": "child", "items": {{Js("Object", "['x', 'y']")}}, "correlationIdFunction": {{Js("String", "'c-' + getItem()")}}, "childCompleted": {{WriteJs("done", "'done ' + (getChildInstanceId() ? 1 : 0)")}} }""",
                Write("completed", "completed"),
            ],
            "b:Completed->completed"));

        _bench.Lines.ShouldBe(["child x c-x", "done 1", "child y c-y", "done 1", "completed"], ignoreOrder: true);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_state_machine_follows_the_first_trigger_that_may()
    {
        var machine =
            $$"""
            {"type": "Elsa.StateMachine", "id": "m", "initialState": "open", "states": [{"name": "open", "entry": {{Write("in", "open")}}, "exit": {{Write("out", "left")}} }, {"name": "closed", "entry": {{Write("c", "closed")}} }],
             "transitions": [
               {"name": "no", "from": "open", "to": "closed", "trigger": {"type": "Elsa.Event", "id": "e1", "eventName": "never"} },
               {"name": "yes", "from": "open", "to": "closed", "trigger": {"type": "Elsa.Event", "id": "e2", "eventName": "close"}, "condition": {{Js("Boolean", "getN() > 0")}}, "action": {{Write("act", "acted")}} }]}
            """;
        var run = await _bench.RunAsync(machine, $"\"variables\": [{Variable("N", value: "1")}],");
        run.Bookmarks.Count.ShouldBe(2);

        await _bench.Engine.SendAsync(new(Event.Named("close"), new Dictionary<string, object?>()));

        _bench.Lines.ShouldBe(["open", "acted", "left", "closed"]);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Theory]
    [InlineData("\"initialState\": \"a\"", "a")]
    [InlineData("\"initialState\": \"a\", \"currentState\": \"b\"", "b")]
    [InlineData("\"initialState\": \"a\", \"currentState\": \" \"", "a")]
    [InlineData("\"initialState\": \"nowhere\"", "")]
    public async Task A_state_machine_begins_where_its_definition_says_that_it_is(string where, string expected)
    {
        var run = await _bench.RunAsync($$"""{"type": "Elsa.StateMachine", "id": "m", {{where}}, "states": [{"name": "a", "entry": {{Write("x", "a")}} }, {"name": "b", "entry": {{Write("y", "b")}} }], "transitions": []}""");

        string.Join(' ', _bench.Lines).ShouldBe(expected);
        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunJavaScript_chooses_its_outcome(bool tokens)
    {
        await _bench.RunAsync(Flow([$$"""{"type": "Elsa.RunJavaScript", "id": "r", "script": {{Js("Object", "setOutcome('Left'); return 1;")}} }""", Write("l", "left"), Write("d", "done")], "r:Left->l", "r->d"), tokens: tokens);

        _bench.Lines.ShouldBe(["left"]);
    }

    [Theory]
    [InlineData("""{"typeName": "String", "expression": {"type": "Literal", "value": "setOutcome('Left'); return getN() + 1;"} }""")]
    [InlineData("""{"typeName": "String", "expression": {"type": "Variable", "value": {"id": "Code", "name": "Code"} } }""")]
    [InlineData("""{"typeName": "String", "expression": {"type": "Input", "value": {"name": "Code"} } }""")]
    [InlineData("\"setOutcome('Left'); return getN() + 1;\"")]
    public async Task RunJavaScript_runs_the_script_that_its_input_gives(string script)
    {
        const string code = "setOutcome('Left'); return getN() + 1;";
        var run = await _bench.RunAsync(
            Flow([$$"""{"type": "Elsa.RunJavaScript", "id": "r", "name": "Run", "script": {{script}}, "result": {"typeName": "Object", "memoryReference": {"id": "N"} } }""", WriteJs("l", "getN() + ' ' + getResultFromRun()"), Write("d", "done")], "r:Left->l", "r->d"),
            $"\"variables\": [{Variable("N", value: "1")}, {Variable("Code", "String", code)}], \"inputs\": [{{\"name\": \"Code\", \"type\": \"String\"}}],", input: new Dictionary<string, object?> { ["Code"] = code });

        run.Incidents.ShouldBeEmpty();
        _bench.Lines.ShouldBe(["2 2"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"script\": \"\"")]
    [InlineData("\"script\": \"undefined\"")]
    public async Task RunJavaScript_with_nothing_to_give_is_done_and_leaves_its_variable_alone(string script)
    {
        var run = await _bench.RunAsync(
            Sequence($$"""{"type": "Elsa.RunJavaScript", "id": "r", "result": {"typeName": "Object", "memoryReference": {"id": "N"} }{{(script.Length > 0 ? ", " + script : "")}} }""", WriteJs("w", "getN()")), $"\"variables\": [{Variable("N", value: "5")}],");

        run.Incidents.ShouldBeEmpty();
        _bench.Lines.ShouldBe(["5"]);
    }

    [Fact]
    public async Task Fault_says_of_what_kind_it_is_where_the_definition_does_not()
    {
        var run = await _bench.RunAsync("""{"type": "Elsa.Fault", "id": "f", "message": "broken"}""");

        var fault = run.Open.Single(c => c.Node.Id == "f").Fault.ShouldBeOfType<FaultException>();
        (fault.Code, fault.Category, fault.FaultType).ShouldBe(("0", "General", "System"));
        var incident = run.Incidents.ShouldHaveSingleItem();
        (incident.Exception, incident.Category, incident.FaultType).ShouldBe(("FaultException", "General", "System"));
    }

    [Fact]
    public async Task An_output_bound_to_nothing_that_is_declared_goes_nowhere()
    {
        _bench.Engine.Reader = () => "typed";
        var run = await _bench.RunAsync("""{"type": "Elsa.ReadLine", "id": "r", "result": {"typeName": "String", "memoryReference": {"id": "gone"} } }""", """ "outputs": [{"name": "Line", "type": "String"}],""");

        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Names_outputs_and_read_lines_arrive()
    {
        _bench.Engine.Reader = () => "typed";
        var run = await _bench.RunAsync(Sequence("""{"type": "Elsa.SetName", "id": "n", "value": "my instance"}""", """{"type": "Elsa.ReadLine", "id": "r", "result": {"typeName": "String", "memoryReference": {"id": "Line"} } }"""), """ "outputs": [{"name": "Line", "type": "String"}],""");

        (run.Name, run.Output["Line"]).ShouldBe(("my instance", "typed"));
    }

    [Fact]
    public async Task Setting_a_variable_that_is_not_there_is_an_incident_at_that_activity()
    {
        var run = await _bench.RunAsync(Set("s", "Nowhere", "1"));

        run.Incidents.ShouldHaveSingleItem().ActivityId.ShouldBe("s");
        run.Incidents[0].Code.ShouldBe("variable.missing");
    }

    [Fact]
    public async Task An_instance_of_many_activities_costs_no_more_for_each()
    {
        var run = await _bench.RunAsync($$"""{"type": "Elsa.For", "id": "for", "start": 1, "end": 20000, "body": {"type": "Elsa.Start", "id": "nothing"} }""");

        run.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
        run.Journal.Count.ShouldBeGreaterThan(40_000);
    }
}
