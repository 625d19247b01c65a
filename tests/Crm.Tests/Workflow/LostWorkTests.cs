using Crm.Data;
using Crm.Rules;
using Crm.Workflow;
using Shouldly;
using Xunit;
using static Crm.Tests.Workflow.Bench;

namespace Crm.Tests.Workflow;

/// <summary>What goes wrong between two transactions, or on another node, neither loses work nor does it twice.</summary>
public class LostWorkTests
{
    private const string WaitForGo = """{"type": "Elsa.Event", "id": "wait", "name": "Wait", "eventName": "go"}""";

    private const string CommitAfterEach = """ "options": {"commitStrategyName": "ActivityExecuted"},""";

    private const string Starts = """ "customProperties": {"canStartWorkflow": true} """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_workflow_that_runs_another_whose_activities_change_records_comes_to_its_end()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(
            """{"type": "Crm.CreateRecord", "id": "c", "entity": "thing", "fieldValues": {"typeName": "ObjectDictionary", "expression": {"type": "Object", "value": "{\"name\": \"made\"}"} } }""", id: "child");
        await home.PublishAsync(Sequence("""{"type": "Elsa.ExecuteWorkflow", "id": "x", "workflowDefinitionId": "child"}""", Write("w", "end")));

        var id = await home.StartAsync();

