using System.Text;
using System.Text.Json;
using Crm.Data;
using Crm.Tests.Imports;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>What others build on, call by call and letter by letter: the examples of the descriptions of metadata and API.</summary>
public sealed class ContractTests(ContractServer server) : IClassFixture<ContractServer>
{
    private static readonly string[] SystemFields = ["id", "version", "owner", "unit", "created_at", "created_by", "updated_at", "updated_by"];

    private static readonly string[] ProblemMembers = ["type", "title", "status", "detail", "code", "errors"];

    [Fact]
    public async Task The_model_says_what_the_file_says()
    {
        var model = (await server.Admin.ReadAsync("/api/model")).Json;

        model.GetProperty("problems").EnumerateArray().Where(p => p.GetProperty("file").GetString()!.Contains("bargain", StringComparison.Ordinal)).ShouldBeEmpty();
        var entity = model.GetProperty("entities").EnumerateArray().Single(e => e.GetProperty("name").GetString() == "bargain");
        Raw(entity, "template").ShouldBe("\"standard\"");
        Raw(entity, "searchFields").ShouldBe("""["name","customer.name"]""");
        (Raw(entity, "unique"), Raw(entity, "indexes"), Raw(entity, "audit")).ShouldBe(("""[["code"]]""", """[["stage","owner"]]""", "true"));
        Raw(entity, "duplicates").ShouldBe("""[{"name":"same-phone","match":[{"field":"phone","how":"phone"}],"action":"warn"}]""");
        var fields = entity.GetProperty("fields").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!);
        fields.Keys.ShouldBe([.. SystemFields, "deleted_at", .. fields.Keys.Skip(9)]);
        (Raw(fields["name"], "required"), Raw(fields["name"], "maxLength"), Raw(fields["name"], "help")).ShouldBe(("true", "200", "\"What it is about.\""));
        (Raw(fields["stage"], "default"), Raw(fields["buyer"], "dependsOn"), Raw(fields["discount"], "sensitive")).ShouldBe(("\"qualify\"", "\"customer\"", "true"));
        Raw(fields["reason"], "visibleWhen").Replace(" ", "", StringComparison.Ordinal).ShouldBe("""{"field":"stage","op":"eq","value":"won"}""");
        model.GetProperty("dashboards").GetArrayLength().ShouldBeGreaterThan(0);
        model.GetProperty("imports").GetArrayLength().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_record_is_what_its_fields_say()
    {
        var customer = await IdAsync("customer", """{"name": "Acme"}""");
        var ada = await IdAsync("contact", $$"""{"name": "Ada", "customer": "{{customer}}"}""");
        var made = await server.Admin.PostAsync("/api/records/bargain", $$"""
            {"name": "First", "amount": {"amount": "12.50", "currency": "USD"}, "customer": "{{customer}}", "buyer": "{{ada}}", "regarding": {"entity": "customer", "id": "{{customer}}"},
             "contacts": [{"id": "{{ada}}", "role": "decider", "attitude": "for"}], "lines": [{"quantity": 3}], "margin": 0.123456789, "close_date": "2026-01-31",
             "emails": [{"value": "a@b.co", "kind": "work", "primary": true, "optedOut": true, "invalid": false}]}
            """);
        made.Status.ShouldBe(201, made.Text);
        var id = made.Json.GetProperty("id").GetString()!;
        (made.ETag, made.Headers.Location!.ToString()).ShouldBe(("\"1\"", "/api/records/bargain/" + id));
        SystemFields.Except(Members(made)).ShouldBeEmpty();
        id[14].ShouldBe('7', "ids are ordered by time");
        Raw(made.Json, "amount").ShouldBe("""{"amount":"12.50","currency":"USD"}""");
        (Raw(made.Json, "margin"), Raw(made.Json, "close_date"), Raw(made.Json, "stage")).ShouldBe(("0.123456789", "\"2026-01-31\"", "\"qualify\""));
        made.Json.GetProperty("code").GetString()!.ShouldMatch("^OPP-[0-9]{4}-[0-9]{4}$");
        made.Json.GetProperty("contacts")[0].GetProperty("attitude").GetString().ShouldBe("for");
        made.Json.GetProperty("emails")[0].GetProperty("optedOut").GetBoolean().ShouldBeTrue();
        (await server.Admin.ReadAsync($"/api/records/bargain/{id}?fields=customer.name")).Text.ShouldBe($$$"""{"id":"{{{id}}}","customer":{"id":"{{{customer}}}","name":"Acme"}}""");

        await IdAsync("cost_line", $$"""{"bargain": "{{id}}", "amount": "3.10", "billable": true}""");
        await IdAsync("cost_line", $$"""{"bargain": "{{id}}", "amount": "9", "billable": false}""");
        (await server.Admin.ReadAsync($"/api/records/bargain/{id}")).Json.GetProperty("cost").GetProperty("amount").GetString().ShouldBe("3.10");
        (await server.Admin.SendAsync("DELETE", $"/api/records/customer/{customer}")).Status.ShouldBe(422, "the bargain says restrict");
    }

