using System.Text;
using System.Text.Json;
using Crm.Tests.Workflow;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>Requests that workflows begin with or wait for, over real HTTP.</summary>
public sealed class HttpWorkflowsTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_request_starts_a_workflow_and_is_answered_by_it()
    {
        await PublishAsync("orders", "orders/{customer}/items/{number:int}", "POST", Respond("({who: getRouteDataFromHook().customer, number: getRouteDataFromHook().number, q: getQueryStringDataFromHook().q, h: getHeadersFromHook()['X-One'], body: getParsedContentFromHook().n})", 201, """ "responseHeaders": {"typeName": "ObjectDictionary", "expression": {"type": "Object", "value": "{\"X-Two\": \"2\"}"} },"""));

        var answer = await server.Anonymous.SendAsync("POST", "/workflows/orders/Acme%20Ltd/items/7?q=x", """{"n": [1]}""", "X-One: 1");

        answer.Status.ShouldBe(201, answer.Text);
        answer.Text.ShouldBe("""{"who":"Acme Ltd","number":"7","q":"x","h":"1","body":[1]}""");
        answer.Headers.GetValues("X-Two").ShouldBe(["2"]);
        (await server.Anonymous.PostAsync("/workflows/orders/acme/items/seven", "{}")).Status.ShouldBe(404, "the path wants a number");
        var other = await server.Anonymous.ReadAsync("/workflows/orders/acme/items/7");
        (other.Status, other.IsProblem, other.Code).ShouldBe((405, true, "method"));
        (await server.Anonymous.ReadAsync("/workflows/nowhere")).Code.ShouldBe("address.unknown");
        (await server.Anonymous.PostAsync("/workflows/orders/acme/items/7", "{broken")).Code.ShouldBe("json");
    }

    [Fact]
    public async Task The_nearest_path_answers_and_two_that_are_as_near_do_not()
    {
        await PublishAsync("near1", "near/{any}", "GET", Respond("'any'"));
        await PublishAsync("near2", "near/fixed", "GET", Respond("'fixed'"));
        await PublishAsync("near3", "near/{*rest}", "GET", Respond("'rest ' + getRouteDataFromHook().rest"));
        (await server.Anonymous.ReadAsync("/workflows/near/fixed")).Text.ShouldBe("fixed");
        (await server.Anonymous.ReadAsync("/workflows/near/other")).Text.ShouldBe("any");
        (await server.Anonymous.ReadAsync("/workflows/near/a/b/c")).Text.ShouldBe("rest a/b/c");
        await PublishAsync("near4", "near/fixed", "GET", Respond("'again'"));

        (await server.Anonymous.ReadAsync("/workflows/near/fixed")).Code.ShouldBe("workflow.http.ambiguous");
    }

    [Fact]
    public async Task An_instance_that_waits_for_a_request_goes_on_with_it_once()
    {
        await PublishAsync("confirm", "confirm", "POST", "", [$$"""{"type": "Elsa.HttpEndpoint", "id": "second", "name": "Second", "path": {{Bench.Js("String", "'confirm/' + getWorkflowInstanceId()")}}, "supportedMethods": {{Methods("GET")}} }""", Respond("'thanks'").Replace("\"r\"", "\"r2\"", StringComparison.Ordinal)]);
        var started = await server.Anonymous.PostAsync("/workflows/confirm?correlationId=c-1", "{}");
        started.Status.ShouldBe(200, started.Text);
        var instance = started.Headers.GetValues("x-elsa-workflow-instance-id").Single();

        (await server.Anonymous.ReadAsync("/workflows/confirm/" + instance)).Text.ShouldBe("thanks");
        (await server.Anonymous.ReadAsync("/workflows/confirm/" + instance)).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Who_may_not_is_not_let_in_and_what_is_too_much_is_not_taken()
    {
        await PublishAsync("inner", "inner", "POST", Respond("'user ' + (getResultFromHook().user ? 1 : 0) + (getHeadersFromHook().Authorization || '')"), more: """ "authorize": true,""");
        await PublishAsync("role", "role", "POST", Respond("'in'"), more: """ "authorize": true, "policy": "administrator",""");
        await PublishAsync("small", "small", "POST", Respond("'in'"), more: """ "requestSizeLimit": 10,""");
        await PublishAsync("told", "told", "POST", Respond("'never'"), more: """ "requestSizeLimit": 10, "exposeRequestTooLargeOutcome": true,""");

        (await server.Anonymous.PostAsync("/workflows/inner", "{}")).Status.ShouldBe(401);
        (await server.Person.PostAsync("/workflows/inner", "{}")).Text.ShouldBe("user 1", "what a person signs in with is nobody else's business");
        (await server.Person.PostAsync("/workflows/role", "{}")).Status.ShouldBe(403);
        (await server.Admin.PostAsync("/workflows/role", "{}")).Status.ShouldBe(200);
        (await server.Anonymous.PostAsync("/workflows/small", """{"n": "too long"}""")).Status.ShouldBe(413);
        var told = await server.Anonymous.PostAsync("/workflows/told", """{"n": "too long"}""");
        (told.Status, told.Text).ShouldBe((200, ""), "the workflow itself was told, and its connection from Done was not followed");
    }

    [Fact]
    public async Task An_endpoint_may_have_more_time_than_a_timer_measures()
    {
        await PublishAsync("patient", "patient", "POST", Respond("'in'"), more: """ "requestTimeout": "60.00:00:00",""");

        var answer = await server.Anonymous.PostAsync("/workflows/patient", "{}");

        (answer.Status, answer.Text).ShouldBe((200, "in"));
    }

    [Fact]
    public async Task A_form_with_files_is_read_and_files_of_the_wrong_kind_are_refused()
    {
        await PublishAsync("upload", "upload", "POST", Respond("getParsedContentFromHook().a + ' ' + getFileFromHook().fileName + ' ' + stringFromBase64(getFileFromHook().content)"), more: """ "allowedFileExtensions": {"typeName": "List<String>", "expression": {"type": "Object", "value": "[\".txt\"]"} },""");
        using var good = new MultipartFormDataContent { { new StringContent("1"), "a" }, { new ByteArrayContent(Encoding.UTF8.GetBytes("hello")), "file", "x.txt" } };
        using var bad = new MultipartFormDataContent { { new ByteArrayContent([1]), "file", "x.exe" } };

        (await server.Anonymous.SendAsync("POST", "/workflows/upload", good)).Text.ShouldBe("1 x.txt hello");
        (await server.Anonymous.SendAsync("POST", "/workflows/upload", bad)).Status.ShouldBe(415);
    }

    [Fact]
    public async Task A_workflow_that_fails_says_so_keeps_its_instance_and_is_no_fault_of_the_server()
    {
        await PublishAsync("fails", "fails", "POST", Respond("getParsedContentFromHook().a.b.c"));

        var answer = await server.Anonymous.PostAsync("/workflows/fails", "{}");

        (answer.Status, answer.Code).ShouldBe((422, "workflow.http.failed"));
        var id = answer.Headers.GetValues("x-elsa-workflow-instance-id").Single();
        (await server.Admin.ReadAsync($"/elsa/api/workflow-instances/{id}")).Json.GetProperty("subStatus").GetString().ShouldBe("Faulted");
    }

    [Fact]
    public async Task Nothing_that_comes_in_is_a_fault_of_ours()
    {
        await PublishAsync("any", "any/{a}/{b?}", "POST", Respond("getResultFromHook()", headers: """ "responseHeaders": {"typeName": "ObjectDictionary", "expression": {"type": "JavaScript", "value": "({a: getQueryStringDataFromHook().name, 'bad name': 1})"} },"""));
        for (var seed = 70_000; seed < 70_200; seed++)
        {
            var hostile = new Hostile(seed);
            var url = $"/workflows/any/{Escape(hostile.Text())}/{Escape(hostile.Text())}?name={Escape(hostile.Text())}&correlationId={Escape(hostile.Text())}&{Escape(hostile.Word())}={Escape(hostile.Text())}";
            var content = HttpRequests.Json(hostile.Body());
            if (seed % 4 == 0)
            {
                content.Headers.Remove("Content-Type");
                content.Headers.TryAddWithoutValidation("Content-Type", seed % 8 == 0 ? "multipart/form-data; boundary=" : "application/x-www-form-urlencoded");
            }

            var answer = await server.Anonymous.SendAsync("POST", url, content);

            answer.Status.ShouldBeLessThan(500, $"seed {seed}: {url}\n{answer.Text}");
        }

        static string Escape(string text) => text is "" or "." or ".." or "\0" ? "x" : Uri.EscapeDataString(text.Length > 200 ? text[..200] : text);
    }

    private static string Methods(string methods) => $$"""{"typeName": "List<String>", "expression": {"type": "Object", "value": {{JsonSerializer.Serialize(JsonSerializer.Serialize(methods.Split(',')))}} } }""";

    private static string Respond(string script, int status = 200, string headers = "") => $$"""{"type": "Elsa.WriteHttpResponse", "id": "r", {{headers}} "statusCode": {{status}}, "content": {{Bench.Js("Object", script)}} }""";

    private Task PublishAsync(string id, string path, string method, string then, string more = "") => PublishAsync(id, path, method, more, [then]);

    private async Task PublishAsync(string id, string path, string method, string more, string[] then)
    {
        var hook = $$"""{"type": "Elsa.HttpEndpoint", "id": "hook", "name": "Hook", {{more}} "path": "{{path}}", "supportedMethods": {{Methods(method)}}, "customProperties": {"canStartWorkflow": true} }""";
        var ids = then.Select(t => JsonDocument.Parse(t).RootElement.GetProperty("id").GetString()!).Prepend("hook").ToList();
        var flow = Bench.Flow([hook, .. then], [.. ids.Zip(ids.Skip(1)).Select(p => $"{p.First}->{p.Second}")]);
        var answer = await server.Admin.PostAsync("/elsa/api/workflow-definitions", $$"""{"publish": true, "model": {"definitionId": "{{id}}", "name": "{{id}}", "root": {{flow}} } }""");
        answer.Status.ShouldBe(200, answer.Text);
    }
}
