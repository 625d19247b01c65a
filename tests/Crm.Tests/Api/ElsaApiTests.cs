using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Tests.Workflow;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>Elsa's API as Elsa Studio uses it.</summary>
public sealed class ElsaApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Base = "/elsa/api", Raise = Base + "/events/trigger";

    private const string Waits = """{"type": "Elsa.Event", "id": "wait", "eventName": "never"}""";

    [Fact]
    public async Task A_definition_is_designed_published_run_and_watched()
    {
        var saved = await SaveAsync("designed", Bench.Sequence(Bench.Set("s", "Score", "getScore() + 1"), Bench.WriteJs("w", "'score ' + getScore()"), """{"type": "Elsa.Event", "id": "wait", "name": "Wait", "eventName": "designed-go"}"""), $$""" "variables": [{{Bench.Variable("Score", "Int32", "41")}}],""");
        saved.GetProperty("isLatest").GetBoolean().ShouldBeTrue();
        saved.GetProperty("links").EnumerateArray().Select(l => l.GetProperty("rel").GetString()).ShouldContain("publish");
        var loaded = (await server.Admin.ReadAsync($"{Base}/workflow-definitions/by-definition-id/designed?versionOptions=Latest")).Json;
        loaded.GetProperty("root").GetProperty("activities")[1].GetProperty("nodeId").GetString().ShouldEndWith(":w");

        var published = (await server.Admin.PostAsync($"{Base}/workflow-definitions/designed/publish", "{}")).Json;
        published.GetProperty("workflowDefinition").GetProperty("isPublished").GetBoolean().ShouldBeTrue();
        published.GetProperty("alreadyPublished").GetBoolean().ShouldBeFalse();
        var run = await server.Admin.PostAsync($"{Base}/workflow-definitions/designed/execute", """{"correlationId": "c1", "versionOptions": "Latest", "input": {"a": 1}}""");
        run.Status.ShouldBe(200, run.Text);
        var id = run.Headers.GetValues("x-elsa-workflow-instance-id").Single();
        var state = run.Json.GetProperty("workflowState");
        (state.GetProperty("status").GetString(), state.GetProperty("subStatus").GetString(), state.GetProperty("correlationId").GetString()).ShouldBe(("Running", "Suspended", "c1"));
        state.GetProperty("bookmarks").EnumerateArray().ShouldHaveSingleItem().GetProperty("name").GetString().ShouldBe("Elsa.Event");

        (await ReadAsync($"/workflow-instances/{id}/variables")).GetProperty("items")[0].GetProperty("value").GetInt32().ShouldBe(42);
        var journal = await PostAsync($"/workflow-instances/{id}/journal?skip=0&take=110", """{"filter": {"excludedActivityTypes": ["Elsa.Workflow", "Elsa.Sequence"]}}""");
        journal.GetProperty("items").EnumerateArray().Select(i => $"{i.GetProperty("activityId").GetString()} {i.GetProperty("eventName").GetString()}").ShouldBe(["s Started", "s Completed", "w Started", "w Completed", "wait Started", "wait Suspended"]);
        var node = journal.GetProperty("items")[2].GetProperty("nodeId").GetString()!;
        var stats = (await PostAsync("/activity-executions/report", $$"""{"workflowInstanceId": "{{id}}", "activityNodeIds": ["{{node}}"]}""")).GetProperty("stats").EnumerateArray().ShouldHaveSingleItem();
        (stats.GetProperty("startedCount").GetInt32(), stats.GetProperty("completedCount").GetInt32(), stats.GetProperty("isBlocked").GetBoolean()).ShouldBe((1, 1, false));
        var execution = (await ReadAsync($"/activity-executions/list?workflowInstanceId={id}&activityNodeId={Uri.EscapeDataString(node)}")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        execution.GetProperty("activityState").GetProperty("Text").GetString().ShouldBe("score 42");
        var executionId = execution.GetProperty("id").GetString();
        (await ReadAsync($"/activity-executions/by-id?id={executionId}")).GetProperty("workflowInstanceId").GetString().ShouldBe(id);
        (await ReadAsync($"/activity-executions/{executionId}/call-stack")).GetProperty("totalCount").GetInt32().ShouldBe(3);

        (await server.Admin.PostAsync($"{Base}/events/designed-go/trigger", "{}")).Status.ShouldBe(200);
        await UntilAsync(async () => (await ReadAsync($"/workflow-instances/{id}/execution-state")).GetProperty("workflowSubStatus").GetString() == "Finished");
        (await ReadAsync($"/workflow-instances/{id}/variables")).GetProperty("items")[0].GetProperty("value").GetInt32().ShouldBe(42, "what is over still explains itself");
        (await ReadAsync($"/workflow-instances/{id}")).GetProperty("workflowState").GetProperty("input").GetProperty("a").GetInt32().ShouldBe(1);
        (await PostAsync("/workflow-instances", """{"definitionIds": ["designed"], "statuses": ["Finished"], "page": 0, "pageSize": 10}""")).GetProperty("totalCount").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Only_administrators_get_in()
    {
        foreach (var (method, path) in OpenApiTests.Endpoints(server).Where(e => e.Path.StartsWith(Base, StringComparison.Ordinal) && e.Path != Raise))
        {
            var url = path.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
            (await server.Anonymous.SendAsync(method, url, method is "GET" or "DELETE" ? null : "{}")).Status.ShouldBe(401, $"{method} {url}");
            (await server.Person.SendAsync(method, url, method is "GET" or "DELETE" ? null : "{}")).Status.ShouldBe(403, $"{method} {url}");
        }
    }

    [Fact]
    public async Task A_token_works_as_the_API_key_of_a_studio()
    {
        var token = (await server.Admin.PostAsync("/api/tokens", """{"name": "studio", "scopes": ["read", "write"]}""")).Json.GetProperty("token").GetString();

        (await server.Anonymous.SendAsync("GET", $"{Base}/features/installed", (string?)null, $"Authorization: ApiKey {token}")).Status.ShouldBe(200);
        (await server.Anonymous.SendAsync("GET", $"{Base}/features/installed", (string?)null, "Authorization: ApiKey wrong")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Two_designers_cannot_overwrite_each_other()
    {
        var first = await SaveAsync("shared", Bench.Write("w", "one"));
        var mine = JsonNode.Parse(first.GetRawText())!.AsObject();
        mine["name"] = "mine";
        (await server.Admin.PostAsync($"{Base}/workflow-definitions", new JsonObject { ["model"] = mine.DeepClone(), ["publish"] = true }.ToJsonString())).Status.ShouldBe(200);

        var refused = await server.Admin.PostAsync($"{Base}/workflow-definitions", new JsonObject { ["model"] = mine }.ToJsonString());

        (refused.Status, refused.Code).ShouldBe((412, "workflow.saved"));
    }

    [Fact]
    public async Task What_cannot_be_published_says_why_in_the_words_of_the_studio()
    {
        var refused = await server.Admin.PostAsync(
            $"{Base}/workflow-definitions",
            """{"publish": true, "model": {"definitionId": "refused", "name": "Refused", "root": {"type": "Elsa.WriteLine", "id": "w", "text": {"typeName": "String", "expression": {"type": "CSharp", "value": "1"} } } } }""");

        (refused.Status, refused.IsProblem, refused.Code).ShouldBe((400, true, "workflow.expression.refused"));
        refused.Json.GetProperty("statusCode").GetInt32().ShouldBe(400);
        refused.Json.GetProperty("errors").EnumerateObject().ShouldHaveSingleItem().Value[0].GetString()!.ShouldContain("JavaScript");
        (await server.Admin.ReadAsync($"{Base}/workflow-definitions/by-definition-id/refused")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task What_is_exported_is_imported_again_without_a_difference()
    {
        const string Root = """{"type": "Acme.Unknown", "id": "u", "surprise": {"deep": [1, 2.50, "x"]}, "text": {"typeName": "String", "expression": {"type": "Python", "value": "1"} } }""";
        await SaveAsync("travels", Root, """ "description": "d", "customProperties": {"mine": 1}, "outcomes": ["A"], "tenantId": "t",""");
        var file = await server.Admin.ReadAsync($"{Base}/workflow-definitions/travels/export");
        file.Json.GetProperty("$schema").GetString()!.ShouldStartWith("https://elsaworkflows.io/");
        file.Text.ShouldNotContain("crm:revision");

        var copy = JsonNode.Parse(file.Text)!.AsObject();
        copy["definitionId"] = "arrived";
        (await server.Admin.PostAsync($"{Base}/workflow-definitions/import", copy.ToJsonString())).Status.ShouldBe(201);
        (await server.Admin.PostAsync($"{Base}/workflow-definitions/import", file.Text)).Status.ShouldBe(200, "an import takes the place of a draft");

        var arrived = JsonNode.Parse((await server.Admin.ReadAsync($"{Base}/workflow-definitions/arrived/export")).Text)!.AsObject();
        foreach (var member in new[] { "root", "customProperties", "outcomes", "description", "tenantId", "name" })
        {
            JsonNode.DeepEquals(arrived[member], copy[member]).ShouldBeTrue(member);
        }
    }

    [Theory]
    [InlineData("", "root")]
    [InlineData("{}", "root")]
    [InlineData("""{"name": "x", "root": {"id": "a"} }""", "root.type")]
    [InlineData("""{"name": 5, "root": {"type": "Elsa.WriteLine"} }""", "name")]
    public async Task What_is_no_definition_is_not_taken_even_as_a_draft(string body, string path)
    {
        var refused = await server.Admin.PostAsync($"{Base}/workflow-definitions/import", body);

        (refused.Status, refused.IsProblem).ShouldBe((400, true), refused.Text);
        refused.Json.GetProperty("errors").EnumerateObject().ShouldHaveSingleItem().Name.ShouldBe(path);
    }

    [Fact]
    public async Task Whoever_has_the_address_that_a_workflow_gave_out_raises_its_event_there()
    {
        await SaveAsync(
            "linked", Bench.Sequence(Bench.Set("s", "Url", "createEventTriggerUrl('linked-go', '1.00:00:00')"), Bench.Set("o", "Old", "createEventTriggerUrl('linked-go', new Date(0))"), """{"type": "Elsa.Event", "id": "wait", "eventName": "linked-go"}"""),
            $$""" "variables": [{{Bench.Variable("Url", "String", "")}}, {{Bench.Variable("Old", "String", "")}}],""", publish: true);
        var (id, other) = (await ExecuteAsync("linked"), await ExecuteAsync("linked"));
        var variables = (await ReadAsync($"/workflow-instances/{id}/variables")).GetProperty("items").EnumerateArray().Select(v => v.GetProperty("value").GetString()!).ToList();
        variables[0].ShouldStartWith("http");

        foreach (var wrong in new[] { Raise, Raise + "?t=made-up", new Uri(variables[1]).PathAndQuery })
        {
            var refused = await server.Anonymous.ReadAsync(wrong);
            (refused.Status, refused.Code).ShouldBe((400, "workflow.eventLink"), wrong);
        }
        (await server.Anonymous.ReadAsync(new Uri(variables[0]).PathAndQuery)).Status.ShouldBe(200);

        await UntilAsync(async () => (await ReadAsync($"/workflow-instances/{id}/execution-state")).GetProperty("subStatus").GetString() == "Finished");
        (await ReadAsync($"/workflow-instances/{other}/execution-state")).GetProperty("subStatus").GetString().ShouldBe("Suspended");
    }

    [Fact]
    public async Task A_designer_sees_an_unknown_activity_as_not_found_and_sends_back_the_original()
    {
        const string Unknown = """{"type": "Acme.Unknown", "id": "u", "version": 3, "surprise": {"deep": [1, 2.50, "x"]} }""";
        await SaveAsync("strange", Bench.Flow([Bench.Write("w", "x"), Unknown], "w->u"));
        var shown = JsonNode.Parse((await server.Admin.ReadAsync($"{Base}/workflow-definitions/by-definition-id/strange")).Text)!.AsObject();
        var activity = shown["root"]!["activities"]![1]!.AsObject();
        ((string?)activity["type"], (int?)activity["version"], (string?)activity["missingTypeName"], (string?)activity["nodeId"]).ShouldBe(("Elsa.NotFoundActivity", 1, "Acme.Unknown", "Workflow1:flow:u"));
        ((int?)shown["root"]!["version"], (int?)shown["root"]!["activities"]![0]!["version"]).ShouldBe((1, 1));

        activity["metadata"] = JsonNode.Parse("""{"designer": {"position": {"x": 7, "y": 8} } }""");
        shown["root"]!["activities"]!.AsArray().RemoveAt(0);
        var saved = await server.Admin.PostAsync($"{Base}/workflow-definitions", new JsonObject { ["model"] = shown, ["publish"] = false }.ToJsonString());

        saved.Status.ShouldBe(200, saved.Text);
        var kept = JsonNode.Parse((await server.Admin.ReadAsync($"{Base}/workflow-definitions/strange/export")).Text)!["root"]!["activities"]![0]!.AsObject();
        ((string?)kept["type"], (int?)kept["version"], (int?)kept["metadata"]!["designer"]!["position"]!["x"]).ShouldBe(("Acme.Unknown", 3, 7));
        JsonNode.DeepEquals(kept["surprise"], JsonNode.Parse("""{"deep": [1, 2.50, "x"]}""")).ShouldBeTrue();
    }

    [Fact]
    public async Task The_question_of_an_unfiltered_list_of_instances_means_all()
    {
        await SaveAsync("listed", Bench.Write("w", "x"), publish: true);
        (await server.Admin.PostAsync($"{Base}/workflow-definitions/listed/execute", "{}")).Status.ShouldBe(200);

        var list = await PostAsync(
            "/workflow-instances",
            """{"page": 0, "pageSize": 10, "searchTerm": "", "definitionId": null, "definitionIds": [], "correlationId": null, "version": null, "hasIncidents": null, "isSystem": false, "status": null, "statuses": [], "subStatus": null, "subStatuses": [], "orderBy": null, "orderDirection": "Descending", "timestampFilters": []}""");

        list.GetProperty("totalCount").GetInt32().ShouldBeGreaterThan(0);
        (await PostAsync("/bulk-actions/cancel/workflow-instances", """{"ids": []}""")).GetProperty("cancelled").GetInt32().ShouldBe(0, "nothing is named");
    }

    [Fact]
    public async Task Files_and_zips_of_files_are_imported_all_or_none()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            await using var entry = zip.CreateEntry("a.json").Open();
            await entry.WriteAsync(Encoding.UTF8.GetBytes(Bench.Json(Bench.Write("w", "x"), id: "zipped")), TestContext.Current.CancellationToken);
        }
        using var form = new MultipartFormDataContent { { new ByteArrayContent(stream.ToArray()), "file", "some.zip" }, { new StringContent(Bench.Json(Bench.Write("w", "x"), id: "filed")), "file", "one.json" } };
        (await server.Admin.SendAsync("POST", $"{Base}/workflow-definitions/import-files", form)).Json.GetProperty("count").GetInt32().ShouldBe(2);
        using var broken = new MultipartFormDataContent { { new StringContent(Bench.Json(Bench.Write("w", "x"), id: "never")), "file", "one.json" }, { new StringContent("{"), "file", "two.json" } };
        (await server.Admin.SendAsync("POST", $"{Base}/workflow-definitions/import-files", broken)).Status.ShouldBe(400);

        (await ReadAsync("/workflow-definitions?versionOptions=Latest&pageSize=1000")).GetProperty("items").EnumerateArray().Select(i => i.GetProperty("definitionId").GetString()).Intersect(["zipped", "filed", "never"]).ShouldBe(["filed", "zipped"], ignoreOrder: true);
    }

    [Fact]
    public async Task Versions_go_back_are_deleted_and_published_in_bulk()
    {
        await SaveAsync("versions", Bench.Write("w", "one"), publish: true);
        await SaveAsync("versions", Bench.Write("w", "two"), publish: true);
        (await server.Admin.PostAsync($"{Base}/workflow-definitions/versions/revert/1", "{}")).Status.ShouldBe(201);
        var versions = await ReadAsync("/workflow-definitions?versionOptions=AllVersions&definitionIds=versions&orderBy=Version&orderDirection=Descending&page=0&pageSize=2");
        versions.GetProperty("totalCount").GetInt32().ShouldBe(3);
        versions.GetProperty("items").EnumerateArray().Select(v => (v.GetProperty("version").GetInt32(), v.GetProperty("isPublished").GetBoolean())).ShouldBe([(3, false), (2, true)]);

        (await PostAsync("/bulk-actions/publish/workflow-definitions/by-definition-ids", """{"definitionIds": ["versions", "nowhere"]}""")).GetProperty("published")[0].GetString().ShouldBe("versions");
        (await ReadAsync("/workflow-definitions/by-definition-id/versions?versionOptions=Published")).GetProperty("version").GetInt32().ShouldBe(3);
        (await server.Admin.SendAsync("DELETE", $"{Base}/workflow-definitions/versions/version/3")).Status.ShouldBe(204);
        (await ReadAsync("/workflow-definitions/by-definition-id/versions?versionOptions=Latest")).GetProperty("version").GetInt32().ShouldBe(2);
        (await server.Admin.SendAsync("DELETE", $"{Base}/workflow-definitions/versions")).Status.ShouldBe(204);
        (await server.Admin.ReadAsync($"{Base}/workflow-definitions/versions/versions")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Instances_are_changed_retried_cancelled_and_deleted()
    {
        await SaveAsync("altered", Bench.Sequence("""{"type": "Elsa.Event", "id": "wait", "eventName": "altered-go"}""", Bench.WriteJs("w", "getN()")), $$""" "variables": [{{Bench.Variable("N")}}],""", publish: true);
        var id = await ExecuteAsync("altered");
        (await PostAsync($"/workflow-instances/{id}/variables", """{"variables": [{"id": "N", "value": 7}]}""")).GetProperty("items")[0].GetProperty("value").GetInt32().ShouldBe(7);
        (await server.Admin.PostAsync($"{Base}/workflow-instances/{id}/variables", """{"variables": [{"id": "N", "value": "no number"}]}""")).Status.ShouldBe(400);
        await SaveAsync("altered", Bench.Sequence("""{"type": "Elsa.Event", "id": "wait", "eventName": "altered-go"}""", Bench.WriteJs("x", "getN()")), $$""" "variables": [{{Bench.Variable("N")}}],""", publish: true);
        var refused = await PostAsync("/alterations/run", $$"""{"workflowInstanceIds": ["{{id}}"], "alterations": [{"type": "Migrate", "targetVersion": 2}]}""");
        refused.GetProperty("results")[0].GetProperty("isSuccessful").ValueKind.ShouldBeOneOf(JsonValueKind.True, JsonValueKind.False);
        (await PostAsync("/alterations/dry-run", """{"definitionIds": ["altered"], "statuses": ["Running"]}""")).GetProperty("workflowInstanceIds").GetArrayLength().ShouldBe(1);
        (await PostAsync("/alterations/dry-run", "{}")).GetProperty("workflowInstanceIds").GetArrayLength().ShouldBe(0, "an empty filter means nobody");

        (await server.Admin.SendAsync("POST", $"{Base}/cancel/workflow-instances/{id}")).Status.ShouldBe(200);
        (await ReadAsync($"/workflow-instances/{id}/execution-state")).GetProperty("subStatus").GetString().ShouldBe("Cancelled");
        (await PostAsync("/bulk-actions/delete/workflow-instances", $$"""{"ids": ["{{id}}"]}""")).GetProperty("deleted").GetInt32().ShouldBe(1);
        (await server.Admin.ReadAsync($"{Base}/workflow-instances/{id}")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("""{"timestampFilters": []}""")]
    [InlineData("""{"searchTerm": " "}""")]
    [InlineData("""{"definitionIds": [], "statuses": [], "subStatuses": [], "searchTerm": "", "timestampFilters": []}""")]
    public async Task A_filter_that_says_nothing_means_nobody(string filter)
    {
        await SaveAsync("spared", Waits, publish: true);
        var id = await ExecuteAsync("spared");

        (await PostAsync("/alterations/dry-run", filter)).GetProperty("workflowInstanceIds").GetArrayLength().ShouldBe(0);
        (await PostAsync("/alterations/submit", $$"""{"filter": {{filter}}, "alterations": [{"type": "Cancel"}]}""")).GetProperty("results").GetArrayLength().ShouldBe(0);

        (await ReadAsync($"/workflow-instances/{id}/execution-state")).GetProperty("subStatus").GetString().ShouldBe("Suspended");
    }

    [Theory]
    [InlineData("""{"definitionIds": ["any"], "activityFilters": [{"activityId": "wait"}]}""", "activityFilters")]
    [InlineData("""{"definitionIds": ["any"], "DEFINITIONVERSIONIDS": ["x"]}""", "DEFINITIONVERSIONIDS")]
    [InlineData("""{"definitionIds": ["any"], "tenantId": "t"}""", "tenantId")]
    public async Task A_filter_of_alterations_that_is_not_understood_is_refused(string filter, string member)
    {
        var refused = await server.Admin.PostAsync($"{Base}/alterations/dry-run", filter);

        (refused.Status, refused.Code).ShouldBe((400, "parameter.unknown"), refused.Text);
        refused.Json.GetProperty("errors").EnumerateObject().ShouldHaveSingleItem().Name.ShouldBe(member);
    }

    [Fact]
    public async Task A_filter_of_alterations_selects_by_all_that_it_says()
    {
        var version = (await SaveAsync("sorted", Waits, publish: true)).GetProperty("id").GetString();
        var ids = new List<string>();
        foreach (var mark in (string[])["s1", "s2", "s3"])
        {
            var answer = await server.Admin.PostAsync($"{Base}/workflow-definitions/sorted/execute", $$"""{"correlationId": "{{mark}}", "name": "n-{{mark}}"}""");
            ids.Add(answer.Headers.GetValues("x-elsa-workflow-instance-id").Single());
        }

        (await SelectedAsync("""{"correlationIds": ["s1", "s2"], "activityFilters": []}""")).ShouldBe([ids[0], ids[1]], ignoreOrder: true);
        (await SelectedAsync("""{"correlationIds": ["s1", "s2"], "names": ["n-s2", "n-s3"]}""")).ShouldBe([ids[1]]);
        (await SelectedAsync($$"""{"definitionVersionIds": ["{{version}}", "other"], "isSystem": false}""")).ShouldBe(ids, ignoreOrder: true);
        (await SelectedAsync($$"""{"definitionVersionIds": ["{{version}}"], "isSystem": true}""")).ShouldBeEmpty();
        (await SelectedAsync($$"""{"definitionVersionIds": ["{{version}}"], "names": []}""")).ShouldBeEmpty();
        (await SelectedAsync($$"""{"DefinitionVersionIds": ["{{version}}"], "TimestampFilters": [{"Column": "CreatedAt", "Operator": "LessThan", "Timestamp": "2001-01-01T00:00:00Z"}]}""")).ShouldBeEmpty();

        async Task<List<string>> SelectedAsync(string filter) => [.. (await PostAsync("/alterations/dry-run", filter)).GetProperty("workflowInstanceIds").EnumerateArray().Select(i => i.GetString()!)];
    }

    [Fact]
    public async Task A_plan_of_alterations_says_afterwards_what_became_of_each_instance()
    {
        await SaveAsync("planned", Waits, publish: true);
        var id = await ExecuteAsync("planned");

        var submitted = await PostAsync("/alterations/submit", $$"""{"alterations": [{"type": "Cancel"}], "filter": {"workflowInstanceIds": ["{{id}}"]} }""");

        var planId = submitted.GetProperty("planId").GetString();
        var answer = await ReadAsync("/alterations/" + planId);
        var plan = answer.GetProperty("plan");
        (plan.GetProperty("id").GetString(), plan.GetProperty("status").GetString(), plan.GetProperty("alterations")[0].GetProperty("type").GetString()).ShouldBe((planId, "Completed", "Cancel"));
        plan.GetProperty("workflowInstanceFilter").GetProperty("workflowInstanceIds")[0].GetString().ShouldBe(id);
        var job = answer.GetProperty("jobs").EnumerateArray().ShouldHaveSingleItem();
        (job.GetProperty("planId").GetString(), job.GetProperty("workflowInstanceId").GetString(), job.GetProperty("status").GetString()).ShouldBe((planId, id, "Completed"));
        job.GetProperty("log").EnumerateArray().ShouldHaveSingleItem().GetProperty("logLevel").GetString().ShouldBe("Information");
        (await server.Admin.ReadAsync($"{Base}/alterations/{Guid.Empty:N}")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("""{"statuses": [""]}""")]
    [InlineData("""{"subStatuses": ["Faulted", " "]}""")]
    public async Task A_state_without_a_name_is_refused(string filter)
    {
        var refused = await server.Admin.PostAsync($"{Base}/workflow-instances", filter);

        (refused.Status, refused.Code).ShouldBe((400, "parameter.choice"), refused.Text);
    }

    [Fact]
    public async Task An_instance_that_cannot_be_ended_does_not_keep_others_from_ending()
    {
        await SaveAsync("ended", Waits, publish: true);
        var ends = await ExecuteAsync("ended");
        await SaveAsync("ended", Waits, publish: true);
        // The last changed is the first to be ended, and its version is gone.
        await ExecuteAsync("ended");
        (await server.Admin.SendAsync("DELETE", $"{Base}/workflow-definitions/ended/version/2")).Status.ShouldBe(204);

        (await PostAsync("/bulk-actions/cancel/workflow-instances", """{"definitionId": "ended"}""")).GetProperty("cancelled").GetInt32().ShouldBeGreaterThan(0);

        (await ReadAsync($"/workflow-instances/{ends}/execution-state")).GetProperty("subStatus").GetString().ShouldBe("Cancelled");
    }

    [Theory]
    [InlineData("", "Finished")]
    [InlineData(", \"outcome\": \"Other\"", "Suspended")]
    public async Task A_failed_activity_is_skipped_and_the_instance_goes_on_by_the_outcome(string outcome, string expected)
    {
        await SaveAsync("skipped", Bench.Flow(["""{"type": "Elsa.Fault", "id": "f", "message": "broken"}""", Bench.Write("d", "done"), Waits], "f->d", "f:Other->wait"), publish: true);
        var id = await ExecuteAsync("skipped");
        var skip = $$"""{"workflowInstanceIds": ["{{id}}"], "alterations": [{"type": "SkipActivity", "activityId": "f"{{outcome}} }]}""";

        (await PostAsync("/alterations/run", skip)).GetProperty("results")[0].GetProperty("isSuccessful").GetBoolean().ShouldBeTrue();

        (await ReadAsync($"/workflow-instances/{id}/execution-state")).GetProperty("subStatus").GetString().ShouldBe(expected);
        (await PostAsync("/alterations/run", skip)).GetProperty("results")[0].GetProperty("isSuccessful").GetBoolean().ShouldBeFalse("it does not fail any more");
    }

    [Fact]
    public async Task A_migration_is_previewed_instance_by_instance()
    {
        await SaveAsync("previewed", Bench.Flow([Waits]), publish: true);
        var id = await ExecuteAsync("previewed");
        await SaveAsync("previewed", Bench.Flow([Waits, Bench.Write("w", "x")], "wait->w"), publish: true);
        await SaveAsync("previewed", Bench.Flow([Bench.Write("w", "x")]), publish: true);

        var good = (await PreviewAsync(2)).EnumerateArray().ShouldHaveSingleItem();
        (good.GetProperty("workflowInstanceId").GetString(), good.GetProperty("fromVersion").GetInt32(), good.GetProperty("toVersion").GetInt32()).ShouldBe((id, 1, 2));
        (good.GetProperty("canMigrate").GetBoolean(), good.GetProperty("lostActivityNodeIds").GetArrayLength()).ShouldBe((true, 0));
        var bad = (await PreviewAsync(3)).EnumerateArray().ShouldHaveSingleItem();
        bad.GetProperty("canMigrate").GetBoolean().ShouldBeFalse();
        bad.GetProperty("lostActivityNodeIds")[0].GetString().ShouldBe("Workflow1:flow:wait");
        (await PreviewAsync(1)).GetArrayLength().ShouldBe(0, "it is there already");

        (await server.Admin.ReadAsync($"{Base}/alterations/migrate/preview?definitionId=previewed")).Code.ShouldBe("parameter.missing");
        (await server.Admin.ReadAsync($"{Base}/alterations/migrate/preview?definitionId=previewed&targetVersion=9")).Code.ShouldBe("workflow.missing");

        async Task<JsonElement> PreviewAsync(int version) => (await ReadAsync($"/alterations/migrate/preview?definitionId=previewed&targetVersion={version}")).GetProperty("items");
    }

    [Fact]
    public async Task Activities_are_described_as_elsa_describes_them()
    {
        var reference = Path.Combine(ElsaConformance.Folder, "core-activity-descriptors.json");
        Assert.SkipUnless(File.Exists(reference), "needs ../shared/conformance/elsa beside the repository (or CRM_SHARED_DATA's sibling)");
        var ours = (await ReadAsync("/descriptors/activities?refresh=True")).GetProperty("items").EnumerateArray().ToDictionary(i => i.GetProperty("typeName").GetString()!);
        ours["Crm.CreateRecord"].GetProperty("category").GetString().ShouldBe("CRM");
        var differences = new List<string>();
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(reference, TestContext.Current.CancellationToken));
        foreach (var theirs in document.RootElement.GetProperty("items").EnumerateArray())
        {
            var name = theirs.GetProperty("typeName").GetString()!;
            if (!ours.TryGetValue(name, out var mine))
            {
                differences.Add($"{name} is missing");
                continue;
            }
            foreach (var member in new[] { "namespace", "name", "version", "category", "displayName", "kind", "isContainer", "isBrowsable", "isStart", "isTerminal" })
            {
                Compare(name + "." + member, theirs.GetProperty(member), mine.GetProperty(member));
            }
            Compare(name + ".ports", theirs.GetProperty("ports"), mine.GetProperty("ports"));
            var inputs = mine.GetProperty("inputs").EnumerateArray().ToDictionary(i => i.GetProperty("name").GetString()!);
            foreach (var input in theirs.GetProperty("inputs").EnumerateArray())
            {
                var inputName = input.GetProperty("name").GetString()!;
                if (!inputs.TryGetValue(inputName, out var own))
                {
                    differences.Add($"{name}.{inputName} is missing");
                    continue;
                }
                foreach (var member in new[] { "isWrapped", "uiHint", "displayName", "isSensitive", "autoEvaluate", "uiSpecifications" })
                {
                    Compare($"{name}.{inputName}.{member}", input.GetProperty(member), own.GetProperty(member));
                }
                Compare($"{name}.{inputName}.typeName", input.GetProperty("typeName"), own.GetProperty("typeName"));
            }
            Compare(name + ".outputs", theirs.GetProperty("outputs").EnumerateArray().Select(o => o.GetProperty("name").GetString()), mine.GetProperty("outputs").EnumerateArray().Select(o => o.GetProperty("name").GetString()));
        }
        differences.ShouldBeEmpty();

        void Compare(string what, object expected, object actual)
        {
            var (left, right) = (Text(expected), Text(actual));
            if (left != right)
            {
                differences.Add($"{what}: {left} / {right}");
            }
        }

        static string Text(object value) => value is JsonElement json ? JsonNode.Parse(json.GetRawText())?.ToJsonString() ?? "" : string.Join(",", (IEnumerable<string?>)value);
    }

    [Fact]
    public async Task One_activity_is_tried_out_without_anything_being_kept()
    {
        await SaveAsync("trial", Bench.Sequence(Bench.WriteJs("w", "'n ' + getN()"), """{"type": "Crm.CreateRecord", "id": "c", "entity": "customer"}"""), $$""" "variables": [{{Bench.Variable("N", value: "3")}}],""");

        var tried = await PostAsync("/tests/activities", """{"workflowDefinitionHandle": {"definitionId": "trial", "versionOptions": "Latest"}, "activityHandle": {"activityId": "w"}}""");
        tried.GetProperty("activityState").GetProperty("Text").GetString().ShouldBe("n 3");
        var refused = await PostAsync("/tests/activities", """{"workflowDefinitionHandle": {"definitionId": "trial"}, "activityHandle": {"activityId": "c"}}""");
        refused.GetProperty("status").GetString().ShouldBe("Faulted");
    }

    private async Task<JsonElement> SaveAsync(string id, string root, string more = "", bool publish = false)
    {
        var answer = await server.Admin.PostAsync($"{Base}/workflow-definitions", $$"""{"publish": {{(publish ? "true" : "false")}}, "model": {"definitionId": "{{id}}", "name": "{{id}}", {{more}} "root": {{root}} } }""");
        answer.Status.ShouldBe(200, answer.Text);
        return answer.Json.GetProperty("workflowDefinition");
    }

    private async Task<string> ExecuteAsync(string id) => (await server.Admin.PostAsync($"{Base}/workflow-definitions/{id}/execute", "{}")).Headers.GetValues("x-elsa-workflow-instance-id").Single();

    private async Task<JsonElement> ReadAsync(string url)
    {
        var answer = await server.Admin.ReadAsync(Base + url);
        answer.Status.ShouldBe(200, answer.Text);
        return answer.Json;
    }

    private async Task<JsonElement> PostAsync(string url, string json)
    {
        var answer = await server.Admin.PostAsync(Base + url, json);
        answer.Status.ShouldBe(200, answer.Text);
        return answer.Json;
    }

    /// <summary>What happens in the background has a moment to happen.</summary>
    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 200 && !await holds(); i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        (await holds()).ShouldBeTrue();
    }
}
