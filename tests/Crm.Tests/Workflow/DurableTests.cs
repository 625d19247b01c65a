using Crm.Data;
using Crm.Rules;
using Crm.Workflow;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;
using static Crm.Tests.Workflow.Bench;

namespace Crm.Tests.Workflow;

/// <summary>Instances in the database: waits, timers, schedules, tasks, versions, and what administrators do.</summary>
public class DurableTests
{
    private const string WaitForGo = """{"type": "Elsa.Event", "id": "wait", "name": "Wait", "eventName": "go"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_case_of_elsas_tests_ends_in_the_database_as_in_memory()
    {
        var failures = new List<string>();
        foreach (var item in ElsaConformance.Cases.Where(c => c.Run is not null && !c.IsTokenBased))
        {
            await using var home = await WorkflowHome.OpenAsync();
            foreach (var file in item.Import)
            {
                await home.Definitions.SaveAsync(Parts.Reader.Read(ElsaConformance.Read(file)), publish: true, Actor.Platform, Cancellation);
            }
            var input = item.Input?.ToDictionary(i => i.Key, i => Values.FromJson(i.Value)) ?? [];
            var id = await home.StartAsync(item.Run!, new() { Input = input });
            for (var turn = 0; turn < 50 && await home.Engine.InspectAsync(id, Cancellation) is { Bookmarks.Count: > 0 } waiting; turn++)
            {
                await home.RestartAsync();
                await home.Engine.ResumeAsync(waiting.Bookmarks[0].Id, input, Cancellation);
            }
            var ended = await home.FindAsync(id);
            if ((item.Lines is not null && !home.Lines.SequenceEqual(item.Lines)) || (item.Contains is not null && item.Contains.Except(home.Lines).Any()) || (item.Status is not null && ended.Status.ToString() != item.Status))
            {
                failures.Add($"{item.Name}: {ended.Status} {ended.SubStatus} [{string.Join(", ", home.Lines)}]");
            }
        }
        failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_instance_waits_over_a_restart_with_its_variables_loops_and_scopes()
    {
        await using var home = await WorkflowHome.OpenAsync();
        var body = Sequence(WaitForGo, Set("s", "Sum", "getSum() + getCurrentValue()"), WriteJs("w", "getCurrentIndex() + ':' + getSum() + ':' + (getResultFromWait() || '')"));
        await home.PublishAsync($$"""{"type": "Elsa.ForEach", "id": "each", "items": {{Js("Object", "[1, 2, 3]")}}, "body": {{body}} }""", $"\"variables\": [{Variable("Sum")}],");
        var id = await home.StartAsync();
        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Suspended);

        for (var i = 0; i < 3; i++)
        {
            await home.RestartAsync();
            await home.Engine.PublishAsync("go", "p" + i, cancellationToken: Cancellation);
            await home.Engine.RunDueAsync(Cancellation);
        }

        home.Lines.ShouldBe(["0:1:p0", "1:3:p1", "2:6:p2"]);
        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_flowchart_with_a_join_goes_on_after_a_restart_where_it_was()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow(
            [
                """{"type": "Elsa.Start", "id": "s"}""", """{"type": "Elsa.Event", "id": "a", "eventName": "a"}""", """{"type": "Elsa.Event", "id": "b", "eventName": "b"}""",
                """{"type": "Elsa.FlowJoin", "id": "j", "mode": {"typeName": "FlowJoinMode", "expression": {"type": "Literal", "value": "WaitAll"} } }""", Write("end", "end"),
            ],
            "s->a", "s->b", "a->j", "b->j", "j->end"));
        var id = await home.StartAsync();

        await home.Engine.PublishAsync("b", cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);
        await home.RestartAsync();
        home.Lines.ShouldBeEmpty();
        await home.Engine.PublishAsync("a", cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.ShouldBe(["end"]);
        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_timer_fires_when_it_is_due_and_a_late_one_once_after_a_restart()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Sequence("""{"type": "Elsa.Delay", "id": "d", "timeSpan": "01:00:00"}""", Write("w", "woken")));
        await home.StartAsync();

        await home.PassAsync(TimeSpan.FromMinutes(59));
        home.Lines.ShouldBeEmpty();
        await home.RestartAsync();
        await home.PassAsync(TimeSpan.FromDays(3));
        await home.PassAsync(TimeSpan.FromDays(3));

        home.Lines.ShouldBe(["woken"]);
    }

    [Fact]
    public async Task A_schedule_starts_instances_and_what_it_missed_counts_once()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow(["""{"type": "Elsa.Cron", "id": "c", "cronExpression": "0 0 * * * *", "customProperties": {"canStartWorkflow": true} }""", Write("w", "hour")], "c->w"), id: "cron");
        await home.PublishAsync(Flow(["""{"type": "Elsa.Timer", "id": "t", "interval": "00:20:00", "customProperties": {"canStartWorkflow": true} }""", Write("x", "timer")], "t->x"), id: "timer");

        await home.PassAsync(TimeSpan.FromMinutes(31));
        home.Lines.Order().ShouldBe(["hour", "timer"]);
        await home.RestartAsync();
        await home.PassAsync(TimeSpan.FromHours(10));

        home.Lines.Order().ShouldBe(["hour", "hour", "timer", "timer"]);
        await home.Definitions.RetractAsync("cron", Cancellation);
        await home.PassAsync(TimeSpan.FromHours(1));
        home.Lines.Count(l => l == "hour").ShouldBe(2, "what is retracted starts no more");
    }

    [Fact]
    public async Task Two_nodes_that_sweep_at_once_fire_nothing_twice()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Sequence("""{"type": "Elsa.Delay", "id": "d", "timeSpan": "00:01:00"}""", Write("w", "timer")), id: "timers");
        await home.PublishAsync(Flow(["""{"type": "Elsa.Timer", "id": "t", "interval": "00:01:00", "customProperties": {"canStartWorkflow": true} }""", Write("x", "schedule")], "t->x"), id: "schedule");
        for (var i = 0; i < 40; i++)
        {
            await home.StartAsync("timers");
        }
        var first = home.Engine;
        await home.RestartAsync();
        home.Clock.Advance(TimeSpan.FromMinutes(2));

        await Task.WhenAll(Task.Run(() => first.RunDueAsync(Cancellation), Cancellation), Task.Run(() => home.Engine.RunDueAsync(Cancellation), Cancellation));
        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.CountBy(l => l).ToDictionary().ShouldBe(new Dictionary<string, int> { ["timer"] = 40, ["schedule"] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public async Task Another_server_is_asked_until_it_answers_and_can_tell_that_it_is_the_same_question()
    {
        var keys = new List<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var server = builder.Build();
        server.MapPost("/ask", async (HttpRequest request) =>
        {
            keys.Add(request.Headers["Idempotency-Key"].ToString());
            using var reader = new StreamReader(request.Body);
            var question = await reader.ReadToEndAsync(Cancellation);
            return keys.Count == 1 ? Results.StatusCode(503) : Results.Json(new { answer = question.Length });
        });
        await server.StartAsync(Cancellation);
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow(
            [
                $$"""{"type": "Elsa.SendHttpRequest", "id": "ask", "name": "Ask", "url": "{{server.Urls.First()}}/ask", "method": "POST", "content": {{Js("Object", "({q: 1})")}} }""",
                WriteJs("w", "getStatusCodeFromAsk() + ' ' + getParsedContentFromAsk().answer"),
            ],
            "ask->w"));
        var id = await home.StartAsync();

        for (var i = 0; i < 2; i++)
        {
            await home.Store.RunOutboxAsync();
            await home.PassAsync(TimeSpan.FromMinutes(1));
        }

        home.Lines.ShouldBe(["200 7"]);
        (keys.Count, keys.Distinct().Count()).ShouldBe((2, 1));
        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Theory]
    [InlineData(201, "created done", "created end")]
    [InlineData(200, "other done", "other end")]
    [InlineData(404, "other done", "other end")]
    public async Task An_answer_leads_to_what_stands_at_its_status_code(int status, string flow, string embedded)
    {
        await using var server = WebApplication.CreateSlimBuilder().Build();
        server.Urls.Add("http://127.0.0.1:0");
        server.MapGet("/ask", () => Results.StatusCode(status));
        await server.StartAsync(TestContext.Current.CancellationToken);
        await using var home = await WorkflowHome.OpenAsync();
        var ask = $"\"url\": \"{server.Urls.First()}/ask\", \"expectedStatusCodes\": ";

        await AnsweredAsync(home, Flow(
            [$$"""{"type": "Elsa.FlowSendHttpRequest", "id": "ask", {{ask}} {"typeName": "List<Int32>", "expression": {"type": "Object", "value": "[201]"} } }""", Write("c", "created"), Write("o", "other"), Write("d", "done")],
            "ask:201->c", "ask:Unmatched status code->o", "ask->d"));
        string.Join(' ', home.Lines).ShouldBe(flow);

        home.Lines.Clear();
        await AnsweredAsync(home, Sequence(
            $$"""{"type": "Elsa.SendHttpRequest", "id": "ask", {{ask}} [{"statusCode": 201, "activity": {{Write("c", "created")}} }], "unmatchedStatusCode": {{Write("o", "other")}} }""", Write("e", "end")));
        string.Join(' ', home.Lines).ShouldBe(embedded);
    }

    private static async Task AnsweredAsync(WorkflowHome home, string root)
    {
        await home.PublishAsync(root);
        await home.StartAsync();
        for (var i = 0; i < 2; i++)
        {
            await home.Store.RunOutboxAsync();
            await home.PassAsync(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task A_request_to_a_path_starts_the_workflow_that_says_what_it_is_answered_with()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow(
            [
                """{"type": "Elsa.HttpEndpoint", "id": "e", "name": "Hook", "path": "/orders/new", "supportedMethods": {"typeName": "List<String>", "expression": {"type": "Object", "value": "[\"POST\", \"PUT\"]"} }, "customProperties": {"canStartWorkflow": true} }""",
                $$"""{"type": "Elsa.WriteHttpResponse", "id": "r", "statusCode": "Created", "content": {{Js("Object", "getParsedContentFromHook().n + 1")}} }""",
            ],
            "e->r"));

        await home.Engine.SendAsync(
            new(HttpEndpoint.Requested("Orders/New/", "post"), new Dictionary<string, object?> { [HttpEndpoint.InputKey] = new Dictionary<string, object?> { ["content"] = new Dictionary<string, object?> { ["n"] = 1 } } }), Cancellation);
        await home.Engine.RunDueAsync(Cancellation);

        var instance = (await home.Engine.ListAsync(new(), Cancellation)).ShouldHaveSingleItem();
        var response = (IDictionary<string, object?>)(await home.Engine.OutputAsync(instance.Id, Cancellation))[WriteHttpResponse.OutputKey]!;
        (response["status"], response["content"]).ShouldBe((201, 2));
    }

    [Fact]
    public async Task A_condition_over_a_record_is_an_expression()
    {
        await using var home = await WorkflowHome.OpenAsync();
        var record = await home.Store.CreateAsync("thing", """{"name": "big", "count": 20}""");
        await home.PublishAsync(Flow(
            [
                $$"""{"type": "Crm.GetRecord", "id": "g", "entity": "thing", "recordId": "{{record.Id}}", "result": {"typeName": "Object", "memoryReference": {"id": "Thing"} } }""",
                """{"type": "Elsa.FlowDecision", "id": "d", "condition": {"typeName": "Boolean", "expression": {"type": "Condition", "value": {"entity": "thing", "record": "Thing", "condition": {"all": [{"field": "count", "op": "gt", "value": 10}, {"field": "name", "op": "startsWith", "value": "B"}]} } } } }""",
                Write("y", "yes"), Write("n", "no"),
            ],
            "g:Found->d", "d:True->y", "d:False->n"), $"\"variables\": [{Variable("Thing", "Object", "")}],");

        await home.StartAsync();

        home.Lines.ShouldBe(["yes"]);
    }

    [Theory]
    [InlineData("""{"field": "count", "op": "gt", "value": {"expression": "getMost() - 1"}}""", "yes")]
    [InlineData("""{"field": "count", "op": "in", "value": [1, {"expression": "getMost()"}]}""", "yes")]
    [InlineData("""{"field": "count", "op": "in", "value": {"expression": "[getMost() - 1, getMost() + 1]"}}""", "no")]
    [InlineData("""{"field": "parent.name", "op": "eq", "value": "top"}""", "yes")]
    [InlineData("""{"field": "parent.name", "op": "eq", "value": {"expression": "'TOP'.toLowerCase()"}}""", "yes")]
    [InlineData("""{"field": "parent.parent.name", "op": "notNull"}""", "no")]
    [InlineData("""{"field": "place.city", "op": "eq", "value": "Ulm"}""", "yes")]
    [InlineData("""{"field": "id", "op": "under", "value": {"expression": "getThing().parent"}}""", "yes")]
    [InlineData("""{"all": [{"field": "name", "op": "eq", "value": "big"}, {"field": "thing.parent", "op": "exists", "value": {"field": "name", "op": "eq", "value": "leaf"}}]}""", "yes")]
    [InlineData("""{"not": {"field": "thing.parent", "op": "exists", "value": {"field": "name", "op": "startsWith", "value": "l"}}}""", "no")]
    public async Task A_condition_over_a_record_works_its_values_out_and_looks_beyond_the_record(string condition, string expected)
    {
        await using var home = await WorkflowHome.OpenAsync(
            """{"name": "name", "type": "text"}, {"name": "count", "type": "integer"}, {"name": "place", "type": "address"}, {"name": "parent", "type": "lookup", "target": "thing"}""");
        var top = await home.Store.CreateAsync("thing", """{"name": "top"}""");
        var record = await home.Store.CreateAsync("thing", $$"""{"name": "big", "count": 20, "place": {"city": "Ulm"}, "parent": "{{top.Id}}"}""");
        await home.Store.CreateAsync("thing", $$"""{"name": "leaf", "parent": "{{record.Id}}"}""");
        await home.PublishAsync(Flow(
            [
                $$"""{"type": "Crm.GetRecord", "id": "g", "entity": "thing", "recordId": "{{record.Id}}", "result": {"typeName": "Object", "memoryReference": {"id": "Thing"} } }""",
                $$"""{"type": "Elsa.FlowDecision", "id": "d", "condition": {"typeName": "Boolean", "expression": {"type": "Condition", "value": {"entity": "thing", "record": "Thing", "condition": {{condition}} } } } }""",
                Write("y", "yes"), Write("n", "no"),
            ],
            "g:Found->d", "d:True->y", "d:False->n"), $"\"variables\": [{Variable("Thing", "Object", "")}, {Variable("Most", value: "20")}],");

        await home.StartAsync();

        home.Lines.ShouldBe([expected]);
    }

    [Fact]
    public async Task A_condition_looks_beyond_a_record_where_no_record_is_changed()
    {
        await using var home = await WorkflowHome.OpenAsync("""{"name": "name", "type": "text"}, {"name": "parent", "type": "lookup", "target": "thing"}""");
        var top = await home.Store.CreateAsync("thing", """{"name": "top"}""");
        await home.PublishAsync(Flow(
            [
                """{"type": "Elsa.FlowDecision", "id": "d", "condition": {"typeName": "Boolean", "expression": {"type": "Condition", "value": {"entity": "thing", "record": "Thing", "condition": {"field": "parent.name", "op": "eq", "value": "top"} } } } }""",
                Write("y", "yes"), Write("n", "no"),
            ],
            "d:True->y", "d:False->n"), $"\"variables\": [{Variable("Thing", "Object", "")}],");

        await home.StartAsync(options: new() { Variables = new Dictionary<string, object?> { ["Thing"] = new Dictionary<string, object?> { ["parent"] = top.Id.ToString("D") } } });

        home.Lines.ShouldBe(["yes"]);
    }

    [Fact]
    public async Task A_search_works_its_values_out_and_runs_nothing_that_came_from_elsewhere()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.Store.CreateAsync("thing", """{"name": "Ada"}""");
        await home.Store.CreateAsync("thing", """{"name": "Bob"}""");
        await home.PublishAsync(
            Sequence(
                """{"type": "Crm.QueryRecords", "id": "q", "name": "Find", "entity": "thing", "filter": {"typeName": "Object", "expression": {"type": "Object", "value": "{\"field\": \"name\", \"op\": \"eq\", \"value\": {\"expression\": \"getWho()\"}}"} } }""",
                WriteJs("w", "getResultFromFind().map(t => t.name).join()"),
                $$"""{"type": "Crm.QueryRecords", "id": "r", "entity": "thing", "filter": {{Js("Object", "({field: 'name', op: 'eq', value: {expression: 'getWho()'} })")}} }"""),
            $"\"variables\": [{Variable("Who", "String", "Ada")}],");

        var id = await home.StartAsync();

        home.Lines.ShouldBe(["Ada"]);
        (await home.Engine.InspectAsync(id, Cancellation))!.Incidents.ShouldHaveSingleItem().Code.ShouldBe("value.text");
    }

    [Fact]
    public async Task What_is_sensitive_stays_out_of_the_journal_and_goes_on_in_the_workflow()
    {
        await using var home = await WorkflowHome.OpenAsync("""{"name": "name", "type": "text"}, {"name": "salary", "type": "integer", "sensitive": true}""");
        var record = await home.Store.CreateAsync("thing", """{"name": "Ada", "salary": 73519}""");
        await home.PublishAsync(Sequence(
            $$"""{"type": "Crm.GetRecord", "id": "g", "name": "Now", "entity": "thing", "recordId": "{{record.Id}}"}""",
            $$"""{"type": "Crm.UpdateRecord", "id": "u", "entity": "thing", "recordId": "{{record.Id}}", "fieldValues": {{Js("ObjectDictionary", "({name: 'Ada L', salary: getResultFromNow().salary + 1})")}} }""",
            $$"""{"type": "Crm.QueryRecords", "id": "q", "entity": "thing", "filter": {{Js("Object", "({field: 'salary', op: 'eq', value: 73520})")}} }"""));

        var id = await home.StartAsync();

        (await home.Store.GetAsync(record))["salary"].ShouldBe(73520L);
        var journal = Values.ToJson((await home.Engine.HistoryAsync(id, Cancellation)).SelectMany(r => new object?[] { r.Inputs, r.Outputs, r.Details }).ToList());
        journal.ShouldContain("Ada L");
        (journal.Contains("73519", StringComparison.Ordinal) || journal.Contains("73520", StringComparison.Ordinal)).ShouldBeFalse(journal);
    }

    [Fact]
    public async Task An_event_starts_the_workflows_that_begin_with_it_and_gives_them_its_payload()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow(["""{"type": "Elsa.Event", "id": "e", "name": "Order", "eventName": "ordered", "customProperties": {"canStartWorkflow": true} }""", WriteJs("w", "getResultFromOrder().n")], "e->w"));

        await home.Engine.PublishAsync("ordered", new Dictionary<string, object?> { ["n"] = 7 }, cancellationToken: Cancellation);
        await home.Engine.PublishAsync("something else", cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.ShouldBe(["7"]);
    }

    [Fact]
    public async Task Two_hundred_tasks_done_at_once_and_each_said_twice_count_once_each()
    {
        await using var home = await WorkflowHome.OpenAsync();
        var body = Sequence("""{"type": "Elsa.RunTask", "id": "t", "taskName": "ask"}""", Set("s", "Done", "getDone() + 1"));
        await home.PublishAsync(
            Sequence($$"""{"type": "Elsa.ParallelForEach", "id": "p", "items": {{Js("Object", "var a = []; for (var i = 0; i < 200; i++) { a.push(i); } return a;")}}, "body": {{body}} }""", WriteJs("w", "'done ' + getDone()")),
            $"\"variables\": [{Variable("Done")}],");
        var id = await home.StartAsync();
        var tasks = await home.Engine.TasksAsync(id, Cancellation);
        tasks.Count.ShouldBe(200);

        var counted = await Task.WhenAll(tasks.Concat(tasks).Select(t => Task.Run(() => home.Engine.CompleteTaskAsync(t.Id, "yes", Cancellation), Cancellation)));

        await home.Engine.RunDueAsync(Cancellation);
        home.Lines.ShouldBe(["done 200"]);
        counted.Count(c => c).ShouldBe(200);
        (await home.Engine.TasksAsync(id, Cancellation)).ShouldBeEmpty();
        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task What_comes_before_anybody_waits_for_it_is_there_for_the_one_who_does()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Sequence("""{"type": "Elsa.Delay", "id": "d", "timeSpan": "00:10:00"}""", WaitForGo, WriteJs("w", "getResultFromWait()")));
        var id = await home.StartAsync();

        await home.Engine.ResumeLaterAsync(Event.Named("go"), new Dictionary<string, object?> { [Event.InputKey] = "early" }, id, Cancellation);
        await home.Engine.RunDueAsync(Cancellation);
        home.Lines.ShouldBeEmpty();
        await home.RestartAsync();
        await home.PassAsync(TimeSpan.FromMinutes(11));
        await home.PassAsync(TimeSpan.FromMinutes(11));

        home.Lines.ShouldBe(["early"]);
        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_burst_and_its_records_are_kept_together_or_not_at_all()
    {
        await using var home = await WorkflowHome.OpenAsync("""{"name": "name", "type": "text", "required": true}, {"name": "count", "type": "integer"}""");
        await home.PublishAsync(Sequence(
            """{"type": "Crm.CreateRecord", "id": "c", "name": "Made", "entity": "thing", "fieldValues": {"typeName": "ObjectDictionary", "expression": {"type": "Object", "value": "{\"name\": \"made\", \"count\": 1}"} } }""",
            $$"""{"type": "Crm.UpdateRecord", "id": "u", "entity": "thing", "recordId": {{Js("String", "getRecordIdFromMade()")}}, "fieldValues": {{Js("ObjectDictionary", "({count: getResultFromMade().count + 1})")}} }""",
            """{"type": "Crm.QueryRecords", "id": "q", "name": "Found", "entity": "thing", "filter": {"typeName": "Object", "expression": {"type": "Object", "value": "{\"field\": \"count\", \"op\": \"eq\", \"value\": 2}"} } }""",
            WriteJs("w", "getResultFromFound().length + ' ' + getResultFromFound()[0].name")));

        var id = await home.StartAsync();

        home.Lines.ShouldBe(["1 made"]);
        var record = (await home.Store.QueryAsync("thing")).Items.ShouldHaveSingleItem();
        var history = (await home.Store.Store.HistoryAsync(home.Store["thing"], record.Id, Actor.Platform, cancellationToken: Cancellation)).Items;
        history.Count.ShouldBe(2);
        history.ShouldAllBe(h => h.Door == Door.Workflow && h.Cause!.Contains(id));
        (await home.Engine.HistoryAsync(id, Cancellation)).Single(r => r.ActivityId == "c").Details.Keys.ShouldContain("Changed");
    }

    [Fact]
    public async Task A_refused_write_is_an_incident_that_leaves_nothing_behind_and_can_be_retried()
    {
        await using var home = await WorkflowHome.OpenAsync("""{"name": "name", "type": "text", "required": true, "unique": true}""");
        await home.PublishAsync(Sequence(
            """{"type": "Crm.CreateRecord", "id": "a", "entity": "thing", "fieldValues": {"typeName": "ObjectDictionary", "expression": {"type": "Object", "value": "{\"name\": \"first\"}"} } }""",
            """{"type": "Crm.CreateRecord", "id": "b", "entity": "thing", "fieldValues": {"typeName": "ObjectDictionary", "expression": {"type": "Object", "value": "{\"name\": \"taken\"}"} } }""", Write("w", "end")));
        var taken = await home.Store.CreateAsync("thing", """{"name": "taken"}""");

        var id = await home.StartAsync();
        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Faulted);
        (await home.Store.NamesAsync("thing", sort: "name")).ShouldBe(["first", "taken"]);
        var incident = (await home.Engine.InspectAsync(id, Cancellation))!.Incidents.ShouldHaveSingleItem();
        (incident.ActivityId, incident.Code).ShouldBe(("b", "unique"));

        await home.Store.DeleteAsync(taken);
        await home.RestartAsync();
        await home.Engine.RetryAsync(id, incident.ActivityInstanceId, Cancellation);

        home.Lines.ShouldBe(["end"]);
        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
        (await home.Store.NamesAsync("thing", sort: "name")).ShouldBe(["first", "taken"]);
    }

    [Fact]
    public async Task A_failed_activity_is_skipped_and_an_instance_restarted_from_another()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow([Write("a", "a"), """{"type": "Elsa.Fault", "id": "f", "message": "broken"}""", Write("b", "b"), WaitForGo, Write("c", "c")], "a->f", "f->b", "b->wait", "wait->c"));
        var id = await home.StartAsync();
        var failed = (await home.Engine.InspectAsync(id, Cancellation))!.Incidents[0].ActivityInstanceId;

        await home.Engine.SkipAsync(id, failed, cancellationToken: Cancellation);
        home.Lines.ShouldBe(["a", "b"]);
        await home.Engine.RestartFromAsync(id, "c", Cancellation);

        home.Lines.ShouldBe(["a", "b", "c"]);
        (await home.FindAsync(id)).Incidents.ShouldBe(0);
        await Should.ThrowAsync<ProblemException>(() => home.Engine.SkipAsync(id, failed, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task A_change_of_a_record_starts_what_begins_with_it_once_and_by_its_fields_and_condition()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow(
            [
                """{"type": "Crm.RecordChanged", "id": "t", "name": "Change", "entity": "thing", "fields": {"typeName": "List<String>", "expression": {"type": "Object", "value": "[\"count\"]"} }, "condition": {"typeName": "Object", "expression": {"type": "Object", "value": "{\"field\": \"count\", \"op\": \"gt\", \"value\": 10}"} }, "customProperties": {"canStartWorkflow": true} }""",
                WriteJs("w", "getResultFromChange().Kind + ' ' + getResultFromChange().Fields.join()"),
            ],
            "t->w"));
        var record = await home.Store.CreateAsync("thing", """{"name": "x", "count": 1}""");

        foreach (var change in (string[])["""{"name": "y"}""", """{"count": 5}""", """{"count": 11}""", """{"name": "z"}"""])
        {
            await home.Store.UpdateAsync(record, change);
        }
        await home.Store.RunOutboxAsync();
        await home.Engine.RunDueAsync(Cancellation);
        await home.Store.RunOutboxAsync();
        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.ShouldBe(["Update count"]);
    }

    [Fact]
    public async Task Conditions_on_before_and_after_are_asked_about_the_change_and_not_about_what_came_later()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow(
            [
                """{"type": "Crm.RecordChanged", "id": "t", "name": "Change", "entity": "thing", "oldCondition": {"typeName": "Object", "expression": {"type": "Object", "value": "{\"field\": \"count\", \"op\": \"lt\", \"value\": 5}"} }, "condition": {"typeName": "Object", "expression": {"type": "Object", "value": "{\"field\": \"count\", \"op\": \"ge\", \"value\": 5}"} }, "customProperties": {"canStartWorkflow": true} }""",
                WriteJs("w", "'crossed at version ' + getResultFromChange().Version"),
            ],
            "t->w"));
        var record = await home.Store.CreateAsync("thing", """{"count": 1}""");
        foreach (var count in (int[])[3, 6, 7, 2, 9, 0])
        {
            await home.Store.UpdateAsync(record, $$"""{"count": {{count}} }""");
        }

        await home.Store.RunOutboxAsync();
        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.Order().ShouldBe(["crossed at version 3", "crossed at version 6"]);
    }

    [Theory]
    [InlineData("""{"field": "id", "op": "under", "value": "TOP"}""")]
    [InlineData("""{"field": "parent", "op": "under", "value": "TOP"}""")]
    [InlineData("""{"field": "parent.parent.name", "op": "eq", "value": "top"}""")]
    [InlineData("""{"field": "thing.parent", "op": "exists", "value": {"field": "name", "op": "eq", "value": "leaf"}}""")]
    public async Task A_condition_that_starts_a_workflow_looks_beyond_the_record(string condition)
    {
        await using var home = await WorkflowHome.OpenAsync("""{"name": "name", "type": "text"}, {"name": "count", "type": "integer"}, {"name": "parent", "type": "lookup", "target": "thing"}""");
        var top = await home.Store.CreateAsync("thing", """{"name": "top"}""");
        var middle = await home.Store.CreateAsync("thing", $$"""{"name": "middle", "parent": "{{top.Id}}"}""");
        var low = await home.Store.CreateAsync("thing", $$"""{"name": "low", "parent": "{{middle.Id}}"}""");
        await home.Store.CreateAsync("thing", $$"""{"name": "leaf", "parent": "{{low.Id}}"}""");
        var other = await home.Store.CreateAsync("thing", """{"name": "other"}""");
        var text = System.Text.Json.JsonSerializer.Serialize(condition.Replace("TOP", top.Id.ToString("D"), StringComparison.Ordinal));
        await home.PublishAsync(Flow(
            [
                $$"""{"type": "Crm.RecordChanged", "id": "t", "name": "Change", "entity": "thing", "condition": {"typeName": "Object", "expression": {"type": "Object", "value": {{text}} } }, "customProperties": {"canStartWorkflow": true} }""",
                WriteJs("w", "getResultFromChange().RecordId"),
            ],
            "t->w"));

        await home.Store.UpdateAsync(low, """{"count": 1}""");
        await home.Store.UpdateAsync(other, """{"count": 1}""");
        await home.SettleAsync();

        home.Lines.ShouldBe([low.Id.ToString("D")]);
    }

    [Fact]
    public async Task An_event_that_leads_to_itself_ends_somewhere()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow(
            ["""{"type": "Elsa.Event", "id": "e", "eventName": "ping", "customProperties": {"canStartWorkflow": true} }""", Write("w", "ping"), """{"type": "Elsa.PublishEvent", "id": "p", "eventName": "ping"}"""], "e->w", "w->p"));

        await home.Engine.PublishAsync("ping", cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.Count.ShouldBe(1 + home.Engine.Options.MaxChain);
    }

    [Fact]
    public async Task Workflows_that_start_each_other_end_somewhere()
    {
        await using var home = await WorkflowHome.OpenAsync();
        home.Engine.Options.MaxChain = 5;
        await home.PublishAsync(Flow(
            [
                """{"type": "Crm.RecordChanged", "id": "t", "name": "Change", "entity": "thing", "customProperties": {"canStartWorkflow": true} }""",
                $$"""{"type": "Crm.GetRecord", "id": "g", "name": "Now", "entity": "thing", "recordId": {{Js("String", "getResultFromChange().RecordId")}} }""",
                $$"""{"type": "Crm.UpdateRecord", "id": "u", "entity": "thing", "recordId": {{Js("String", "getResultFromChange().RecordId")}}, "fieldValues": {{Js("ObjectDictionary", "({count: getResultFromNow().count + 1})")}} }""",
            ],
            "t->g", "g->u"));
        var record = await home.Store.CreateAsync("thing", """{"name": "x", "count": 0}""");
        await home.Store.UpdateAsync(record, """{"count": 1}""");

        for (var i = 0; i < 20; i++)
        {
            await home.Store.RunOutboxAsync();
            await home.Engine.RunDueAsync(Cancellation);
        }

        (await home.Store.GetAsync(record))["count"].ShouldBe(6L);
    }

    [Fact]
    public async Task A_draft_does_not_run_a_published_version_does_and_what_runs_stays_with_its_version()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Sequence(WaitForGo, Write("w", "one")));
        var old = await home.StartAsync();
        var draft = await home.Definitions.SaveAsync(Parts.Reader.Read(Json(Sequence(WaitForGo, Write("w", "two")))), publish: false, Actor.Platform, Cancellation);
        (draft.Version, draft.IsLatest, draft.IsPublished).ShouldBe((2, true, false));
        (await home.FindAsync(await home.StartAsync())).Version.ShouldBe(1);

        await home.Definitions.PublishAsync("test", Actor.Platform, Cancellation);
        var young = await home.StartAsync();
        await home.Engine.PublishAsync("go", instanceId: old, cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);
        await home.Engine.PublishAsync("go", instanceId: young, cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.ShouldBe(["one", "two"]);
        home.Definitions.Versions("test").Select(v => (v.Version, v.IsPublished)).ShouldBe([(2, true), (1, false)]);
    }

    [Fact]
    public async Task Two_editors_cannot_overwrite_each_other()
    {
        await using var home = await WorkflowHome.OpenAsync();
        var first = await home.Definitions.SaveAsync(Parts.Reader.Read(Json(Write("w", "one"))), publish: false, Actor.Platform, Cancellation);
        await home.Definitions.SaveAsync(first.With(("name", "mine")), publish: false, Actor.Platform, Cancellation);

        var refusal = await Should.ThrowAsync<ProblemException>(() => home.Definitions.SaveAsync(first.With(("name", "yours")), publish: false, Actor.Platform, Cancellation));

        refusal.Problems[0].Kind.ShouldBe(ProblemKind.VersionConflict);
        home.Definitions.LatestOf("test")!.Name.ShouldBe("mine");
    }

    [Fact]
    public async Task What_is_broken_is_not_published()
    {
        await using var home = await WorkflowHome.OpenAsync();

        var refusal = await Should.ThrowAsync<ProblemException>(() => home.PublishAsync("""{"type": "Acme.Nothing", "id": "x"}"""));

        refusal.Problems.ShouldHaveSingleItem().Code.ShouldBe("workflow.activity.unknown");
        (await home.Definitions.SaveAsync(Parts.Reader.Read(Json("""{"type": "Acme.Nothing", "id": "x"}""")), publish: false, Actor.Platform, Cancellation)).IsPublished.ShouldBeFalse();
        await Should.ThrowAsync<ProblemException>(() => home.StartAsync());
    }

    [Fact]
    public async Task Running_instances_migrate_to_a_version_that_has_where_they_stand()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow([WaitForGo, Write("w", "one")], "wait->w"), $"\"variables\": [{Variable("N", value: "5")}],");
        var id = await home.StartAsync();
        var good = await home.PublishAsync(Flow([WaitForGo, WriteJs("w", "'two ' + getN()")], "wait->w"), $"\"variables\": [{Variable("N")}],");
        var bad = await home.PublishAsync(Flow([Write("w", "three")]));

        (await home.Engine.PreviewMigrationAsync("test", good, Cancellation)).ShouldHaveSingleItem().Lost.ShouldBeEmpty();
        (await home.Engine.PreviewMigrationAsync("test", bad, Cancellation)).ShouldHaveSingleItem().Lost.ShouldHaveSingleItem().ShouldEndWith("wait");
        await Should.ThrowAsync<ProblemException>(() => home.Engine.MigrateAsync(id, bad, Cancellation));
        await home.Engine.MigrateAsync(id, good, Cancellation);
        await home.Engine.PublishAsync("go", cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.ShouldBe(["two 5"]);
    }

    [Theory]
    [InlineData("SingletonStrategy", "a", "b", false)]
    [InlineData("CorrelatedSingletonStrategy", "a", "b", true)]
    [InlineData("CorrelatedSingletonStrategy", "a", "a", false)]
    [InlineData("CorrelationStrategy", "a", "a", false)]
    [InlineData("AllowAlwaysStrategy", "a", "a", true)]
    public async Task The_activation_strategy_decides_whether_a_second_instance_starts(string strategy, string first, string second, bool expected)
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(WaitForGo, $$""" "options": {"activationStrategyType": "Elsa.Workflows.ActivationValidators.{{strategy}}, Elsa.Workflows.Core"},""");
        await home.StartAsync(options: new() { CorrelationId = first });

        (await home.Engine.StartAsync("test", new() { CorrelationId = second }, Cancellation) is not null).ShouldBe(expected);
    }

    [Fact]
    public async Task An_instance_is_kept_after_each_activity_where_its_definition_says_so()
    {
        await using var home = await WorkflowHome.OpenAsync();
        var seen = new List<string>();
        await home.PublishAsync(Sequence(Write("a", "a"), Write("b", "b"), WriteJs("c", "'c'")), """ "options": {"commitStrategyName": "ActivityExecuted"},""");
        home.Engine.Options.Output = line => seen.Add(line + ":" + string.Join(',', home.Engine.ListAsync(new(), CancellationToken.None).GetAwaiter().GetResult().Select(i => i.SubStatus)));

        await home.StartAsync();

        seen.ShouldBe(["a:Executing", "b:Executing", "c:Finished"]);
    }

    [Fact]
    public async Task What_was_cut_off_between_two_commits_goes_on()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Sequence(Write("a", "a"), Write("b", "b")), """ "options": {"commitStrategyName": "ActivityExecuted"},""");
        // What was written is said after the first commit, so that is where the process ends.
        home.Engine.Options.Output = _ => throw new OperationCanceledException("the process ends here");
        await Should.ThrowAsync<OperationCanceledException>(() => home.StartAsync());

        await home.RestartAsync();
        await home.PassAsync(TimeSpan.FromSeconds(10));
        home.Lines.ShouldBeEmpty("it might still be at work");
        await home.PassAsync(TimeSpan.FromMinutes(1));

        home.Lines.ShouldBe(["b"]);
        (await home.Engine.ListAsync(new(), Cancellation)).ShouldHaveSingleItem().SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task An_instance_that_waits_for_nothing_is_shown_as_stuck()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(
            Flow(["""{"type": "Elsa.Fault", "id": "f", "message": "broken"}"""]), """ "options": {"incidentStrategyType": "ContinueWithIncidentsStrategy"},""", "incident");
        await home.PublishAsync($$"""{"type": "Elsa.Flowchart", "id": "f", "activities": [{{Write("a", "a")}}, {"type": "Elsa.WriteLine", "id": "b", "customProperties": {"mergeMode": "Converge"} }, {{Write("c", "c")}}], "connections": [{"source": "a", "target": "b"}, {"source": "c", "target": "b"}]}""", """ "customProperties": {"Flowchart:ExecutionMode": "TokenBased"},""", "tokens");
        await home.StartAsync("incident");
        var id = await home.StartAsync("tokens");
        home.Clock.Advance(TimeSpan.FromMinutes(5));

        (await home.Engine.WatchAsync(Cancellation)).ShouldBe(1);

        (await home.Engine.InspectAsync(id, Cancellation))!.Incidents.ShouldHaveSingleItem().Code.ShouldBe("stuck");
        (await home.Engine.WatchAsync(Cancellation)).ShouldBe(0);
    }

    [Fact]
    public async Task Old_finished_instances_are_forgotten_with_all_that_they_left()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Write("w", "x"));
        var old = await home.StartAsync();
        home.Clock.Advance(TimeSpan.FromDays(100));
        var young = await home.StartAsync();

        (await home.Engine.ForgetAsync(Cancellation)).ShouldBe(1);

        (await home.Engine.FindAsync(old, Cancellation)).ShouldBeNull();
        (await home.Engine.HistoryAsync(old, Cancellation)).ShouldBeEmpty();
        (await home.Engine.HistoryAsync(young, Cancellation)).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Every_activity_explains_itself_in_the_history()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow([WriteJs("w", "'text ' + 1"), $$"""{"type": "Elsa.FlowDecision", "id": "d", "condition": {{Js("Boolean", "true")}} }""", """{"type": "Elsa.Delay", "id": "delay", "timeSpan": "00:05:00"}"""], "w->d", "d:True->delay"));
        var id = await home.StartAsync();

        var history = await home.Engine.HistoryAsync(id, Cancellation);
        history.Single(r => r.ActivityId == "w").Inputs["Text"].ShouldBe("text 1");
        history.Single(r => r.ActivityId == "d").Outcomes.ShouldBe("True");
        history.Single(r => r.ActivityId == "delay").HasBookmarks.ShouldBeTrue();
        await home.PassAsync(TimeSpan.FromMinutes(6));

        (await home.Engine.HistoryAsync(id, Cancellation)).Last(r => r.ActivityId == "delay").Status.ShouldBe(ActivityStatus.Completed);
    }

    [Fact]
    public async Task The_products_files_run_until_somebody_makes_the_workflow_their_own()
    {
        await using var home = await WorkflowHome.OpenAsync();
        var folder = Directory.CreateTempSubdirectory("crm-workflows-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "one.json"), Json(Write("w", "product 1")), Cancellation);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "broken.json"), "{", Cancellation);
            (await home.Definitions.LoadAsync([folder.FullName], Cancellation)).ShouldHaveSingleItem().ShouldContain("broken.json");
            await home.StartAsync();
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "one.json"), Json(Write("w", "product 2")), Cancellation);
            await home.Definitions.LoadAsync([folder.FullName], Cancellation);
            await home.StartAsync();
            await home.PublishAsync(Write("w", "customer"));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "one.json"), Json(Write("w", "product 3")), Cancellation);
            await home.Definitions.LoadAsync([folder.FullName], Cancellation);
            await home.StartAsync();

            home.Lines.ShouldBe(["product 1", "product 2", "customer"]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
