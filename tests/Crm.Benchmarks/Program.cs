using Crm.Benchmarks.Floor;
using Crm.Benchmarks.Speed;
using Crm.Benchmarks.Startup;
using Crm.Benchmarks.Workflows;

// dotnet run -c Release --project tests/Crm.Benchmarks -- <command>
return args switch
{
    ["startup"] => await StartupBenchmark.RunAsync(),
    ["speed"] => await SpeedBenchmark.RunAsync(),
    ["workflows"] => await WorkflowBenchmark.RunAsync(),
    ["floor-server", var database, var address] => await FloorServer.RunAsync(database, address),
    _ => Usage(),
};

static int Usage()
{
    Console.WriteLine(
        """
        startup   time from process start to the first answered request, and idle memory
        speed     requests per second beside a hand-written server over the same database (the floor)
        workflows what an instance of a workflow costs, in memory and kept in a database
        """);
    return 2;
}
