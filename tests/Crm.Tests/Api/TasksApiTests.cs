using Crm.Tests.Workflow;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>Tasks that workflows give to people, over the API.</summary>
public sealed class TasksApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_task_is_seen_by_whom_it_is_for_done_once_and_the_workflow_goes_on_with_what_was_said()
    {
        var instance = await StartAsync("ask", $$"""({assignee: '{{server.PersonId:D}}', title: 'Approve it', kind: 'approval', due: '2030-01-01T00:00:00Z'})""");
        var task = (await server.Person.ReadAsync("/api/tasks?kind=approval")).Json.GetProperty("items").EnumerateArray().Single(t => t.GetProperty("instance").GetString() == instance);
        var id = task.GetProperty("id").GetString();
        (task.GetProperty("title").GetString(), task.GetProperty("state").GetString(), task.GetProperty("dueAt").GetString()).ShouldBe(("Approve it", "open", "2030-01-01T00:00:00Z"));
        var other = await OtherAsync("other1@example.com");
        (await other.ReadAsync($"/api/tasks/{id}")).Status.ShouldBe(404);

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => server.Person.PostAsync($"/api/tasks/{id}/complete", """{"outcome": "approved", "comment": "fine", "values": {"n": 3}}""")));

        answers.Count(a => a.Status == 200).ShouldBe(1);
        answers.Where(a => a.Status != 200).ShouldAllBe(a => a.Status == 409 && a.Code == "workflow.task.done");
        var state = (await server.Admin.ReadAsync($"/elsa/api/workflow-instances/{instance}")).Json;
        state.GetProperty("subStatus").GetString().ShouldBe("Finished", state.GetRawText());
        state.GetProperty("workflowState").GetProperty("output").GetProperty("Said").GetString().ShouldBe("approved 3");
        (await server.Person.ReadAsync($"/api/tasks/{id}")).Json.GetProperty("outcome").GetString().ShouldBe("approved");
    }

    [Fact]
    public async Task A_task_is_passed_on_and_whoever_has_it_does_it()
    {
        var instance = await StartAsync("pass", $$"""({assignee: '{{server.PersonId:D}}'})""");
        var id = (await server.Admin.ReadAsync("/api/tasks?limit=200")).Json.GetProperty("items").EnumerateArray().Single(t => t.GetProperty("instance").GetString() == instance).GetProperty("id").GetString();
        var other = await OtherAsync("other2@example.com");
        var otherId = (await server.Admin.ReadAsync("/api/records/user?filter=" + Uri.EscapeDataString("""{"field": "email", "op": "eq", "value": "other2@example.com"}"""))).Json.GetProperty("items")[0].GetProperty("id").GetString();

        (await server.Person.PostAsync($"/api/tasks/{id}/delegate", $$"""{"to": "{{otherId}}"}""")).Status.ShouldBe(200);
        (await server.Person.PostAsync($"/api/tasks/{id}/complete", "{}")).Status.ShouldBe(404);
        (await other.PostAsync($"/api/tasks/{id}/reassign", """{"to": "nobody"}""")).Problems.ShouldBe("to: workflow.task.to");
        (await other.PostAsync($"/api/tasks/{id}/complete", """{"outcome": "ok", "values": {"n": 1}}""")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Others_are_added_before_and_after_and_the_last_one_ends_the_task()
    {
        var instance = await StartAsync("signers", $$"""({assignee: '{{server.PersonId:D}}'})""");
        var id = await TaskOfAsync(instance);
        var (first, firstId) = await OtherWithIdAsync("signer1@example.com");
        var (last, lastId) = await OtherWithIdAsync("signer2@example.com");

        (await server.Person.PostAsync($"/api/tasks/{id}/addSigner", $$"""{"to": "{{lastId}}", "position": "after"}""")).Status.ShouldBe(200);
        (await server.Person.PostAsync($"/api/tasks/{id}/addSigner", $$"""{"to": "{{lastId}}", "position": "before"}""")).Problems.ShouldBe("to: workflow.task.signer");
        (await server.Person.PostAsync($"/api/tasks/{id}/addSigner", $$"""{"to": "{{firstId}}", "position": "beside"}""")).Problems.ShouldBe("position: parameter.choice");
        var waiting = (await server.Person.PostAsync($"/api/tasks/{id}/addSigner", $$"""{"to": "{{firstId}}"}""")).Json;
        waiting.GetProperty("assignee").GetString().ShouldBe(firstId);
        waiting.GetProperty("next").EnumerateArray().Select(n => n.GetString()).ShouldBe([server.PersonId.ToString("D"), lastId]);

        (await server.Person.PostAsync($"/api/tasks/{id}/complete", "{}")).Status.ShouldBe(404, "it is the other's turn");
        (await first.PostAsync($"/api/tasks/{id}/complete", """{"outcome": "checked", "comment": "looks right"}""")).Json.GetProperty("state").GetString().ShouldBe("open");
        (await server.Person.PostAsync($"/api/tasks/{id}/complete", """{"outcome": "approved"}""")).Json.GetProperty("state").GetString().ShouldBe("open");
        var done = (await last.PostAsync($"/api/tasks/{id}/complete", """{"outcome": "released", "values": {"n": 5}}""")).Json;

        done.GetProperty("state").GetString().ShouldBe("done");
        done.GetProperty("signatures").EnumerateArray().Select(s => s.GetProperty("outcome").GetString()).ShouldBe(["checked", "approved"]);
        (await OutputAsync(instance)).ShouldBe("released 5");
    }

    [Fact]
    public async Task A_task_goes_back_to_whom_it_came_from()
    {
        var instance = await StartAsync("back", $$"""({assignee: '{{server.PersonId:D}}'})""");
        var id = await TaskOfAsync(instance);
        var (other, otherId) = await OtherWithIdAsync("back1@example.com");
        (await server.Person.PostAsync($"/api/tasks/{id}/return", "{}")).Code.ShouldBe("workflow.task.noReturn");

        (await server.Person.PostAsync($"/api/tasks/{id}/delegate", $$"""{"to": "{{otherId}}"}""")).Status.ShouldBe(200);
        var back = await other.PostAsync($"/api/tasks/{id}/return", """{"comment": "not mine"}""");

        back.Json.GetProperty("assignee").GetString().ShouldBe(server.PersonId.ToString("D"));
        back.Json.GetProperty("signatures")[0].GetProperty("comment").GetString().ShouldBe("not mine");
        (await other.PostAsync($"/api/tasks/{id}/complete", "{}")).Status.ShouldBe(404);
        (await server.Person.PostAsync($"/api/tasks/{id}/complete", """{"outcome": "ok", "values": {"n": 1}}""")).Status.ShouldBe(200);
        (await OutputAsync(instance)).ShouldBe("ok 1");
    }

    [Theory]
    [InlineData("Sequence")]
    [InlineData("Flowchart")]
    public async Task An_earlier_task_is_done_again_by_who_did_it(string container)
    {
        var (other, otherId) = await OtherWithIdAsync($"again{container}@example.com");
        string[] activities =
        [
            $$"""{"type": "Elsa.RunTask", "id": "a", "name": "First", "taskName": "first", "payload": {{Bench.Js("ObjectDictionary", $"({{assignee: '{server.PersonId:D}'}})")}} }""",
            $$"""{"type": "Elsa.RunTask", "id": "b", "name": "Second", "taskName": "second", "payload": {{Bench.Js("ObjectDictionary", $"({{assignee: '{otherId}'}})")}} }""",
            $$"""{"type": "Elsa.SetOutput", "id": "o", "outputName": {"typeName": "String", "expression": {"type": "Literal", "value": "Said"} }, "outputValue": {{Bench.Js("Object", "getResultFromFirst().outcome + ' ' + getResultFromSecond().outcome")}} }""",
        ];
        var instance = await RunAsync("again" + container, container == "Sequence" ? Bench.Sequence(activities) : Bench.Flow(activities, "a->b", "b->o"));
        var first = await TaskOfAsync(instance);
        (await server.Person.PostAsync($"/api/tasks/{first}/complete", """{"outcome": "careless"}""")).Status.ShouldBe(200);
        var second = await TaskOfAsync(instance);
        (await other.PostAsync($"/api/tasks/{second}/return", $$"""{"task": "{{second}}"}""")).Problems.ShouldBe("task: workflow.task.earlier");

        var returned = await other.PostAsync($"/api/tasks/{second}/return", $$"""{"task": "{{first}}", "comment": "look again"}""");

        returned.Status.ShouldBe(200, returned.Text);
        (returned.Json.GetProperty("state").GetString(), returned.Json.GetProperty("outcome").GetString()).ShouldBe(("done", "returned"));
        (await server.Person.PostAsync($"/api/tasks/{await TaskOfAsync(instance)}/complete", """{"outcome": "careful"}""")).Status.ShouldBe(200);
        (await other.PostAsync($"/api/tasks/{await TaskOfAsync(instance)}/complete", """{"outcome": "fine"}""")).Status.ShouldBe(200);
        (await OutputAsync(instance)).ShouldBe("careful fine");
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_is_no_open_task()
    {
        var instance = await StartAsync("gone", $$"""({assignee: '{{server.PersonId:D}}'})""");
        var id = await TaskOfAsync(instance);

        (await server.Admin.PostAsync($"/elsa/api/cancel/workflow-instances/{instance}", "{}")).Status.ShouldBe(200);

        var task = (await server.Person.ReadAsync($"/api/tasks/{id}")).Json;
        (task.GetProperty("state").GetString(), task.GetProperty("outcome").GetString()).ShouldBe(("done", "cancelled"));
        (await server.Person.PostAsync($"/api/tasks/{id}/complete", "{}")).Code.ShouldBe("workflow.task.done");
    }

    [Fact]
    public async Task An_event_is_raised_by_administrators_and_reaches_who_waits()
    {
        (await server.Person.PostAsync("/api/events/paid", "{}")).Status.ShouldBe(403);
        (await server.Admin.PostAsync("/api/events/paid", """{"payload": {"n": 1}, "correlationId": "c"}""")).Status.ShouldBe(202);
        (await server.Admin.PostAsync("/api/events/paid", """{"surprise": 1}""")).Code.ShouldBe("parameter.unknown");
    }

    private async Task<HttpClient> OtherAsync(string email)
    {
        await server.CreatePersonAsync(email, email);
        return await server.SignInAsync(email, ApiServer.Password);
    }

    private async Task<(HttpClient Client, string Id)> OtherWithIdAsync(string email)
    {
        var client = await OtherAsync(email);
        var found = await server.Admin.ReadAsync("/api/records/user?filter=" + Uri.EscapeDataString($$"""{"field": "email", "op": "eq", "value": "{{email}}"}"""));
        return (client, found.Json.GetProperty("items")[0].GetProperty("id").GetString()!);
    }

    private async Task<string> TaskOfAsync(string instance) =>
        (await server.Admin.ReadAsync("/api/tasks?limit=200")).Json.GetProperty("items").EnumerateArray().Single(t => t.GetProperty("instance").GetString() == instance).GetProperty("id").GetString()!;

    private async Task<string?> OutputAsync(string instance) =>
        (await server.Admin.ReadAsync($"/elsa/api/workflow-instances/{instance}")).Json.GetProperty("workflowState").GetProperty("output").GetProperty("Said").GetString();

    private Task<string> StartAsync(string id, string payload) => RunAsync(id, Bench.Sequence(
        $$"""{"type": "Elsa.RunTask", "id": "t", "name": "Ask", "taskName": "ask", "payload": {{Bench.Js("ObjectDictionary", payload)}} }""",
        $$"""{"type": "Elsa.SetOutput", "id": "o", "outputName": {"typeName": "String", "expression": {"type": "Literal", "value": "Said"} }, "outputValue": {{Bench.Js("Object", "getResultFromAsk().outcome + ' ' + getResultFromAsk().values.n")}} }"""));

    private async Task<string> RunAsync(string id, string root)
    {
        var saved = await server.Admin.PostAsync("/elsa/api/workflow-definitions", $$"""{"publish": true, "model": {"definitionId": "{{id}}", "name": "{{id}}", "root": {{root}} } }""");
        saved.Status.ShouldBe(200, saved.Text);
        return (await server.Admin.PostAsync($"/elsa/api/workflow-definitions/{id}/execute", "{}")).Headers.GetValues("x-elsa-workflow-instance-id").Single();
    }
}
