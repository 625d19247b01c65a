using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Crm.Benchmarks.Floor;
using Crm.Benchmarks.Startup;
using Npgsql;

namespace Crm.Benchmarks.Speed;

/// <summary>The product beside the floor: the same table of 12 fields, the same rows, the same connections, in turn on the same machine.</summary>
internal static class SpeedBenchmark
{
    private const int Rows = 100_000, ImportRows = 20_000, Rounds = 5, RoundRequests = 1_500_000;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);
    private static readonly string[] Statuses = ["new", "open", "done", "lost"], Regions = ["north", "south", "east", "west", "centre"];

    private const string Entity =
        """
        { "name": "bench_item", "label": "Item", "titleField": "name", "indexes": [["status", "region", "amount"]],
          "fields": [
            { "name": "name", "type": "text", "required": true }, { "name": "status", "type": "text" }, { "name": "region", "type": "text" },
            { "name": "amount", "type": "integer" }, { "name": "quantity", "type": "integer" }, { "name": "day", "type": "date" },
            { "name": "active", "type": "boolean" }, { "name": "email", "type": "email" }, { "name": "phone", "type": "phone" },
            { "name": "city", "type": "text" }, { "name": "note", "type": "text" } ] }
        """;

    private const string Fields = "id,name,status,region,amount,quantity,day,active,email,phone,city,note";

    /// <param name="only">The beginning of the name of what to measure; empty for all of it.</param>
    public static Task<int> RunOnSqliteAsync(string only) => RunAsync(only, folder => ServerUnderTest.StartFloor("sqlite", Path.Combine(folder, "floor.db")), postgres: null, () => Task.CompletedTask);

    /// <inheritdoc cref="RunOnSqliteAsync"/>
    public static async Task<int> RunOnPostgresAsync(string only)
    {
        using var cluster = await PostgresCluster.StartAsync("autovacuum=on", "shared_buffers=256MB");
        await using (var administration = NpgsqlDataSource.Create(cluster.ConnectionString + ";Database=postgres"))
        {
            foreach (var database in new[] { "floor", "crm" })
            {
                await using var command = administration.CreateCommand($"CREATE DATABASE {database}");
                await command.ExecuteNonQueryAsync();
            }
        }
        return await RunAsync(only, _ => ServerUnderTest.StartFloor("postgres", Of("floor")), Of("crm"), AnalyseAsync);

        string Of(string database) => cluster.ConnectionString + ";Database=" + database;

        // What PostgreSQL does by itself after a while, so that both are measured with plans for full tables.
        async Task AnalyseAsync()
        {
            foreach (var database in new[] { "floor", "crm" })
            {
                await using var source = NpgsqlDataSource.Create(Of(database));
                await using var command = source.CreateCommand("VACUUM ANALYZE");
                await command.ExecuteNonQueryAsync();
            }
        }
    }

    private static async Task<int> RunAsync(string only, Func<string, ServerUnderTest> startFloor, string? postgres, Func<Task> settle)
    {
        var folder = Directory.CreateTempSubdirectory("crm-speed-");
        try
        {
            var metadata = Path.Combine(folder.FullName, "metadata");
            Directory.CreateDirectory(Path.Combine(metadata, "entities"));
            await File.WriteAllTextAsync(Path.Combine(metadata, "entities", "bench_item.json"), Entity);
            using var floorServer = startFloor(folder.FullName);
            using var crmServer = ServerUnderTest.StartCrm(Path.Combine(folder.FullName, "data"), metadata, postgres);
            var floor = await PrepareFloorAsync(floorServer);
            var crm = await PrepareCrmAsync(crmServer);
            await settle();
            Console.WriteLine($"{"",-34}{"floor/s",12}{"product/s",12}{"ratio",8}{"wanted",8}");
            foreach (var (name, wanted) in new[] { ("read by id", 0.6), ("page of 50, filtered and sorted", 0.7), ("create", 0.35), ("update of one field", 0.35), ("import of 20,000 rows", 0.35) }.Where(r => r.Item1.StartsWith(only, StringComparison.Ordinal)))
            {
                // In turn, so that what else the machine does bears on both; the middle of the rounds is told.
                var rounds = new List<(double Floor, double Crm)>();
                // Each has met such requests before: what is compared is a server at work and not the compiler behind it.
                await floor[name](Rounds);
                await crm[name](Rounds);
                for (var round = 0; round < Rounds; round++)
                {
                    rounds.Add((await floor[name](round), await crm[name](round)));
                }
                Console.Error.WriteLine("  rounds " + string.Join("  ", rounds.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Floor:N0}/{r.Crm:N0}={r.Crm / r.Floor:N2}"))));
                var (floors, crms) = rounds.OrderBy(r => r.Crm / r.Floor).ElementAt(Rounds / 2);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-34}{floors,12:N0}{crms,12:N0}{crms / floors,8:N2}{wanted,8:N2}"));
            }
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Dictionary<string, Func<int, Task<double>>>> PrepareFloorAsync(ServerUnderTest server)
    {
        await server.WaitForAsync("/health");
        var items = Enumerable.Range(0, Rows).Select(n => Item(n)).ToList();
        await ImportAsync(items);
        return new()
        {
            ["read by id"] = round => RunAsync(round, (c, n) => LoadClient.Request("GET", "/items/" + items[Pick(c, n)].Id, null)),
            ["page of 50, filtered and sorted"] = round => RunAsync(round, (c, n) => LoadClient.Request("GET", $"/items?status={Statuses[n % 4]}&region={Regions[(n + c) % 5]}", null)),
            ["create"] = round => RunAsync(round, (c, n) => LoadClient.Request("POST", "/items", null, JsonSerializer.Serialize(Item((c * 10_000_000) + n + Rows), FloorJson.Default.FloorItem))),
            ["update of one field"] = round => RunAsync(round, (c, n) => LoadClient.Request("PATCH", "/items/" + items[Pick(c, n)].Id, null, $"{{\"quantity\":{n}}}")),
            ["import of 20,000 rows"] = async round => ImportRows / (await ImportAsync([.. Enumerable.Range(0, ImportRows).Select(n => Item(n + 500_000_000 + (round * ImportRows)))])).TotalSeconds,
        };

        Task<double> RunAsync(int round, Func<int, int, byte[]> request) => LoadClient.RunAsync(server.Address, Duration, (c, n) => request(c, n + (round * RoundRequests)));

        async Task<TimeSpan> ImportAsync(List<FloorItem> more)
        {
            using var client = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(5) };
            var clock = Stopwatch.StartNew();
            (await client.PostAsJsonAsync("/import", more)).EnsureSuccessStatusCode();
            return clock.Elapsed;
        }
    }

    private static async Task<Dictionary<string, Func<int, Task<double>>>> PrepareCrmAsync(ServerUnderTest server)
    {
        await server.WaitForAsync("/health/ready");
        var client = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(5) };
        var answer = await client.PostAsJsonAsync("/api/auth/token", new { email = ServerUnderTest.Email, password = ServerUnderTest.Password });
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        await ImportAsync(client, Rows, 0);
        var ids = await IdsAsync(client);
        return new()
        {
            ["read by id"] = round => RunAsync(round, (c, n) => LoadClient.Request("GET", $"/api/records/bench_item/{ids[Pick(c, n) % ids.Count]}?fields={Fields}", token)),
            ["page of 50, filtered and sorted"] = round => RunAsync(round, (c, n) => LoadClient.Request("GET", PagePath(Statuses[n % 4], Regions[(n + c) % 5]), token)),
            ["create"] = round => RunAsync(round, (c, n) => LoadClient.Request("POST", "/api/records/bench_item", token, Body((c * 10_000_000) + n + Rows))),
            ["update of one field"] = round => RunAsync(round, (c, n) => LoadClient.Request("PATCH", "/api/records/bench_item/" + ids[Pick(c, n) % ids.Count], token, $"{{\"quantity\":{n}}}", "If-Match: *")),
            ["import of 20,000 rows"] = async round => ImportRows / (await ImportAsync(client, ImportRows, 500_000_000 + (round * ImportRows))).TotalSeconds,
        };

        Task<double> RunAsync(int round, Func<int, int, byte[]> request) => LoadClient.RunAsync(server.Address, Duration, (c, n) => request(c, n + (round * RoundRequests)));
    }

    private static string PagePath(string status, string region)
    {
        var filter = $$"""{"all":[{"field":"status","op":"eq","value":"{{status}}"},{"field":"region","op":"eq","value":"{{region}}"}]}""";
        return $"/api/records/bench_item?limit=50&sort=amount&fields={Fields}&filter={Uri.EscapeDataString(filter)}";
    }

    private static async Task<TimeSpan> ImportAsync(HttpClient client, int rows, int from)
    {
        var csv = new StringBuilder("name,status,region,amount,quantity,day,active,email,phone,city,note\n");
        foreach (var i in Enumerable.Range(from, rows).Select(n => Item(n)))
        {
            csv.Append(CultureInfo.InvariantCulture, $"{i.Name},{i.Status},{i.Region},{i.Amount},{i.Quantity},{i.Day},{(i.Active ? "true" : "false")},{i.Email},{i.Phone},{i.City},{i.Note}\n");
        }
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Encoding.UTF8.GetBytes(csv.ToString())), "file", "items.csv" },
            { new StringContent("""{"entity":"bench_item"}"""), "options" },
        };
        var clock = Stopwatch.StartNew();
        var started = await client.PostAsync(new Uri("/api/imports", UriKind.Relative), form);
        var id = (await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (await timer.WaitForNextTickAsync())
        {
            var job = await client.GetFromJsonAsync<JsonElement>($"/api/jobs/{id}");
            var state = job.GetProperty("state").GetString();
            if (state is not ("queued" or "running"))
            {
                return state == "succeeded" && job.GetProperty("result").GetProperty("created").GetInt32() == rows ? clock.Elapsed : throw new InvalidOperationException(job.ToString());
            }
        }
        throw new InvalidOperationException("The timer stopped.");
    }

    private static async Task<List<string>> IdsAsync(HttpClient client)
    {
        var ids = new List<string>();
        var after = "";
        while (ids.Count < 20_000)
        {
            var page = await client.GetFromJsonAsync<JsonElement>($"/api/records/bench_item?fields=id&limit=1000{after}");
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            after = "&after=" + page.GetProperty("next").GetString();
        }
        return ids;
    }

    private static int Pick(int connection, int n) => (int)((((long)n * 7_919) + (connection * 104_729L)) % Rows);

    private static string Body(int n)
    {
        var i = Item(n);
        return string.Create(CultureInfo.InvariantCulture, $"{{\"name\":\"{i.Name}\",\"status\":\"{i.Status}\",\"region\":\"{i.Region}\",\"amount\":{i.Amount},\"quantity\":{i.Quantity},\"day\":\"{i.Day}\",\"active\":{(i.Active ? "true" : "false")},\"email\":\"{i.Email}\",\"phone\":\"{i.Phone}\",\"city\":\"{i.City}\",\"note\":\"{i.Note}\"}}");
    }

    private static FloorItem Item(int n) => new(
        n.ToString("D32", CultureInfo.InvariantCulture), $"Item number {n}", Statuses[n % 4], Regions[n / 4 % 5], (n * 7_919L) % 100_000, n % 500, new DateOnly(2026, 1, 1).AddDays(n % 365).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        n % 3 == 0, $"person{n}@example.com", $"+1 555 {n % 10_000:D4}", "Springfield", "A short note about this item that is neither long nor empty");
}
