using Crm.Workflow;
using Shouldly;
using Xunit;

namespace Crm.Tests.Workflow;

/// <summary>Elsa's own test definitions give here what they give there.</summary>
public class ElsaConformanceTests
{
    [Fact]
    public async Task Every_case_of_elsas_tests_that_runs_ends_as_there()
    {
        var failures = new List<string>();
        foreach (var item in ElsaConformance.Cases.Where(c => c.Run is not null))
        {
            try
            {
                await CheckAsync(item);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failures.Add($"{item.Name}: {e.Message}");
            }
        }
        failures.ShouldBeEmpty();
    }

    [Fact]
    public void Every_case_that_is_published_or_refused_is_so_here()
    {
        foreach (var item in ElsaConformance.Cases.Where(c => c.Publish is not null))
        {
            var bench = new Bench();
            var graph = item.Import.Select(f => bench.Engine.Add(ElsaConformance.Read(f))).Last();
            graph.Problems.Count.ShouldBe(item.Publish == true ? 0 : 1, item.Name);
        }
    }

    private static async Task CheckAsync(ElsaConformance.Case item)
    {
        var bench = new Bench();
        foreach (var file in item.Import)
        {
            bench.Engine.Add(ElsaConformance.Read(file)).Problems.ShouldBeEmpty();
        }
        var input = item.Input?.ToDictionary(i => i.Key, i => Values.FromJson(i.Value));
        var run = await bench.Engine.StartAsync(bench.Engine.Graph(item.Run!), input, isTokenBased: item.IsTokenBased);
        await bench.DrainAsync(run, input);
        run.Incidents.ShouldBeEmpty();
        if (item.Lines is not null)
        {
            bench.Lines.ShouldBe(item.Lines);
        }
        item.Contains?.ToList().ForEach(line => bench.Lines.ShouldContain(line));
        if (item.Status is not null)
        {
            run.Status.ToString().ShouldBe(item.Status);
        }
        if (item.SubStatus is not null)
        {
            run.SubStatus.ToString().ShouldBe(item.SubStatus);
        }
        if (item.CompletedOnce is { } once)
        {
            run.Journal.Count(e => e.Event == ActivityEvent.Completed && e.Context.Node.Id == once).ShouldBe(1);
        }
    }
}
