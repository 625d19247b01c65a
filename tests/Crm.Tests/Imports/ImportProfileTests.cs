using Crm.Tests.Api;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>A profile says once how a kind of file goes in: several entities, computed columns, conditions.</summary>
public sealed class ImportProfileTests(ImportServer server) : IClassFixture<ImportServer>
{
    private const string Mine = """{"field": "number", "op": "startsWith", "value": "T"}""";

    private const string Csv = "Trip,First,Last,Goal,Km\nT1,Ada,Lovelace,Bath,10\nT1,Ada,Lovelace,York,20\nT2,?,Hopper,,\nT2,?,Hopper,Hull,3\n";

    [Fact]
    public async Task One_file_becomes_records_of_several_entities()
    {
        var dry = await SendAsync(Csv, "\"profile\": \"trips\", \"dryRun\": true");
        dry.Problems.ShouldBeEmpty();
        (await server.ListAsync("trip", "number", filter: Mine)).ShouldBeEmpty();

        var outcome = await SendAsync(Csv, "\"profile\": \"trips\"");

        outcome.Counts.ShouldBe("5, 0, 0, 0, 0");
        dry.Counts.ShouldBe(outcome.Counts);
        outcome.Result.GetProperty("skipped").GetInt32().ShouldBe(3, "two trips that were there already, one line without a goal");
        outcome.Result.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("label").GetString() + " " + s.GetProperty("created").GetInt32()).ShouldBe(["Trip 2", "Legs 3"]);
        (await server.ListAsync("trip", "number,traveller,source", "number", Mine)).ShouldBe(["T1|Ada Lovelace|file", "T2|Hopper|file"]);
        (await server.ListAsync("leg", "trip.number,goal,miles,no", "no")).ShouldBe(["T1|Bath|5|1", "T1|York|10|2", "T2|Hull|1.5|4"]);

        var undone = await server.Admin.PostAsync($"/api/changes/{outcome.Result.GetProperty("changeSet").GetString()}/undo", "{}");
        undone.Status.ShouldBe(200, undone.Text);
        (await server.ListAsync("trip", "number", filter: Mine)).ShouldBeEmpty();
        (await server.CountAsync("leg")).ShouldBe(0);
    }

    [Fact]
    public async Task What_a_request_says_lies_over_the_profile()
    {
        (await server.SendAsync("trip", Csv, "\"profile\": \"absent\"")).Code.ShouldBe("import.profile");
        (await server.SendAsync("", Csv)).Code.ShouldBe("import.entity");
    }

    [Fact]
    public async Task Rows_of_one_record_can_follow_each_other_each_at_its_moment()
    {
        const string Log = "number,state,at\nL1,new,29-02-2016 01:16\nL1,active,29-02-2016 02:00\nL2,new,01-03-2016 09:00\nL1,closed,05-03-2016 12:00\nL1,closed,05-03-2016 13:00\n";
        const string Options = "\"key\": [\"number\"], \"repeats\": \"update\", \"changedAt\": \"at\"";

        var dry = await server.ImportAsync("trip", Log, Options + ", \"dryRun\": true");
        var outcome = await server.ImportAsync("trip", Log, Options);

        outcome.Counts.ShouldBe("2, 2, 1, 0, 0");
        dry.Counts.ShouldBe(outcome.Counts);
        var id = (await server.ListAsync("trip", "id", filter: """{"field": "number", "op": "eq", "value": "L1"}"""))[0];
        var history = (await server.Admin.ReadAsync($"/api/records/trip/{id}/history")).Json.GetProperty("items").EnumerateArray().Select(h => h.GetProperty("at").GetString()![..16]).ToList();
        history.ShouldBe(["2016-03-05T12:00", "2016-02-29T02:00", "2016-02-29T01:16"]);
        (await server.SendAsync("trip", System.Text.Encoding.UTF8.GetBytes(Log), Options, client: server.Person)).Status.ShouldBe(403);
    }

    [Theory]
    [InlineData("""{"name": "bad", "entity": "nothing"}""", "entity")]
    [InlineData("""{"name": "bad", "entity": "thing", "mapping": {"a": "absent"}}""", "mapping.a")]
    [InlineData("""{"name": "bad", "entity": "thing", "mapping": {"a": "kind"}, "valueMaps": {"a": {"x": "purple"}}}""", "valueMaps.a.x")]
    [InlineData("""{"name": "bad", "entity": "thing", "computed": [{"name": "a", "text": "b", "of": "c"}]}""", "computed[0].text")]
    [InlineData("""{"name": "bad", "entity": "thing", "computed": [{"name": "a", "of": "c", "pattern": "("}]}""", "computed[0].pattern")]
    [InlineData("""{"name": "bad", "entity": "thing", "computed": [{"name": "a", "text": "{open"}]}""", "computed[0].text")]
    [InlineData("""{"name": "bad", "entity": "thing", "where": {"field": "a", "op": "under", "value": 1}}""", "where.op")]
    [InlineData("""{"name": "bad", "entity": "thing", "repeats": "twice"}""", "repeats")]
    [InlineData("""{"name": "bad", "entity": "thing", "onlyMapped": true, "key": ["kind"], "mapping": {"a": "name"}}""", "key")]
    [InlineData("""{"name": "bad", "entity": "thing", "profile": "other"}""", "profile")]
    [InlineData("""{"name": "bad", "entity": "thing", "mapping": {"a": "other"}, "lookups": {"other": "absent"}}""", "lookups.other")]
    [InlineData("""{"name": "bad", "entity": "thing", "steps": [{"entity": "thing"}]}""", "entity")]
    [InlineData("""{"name": "bad", "steps": [{"entity": "thing"}, {"entity": "thing", "mapping": {"a": "absent"}}]}""", "steps[1].mapping.a")]
    public void A_profile_that_does_not_fit_the_Model_is_reported_with_its_path(string profile, string path)
    {
        using var metadata = new MetadataFolder()
            .WithEntity("thing", """{"name": "name", "type": "text"}, {"name": "kind", "type": "choice", "options": [{"value": "red"}]}, {"name": "other", "type": "lookup", "target": "thing"}""")
            .With("imports/bad.json", profile);

        var problems = metadata.Compile().Problems;

        problems.Select(p => (p.File, p.Path)).ShouldBe([("imports/bad.json", path)]);
    }

    private async Task<ImportOutcome> SendAsync(string csv, string options)
    {
        using var form = new MultipartFormDataContent();
        using var content = new StringContent(csv);
        using var text = new StringContent("{" + options + "}");
        form.Add(content, "file", "file.csv");
        form.Add(text, "options");
        var accepted = await server.Admin.SendAsync("POST", "/api/imports", form);
        accepted.Status.ShouldBe(202, accepted.Text);
        return new(await server.FinishedAsync(accepted.Json.GetProperty("id").GetString()!));
    }
}
