using Crm.Tests.Imports;
using Crm.Tests.Metadata;
using Crm.Tests.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>Rules over lists hold by whichever door changes come in: batch, mass change and import.</summary>
public sealed class FieldRuleDoorsTests(FieldRuleDoorsTests.Server server) : IClassFixture<FieldRuleDoorsTests.Server>
{
    [Fact]
    public async Task A_batch_is_judged_as_it_will_be_and_what_is_refused_keeps_nothing_else_out()
    {
        var answer = await server.Admin.PostAsync("/api/records/deal/batch", """
            {"create": [{"name": "b1", "lines": [{"quantity": 5}], "approval": "x"}, {"name": "b2", "lines": [{"quantity": 500}], "approval": "x"}, {"name": "b3", "lines": [{"quantity": 500}]}]}
            """);

        answer.Status.ShouldBe(207, answer.Text);
        answer.Json.GetProperty("items").EnumerateArray().Select(i => i.TryGetProperty("problem", out var p) ? string.Join(' ', p.GetProperty("errors").EnumerateArray().Select(e => $"{e.GetProperty("field")} {e.GetProperty("code")}")) : "good")
            .ShouldBe(["approval field.visible", "good", "approval required"]);
    }

    [Fact]
    public async Task A_mass_change_leaves_out_records_whose_lists_forbid_it_and_says_which()
    {
        var (small, large) = (await server.CreateAsync("""{"name": "m1", "lines": [{"quantity": 5}]}"""), await server.CreateAsync("""{"name": "m2", "lines": [{"quantity": 500}], "approval": "x"}"""));

        var started = await server.Admin.PostAsync("/api/records/deal/mass", $$"""{"ids": ["{{small}}", "{{large}}"], "set": {"approval": "all of them"} }""");
        started.Status.ShouldBe(202, started.Text);
        var result = (await server.FinishedAsync(started.Json.GetProperty("id").GetString()!)).GetProperty("result");

        (result.GetProperty("updated").GetInt32(), result.GetProperty("errors").GetInt32()).ShouldBe((1, 1));
        var problem = result.GetProperty("problems").EnumerateArray().ShouldHaveSingleItem();
        (problem.GetProperty("id").GetString(), problem.GetProperty("field").GetString(), problem.GetProperty("code").GetString()).ShouldBe((small, "approval", "field.visible"));
    }

    [Fact]
    public async Task An_import_is_held_to_the_lists_of_the_records_that_it_changes()
    {
        await server.CreateAsync("""{"name": "i1", "lines": [{"quantity": 5}]}""");
        await server.CreateAsync("""{"name": "i2", "lines": [{"quantity": 500}], "approval": "x"}""");

        var outcome = await server.ImportAsync("deal", "name,approval\ni1,by file\ni2,by file\n", "\"key\": [\"name\"]");

        outcome.Counts.ShouldBe("0, 1, 0, 0, 1");
        outcome.Problems.ShouldBe(["2 approval: field.visible"]);
    }

    public sealed class Server : ApiServer
    {
        private readonly MetadataFolder _metadata = new();

        public Server()
        {
            const string Large = """{"field": "lines", "op": "exists", "value": {"field": "quantity", "op": "gt", "value": 100}}""";
            FieldRuleListsTests.Write(_metadata, $$"""{"name": "approval", "type": "text", "visibleWhen": {{Large}}, "requiredWhen": {{Large}} }""");
            MetadataPath = _metadata.Path;
        }

        public async Task<string> CreateAsync(string deal)
        {
            var made = await Admin.PostAsync("/api/records/deal", deal);
            made.Status.ShouldBe(201, made.Text);
            return made.Json.GetProperty("id").GetString()!;
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _metadata.Dispose();
        }
    }
}
