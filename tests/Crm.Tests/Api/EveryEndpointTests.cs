using System.Text;
using Crm.Data;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>
/// Harmful input to every endpoint that the server has, in every place that takes any: path, query, headers and body. A new endpoint joins
/// by existing. The answer is never a fault of ours, and what is refused leaves no row behind.
/// </summary>
public sealed class EveryEndpointTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Nobody = "0190aaaa-bbbb-7ccc-8ddd-000000000001";

    /// <summary>These change who is signed in or how often one may try, which other cases need to stay as they are.</summary>
    private static readonly string[] LeftOut = ["/api/auth/token"];

    [Fact]
    public async Task Nothing_that_comes_in_is_a_fault_of_ours()
    {
        var record = (await server.CreateAsync("customer", """{"name": "Kept"}""")).GetProperty("id").GetString()!;
        var flow = await server.Admin.PostAsync("/elsa/api/workflow-definitions", """{"publish": true, "model": {"definitionId": "kept", "name": "Kept", "root": {"type": "Elsa.Event", "id": "wait", "eventName": "go"} } }""");
        flow.Status.ShouldBe(200, flow.Text);
        var seed = 10_000;
        var endpoints = OpenApiTests.Endpoints(server).Where(e => !LeftOut.Contains(e.Path)).ToList();
        endpoints.Count.ShouldBeGreaterThan(20);
        foreach (var (method, path) in endpoints)
        {
            for (var i = 0; i < 24; i++)
            {
                var hostile = new Hostile(++seed);
                var url = Fill(path, i, hostile, record) + Query(i, hostile);
                using var body = method is "GET" or "DELETE" ? null : Body(i, hostile);
                var before = await RowsAsync();

                Answer answer;
                try
                {
                    answer = await server.Admin.SendAsync(method, url, body, "If-Match: " + (i % 3 == 0 ? "\"1\"" : hostile.Word()));
                }
                catch (HttpRequestException) when (body?.Headers.ContentLength > 10_000_000)
                {
                    // The server need not read to the end what it refuses.
                    continue;
                }

                var what = $"seed {seed}: {method} {url}\n{answer.Status} {answer.Text}";
                answer.Status.ShouldBeLessThan(500, what);
                if (answer.Status >= 400 && answer.Status != 412)
                {
                    answer.IsProblem.ShouldBeTrue(what);
                    answer.Code.ShouldNotBeNullOrEmpty(what);
                    (await RowsAsync()).ShouldBe(before, what);
                }
                // Elsa's API names activities and types by what they are; its refusals must not show the inside either.
                foreach (var word in answer.Status < 400 && path.StartsWith("/elsa/", StringComparison.Ordinal) ? [] : new[] { "   at ", "Exception:", "SELECT ", "Sqlite", "System.", "Crm." })
                {
                    (answer.ContentType.EndsWith("json", StringComparison.Ordinal) && answer.Text.Contains(word, StringComparison.Ordinal)).ShouldBeFalse(what);
                }
            }
        }
    }

    private static string Fill(string path, int i, Hostile hostile, string record) => path
        .Replace("{entity}", i % 4 == 3 ? Escape(hostile.Text()) : i % 4 == 2 ? "user" : "customer", StringComparison.Ordinal)
        .Replace("{id}", (i % 5) switch { 0 => record, 1 => Nobody, _ => Escape(hostile.Text()) }, StringComparison.Ordinal)
        .Replace("{kind}", i % 2 == 0 ? "entities" : Escape(hostile.Text()), StringComparison.Ordinal)
        .Replace("{changeSet}", i % 2 == 0 ? Nobody : Escape(hostile.Text()), StringComparison.Ordinal)
        .Replace("{definitionId}", i % 2 == 0 ? "kept" : Escape(hostile.Text()), StringComparison.Ordinal)
        .Replace("{typeName}", i % 2 == 0 ? "Elsa.HttpEndpoint" : Escape(hostile.Text()), StringComparison.Ordinal)
        .Replace("{version}", i % 2 == 0 ? "1" : Escape(hostile.Text()), StringComparison.Ordinal)
        .Replace("{eventName}", Escape(hostile.Text()), StringComparison.Ordinal)
        .Replace("{number}", i % 2 == 0 ? "99" : Escape(hostile.Text()), StringComparison.Ordinal);

    private static string Query(int i, Hostile hostile) => (i % 6) switch
    {
        0 or 1 => "",
        2 => "?after=" + Escape(Convert.ToBase64String(Encoding.UTF8.GetBytes(hostile.Value(2)))),
        3 => $"?{Escape(hostile.Word())}={Escape(hostile.Text())}",
        4 => $"?format={Escape(hostile.Text())}&filter={Escape(hostile.Value(3))}",
        _ => $"?limit={Escape(hostile.Text())}&size={Escape(hostile.Text())}&name={Escape(hostile.Text())}&inline=true",
    };

    private static HttpContent Body(int i, Hostile hostile)
    {
        if (i % 6 == 5)
        {
            var form = new MultipartFormDataContent { { new ByteArrayContent(hostile.Body()), "file", i % 4 == 1 ? "a.xlsx" : i % 4 == 3 ? "a.vcf" : "a.csv" } };
            form.Add(new StringContent("{\"entity\": \"customer\", \"mapping\": " + hostile.Value(2) + "}"), "options");
            return form;
        }
        var content = HttpRequests.Json(hostile.Body());
        if (i % 6 == 4)
        {
            content.Headers.Remove("Content-Type");
            content.Headers.TryAddWithoutValidation("Content-Type", i % 4 == 0 ? "multipart/form-data; boundary=" : "application/x-www-form-urlencoded");
        }
        return content;
    }

    /// <summary>A path segment; one of dots alone would be another path, and one with a zero is refused before it comes to us.</summary>
    private static string Escape(string text) => text is "" or "." or ".." or "\0" ? "%20" : Uri.EscapeDataString(text.Length > 200 ? text[..200] : text);

    private async Task<string> RowsAsync()
    {
        await using var session = await server.Services.GetRequiredService<Database>().ReadAsync(TestContext.Current.CancellationToken);
        var counts = new List<string>();
        foreach (var table in new[] { "customer", "user", "_audit", "_file", "_file_use", "_counter" })
        {
            counts.Add($"{table} {await session.FirstAsync($"SELECT count(*) FROM \"{table}\"", [], row => row.Integer(0), TestContext.Current.CancellationToken)}");
        }
        return string.Join(", ", counts);
    }
}
