using Crm.Benchmarks.Chromium;
using Crm.Benchmarks.Floor;
using Crm.Benchmarks.Pages;
using Crm.Benchmarks.Speed;
using Crm.Benchmarks.Startup;
using Crm.Benchmarks.Workflows;

// dotnet run -c Release --project tests/Crm.Benchmarks -- <command>
return args switch
{
    ["startup"] => await StartupBenchmark.RunAsync(),
    ["pages"] => await PagesBenchmark.RunAsync(),
    ["chromium"] => await ChromiumBenchmark.RunAsync(),
    ["speed"] => await SpeedBenchmark.RunOnSqliteAsync(""),
    ["speed", "postgres"] => await SpeedBenchmark.RunOnPostgresAsync(""),
    ["speed", "postgres", var only] => await SpeedBenchmark.RunOnPostgresAsync(only),
    ["speed", var only] => await SpeedBenchmark.RunOnSqliteAsync(only),
    ["floor-server", var kind, var database, var address] => await FloorServer.RunAsync(kind, database, address),
    ["workflows"] => await WorkflowBenchmark.RunAsync(),
    _ => Usage(),
};

static int Usage()
{
    Console.WriteLine(
        """
        startup          time from process start to the first answered request, and idle memory
        pages            pages deep inside a list and search, over 10,000 and 1,000,000 records
        chromium         what a person waits for in Chromium, in front of 1,000,000 opportunities
        speed            requests per second beside a hand-written server over the same database (the floor), SQLite
        speed postgres   the same on a PostgreSQL that is started for it and removed again
                         (and after either the beginning of one row's name, such as import, for that row alone)
        workflows        what an instance of a workflow costs, in memory and kept in a database
        """);
    return 2;
}
