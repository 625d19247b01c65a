using System.Diagnostics;
using System.Globalization;
using Crm.Data;
using Crm.Workflow;

namespace Crm.Benchmarks.Workflows;

/// <summary>What a workflow costs: in memory for itself, kept in a SQLite file in this process, and beside many definitions and many instances that ended.</summary>
internal static class WorkflowBenchmark
{
    private const int Timers = 10_000, Finished = 1_000_000;

    public static async Task<int> RunAsync()
    {
        await MemoryAsync();
        var folder = Directory.CreateTempSubdirectory("crm-workflows-");
        try
        {
            await DurableAsync(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        return 0;
    }

    private static async Task MemoryAsync()
    {
        var engine = new MemoryEngine(new WorkflowParts(), TimeProvider.System, new TimeOrderedIds(TimeProvider.System).Next) { ActivityBudget = int.MaxValue };
        var activities = Enumerable.Range(1, 5).Select(WorkflowTexts.Step).ToList();
        await OneByOneAsync("five activities in a sequence", engine, engine.Add(WorkflowTexts.Definition("sequence", WorkflowTexts.Sequence(activities))));
        await OneByOneAsync("five activities in a flowchart", engine, engine.Add(WorkflowTexts.Definition("flowchart", WorkflowTexts.Flowchart(activities))));
        await OneByOneAsync("five activities in a flowchart, tokens", engine, engine.Add(WorkflowTexts.Definition("tokens", WorkflowTexts.Flowchart(activities), """ "customProperties": {"Flowchart:ExecutionMode": "TokenBased"},""")));
        foreach (var turns in (int[])[10, 10_000])
        {
            var loop = engine.Add(WorkflowTexts.Definition("loop" + turns, WorkflowTexts.Loop(turns)));
            var instances = 400_000 / turns;
            await MeasureAsync(engine, loop, instances / 4);
            var elapsed = await MeasureAsync(engine, loop, instances);
            Print($"a loop of {turns} activities", elapsed.TotalMicroseconds / instances / turns, "us an activity");
        }
    }

    private static async Task OneByOneAsync(string name, MemoryEngine engine, WorkflowGraph graph)
    {
        const int Instances = 200_000;
        await MeasureAsync(engine, graph, Instances / 2);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var elapsed = await MeasureAsync(engine, graph, Instances);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Print(name, elapsed.TotalMicroseconds / Instances, string.Create(CultureInfo.InvariantCulture, $"us an instance, {bytes / (double)Instances:N0} bytes"));
    }

    private static async Task<TimeSpan> MeasureAsync(MemoryEngine engine, WorkflowGraph graph, int instances)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < instances; i++)
        {
            await engine.StartAsync(graph);
        }
        return clock.Elapsed;
    }

    /// <summary>Three databases in turn, so that what else the machine does hits all of them alike; told is the middle of the rounds.</summary>
    private static async Task DurableAsync(string folder)
    {
        const int Rounds = 6;
        await using var small = await DurableBench.OpenAsync(Path.Combine(folder, "small"), 10);
        await using var wide = await DurableBench.OpenAsync(Path.Combine(folder, "wide"), 1_000);
        await using var old = await DurableBench.OpenAsync(Path.Combine(folder, "old"), 10);
        await old.SeedFinishedAsync(Finished);
        (string Name, DurableBench Bench)[] homes = [("10 definitions", small), ("1,000 definitions", wide), ("1,000,000 finished instances", old)];
        var figures = homes.ToDictionary(h => h.Name, _ => new List<double[]>());
        for (var round = 0; round <= Rounds; round++)
        {
            // Each is the first of a round as often as the others.
            foreach (var (name, bench) in homes.Skip(round % homes.Length).Concat(homes.Take(round % homes.Length)))
            {
                var figure = await FigureAsync(bench);
                if (round > 0)
                {
                    // The first is for the compiler, and what it took says nothing.
                    figures[name].Add(figure);
                }
            }
        }
        string[] kinds = ["four steps with a record, finished", "four steps without records, finished", "started up to a wait", "resumed to the end"];
        for (var kind = 0; kind < kinds.Length; kind++)
        {
            foreach (var (name, _) in homes)
            {
                var rate = Middle(figures[name].Select(f => f[kind]));
                Print($"{name}: {kinds[kind]}", rate, string.Create(CultureInfo.InvariantCulture, $"instances a second, cost {Middle(figures[name].Zip(figures[homes[0].Name], (f, first) => first[kind] / f[kind])):N2}"));
            }
        }
        foreach (var turns in (int[])[10, 10_000])
        {
            var instances = 100_000 / turns;
            var definition = "loop" + turns.ToString(CultureInfo.InvariantCulture);
            await small.StartManyAsync(definition, Math.Max(1, instances / 4));
            var elapsed = await TimedAsync(() => small.StartManyAsync(definition, instances));
            Print($"kept: a loop of {turns} activities", elapsed.TotalMicroseconds / instances / turns, "us an activity");
        }
        await small.StartManyAsync("timers", Timers);
        var swept = await TimedAsync(() => small.Engine.RunDueAsync());
        Print($"{Timers} timers due at once", swept.TotalSeconds, "seconds until the last was resumed");
    }

    private static async Task<double[]> FigureAsync(DurableBench bench)
    {
        const int Instances = 4_000;
        var steps = await TimedAsync(() => bench.StartManyAsync("steps", Instances));
        var plain = await TimedAsync(() => bench.StartManyAsync("plain", Instances));
        IReadOnlyList<string> waiting = [];
        var started = await TimedAsync(async () => waiting = await bench.StartManyAsync("waits", Instances));
        var resumed = await TimedAsync(() => bench.ResumeManyAsync(waiting));
        return [Instances / steps.TotalSeconds, Instances / plain.TotalSeconds, Instances / started.TotalSeconds, Instances / resumed.TotalSeconds];
    }

    private static double Middle(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static async Task<TimeSpan> TimedAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed;
    }

    private static void Print(string name, double value, string unit) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-66} {value,10:N2} {unit}"));
}
