using System.Text.Json;
using Crm.Tests.Api;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>Real files of other systems, put in by the profiles that the product ships.</summary>
internal static class DataSets
{
    /// <summary>Figures that were computed from the files by other means.</summary>
    public static async Task<JsonElement> ReferenceAsync(string folder) =>
        JsonElement.Parse(await File.ReadAllTextAsync(SharedData.Path(folder, "reference.json"), TestContext.Current.CancellationToken));

    /// <summary>Puts a file in, in which nothing may be wrong; how many rows became what.</summary>
    public static async Task<string> ImportSetAsync(this ApiServer server, string profile, string folder, string file)
    {
        var outcome = await server.RunSetAsync(profile, folder, file);
        outcome.Problems.Take(5).ShouldBeEmpty();
        return outcome.Counts;
    }

    public static async Task<ImportOutcome> RunSetAsync(this ApiServer server, string profile, string folder, string file)
    {
        var content = await File.ReadAllBytesAsync(SharedData.Path(folder, file), TestContext.Current.CancellationToken);
        var answer = await server.SendByProfileAsync(profile, content, file);
        answer.Status.ShouldBe(202, answer.Text);
        var outcome = new ImportOutcome(await server.FinishedAsync(answer.Json.GetProperty("id").GetString()!));
        outcome.State.ShouldBe("succeeded", outcome.Job.ToString());
        return outcome;
    }

    public static async Task<Answer> SendByProfileAsync(this ApiServer server, string profile, byte[] file, string name)
    {
        using var form = new MultipartFormDataContent();
        using var content = new ByteArrayContent(file);
        using var text = new StringContent($$"""{"profile": "{{profile}}"}""");
        form.Add(content, "file", name);
        form.Add(text, "options");
        return await server.Admin.SendAsync("POST", "/api/imports", form);
    }

    /// <summary>How many records each group has, or another measure that is called <c>count</c> too.</summary>
    public static async Task<Dictionary<string, string>> FiguresAsync(this ApiServer server, string entity, string[] groupBy, string more = "")
    {
        var answer = await server.Admin.PostAsync($"/api/records/{entity}/aggregate", $$"""{"groupBy": [{{string.Join(", ", groupBy.Select(g => $"\"{g}\""))}}], "limit": 1000{{(more.Length > 0 ? ", " + more : "")}}}""");
        answer.Status.ShouldBe(200, answer.Text);
        return answer.Json.GetProperty("rows").EnumerateArray().ToDictionary(r => string.Join('|', groupBy.Select(g => r.GetProperty(g).ToString())), r => r.GetProperty("count").ToString());
    }
}
