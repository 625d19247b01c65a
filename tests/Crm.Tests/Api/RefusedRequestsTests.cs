using System.Net.Http.Headers;
using System.Text;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>Requests that are refused: each with its status and a problem that names the field, and nothing written.</summary>
public sealed class RefusedRequestsTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Nobody = "0190aaaa-bbbb-7ccc-8ddd-000000000001";

    [Theory]
    [InlineData("POST", "/api/records/customer", "{}", 422, "name: required")]
    [InlineData("POST", "/api/records/customer", """{"name": 5}""", 400, "name: value.text")]
    [InlineData("POST", "/api/records/customer", """{"name": "a", "nothing": 1, "id": "x", "version": 3, "code": "CUS-1", "employees": "many"}""", 400, "nothing: field.unknown; id: field.readOnly; version: field.readOnly; code: field.readOnly; employees: value.integer")]
    [InlineData("POST", "/api/records/customer", """{"name": "a", "status": "vip"}""", 400, "status: value.choice")]
    [InlineData("POST", "/api/records/customer", """{"name": "a", "parent": "0190aaaa-bbbb-7ccc-8ddd-000000000001"}""", 400, "parent: lookup.missing")]
    [InlineData("POST", "/api/records/customer", """{"name": "a", "website": "javascript:alert(1)"}""", 400, "website: value.url")]
    [InlineData("POST", "/api/records/customer", """{"name": "a", "name": "b"}""", 400, "name: json.twice")]
    [InlineData("POST", "/api/records/customer", """{"": [{"": 1, "": 2}]}""", 400, "[0].: json.twice")]
    [InlineData("POST", "/api/records/customer/batch", """{"create": [{"name": "a"}, {"name": "b", "name": "c"}]}""", 400, "create[1].name: json.twice")]
    [InlineData("POST", "/api/records/customer", """{"name": "a",}""", 400, ": json")]
    [InlineData("POST", "/api/records/customer", "[]", 400, ": json.object")]
    [InlineData("POST", "/api/records/customer", "null", 400, ": json.object")]
    [InlineData("POST", "/api/records/customer", "", 400, ": json")]
    [InlineData("POST", "/api/records/nothing", "{}", 400, "entity: entity.unknown")]
    [InlineData("GET", "/api/records/Customer", null, 400, "entity: entity.unknown")]
    [InlineData("GET", "/api/records/_audit", null, 400, "entity: entity.unknown")]
    [InlineData("GET", "/api/records/customer/" + Nobody, null, 404, ": notFound")]
    [InlineData("GET", "/api/records/customer/" + Nobody + "?fields=name", null, 404, ": notFound")]
    [InlineData("GET", "/api/records/customer/1", null, 404, ": notFound")]
    [InlineData("GET", "/api/records/customer/" + Nobody + "/history", null, 404, ": notFound")]
    [InlineData("PATCH", "/api/records/customer/" + Nobody + "?force=true", "{}", 404, ": notFound")]
    [InlineData("PATCH", "/api/records/customer/" + Nobody, "{}", 428, ": version.missing")]
    [InlineData("DELETE", "/api/records/customer/" + Nobody, null, 404, ": notFound")]
    [InlineData("POST", "/api/records/customer/" + Nobody + "/restore", null, 404, ": notFound")]
    [InlineData("GET", "/api/records/customer?nothing=1", null, 400, "nothing: parameter.unknown")]
    [InlineData("GET", "/api/records/customer?limit=1&limit=2", null, 400, "limit: parameter.twice")]
    [InlineData("GET", "/api/records/customer?limit=0", null, 400, "limit: limit")]
    [InlineData("GET", "/api/records/customer?limit=1001", null, 400, "limit: limit")]
    [InlineData("GET", "/api/records/customer?limit=x", null, 400, "limit: limit")]
    [InlineData("GET", "/api/records/customer?count=all", null, 400, "count: count")]
    [InlineData("GET", "/api/records/customer?view=nothing", null, 400, "view: view.unknown")]
    [InlineData("GET", "/api/records/customer?sort=nothing", null, 400, "sort: sort.field")]
    [InlineData("GET", "/api/records/customer?sort=name,", null, 400, "sort: sort.field")]
    [InlineData("GET", "/api/records/customer?sort=--name", null, 400, "sort: sort.field")]
    [InlineData("GET", "/api/records/customer?sort=name,name,name,name,name,name,name", null, 400, "sort: sort.field")]
    [InlineData("GET", "/api/records/customer?fields=nothing", null, 400, "fields: field.unknown")]
    [InlineData("GET", "/api/records/customer?fields=name.x", null, 400, "fields: field.unknown")]
    [InlineData("GET", "/api/records/customer?fields=id.name", null, 400, "fields: field.unknown")]
    [InlineData("GET", "/api/records/customer?after=x", null, 400, "after: cursor")]
    [InlineData("GET", "/api/records/customer?filter=x", null, 400, "filter: condition.json")]
    [InlineData("GET", "/api/records/customer?filter={\"all\":[{\"field\":\"nothing\",\"op\":\"eq\",\"value\":1}]}", null, 400, "filter.all[0].field: condition.field")]
    [InlineData("GET", "/api/records/customer?filter={\"field\":\"name\",\"op\":\"matches\",\"value\":{\"field\":\"email\"}}", null, 400, "filter.value.field: condition.field")]
    [InlineData("GET", "/api/records/customer?q=%00", null, 400, "q: value.controlCharacters")]
    [InlineData("POST", "/api/records/customer/aggregate", "[]", 400, ": json.object")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"more": 1}""", 400, "more: parameter.unknown")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"groupBy": "status"}""", 400, "groupBy: aggregate.list")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"groupBy": ["nothing"]}""", 400, "groupBy[0]: field.unknown")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"groupBy": [{"field": "status", "by": "month"}]}""", 400, "groupBy[0].by: aggregate.by")]
    [InlineData("POST", "/api/records/visit/aggregate", """{"groupBy": ["place"]}""", 400, "groupBy[0]: aggregate.groupBy")]
    [InlineData("POST", "/api/records/visit/aggregate", """{"measures": [{"fn": "countDistinct", "field": "place"}]}""", 400, "measures[0].field: aggregate.field")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"groupBy": [{"field": "created_at", "by": "decade"}]}""", 400, "groupBy[0].by: aggregate.by")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"measures": [{"fn": "variance", "field": "employees"}]}""", 400, "measures[0].fn: aggregate.function")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"measures": [{"fn": "sum,min", "field": "employees"}]}""", 400, "measures[0].fn: aggregate.function")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"measures": [{"fn": "+1"}]}""", 400, "measures[0].fn: aggregate.function")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"measures": [{"fn": "sum", "field": "name"}]}""", 400, "measures[0].field: aggregate.field")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"measures": [{"fn": "sum"}]}""", 400, "measures[0].field: aggregate.field")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"measures": [{"fn": "share"}]}""", 400, "measures[0].filter: aggregate.share")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"measures": [{"fn": "share", "filter": {"field": "nothing", "op": "isNull"}}]}""", 400, "measures[0].filter.field: condition.field")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"measures": [{"fn": "days", "from": "created_at"}]}""", 400, "measures[0].to: aggregate.days")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"measures": [{"fn": "days", "from": "name", "to": "created_at"}]}""", 400, "measures[0].from: aggregate.days")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"measures": [{"fn": "count", "from": "created_at"}]}""", 400, "measures[0].from: parameter.unknown")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"measures": [{"fn": "count", "filter": 5}]}""", 400, "measures[0].filter: condition.object")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"measures": [{"fn": "count"}, {"fn": "count"}]}""", 400, "measures: aggregate.names")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"limit": 0}""", 400, "limit: limit")]
    [InlineData("POST", "/api/records/customer/aggregate", """{"sort": "nothing"}""", 400, "sort: sort.field")]
    [InlineData("POST", "/api/records/customer/batch", """{"replace": []}""", 400, "replace: parameter.unknown")]
    [InlineData("POST", "/api/records/customer/batch", """{"create": {}}""", 400, "create: value.list")]
    [InlineData("POST", "/api/records/customer/batch", """{"upsert": {"items": []}}""", 400, "upsert.key: import.keyMissing")]
    [InlineData("POST", "/api/records/customer/batch", """{"upsert": {"key": ["nothing"], "items": []}}""", 400, "upsert.key: key.field")]
    [InlineData("GET", "/api/exports/nothing", null, 400, "entity: entity.unknown")]
    [InlineData("POST", "/api/auth/token", """{"email": "admin@example.com", "password": "correct horse", "otp": "1"}""", 400, "otp: parameter.unknown")]
    [InlineData("POST", "/api/auth/token", "[]", 400, ": json.object")]
    [InlineData("POST", "/api/users/" + Nobody + "/password", """{"password": "correct horses", "force": true}""", 400, "force: parameter.unknown")]
    [InlineData("GET", "/api/model/schemas/nothing", null, 404, ": schema.unknown")]
    [InlineData("GET", "/api/jobs/1", null, 404, ": job.unknown")]
    [InlineData("GET", "/api/jobs/" + Nobody, null, 404, ": job.unknown")]
    [InlineData("POST", "/api/jobs/" + Nobody + "/cancel", null, 404, ": job.unknown")]
    [InlineData("GET", "/api/jobs/" + Nobody + "/bad-rows", null, 404, ": job.unknown")]
    [InlineData("POST", "/api/imports", "{}", 400, "file: import.file")]
    public async Task A_request_is_refused_with_its_place(string method, string url, string? body, int status, string problems)
    {
        var before = await server.CountAsync("customer");

        var answer = await server.Admin.SendAsync(method, url, body);

        (answer.Status, answer.IsProblem).ShouldBe((status, true), answer.Text);
        answer.Problems.ShouldBe(problems);
        answer.Json.GetProperty("status").GetInt32().ShouldBe(status);
        answer.Json.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
        answer.Json.GetProperty("type").GetString().ShouldEndWith(answer.Code);
        (await server.CountAsync("customer")).ShouldBe(before);
    }

    [Theory]
    [InlineData("/api/records/customer", "{\"name\": \"\u00ff\"}")]
    [InlineData("/api/records/customer", "{\"\u00ff\": \"a\"}")]
    [InlineData("/api/records/customer", "{\"\u00ff\": 1, \"\u00ff\": 2}")]
    [InlineData("/api/records/customer/batch", "{\"create\": [{\"name\": \"\u00ff\"}]}")]
    [InlineData("/api/records/customer/aggregate", "{\"measures\": [{\"fn\": \"\u00ff\"}]}")]
    [InlineData("/api/records/customer/" + Nobody + "/merge", "{\"losers\": [\"\u00ff\"]}")]
    [InlineData("/api/auth/token", "{\"email\": \"\u00ff\", \"password\": \"x\"}")]
    [InlineData("/api/tasks/x/complete", "{\"outcome\": \"\u00ff\"}")]
    [InlineData("/elsa/api/workflow-instances", "{\"searchTerm\": \"\u00ff\"}")]
    [InlineData("/elsa/api/activity-executions/report", "{\"workflowInstanceId\": \"\u00ff\"}")]
    public async Task Bytes_that_are_no_text_are_refused_wherever_they_stand(string url, string body)
    {
        var answer = await server.Admin.SendAsync("POST", url, HttpRequests.Json(Encoding.Latin1.GetBytes(body)));

        (answer.Status, answer.IsProblem, answer.Code).ShouldBe((400, true, "value.brokenUnicode"), answer.Text);
    }

    [Theory]
    [InlineData("/api/imports", "request")]
    [InlineData("/api/files", "file.form")]
    public async Task A_form_that_breaks_off_is_refused(string url, string code)
    {
        using var form = new StringContent("--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nname\r\nAcme");
        form.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=cut");

        var answer = await server.Admin.SendAsync("POST", url, form);

        (answer.Status, answer.IsProblem, answer.Code).ShouldBe((400, true, code), answer.Text);
    }

    [Theory]
    [InlineData("GET", "/api/nothing")]
    [InlineData("GET", "/api")]
    [InlineData("GET", "/api/records")]
    [InlineData("POST", "/api/records/customer/" + Nobody + "/nothing")]
    [InlineData("PUT", "/api/records/customer/" + Nobody)]
    [InlineData("DELETE", "/api/records/customer")]
    [InlineData("GET", "/api/auth/token")]
    public async Task An_address_or_method_that_does_not_exist_is_answered_as_a_problem(string method, string url)
    {
        var answer = await server.Admin.SendAsync(method, url);

        (answer.Status is 404 or 405, answer.IsProblem, answer.Problems).ShouldBe((true, true, ""), answer.Text);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("\"x\"")]
    [InlineData("1")]
    [InlineData("\"1\", \"2\"")]
    [InlineData("\"99999999999999999999\"")]
    public async Task An_if_match_that_is_no_etag_is_refused(string header)
    {
        var answer = await server.Admin.SendAsync("PATCH", $"/api/records/customer/{Nobody}", "{}", "If-Match: " + header);

        (answer.Status, answer.Problems).ShouldBe((400, "If-Match: version.header"));
    }

    [Theory]
    [InlineData("/api/records/customer")]
    [InlineData("/api/records/customer/aggregate")]
    [InlineData("/api/records/customer/batch")]
    [InlineData("/api/auth/token")]
    public async Task A_body_over_ten_megabytes_is_refused(string url)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"name": "{{new string('x', 10 * 1024 * 1024)}}"}""");

        var answer = await server.Admin.SendAsync("POST", url, HttpRequests.Json(body), "Expect: 100-continue");

        (answer.Status, answer.Code).ShouldBe((413, "tooLarge"));
    }

    [Fact]
    public async Task Whoever_sends_too_large_a_body_without_asking_first_still_reads_the_refusal_and_goes_on()
    {
        using var client = await server.SignInAsync(ApiServer.AdminEmail, ApiServer.Password);
        var body = Encoding.UTF8.GetBytes($$"""{"name": "{{new string('x', 12 * 1024 * 1024)}}"}""");

        var answer = await client.SendAsync("POST", "/api/records/customer", HttpRequests.Json(body));

        (answer.Status, answer.Code).ShouldBe((413, "tooLarge"));
        (await client.ReadAsync("/api/records/customer?limit=1")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task The_sentence_of_a_problem_is_in_the_language_of_the_caller()
    {
        var english = await server.Admin.SendAsync("POST", "/api/records/customer", "{}", "Accept-Language: en");
        var chinese = await server.Admin.SendAsync("POST", "/api/records/customer", "{}", "Accept-Language: zh-CN");

        english.Json.GetProperty("detail").GetString().ShouldBe("Name is required.");
        chinese.Json.GetProperty("detail").GetString()!.ShouldContain("客户名称");
    }
}
