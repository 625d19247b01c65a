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

    private async Task<string> StartAsync(string id, string payload)
    {
        var root = Bench.Sequence(
            $$"""{"type": "Elsa.RunTask", "id": "t", "name": "Ask", "taskName": "ask", "payload": {{Bench.Js("ObjectDictionary", payload)}} }""",
            $$"""{"type": "Elsa.SetOutput", "id": "o", "outputName": {"typeName": "String", "expression": {"type": "Literal", "value": "Said"} }, "outputValue": {{Bench.Js("Object", "getResultFromAsk().outcome + ' ' + getResultFromAsk().values.n")}} }""");
        var saved = await server.Admin.PostAsync("/elsa/api/workflow-definitions", $$"""{"publish": true, "model": {"definitionId": "{{id}}", "name": "{{id}}", "root": {{root}} } }""");
        saved.Status.ShouldBe(200, saved.Text);
        return (await server.Admin.PostAsync($"/elsa/api/workflow-definitions/{id}/execute", "{}")).Headers.GetValues("x-elsa-workflow-instance-id").Single();
    }
}