        home.Lines.ShouldBe(["end"]);
        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
        (await home.Store.NamesAsync("thing")).ShouldBe(["made"]);
    }

    [Fact]
    public async Task An_event_that_comes_a_moment_before_somebody_waits_for_it_is_not_lost()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Sequence(WaitForGo, Write("w", "resumed")));
        await home.Engine.PublishAsync("go", cancellationToken: Cancellation);
        await home.SettleAsync();

        await home.StartAsync();
        await home.SettleAsync();

        home.Lines.ShouldBe(["resumed"]);
    }

    [Fact]
    public async Task An_event_that_nobody_came_to_wait_for_within_a_minute_wakes_nobody_later()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Sequence(WaitForGo, Write("w", "resumed")));
        await home.Engine.PublishAsync("go", cancellationToken: Cancellation);
        await home.SettleAsync();
        await home.PassAsync(TimeSpan.FromMinutes(1));

        await home.StartAsync();
        await home.SettleAsync();

        home.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task All_that_an_instance_did_to_records_is_undone_at_once_though_it_waited_in_between()
    {
        await using var home = await WorkflowHome.OpenAsync();
        const string Values = """ "entity": "thing", "fieldValues": {"typeName": "ObjectDictionary", "expression": {"type": "Object", "value": "{\"name\": \"made\"}"} } """;
        await home.PublishAsync(Sequence($$"""{"type": "Crm.CreateRecord", "id": "a", {{Values}} }""", WaitForGo, $$"""{"type": "Crm.CreateRecord", "id": "b", {{Values}} }"""));
        await home.StartAsync();
        var kept = await home.Store.CreateAsync("thing", """{"name": "kept"}""");
        await home.RestartAsync();
        await home.Engine.PublishAsync("go", cancellationToken: Cancellation);
        await home.SettleAsync();
        (await home.Store.NamesAsync("thing", sort: "name")).ShouldBe(["kept", "made", "made"]);
        var made = (await home.Store.QueryAsync("thing", """{"field": "name", "op": "eq", "value": "made"}""")).Items[0];
        var history = (await home.Store.Store.HistoryAsync(home.Store["thing"], made.Id, Actor.Platform, cancellationToken: Cancellation)).Items;

        await home.Store.ChangeSets.UndoAsync(history[0].ChangeSet, Actor.Platform, Door.Api, Cancellation);

        (await home.Store.NamesAsync("thing")).ShouldBe(["kept"]);
        (await home.Store.FindAsync(kept)).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_is_due_is_done_with_a_single_connection_left()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Sequence(WaitForGo, Write("w", "resumed")), id: "waits");
        await home.PublishAsync(Flow([$$"""{"type": "Elsa.Event", "id": "e", "eventName": "go", {{Starts}} }""", Write("s", "started")], "e->s"), id: "starts");
        await home.PublishAsync(Flow([$$"""{"type": "Elsa.Timer", "id": "t", "interval": "01:00:00", {{Starts}} }""", Write("x", "fired")], "t->x"), id: "timer");
        await home.PublishAsync(Flow([$$"""{"type": "Crm.RecordCreated", "id": "r", "entity": "thing", {{Starts}} }""", Write("c", "created")], "r->c"), id: "records");
        await home.PublishAsync(Write("c", "child"), id: "child");
        await home.PublishAsync(Sequence(WaitForGo, """{"type": "Elsa.ExecuteWorkflow", "id": "x", "workflowDefinitionId": "child"}"""), id: "parent");
        await home.StartAsync("waits");
        await home.StartAsync("parent");
        await home.Store.CreateAsync("thing", "{}");
        await home.RestartAsync();
        await home.Engine.PublishAsync("go", cancellationToken: Cancellation);
        home.Clock.Advance(TimeSpan.FromHours(1));

        // All that a database lends but one.
        var taken = new List<Session>();
        for (var i = 1; i < (home.Store.Database.IsShared ? 24 : 16); i++)
        {
            taken.Add(await home.Store.Database.ReadAsync(Cancellation));
        }
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        await home.Store.Dispatcher.RunDueAsync(patience.Token);
        await home.Engine.RunDueAsync(patience.Token);
        foreach (var session in taken)
        {
            await session.DisposeAsync();
        }

        home.Lines.Order().ShouldBe(["child", "created", "fired", "resumed", "started"]);
    }

    [Fact]
    public async Task What_a_change_started_begins_with_its_trigger_although_the_database_failed_at_first()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow([$$"""{"type": "Crm.RecordCreated", "id": "r", "name": "Made", "entity": "thing", {{Starts}} }""", WriteJs("w", "getResultFromMade().Kind")], "r->w"));
        await home.Store.CreateAsync("thing", "{}");
        await home.Store.RunOutboxAsync();
        var failures = 0;
        home.Engine.Options.Failed = (_, _) => Interlocked.Increment(ref failures);
        await ExecuteAsync(home, "INSERT INTO \"_workflow_journal\" (\"instance_id\", \"number\", \"at\", \"entries\") SELECT \"id\", 0, \"created_at\", '[]' FROM \"_workflow_instance\"");

        await home.Engine.RunDueAsync(Cancellation);
        failures.ShouldBeGreaterThan(0);
        await ExecuteAsync(home, "DELETE FROM \"_workflow_journal\"");
        await home.RestartAsync();
        await home.PassAsync(TimeSpan.FromMinutes(1));

        home.Lines.ShouldBe(["Create"]);
        (await home.Engine.ListAsync(new(), Cancellation)).ShouldHaveSingleItem().SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task What_is_cut_off_behind_its_first_commit_still_knows_what_started_it()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow([$$"""{"type": "Elsa.Event", "id": "e", "name": "Order", "eventName": "ordered", {{Starts}} }""", WriteJs("w", "getResultFromOrder().n")], "e->w"), CommitAfterEach);
        // The second piece of its journal is there already, so that it cannot be kept.
        await ExecuteAsync(home, "INSERT INTO \"_workflow_journal\" (\"instance_id\", \"number\", \"at\", \"entries\") VALUES ($1, 1, $2, '[]')", Param.Text("cut"), Param.Timestamp(home.Clock.GetUtcNow()));
        var input = new Dictionary<string, object?> { [Event.InputKey] = new Dictionary<string, object?> { ["n"] = 7 } };

        await Should.ThrowAsync<Exception>(() => home.Engine.StartAsync("test", new() { InstanceId = "cut", TriggerActivityId = "e", Input = input }, Cancellation));
        await ExecuteAsync(home, "DELETE FROM \"_workflow_journal\" WHERE \"number\" = 1");
        await home.RestartAsync();
        await home.PassAsync(TimeSpan.FromMinutes(1));

        home.Lines.ShouldBe(["7"]);
        (await home.FindAsync("cut")).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_trigger_that_failed_is_tried_again_as_the_trigger_that_it_is()
    {
        await using var home = await WorkflowHome.OpenAsync();
        var name = Js("String", "if (getVariable('Broken')) { throw new Error('not yet'); } return 'ordered';");
        await home.PublishAsync(Flow([$$"""{"type": "Elsa.Event", "id": "e", "name": "Order", "eventName": {{name}}, {{Starts}} }""", WriteJs("w", "getResultFromOrder().n")], "e->w"), $"\"variables\": [{Variable("Broken", "Boolean", "true")}],");
        await home.Engine.PublishAsync("ordered", new Dictionary<string, object?> { ["n"] = 7 }, cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);
        var instance = (await home.Engine.ListAsync(new(), Cancellation)).ShouldHaveSingleItem();
        instance.SubStatus.ShouldBe(WorkflowSubStatus.Faulted);

        await home.Engine.SetVariableAsync(instance.Id, "Broken", false, Cancellation);
        await home.RestartAsync();
        await home.Engine.RetryAsync(instance.Id, cancellationToken: Cancellation);

        home.Lines.ShouldBe(["7"]);
        (await home.FindAsync(instance.Id)).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task Failed_activities_that_are_tried_again_together_are_all_done()
    {
        await using var home = await WorkflowHome.OpenAsync();
        static string Breaks(string id) => WriteJs(id, $"if (getVariable('Broken')) {{ throw new Error('not yet'); }} return '{id}';");
        await home.PublishAsync(
            Flow(["""{"type": "Elsa.Start", "id": "s"}""", Breaks("a"), Breaks("b"), Write("c", "c")], "s->a", "s->b", "b->c"),
            $""" "options": {"{"}"incidentStrategyType": "ContinueWithIncidentsStrategy"{"}"}, "variables": [{Variable("Broken", "Boolean", "true")}],""");
        var id = await home.StartAsync();
        (await home.Engine.InspectAsync(id, Cancellation))!.Incidents.Count.ShouldBe(2);

        await home.Engine.SetVariableAsync(id, "Broken", false, Cancellation);
        await home.Engine.RetryAsync(id, cancellationToken: Cancellation);

        home.Lines.ShouldBe(["a", "b", "c"], ignoreOrder: true);
        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task What_comes_while_an_instance_is_cut_off_waits_for_what_was_left()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(
            Flow(["""{"type": "Elsa.Start", "id": "s"}""", WaitForGo, Write("a", "a"), Write("b", "b"), WriteJs("w", "getResultFromWait()")], "s->wait", "s->a", "a->b", "wait->w"), CommitAfterEach);
        home.Engine.Options.Output = _ => throw new OperationCanceledException("the process ends here");
        await Should.ThrowAsync<OperationCanceledException>(() => home.StartAsync());

        await home.RestartAsync();
        await home.Engine.PublishAsync("go", "came", cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.ShouldBe(["b", "came"]);
        (await home.Engine.ListAsync(new(), Cancellation)).ShouldHaveSingleItem().SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task The_last_result_is_there_after_a_wait()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Sequence($$"""{"type": "Elsa.RunJavaScript", "id": "r", "script": {{Js("Object", "return 42;")}} }""", """{"type": "Elsa.Delay", "id": "d", "timeSpan": "00:10:00"}""", WriteJs("w", "getLastResult()")));
        await home.StartAsync();

        await home.RestartAsync();
        await home.PassAsync(TimeSpan.FromMinutes(11));

        home.Lines.ShouldBe(["42"]);
    }

    [Fact]
    public async Task A_start_that_somebody_overtakes_behind_its_first_commit_starts_no_second_instance()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Sequence(Write("a", "a"), Write("b", "b")), CommitAfterEach);
        home.Engine.Options.Output = line =>
        {
            home.Lines.Add(line);
            if (home.Lines.Count == 1)
            {
                Wait(ExecuteAsync(home, "UPDATE \"_workflow_instance\" SET \"revision\" = \"revision\" + 1"));
            }
        };

        var id = await home.StartAsync();

        home.Lines.ShouldBe(["a", "b"]);
        var instance = (await home.Engine.ListAsync(new(), Cancellation)).ShouldHaveSingleItem();
        (instance.Id, instance.SubStatus).ShouldBe((id, WorkflowSubStatus.Finished));
    }

    [Fact]
    public async Task An_instance_that_cannot_be_read_keeps_the_others_from_nothing()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Write("w", "done"));
        var broken = (await home.Engine.DispatchAsync("test", new(), Cancellation))!;
        await home.Engine.DispatchAsync("test", new(), Cancellation);
        await ExecuteAsync(home, "UPDATE \"_workflow_instance\" SET \"state\" = '{' WHERE \"id\" = $1", Param.Text(broken));
        await home.RestartAsync();
        var failures = 0;
        home.Engine.Options.Failed = (_, _) => Interlocked.Increment(ref failures);

        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.ShouldBe(["done"]);
        failures.ShouldBeGreaterThan(0);
        (await home.Engine.SweepAsync(Cancellation)).ShouldBe(0, "it does not come again at once");
    }

    [Fact]
    public async Task The_end_of_a_workflow_reaches_its_parent_once_that_goes_on_after_a_failure()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Write("c", "child"), id: "child");
        await home.PublishAsync(Flow(
            [
                """{"type": "Elsa.Start", "id": "s"}""", """{"type": "Elsa.DispatchWorkflow", "id": "d", "workflowDefinitionId": "child", "waitForCompletion": true}""", """{"type": "Elsa.Fault", "id": "f", "message": "broken"}""",
                Write("w", "end"),
            ],
            "s->d", "s->f", "d->w"));
        var id = await home.StartAsync();
        await home.Engine.RunDueAsync(Cancellation);
        home.Lines.ShouldBe(["child"]);
        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Faulted);
        (await CountAsync(home, "_workflow_signal")).ShouldBe(1, "an end is told once");

        var failed = (await home.Engine.InspectAsync(id, Cancellation))!.Incidents.ShouldHaveSingleItem();
        await home.Engine.SkipAsync(id, failed.ActivityInstanceId, cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.ShouldBe(["child", "end"]);
        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
        (await CountAsync(home, "_workflow_signal")).ShouldBe(0);
    }

    [Fact]
    public async Task The_end_of_a_workflow_is_not_kept_for_a_parent_that_is_over()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(WaitForGo, id: "child");
        await home.PublishAsync("""{"type": "Elsa.DispatchWorkflow", "id": "d", "workflowDefinitionId": "child", "waitForCompletion": true}""");
        var id = await home.StartAsync();
        await home.Engine.RunDueAsync(Cancellation);

        await home.Engine.CancelAsync(id, Cancellation);
        await home.Engine.RunDueAsync(Cancellation);

        (await home.Engine.ListAsync(new(), Cancellation)).ShouldAllBe(i => i.SubStatus == WorkflowSubStatus.Cancelled);
        (await CountAsync(home, "_workflow_signal")).ShouldBe(0);
    }

    [Fact]
    public async Task A_task_done_while_its_workflow_stands_is_done_and_says_who_decided()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow(
            [
                """{"type": "Elsa.Start", "id": "s"}""", """{"type": "Elsa.RunTask", "id": "t", "name": "Ask", "taskName": "ask"}""", """{"type": "Elsa.Fault", "id": "f", "message": "broken"}""",
                WriteJs("w", "getResultFromAsk().outcome"),
            ],
            "s->t", "s->f", "t->w"));
        var id = await home.StartAsync();
        var (task, _) = (await home.Engine.TasksAsync(id, Cancellation)).ShouldHaveSingleItem();

        var done = await home.Engine.CompleteTaskAsync(task, Actor.Platform, "approved", "fine", new Dictionary<string, object?>(), Cancellation);
        (done.CompletedAt is null, done.Outcome, done.Comment).ShouldBe((false, "approved", "fine"));
        (await Should.ThrowAsync<ProblemException>(() => home.Engine.CompleteTaskAsync(task, Actor.Platform, "rejected", null, new Dictionary<string, object?>(), Cancellation))).Problems[0].Code.ShouldBe("workflow.task.done");
        (await home.Engine.CompleteTaskAsync(task, cancellationToken: Cancellation)).ShouldBeFalse();

        home.Clock.Advance(TimeSpan.FromHours(1));
        var failed = (await home.Engine.InspectAsync(id, Cancellation))!.Incidents.ShouldHaveSingleItem();
        await home.Engine.SkipAsync(id, failed.ActivityInstanceId, cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.ShouldBe(["approved"]);
        var after = (await home.Engine.FindTaskAsync(task, Actor.Platform, Cancellation))!;
        (after.CompletedAt, after.Outcome).ShouldBe((done.CompletedAt, "approved"));
    }

    [Fact]
    public async Task A_schedule_that_fails_here_and_fires_elsewhere_fires_once()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow([$$"""{"type": "Elsa.Timer", "id": "t", "interval": "01:00:00", {{Starts}} }""", Write("x", "fired")], "t->x"));
        var other = home.Engine;
        await home.RestartAsync();
        var payload = await TextAsync(home, "SELECT \"payload\" FROM \"_workflow_trigger\"");
        await ExecuteAsync(home, "UPDATE \"_workflow_trigger\" SET \"payload\" = '[]'");
        home.Engine.Options.Failed = (_, _) =>
        {
            Wait(ExecuteAsync(home, "UPDATE \"_workflow_trigger\" SET \"payload\" = $1", Param.Text(payload)));
            Wait(other.RunDueAsync(Cancellation));
        };

        await home.PassAsync(TimeSpan.FromHours(1));
        home.Lines.ShouldBe(["fired"]);
        await home.PassAsync(TimeSpan.FromMinutes(15));

        home.Lines.ShouldBe(["fired"]);
    }

    [Fact]
    public async Task An_instance_that_fails_here_and_goes_on_elsewhere_stays_as_it_is_there()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(WaitForGo);
        var other = home.Engine;
        var id = (await other.DispatchAsync("test", new(), Cancellation))!;
        await home.RestartAsync();
        var state = await TextAsync(home, "SELECT \"state\" FROM \"_workflow_instance\"");
        await ExecuteAsync(home, "UPDATE \"_workflow_instance\" SET \"state\" = '{'");
        home.Engine.Options.Failed = (_, _) =>
        {
            Wait(ExecuteAsync(home, "UPDATE \"_workflow_instance\" SET \"state\" = $1", Param.Text(state)));
            Wait(other.RunDueAsync(Cancellation));
        };

        await home.Engine.RunDueAsync(Cancellation);
        await home.PassAsync(TimeSpan.FromMinutes(1));

        var instance = await home.FindAsync(id);
        (instance.SubStatus, instance.Incidents).ShouldBe((WorkflowSubStatus.Suspended, 0));
    }

    [Fact]
    public async Task What_an_event_brings_may_be_nested_as_deeply_as_a_request_may()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow([$$"""{"type": "Elsa.Event", "id": "e", "eventName": "deep", {{Starts}} }""", Write("w", "came")], "e->w"));
        object? payload = 1;
        for (var depth = 0; depth < 150; depth++)
        {
            payload = new List<object?> { payload };
        }

        await home.Engine.PublishAsync("deep", payload, cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.ShouldBe(["came"]);
    }

    [Fact]
    public async Task A_signal_that_cannot_be_delivered_is_tried_ever_more_seldom_and_then_given_up()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.Engine.PublishAsync("broken", cancellationToken: Cancellation);
        await ExecuteAsync(home, "UPDATE \"_workflow_signal\" SET \"input\" = '[]'");
        await home.RestartAsync();
        var said = new List<string>();
        home.Engine.Options.Failed = (what, _) => said.Add(what);

        await home.Engine.RunDueAsync(Cancellation);
        await home.PassAsync(TimeSpan.FromSeconds(2));
        said.Count.ShouldBe(2);
        await home.PassAsync(TimeSpan.FromSeconds(2));
        said.Count.ShouldBe(2, "the second pause is longer");
        for (var hour = 0; hour < 20; hour++)
        {
            await home.PassAsync(TimeSpan.FromHours(1));
        }

        said.Count.ShouldBe(13, "twelve attempts, and the end of them");
        said[^1].ShouldContain("given up");
        (await CountAsync(home, "_workflow_signal")).ShouldBe(1, "it stays to be looked at");
    }

    [Fact]
    public async Task A_correlation_that_comes_later_reaches_what_waits_already()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow(
            ["""{"type": "Elsa.Start", "id": "s"}""", WaitForGo, """{"type": "Elsa.Delay", "id": "d", "timeSpan": "00:01:00"}""", """{"type": "Elsa.Correlate", "id": "c", "correlationId": "x"}""", Write("w", "came")],
            "s->wait", "s->d", "d->c", "wait->w"));
        await home.StartAsync();
        await home.PassAsync(TimeSpan.FromMinutes(2));

        await home.Engine.PublishAsync("go", correlationId: "y", cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);
        home.Lines.ShouldBeEmpty();
        await home.Engine.PublishAsync("go", correlationId: "x", cancellationToken: Cancellation);
        await home.Engine.RunDueAsync(Cancellation);

        home.Lines.ShouldBe(["came"]);
    }

    [Theory]
    [InlineData("""{"type": "Elsa.Event", "id": "wait", "eventName": "go"}""", "String", "text", "Int32", "0", "Workflow1")]
    [InlineData("""{"type": "Elsa.Delay", "id": "wait", "timeSpan": "01:00:00"}""", "String", "text", "String", "text", "wait")]
    public async Task A_version_that_cannot_take_over_what_an_instance_holds_is_refused_and_spoils_no_preview(string later, string type, string value, string laterType, string laterValue, string lost)
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Sequenced(WaitForGo), $"\"variables\": [{Variable("abc", type, value)}],");
        var id = await home.StartAsync();
        var version = await home.PublishAsync(Sequenced(later), $"\"variables\": [{Variable("abc", laterType, laterValue)}],");

        (await home.Engine.PreviewMigrationAsync("test", version, Cancellation)).ShouldHaveSingleItem().Lost.ShouldContain(l => l.EndsWith(lost, StringComparison.Ordinal));
        (await Should.ThrowAsync<ProblemException>(() => home.Engine.MigrateAsync(id, version, Cancellation))).Problems[0].Code.ShouldBe("workflow.migrate.lost");
        (await home.FindAsync(id)).Version.ShouldBe(1);

        static string Sequenced(string activity) => $$"""{"type": "Elsa.Sequence", "id": "root", "activities": [{{activity}}]}""";
    }

    [Fact]
    public async Task An_instance_that_failed_can_be_ended()
    {
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Flow(["""{"type": "Elsa.Start", "id": "s"}""", """{"type": "Elsa.RunTask", "id": "t", "taskName": "ask"}""", """{"type": "Elsa.Fault", "id": "f", "message": "broken"}"""], "s->t", "s->f"));
        var id = await home.StartAsync();

        await home.Engine.CancelAsync(id, Cancellation);

        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Cancelled);
        (await home.Engine.TasksAsync(id, Cancellation)).ShouldBeEmpty();
        (await Should.ThrowAsync<ProblemException>(() => home.Engine.CancelAsync(id, Cancellation))).Problems[0].Code.ShouldBe("workflow.instance.state");
    }

    private static Task<int> ExecuteAsync(WorkflowHome home, string sql, params SqlParameter[] parameters) => home.Store.Database.WriteAsync(async session => await session.ExecuteAsync(sql, parameters, Cancellation), Cancellation);

    private static async Task<string> TextAsync(WorkflowHome home, string sql)
    {
        await using var session = await home.Store.Database.ReadAsync(Cancellation);
        return (await session.FirstAsync(sql, [], row => row.Text(0), Cancellation))!;
    }

    private static async Task<long> CountAsync(WorkflowHome home, string table)
    {
        await using var session = await home.Store.Database.ReadAsync(Cancellation);
        return await session.FirstAsync($"SELECT count(*) FROM \"{table}\"", [], row => row.Integer(0)!.Value, Cancellation);
    }

    /// <summary>For what the engine calls and does not wait for.</summary>
    private static void Wait(Task work) => work.GetAwaiter().GetResult();
}