    [Fact]
    public async Task A_record_belongs_to_a_user_or_a_team()
    {
        var (team, bargain) = (await IdAsync("team", """{"name": "Key accounts"}"""), await IdAsync("bargain", """{"name": "Ours"}"""));
        var me = (await server.Admin.ReadAsync($"/api/records/bargain/{bargain}")).Json.GetProperty("owner").GetString()!;
        await server.Admin.SendAsync("PATCH", $"/api/records/team/{team}?force=true", $$"""{"members": [{"id": "{{me}}"}]}""");

        var passed = await server.Admin.SendAsync("PATCH", $"/api/records/bargain/{bargain}?force=true", $$"""{"owner": "{{team}}"}""");

        passed.Status.ShouldBe(200, passed.Text);
        passed.Json.GetProperty("owner").GetString().ShouldBe(team);
        (await server.Admin.ReadAsync($"/api/records/bargain/{bargain}?fields=owner.name")).Text.ShouldBe($$$"""{"id":"{{{bargain}}}","owner":{"id":"{{{team}}}","name":"Key accounts"}}""");
        var mine = Uri.EscapeDataString("""{"field": "owner", "op": "in", "value": {"var": "myTeams"}}""");
        (await server.Admin.ReadAsync($"/api/records/bargain?filter={mine}")).Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()).ShouldContain(bargain);
        var nobody = await server.Admin.PostAsync("/api/records/bargain", $$"""{"name": "Whose", "owner": "{{bargain}}"}""");
        (nobody.Status, nobody.Json.GetProperty("errors")[0].GetProperty("message").GetString()).ShouldBe((400, $"There is neither a User nor a Team with id {bargain}."));
    }

    [Theory]
    [InlineData("""{}""", 422, "name: required")]
    [InlineData("""{"name": "a", "amount": -1}""", 400, "amount: value.tooSmall")]
    [InlineData("""{"name": "a", "probability": 100.5}""", 400, "probability: value.tooLarge")]
    [InlineData("""{"name": "a", "margin": 0.1234567891}""", 400, "margin: value.scale")]
    [InlineData("""{"name": "a", "stage": "lost"}""", 400, "stage: value.choice")]
    [InlineData("""{"name": "a", "stage": "won"}""", 422, "discount: required")]
    [InlineData("""{"name": "a", "reason": "x"}""", 422, "reason: field.visible")]
    [InlineData("""{"name": "a", "code": "OPP-1"}""", 400, "code: field.readOnly")]
    [InlineData("""{"name": "a", "lines": [{"quantity": 1}, {"quantity": "many"}]}""", 400, "lines[1].quantity: value.integer")]
    [InlineData("""{"name": "a", "contacts": [{"id": "0190aaaa-bbbb-7ccc-8ddd-000000000001", "mood": 1}]}""", 400, "contacts[0].mood: value.member")]
    public async Task What_an_option_forbids_is_refused_with_its_place(string json, int status, string problems)
    {
        var answer = await server.Admin.PostAsync("/api/records/bargain", json);

        (answer.Status, answer.Problems).ShouldBe((status, problems), answer.Text);
        ProblemMembers.Except(Members(answer)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_lookup_that_depends_on_another_field_is_narrowed_by_it()
    {
        var (one, other) = (await IdAsync("customer", """{"name": "One"}"""), await IdAsync("customer", """{"name": "Other"}"""));
        var bob = await IdAsync("contact", $$"""{"name": "Bob", "customer": "{{one}}"}""");

        var answer = await server.Admin.PostAsync("/api/records/bargain", $$"""{"name": "x", "customer": "{{other}}", "buyer": "{{bob}}"}""");

        (answer.Status, answer.Problems).ShouldBe((422, "buyer: lookup.filtered"));
    }

    [Fact]
    public async Task A_probable_duplicate_is_a_warning_that_may_be_confirmed()
    {
        await IdAsync("bargain", """{"name": "Caller", "phone": "+1 213 373 4253"}""");

        var warned = await server.Admin.PostAsync("/api/records/bargain", """{"name": "Caller again", "phone": "(213) 373-4253"}""");

        (warned.Status is >= 400 and < 500, warned.Code).ShouldBe((true, "duplicate.warn"), warned.Text);
        (await server.Admin.PostAsync("/api/records/bargain?confirm=duplicates", """{"name": "Caller again", "phone": "(213) 373-4253"}""")).Status.ShouldBe(201);
    }

    [Fact]
    public async Task Whatever_is_refused_has_the_same_members()
    {
        foreach (var (answer, status) in new[]
        {
            (await server.Anonymous.ReadAsync("/api/records/bargain"), 401),
            (await server.Anonymous.PostAsync("/api/auth/token", """{"email": "admin@example.com", "password": "wrong"}"""), 401),
            (await server.Admin.ReadAsync("/api/nothing"), 404),
            (await server.Admin.ReadAsync("/api/records/bargain/0190aaaa-bbbb-7ccc-8ddd-000000000001"), 404),
            (await server.Admin.SendAsync("PUT", "/api/records/bargain", "{}"), 405),
            (await server.Admin.SendAsync("PATCH", "/api/records/bargain/0190aaaa-bbbb-7ccc-8ddd-000000000001", "{}"), 428),
        })
        {
            (answer.Status, answer.IsProblem).ShouldBe((status, true), answer.Text);
            ProblemMembers.Except(Members(answer)).ShouldBeEmpty(answer.Text);
            answer.Json.GetProperty("errors").ValueKind.ShouldBe(JsonValueKind.Array);
        }
    }

    [Fact]
    public async Task A_second_factor_may_be_named_where_none_is_asked_for()
    {
        var answer = await server.Anonymous.PostAsync("/api/auth/token", $$"""{"email": "{{ApiServer.AdminEmail}}", "password": "{{ApiServer.Password}}", "code": "123456"}""");

        answer.Status.ShouldBe(200, answer.Text);
        answer.Json.EnumerateObject().Select(m => m.Name).ShouldBe(["accessToken", "expiresAt"]);
    }

    [Fact]
    public async Task A_list_takes_every_parameter_at_once()
    {
        var customer = await IdAsync("customer", """{"name": "Listed Ltd"}""");
        await IdAsync("bargain", $$"""{"name": "Listed", "amount": "7", "customer": "{{customer}}", "stage": "won", "discount": 3}""");
        var filter = Uri.EscapeDataString("""{"field": "stage", "op": "eq", "value": "won"}""");

        var page = await server.Admin.ReadAsync($"/api/records/bargain?filter={filter}&sort=-amount,name&fields=name,amount,customer.name&limit=50&after=&count=exact&q=listed&view=won");

        page.Status.ShouldBe(200, page.Text);
        var item = page.Json.GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        item.EnumerateObject().Select(m => m.Name).ShouldBe(["id", "name", "amount", "customer"]);
        (Raw(page.Json, "next"), Raw(page.Json, "count"), Raw(page.Json, "countIsExact")).ShouldBe(("null", "1", "true"));
    }

    [Theory]
    [InlineData("""{"all": [{"field": "customer.industry", "op": "in", "value": ["technology", "finance"]}, {"any": [{"not": {"field": "name", "op": "isNull"}}]}]}""")]
    [InlineData("""{"field": "amount", "op": "ne", "value": 5}""")]
    [InlineData("""{"field": "amount", "op": "lt", "value": 5}""")]
    [InlineData("""{"field": "amount", "op": "le", "value": 5}""")]
    [InlineData("""{"field": "amount", "op": "gt", "value": 5}""")]
    [InlineData("""{"field": "amount", "op": "ge", "value": {"amount": "5", "currency": "USD"}}""")]
    [InlineData("""{"field": "amount", "op": "between", "value": [1, 5]}""")]
    [InlineData("""{"field": "stage", "op": "notIn", "value": ["won"]}""")]
    [InlineData("""{"field": "name", "op": "contains", "value": "a"}""")]
    [InlineData("""{"field": "name", "op": "startsWith", "value": "a"}""")]
    [InlineData("""{"field": "name", "op": "endsWith", "value": "a"}""")]
    [InlineData("""{"field": "name", "op": "matches", "value": "a b"}""")]
    [InlineData("""{"field": "name", "op": "notNull"}""")]
    [InlineData("""{"field": "name", "op": "eq", "value": null}""")]
    [InlineData("""{"field": "close_date", "op": "within", "value": "today"}""")]
    [InlineData("""{"field": "created_at", "op": "within", "value": "last7days"}""")]
    [InlineData("""{"field": "close_date", "op": "within", "value": "next30days"}""")]
    [InlineData("""{"field": "close_date", "op": "within", "value": "thisQuarter"}""")]
    [InlineData("""{"field": "customer", "op": "under", "value": "0190aaaa-bbbb-7ccc-8ddd-000000000001"}""")]
    [InlineData("""{"field": "lines", "op": "exists", "value": {"field": "quantity", "op": "gt", "value": 2}}""")]
    [InlineData("""{"field": "cost_line.bargain", "op": "notExists", "value": {"field": "billable", "op": "eq", "value": true}}""")]
    [InlineData("""{"field": "owner", "op": "eq", "value": {"var": "me"}}""")]
    [InlineData("""{"field": "owner", "op": "in", "value": {"var": "mySubordinates"}}""")]
    [InlineData("""{"field": "unit", "op": "eq", "value": {"var": "myUnit"}}""")]
    [InlineData("""{"field": "created_at", "op": "le", "value": {"var": "now"}}""")]
    [InlineData("""{"field": "close_date", "op": "le", "value": {"var": "today"}}""")]
    [InlineData("""{"field": "created_at", "op": "le", "value": {"field": "updated_at"}}""")]
    public async Task A_condition_of_every_kind_is_understood_by_list_and_figures(string condition)
    {
        var list = await server.Admin.ReadAsync("/api/records/bargain?filter=" + Uri.EscapeDataString(condition));
        var figures = await server.Admin.PostAsync("/api/records/bargain/aggregate", $$"""{"filter": {{condition}}}""");

        list.Status.ShouldBe(200, list.Text);
        figures.Status.ShouldBe(200, figures.Text);
    }

    [Fact]
    public async Task Figures_and_batches_take_what_the_examples_show()
    {
        var figures = await server.Admin.PostAsync("/api/records/bargain/aggregate", """{"groupBy":["stage",{"field":"created_at","by":"month"}],"measures":[{"fn":"count"},{"fn":"sum","field":"amount","as":"total"}],"filter":{},"sort":"-total","limit":100}""");
        figures.Status.ShouldBe(200, figures.Text);
        foreach (var fn in new[] { "count", "countDistinct", "sum", "avg", "min", "max", "median" })
        {
            var answer = await server.Admin.PostAsync("/api/records/bargain/aggregate", $$"""{"groupBy": ["customer.name"], "measures": [{"fn": "{{fn}}", "field": "amount"}]}""");
            answer.Status.ShouldBe(200, answer.Text);
        }
        foreach (var by in new[] { "day", "week", "month", "quarter", "year" })
        {
            (await server.Admin.PostAsync("/api/records/bargain/aggregate", $$"""{"groupBy": [{"field": "created_at", "by": "{{by}}"}]}""")).Status.ShouldBe(200);
        }
        var mixed = await server.Admin.PostAsync("/api/records/contact/batch", """{"atomic":false,"create":[{"name":"Batch"},{"nothing":1}],"update":[],"upsert":{"key":["name"],"items":[{"name":"Batch","job_title":"Chief"}]},"delete":[]}""");
        mixed.Status.ShouldBe(207, mixed.Text);
        mixed.Json.GetProperty("items").EnumerateArray().Select(i => (i.GetProperty("index").GetInt32(), i.GetProperty("op").GetString(), i.TryGetProperty("problem", out _))).ShouldBe([(0, "create", false), (1, "create", true), (0, "upsert", false)]);
        var atomic = await server.Admin.PostAsync("/api/records/contact/batch", """{"atomic":true,"create":[{"name":"Never"},{"nothing":1},{"name":5}]}""");
        atomic.Status.ShouldBe(400, atomic.Text);
        atomic.Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("index").GetInt32()).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Figures_that_are_kept_with_records_are_grouped_and_computed_with_as_what_they_are()
    {
        foreach (var amount in new[] { "10.50", "10.50", "4.25" })
        {
            var bargain = await IdAsync("bargain", """{"name": "Costly"}""");
            await IdAsync("cost_line", $$"""{"bargain": "{{bargain}}", "amount": "{{amount}}", "billable": true}""");
        }
        const string Filter = """{"field": "name", "op": "eq", "value": "Costly"}""";
        var measures = string.Join(',', new[] { "sum", "avg", "min", "max", "median" }.Select(fn => $$"""{"fn": "{{fn}}", "field": "cost"}"""));

        var groups = await server.Admin.PostAsync("/api/records/bargain/aggregate", $$"""{"groupBy": ["cost"], "filter": {{Filter}}}""");
        var figures = await server.Admin.PostAsync("/api/records/bargain/aggregate", $$"""{"measures": [{{measures}}], "filter": {{Filter}}}""");

        groups.Status.ShouldBe(200, groups.Text);
        Raw(groups.Json, "rows").ShouldBe("""[{"cost":"4.25","count":1},{"cost":"10.50","count":2}]""");
        Raw(figures.Json, "rows").ShouldBe("""[{"sum_cost":"25.25","avg_cost":"8.4167","min_cost":"4.25","max_cost":"10.50","median_cost":"10.50"}]""");
    }

    [Fact]
    public async Task An_import_takes_every_option_of_the_example()
    {
        const string Options = """
            "mode":"upsert","key":["name"],"dryRun":true,"mapping":{"Deal":"name","Account":"customer","State":"stage","Closed":"close_date"},"valueMaps":{"stage":{"W":"won"}},"lookups":{"customer":"name"},
            "createMissing":["customer"],"nullValues":["?","NULL"],"dateFormat":"M/d/yyyy","delimiter":","
            """;
        var outcome = await server.ImportAsync("bargain", Encoding.UTF8.GetBytes("Deal,Account,State,Closed\nImported,Fresh Ltd,?,1/31/2026\nLate,Fresh Ltd,NULL,31.1.2026\n"), Options);

        var result = outcome.Job.GetProperty("result");
        outcome.Job.GetProperty("state").GetString().ShouldBe("succeeded");
        new[] { "created", "updated", "unchanged", "duplicates", "errors" }.Select(m => result.GetProperty(m).GetInt32()).ShouldBe([1, 0, 0, 0, 1]);
        result.GetProperty("problems")[0].GetProperty("field").GetString().ShouldBe("close_date");
    }

    [Fact]
    public async Task What_is_sensitive_is_not_shown_among_slow_queries()
    {
        var queries = server.Services.GetRequiredService<Database>().Queries;
        var usual = queries.Threshold;
        queries.Threshold = TimeSpan.Zero;
        await server.Admin.ReadAsync("/api/records/bargain?filter=" + Uri.EscapeDataString("""{"field": "discount", "op": "eq", "value": 73519}"""));
        await server.Admin.ReadAsync("/api/records/bargain?filter=" + Uri.EscapeDataString("""{"field": "probability", "op": "eq", "value": 73.519}"""));
        queries.Threshold = usual;

        var answer = await server.Admin.ReadAsync("/api/admin/queries");

        answer.Text.ShouldContain("discount");
        answer.Text.ShouldNotContain("73519");
        answer.Text.ShouldContain("73.519");
    }

    private static IEnumerable<string> Members(Answer answer) => answer.Json.EnumerateObject().Select(m => m.Name);

    private static string Raw(JsonElement json, string member) => json.GetProperty(member).GetRawText();

    private async Task<string> IdAsync(string entity, string json) => (await server.CreateAsync(entity, json)).GetProperty("id").GetString()!;
}
