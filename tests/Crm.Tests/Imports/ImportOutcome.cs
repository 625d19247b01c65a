using System.Text;
using System.Text.Json;
using Crm.Tests.Api;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>What an import reported.</summary>
public sealed record ImportOutcome(JsonElement Job)
{
    public string State => Job.GetProperty("state").GetString()!;

    public JsonElement Result => Job.GetProperty("result");

    /// <summary><c>created, updated, unchanged, duplicates, errors</c>.</summary>
    public string Counts => string.Join(", ", new[] { "created", "updated", "unchanged", "duplicates", "errors" }.Select(name => Result.GetProperty(name).GetInt32()));

    /// <summary>Row by row what was wrong: <c>row column: code</c>.</summary>
    public string[] Problems => [.. Result.GetProperty("problems").EnumerateArray().Select(p => $"{p.GetProperty("row").GetInt32()} {p.GetProperty("column").GetString()}: {p.GetProperty("code").GetString()}")];
}

/// <summary>Sends files and waits for their jobs.</summary>
internal static class ImportRequests
{
    /// <summary>Sends a file; options are the inside of the JSON object, the entity apart.</summary>
    public static Task<Answer> SendAsync(this ApiServer server, string entity, string csv, string options = "", string fileName = "file.csv") => server.SendAsync(entity, Encoding.UTF8.GetBytes(csv), options, fileName);

    public static async Task<Answer> SendAsync(this ApiServer server, string entity, byte[] file, string options = "", string fileName = "file.csv", HttpClient? client = null)
    {
        using var form = new MultipartFormDataContent();
        using var content = new ByteArrayContent(file);
        using var text = new StringContent($$"""{"entity": "{{entity}}"{{(options.Length > 0 ? ", " + options : "")}}}""");
        form.Add(content, "file", fileName);
        form.Add(text, "options");
        return await (client ?? server.Admin).SendAsync("POST", "/api/imports", form);
    }

    /// <summary>Sends a file and waits for what becomes of it.</summary>
    public static Task<ImportOutcome> ImportAsync(this ApiServer server, string entity, string csv, string options = "") => server.ImportAsync(entity, Encoding.UTF8.GetBytes(csv), options);

    public static async Task<ImportOutcome> ImportAsync(this ApiServer server, string entity, byte[] file, string options = "")
    {
        var accepted = await server.SendAsync(entity, file, options);
        accepted.Status.ShouldBe(202, accepted.Text);
        return new(await server.FinishedAsync(accepted.Json.GetProperty("id").GetString()!));
    }

    /// <summary>Waits until <paramref name="reached"/> holds for a job.</summary>
    public static async Task<JsonElement> WaitAsync(this ApiServer server, string job, Func<JsonElement, bool> reached)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var i = 0; i < 24_000; i++)
        {
            var answer = await server.Admin.ReadAsync($"/api/jobs/{job}");
            answer.Status.ShouldBe(200, answer.Text);
            if (reached(answer.Json))
            {
                return answer.Json;
            }
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
        throw new TimeoutException($"The job {job} did not get there.");
    }

    public static Task<JsonElement> FinishedAsync(this ApiServer server, string job) => server.WaitAsync(job, j => j.GetProperty("state").GetString() is "succeeded" or "failed" or "cancelled");
}
