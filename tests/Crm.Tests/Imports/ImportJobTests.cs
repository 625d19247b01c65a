using System.Text;
using Crm.Data;
using Crm.Host.Startup;
using Crm.Tests.Api;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>An import is a job: it can be tried first, watched, stopped, and what it leaves out comes back as a file.</summary>
public sealed class ImportJobTests(ImportServer server) : IClassFixture<ImportServer>
{
    [Theory]
    [InlineData("gadget", "name,code,size,maker\na,dry1,1,Dry maker\nb,dry1,2,Dry maker\n,dry3,3,\nd,dry4,-1,Other dry maker\ne,dry5,x,\nf,dry6,6,Third dry maker\n", "\"key\": [\"code\"], \"createMissing\": [\"maker\"]")]
    [InlineData("part", "name,maker\ndry part 1,Dry required\ndry part 2,dry REQUIRED\ndry part 1,Dry required\n", "\"createMissing\": [\"maker\"]")]
    [InlineData("gadget", "name,code,parent\ndry child,dry7,dry parent\ndry parent,dry8,\ndry lone,dry9,nobody at all\n", "")]
    public async Task A_dry_run_counts_what_the_real_run_does_and_leaves_nothing_behind(string entity, string csv, string options)
    {
        var before = (await server.CountAsync(entity), await server.CountAsync("maker"));

        var dry = await server.ImportAsync(entity, csv, options + (options.Length > 0 ? ", " : "") + "\"dryRun\": true");
        var between = (await server.CountAsync(entity), await server.CountAsync("maker"));
        var real = await server.ImportAsync(entity, csv, options);

        between.ShouldBe(before);
        dry.Counts.ShouldBe(real.Counts);
        dry.Problems.ShouldBe(real.Problems);
        dry.Result.GetProperty("createdLookups").GetRawText().ShouldBe(real.Result.GetProperty("createdLookups").GetRawText());
        real.Result.GetProperty("created").GetInt32().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_dry_run_over_records_that_are_there_counts_changes_as_the_real_run_does()
    {
        await server.ImportAsync("gadget", "name,code,size\na,again1,1\nb,again2,2\n");
        const string Csv = "name,code,size,maker\na,again1,1,\nb,again2,3,\nb,again3,3,\nb,again1,1,Again maker\n";

        var dry = await server.ImportAsync("gadget", Csv, "\"key\": [\"code\"], \"dryRun\": true, \"createMissing\": [\"maker\"]");
        var real = await server.ImportAsync("gadget", Csv, "\"key\": [\"code\"], \"createMissing\": [\"maker\"]");

        dry.Counts.ShouldBe("1, 1, 1, 1, 0");
        real.Counts.ShouldBe(dry.Counts);
    }

    [Fact]
    public async Task The_file_of_bad_rows_goes_in_once_it_is_mended_and_again_as_often_as_it_takes()
    {
        var outcome = await server.ImportAsync("gadget", "name,code,phone,rate,notes\ngood,mend0,,,\na,mend1,+49 30 1234,x,=cmd()\nb,mend2,+49 30 5678,y,-1\nshort\n");
        outcome.Counts.ShouldBe("1, 0, 0, 0, 3");
        var bad = await BadRowsAsync(outcome);
        bad.ShouldContain("problem");
        bad.ShouldContain("'=cmd()", customMessage: "a spreadsheet must not run what a cell says");

        // One row is mended, the row that is too short is dropped.
        var half = await server.ImportAsync("gadget", string.Join('\n', bad.Replace(",x,", ",-1.5,", StringComparison.Ordinal).Split('\n').Where(line => !line.StartsWith("short", StringComparison.Ordinal))));
        half.Counts.ShouldBe("1, 0, 0, 0, 1");
        var rest = await server.ImportAsync("gadget", (await BadRowsAsync(half)).Replace(",y,", ",2,", StringComparison.Ordinal));
        rest.Counts.ShouldBe("1, 0, 0, 0, 0");

        (await server.ListAsync("gadget", "name,phone,rate,notes", "code", """{"field": "code", "op": "startsWith", "value": "mend"}""")).ShouldBe(["good|||", "a|+49301234|-1.5|=cmd()", "b|+49305678|2|-1"]);
    }

    [Fact]
    public async Task A_job_that_left_out_nothing_has_no_file_of_bad_rows()
    {
        var outcome = await server.ImportAsync("gadget", "name,code\na,none1\n");

        var answer = await server.Admin.ReadAsync($"/api/jobs/{outcome.Job.GetProperty("id").GetString()}/bad-rows");

        (answer.Status, answer.Code).ShouldBe((404, "job.noBadRows"));
    }

    [Fact]
    public async Task A_file_of_bad_rows_that_is_no_longer_there_is_said_to_be_gone()
    {
        var outcome = await server.ImportAsync("gadget", "name,code,rate\na,gone1,x\n");
        var job = await server.Services.GetRequiredService<JobStore>().FindAsync(outcome.Job.GetProperty("id").GetGuid(), Actor.Platform, TestContext.Current.CancellationToken);
        File.Delete(Path.Combine(server.Services.GetRequiredService<CrmOptions>().DataPath, job!.Result!["badRows"]!.GetValue<string>()));

        var answer = await server.Admin.ReadAsync(outcome.Result.GetProperty("badRows").GetString()!);

        (answer.Status, answer.IsProblem, answer.Code).ShouldBe((404, true, "file.gone"), answer.Text);
    }

    [Fact]
    public async Task A_stopped_import_keeps_what_it_wrote_and_says_how_much_that_is()
    {
        var job = await StartAsync(Rows("stop", 30_000));
        await server.WaitAsync(job, j => j.GetProperty("done").GetInt64() > 0);

        (await server.Admin.SendAsync("POST", $"/api/jobs/{job}/cancel")).Status.ShouldBe(200);

        var outcome = new ImportOutcome(await server.FinishedAsync(job));
        outcome.State.ShouldBe("cancelled");
        var written = outcome.Result.GetProperty("created").GetInt32();
        written.ShouldBeInRange(1, 29_999);
        (await server.Admin.ReadAsync("/api/records/gadget?limit=1&count=exact&filter=" + Uri.EscapeDataString("""{"field": "code", "op": "startsWith", "value": "stop"}"""))).Json.GetProperty("count").GetInt32().ShouldBe(written);
    }

    [Fact]
    public async Task A_job_that_is_stopped_while_it_waits_never_runs_and_may_be_stopped_again()
    {
        var (first, second) = (await StartAsync(Rows("first", 20_000)), await StartAsync(Rows("second", 1)));

        var cancelled = await server.Admin.SendAsync("POST", $"/api/jobs/{second}/cancel");
        await server.Admin.SendAsync("POST", $"/api/jobs/{first}/cancel");
        await server.FinishedAsync(first);
        (await server.ImportAsync("gadget", "name,code\nthird,third1\n")).State.ShouldBe("succeeded", "it ran after the second had its turn");
        var again = await server.Admin.SendAsync("POST", $"/api/jobs/{second}/cancel");

        cancelled.Json.GetProperty("state").GetString().ShouldBe("cancelled");
        (again.Status, again.Json.GetProperty("state").GetString()).ShouldBe((200, "cancelled"), again.Text);
        (await server.ListAsync("gadget", "name", filter: """{"field": "code", "op": "startsWith", "value": "second"}""")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_that_is_over_stays_as_it_is()
    {
        var outcome = await server.ImportAsync("gadget", "name,code\na,over1\n");

        var answer = await server.Admin.SendAsync("POST", $"/api/jobs/{outcome.Job.GetProperty("id").GetString()}/cancel");

        (answer.Status, answer.Json.GetProperty("state").GetString(), answer.Json.GetProperty("done").GetInt64(), answer.Json.GetProperty("total").GetInt64()).ShouldBe((200, "succeeded", 1, 1));
    }

    [Fact]
    public async Task People_see_their_own_jobs_and_administrators_all()
    {
        var mine = (await server.SendAsync("gadget", "name,code\na,mine1\n"u8.ToArray(), client: server.Person)).Json.GetProperty("id").GetString()!;
        var theirs = (await server.ImportAsync("gadget", "name,code\na,theirs1\nb,theirs1\n")).Job.GetProperty("id").GetString();

        (await server.FinishedAsync(mine)).GetProperty("state").GetString().ShouldBe("succeeded");
        (await server.Person.ReadAsync($"/api/jobs/{mine}")).Status.ShouldBe(200);
        (await server.Person.ReadAsync($"/api/jobs/{theirs}")).Status.ShouldBe(404);
        (await server.Person.ReadAsync($"/api/jobs/{theirs}/bad-rows")).Status.ShouldBe(404);
        (await server.Person.SendAsync("POST", $"/api/jobs/{theirs}/cancel")).Status.ShouldBe(404);
        (await server.ListAsync("gadget", "owner.name", filter: """{"field": "code", "op": "eq", "value": "mine1"}""")).ShouldBe(["Ada"]);
    }

    private static byte[] Rows(string code, int count) => Encoding.UTF8.GetBytes("name,code\n" + string.Concat(Enumerable.Range(0, count).Select(i => $"row,{code}{i}\n")));

    private async Task<string> StartAsync(byte[] file) => (await server.SendAsync("gadget", file)).Json.GetProperty("id").GetString()!;

    private async Task<string> BadRowsAsync(ImportOutcome outcome)
    {
        var answer = await server.Admin.ReadAsync(outcome.Result.GetProperty("badRows").GetString()!);
        (answer.Status, answer.ContentType).ShouldBe((200, "text/csv"));
        return answer.Text.Replace("\r\n", "\n", StringComparison.Ordinal);
    }
}
