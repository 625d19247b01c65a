using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Crm.Benchmarks.Startup;
using Microsoft.Data.Sqlite;

namespace Crm.Benchmarks.Pages;

/// <summary>Pages deep inside a list and search, over few and over many records: what a person waits for, in milliseconds.</summary>
internal static class PagesBenchmark
{
    private const int Few = 10_000, Many = 1_000_000, Rounds = 40;

    private const string Entity =
        """
        { "name": "page_item", "label": "Item", "titleField": "name", "searchFields": ["name", "city"], "indexes": [["name"], ["status", "amount"], ["amount"]],
          "fields": [ { "name": "name", "type": "text" }, { "name": "city", "type": "text" }, { "name": "status", "type": "text" }, { "name": "amount", "type": "integer" } ] }
        """;

    /// <summary>Rows written by the database itself: a common word, a number that only one row has, and a city of two Chinese characters in one of a thousand.</summary>
    private const string Fill =
        """
        INSERT INTO page_item (id, version, name, "name$fold", city, "city$fold", status, "status$fold", amount)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
        SELECT CAST(printf('%016d', i) AS BLOB), 1, 'Record ' || printf('%07d', i), 'record ' || printf('%07d', i), CASE WHEN i % 1000 = 7 THEN '苏州' ELSE 'Common town' END,
               CASE WHEN i % 1000 = 7 THEN '苏州' ELSE 'common town' END, 's' || (i % 4), 's' || (i % 4), (i * 7919) % $rows FROM n
        """;

    public static async Task<int> RunAsync()
    {
        var few = await MeasureAsync(Few);
        var many = await MeasureAsync(Many);
        Console.WriteLine($"{"median of " + Rounds.ToString(CultureInfo.InvariantCulture) + ", ms",-52}{"10,000",10}{"1,000,000",12}{"ratio",8}");
        foreach (var (name, time) in many)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-52}{few[name],10:N1}{time,12:N1}{time / few[name],8:N1}"));
        }
        return 0;
    }

    private static async Task<Dictionary<string, double>> MeasureAsync(int rows)
    {
        var folder = Directory.CreateTempSubdirectory("crm-pages-");
        try
        {
            var (metadata, data) = (Path.Combine(folder.FullName, "metadata"), Path.Combine(folder.FullName, "data"));
            Directory.CreateDirectory(Path.Combine(metadata, "entities"));
            await File.WriteAllTextAsync(Path.Combine(metadata, "entities", "page_item.json"), Entity);
            using (var empty = ServerUnderTest.StartCrm(data, metadata))
            {
                await empty.WaitForAsync("/health/ready");
            }
            await FillAsync(Path.Combine(data, "crm.db"), rows);
            using var server = ServerUnderTest.StartCrm(data, metadata);
            var start = await server.WaitForAsync("/health/ready");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows: start with search index to be made {start.TotalSeconds:N1} s, files {Directory.GetFiles(data, "crm.db*").Sum(f => new FileInfo(f).Length) / 1048576.0:N0} MB"));
            using var client = new HttpClient { BaseAddress = server.Address };
            var answer = await client.PostAsJsonAsync("/api/auth/token", new { email = ServerUnderTest.Email, password = ServerUnderTest.Password });
            client.DefaultRequestHeaders.Authorization = new("Bearer", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString());
            return await MeasureAsync(client, rows);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Dictionary<string, double>> MeasureAsync(HttpClient client, int rows)
    {
        const string List = "/api/records/page_item?limit=50&fields=name,amount";
        var middle = rows / 2;
        var status = "&filter=" + Uri.EscapeDataString("""{"field":"status","op":"eq","value":"s1"}""");
        var byAmount = await CursorAsync(client, "amount", $$"""{"field":"amount","op":"ge","value":{{middle}}}""");
        var byName = await CursorAsync(client, "-name", $$"""{"field":"name","op":"le","value":"Record {{middle:D7}}"}""");
        var byId = await CursorAsync(client, "-id", $$"""{"field":"amount","op":"between","value":[{{middle}},{{middle + 1}}]}""");
        return new()
        {
            ["first page by amount"] = await TimeAsync(client, List + "&sort=amount"),
            ["page in the middle by amount"] = await TimeAsync(client, $"{List}&sort=amount&after={byAmount}"),
            ["page before it"] = await TimeAsync(client, $"{List}&sort=amount&before={byAmount}"),
            ["page in the middle by name downwards"] = await TimeAsync(client, $"{List}&sort=-name&after={byName}"),
            ["page in the middle, newest first"] = await TimeAsync(client, $"{List}&sort=-id&after={byId}"),
            ["page in the middle by amount, one status of four"] = await TimeAsync(client, $"{List}&sort=amount&after={byAmount}{status}"),
            ["count up to 10,000"] = await TimeAsync(client, List + "&count=capped"),
            ["list search, one record"] = await TimeAsync(client, $"{List}&sort=name&q={middle:D7}"),
            ["list search, a word that all have"] = await TimeAsync(client, List + "&sort=name&q=common"),
            ["list search, two Chinese characters, 1 in 1,000"] = await TimeAsync(client, List + "&sort=name&q=" + Uri.EscapeDataString("苏州")),
            ["search over all entities, one record"] = await TimeAsync(client, $"/api/search?q={middle:D7}"),
            ["search over all entities, a word that all have"] = await TimeAsync(client, "/api/search?q=common"),
            ["search over all entities, beginning of all titles"] = await TimeAsync(client, "/api/search?q=rec"),
            ["search over all entities, one letter"] = await TimeAsync(client, "/api/search?q=o"),
        };
    }

    /// <summary>A place in the middle of an order, found by a value instead of by walking there.</summary>
    private static async Task<string> CursorAsync(HttpClient client, string sort, string filter)
    {
        var page = await client.GetFromJsonAsync<JsonElement>($"/api/records/page_item?limit=1&fields=id&sort={sort}&filter={Uri.EscapeDataString(filter)}");
        return page.GetProperty("next").GetString()!;
    }

    private static async Task<double> TimeAsync(HttpClient client, string url)
    {
        var times = new List<double>();
        for (var i = -3; i < Rounds; i++)
        {
            var began = Stopwatch.GetTimestamp();
            using var answer = await client.GetAsync(new Uri(url, UriKind.Relative));
            await answer.Content.ReadAsByteArrayAsync();
            answer.EnsureSuccessStatusCode();
            if (i >= 0)
            {
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }
        times.Sort();
        return times[times.Count / 2];
    }

    private static async Task FillAsync(string database, int rows)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = Fill;
        command.CommandTimeout = 600;
        command.Parameters.AddWithValue("$rows", rows);
        await command.ExecuteNonQueryAsync();
        command.CommandText = "ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)";
        command.Parameters.Clear();
        await command.ExecuteNonQueryAsync();
    }
}
