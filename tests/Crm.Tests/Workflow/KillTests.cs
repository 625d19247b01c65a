using System.Diagnostics;
using System.Globalization;
using Crm.Data;
using Crm.Data.Postgres;
using Crm.Data.Sqlite;
using Crm.Tests.Databases;
using Crm.Workflow;
using Shouldly;
using Xunit;

namespace Crm.Tests.Workflow;

/// <summary>
/// A process that runs workflows is killed again and again at random moments; in the end every instance is finished and every counter exact.
/// A server on loopback counts what reaches it under which key. <c>CRM_KILL_ROUNDS</c> says how often, <c>CRM_KILL_SEED</c> when.
/// </summary>
public class KillTests
{
    private const string WorkerVariable = "CRM_KILL_WORKER", ReceiverVariable = "CRM_KILL_RECEIVER";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task However_often_the_process_is_killed_every_instance_finishes_and_every_counter_is_exact()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(WorkerVariable) is not null, "this process is the one that is killed");
        var kills = Setting("CRM_KILL_ROUNDS", 10);
        var random = new Random(Setting("CRM_KILL_SEED", 20260318));
        for (var killed = 0; killed < kills;)
        {
            var before = killed;
            killed += await KillAsync(Math.Min(kills - killed, 20), random);
            killed.ShouldBeGreaterThan(before, "a process was killed while it worked");
        }
    }

    /// <summary>Kills processes at work on one database until all is done; how many.</summary>
    private static async Task<int> KillAsync(int kills, Random random)
    {
        await using var home = await TestDatabase.CreateAsync(SchemaOfModel.Derive(KillWorkload.CompileModel(), previous: null, WorkflowTables.All));
        await using var database = await home.OpenAsync();
        await using var receiver = await KillReceiver.StartAsync(Cancellation);
        var workload = new KillWorkload(database, receiver.Address);
        var killed = 0;
        while (killed < kills && await workload.OpenAsync(Cancellation) > 0)
        {
            var before = await workload.BurstsAsync(Cancellation);
            using var process = StartWorker(home, receiver.Address);
            // Only once it works is a process worth killing.
            while (!process.HasExited && await workload.BurstsAsync(Cancellation) == before)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
            }
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 300)), TimeProvider.System, Cancellation);
            killed += process.HasExited ? 0 : 1;
            process.Kill();
            await process.WaitForExitAsync(Cancellation);
        }
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        await workload.RunAsync(patience.Token);

        var thing = workload.Model["thing"];
        var page = await workload.Store.QueryAsync(new(thing) { Limit = 1000, Fields = [thing.Resolve("name")!, thing.Resolve("count")!, thing.Resolve("version")!] }, Actor.Platform, Cancellation);
        page.Items.Count.ShouldBe(KillWorkload.Instances, "one record an instance");
        page.Items.Select(r => (string)r[0]!).Distinct().Count().ShouldBe(KillWorkload.Instances);
        page.Items.ShouldAllBe(r => Equals(r[1], 3L) && Equals(r[2], 4L));
        var instances = await workload.Engine.ListAsync(new() { Limit = 1000 }, Cancellation);
        instances.Count.ShouldBe(KillWorkload.Instances);
        instances.ShouldAllBe(i => i.SubStatus == WorkflowSubStatus.Finished && i.Incidents == 0);
        receiver.KeysByName.Count.ShouldBe(KillWorkload.Instances, "each instance told the other server");
        receiver.KeysByName.ShouldAllBe(told => told.Value.Count == 1, "under one key, however often");
        (await workload.TasksAsync(Cancellation)).ShouldBe((KillWorkload.Instances, 0L), "one task an instance, and none left open");
        return killed;
    }

    /// <summary>Not a test of its own: the process that the test above starts and kills.</summary>
    [Fact]
    public async Task Worker_of_the_test_above()
    {
        var where = Environment.GetEnvironmentVariable(WorkerVariable);
        Assert.SkipWhen(where is null, "runs only as the process that is killed");
        await using Database database = where!.EndsWith(".db", StringComparison.Ordinal) ? await SqliteDatabase.OpenAsync(where, Cancellation) : PostgresDatabase.Open(where);
        await new KillWorkload(database, Environment.GetEnvironmentVariable(ReceiverVariable)!).RunAsync(Cancellation);
    }

    private static Process StartWorker(TestDatabase home, string receiver)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(KillTests).Assembly.Location);
        }
        foreach (var argument in (string[])["-noLogo", "-noColor", "-method", $"{typeof(KillTests).FullName}.{nameof(Worker_of_the_test_above)}"])
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment[WorkerVariable] = home.Address;
        start.Environment[ReceiverVariable] = receiver;
        var process = Process.Start(start)!;
        // Nobody reads what it says, and a full pipe would hold it up.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static int Setting(string name, int fallback) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : fallback;
}
