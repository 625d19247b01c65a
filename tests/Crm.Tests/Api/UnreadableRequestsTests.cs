using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>What the web server itself refuses, because it is no request that it could hand on, is told like every other refusal.</summary>
public sealed class UnreadableRequestsTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Host = "Host: localhost\r\n";

    public static TheoryData<string, int, string> Requests { get; } = new()
    {
        { $"GET /api/records/customer/%00 HTTP/1.1\r\n{Host}\r\n", 400, "request.form" },
        { $"GET /api/records/customer?q=a b HTTP/1.1\r\n{Host}\r\n", 400, "request.form" },
        { "no request at all\r\n\r\n", 400, "request.form" },
        { "GET /api/records/customer HTTP/1.1\r\n\r\n", 400, "request.form" },
        { $"GET /api/records/customer HTTP/1.1\r\n{Host}no header\r\n\r\n", 400, "request.form" },
        { $"POST /api/auth/token HTTP/1.1\r\n{Host}Content-Length: many\r\n\r\n", 400, "request.form" },
        { $"GET /api/records/customer?q={new string('a', 300_000)} HTTP/1.1\r\n{Host}\r\n", 414, "request.addressLength" },
        { $"GET /api/records/customer HTTP/1.1\r\n{Host}Accept: {new string('a', 100_000)}\r\n\r\n", 431, "request.headersLength" },
        { $"GET /api/records/customer HTTP/1.1\r\n{Host}{string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: 1\r\n"))}\r\n", 431, "request.headersLength" },
        { $"GET /api/records/customer HTTP/7.1\r\n{Host}\r\n", 505, "request.form" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task What_the_server_cannot_read_is_answered_with_a_problem(string request, int status, string code)
    {
        Check(await SendAsync(request), status, code);
    }

    [Fact]
    public async Task A_connection_that_served_before_answers_with_a_problem_too_and_ends()
    {
        var answers = await SendAsync($"GET /health/live HTTP/1.1\r\n{Host}\r\nGET /%00 HTTP/1.1\r\n{Host}\r\n");

        var second = answers.IndexOf("HTTP/1.1 400", StringComparison.Ordinal);
        answers[..second].ShouldStartWith("HTTP/1.1 200");
        Check(answers[second..], 400, "request.form");
    }

    [Fact]
    public async Task A_body_whose_pieces_are_broken_is_refused()
    {
        var answer = await SendAsync($"POST /api/auth/token HTTP/1.1\r\n{Host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n{{}}\r\n");

        answer.ShouldStartWith("HTTP/1.1 400 ");
        answer.ShouldContain("Content-Type: application/problem+json");
        answer.ShouldContain("\"code\":\"request\"");
    }

    [Fact]
    public async Task Who_asks_for_the_head_only_gets_no_body()
    {
        var answer = await SendAsync($"HEAD /api/records/customer HTTP/1.1\r\n{Host}Accept: {new string('a', 100_000)}\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 431");
        answer.ShouldEndWith("\r\n\r\n");
    }

    private static void Check(string answer, int status, string code)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var (head, body) = (answer[..end], answer[(end + 4)..]);
        head.ShouldStartWith($"HTTP/1.1 {status} ");
        head.ShouldContain("Content-Type: application/problem+json");
        head.ShouldContain($"Content-Length: {Encoding.UTF8.GetByteCount(body)}");
        var problem = JsonElement.Parse(body);
        (problem.GetProperty("status").GetInt32(), problem.GetProperty("code").GetString()).ShouldBe((status, code));
        problem.GetProperty("detail").GetString().ShouldNotStartWith("problem.");
        problem.GetProperty("errors").GetArrayLength().ShouldBe(0);
    }

    /// <summary>Sends bytes as they are; all that comes back until the server ends the connection.</summary>
    private async Task<string> SendAsync(string request)
    {
        var address = server.Anonymous.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        var bytes = Encoding.Latin1.GetBytes(request);
        var answer = new StreamReader(stream).ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await stream.WriteAsync(bytes, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // It answers before all of a request that is too long has come.
        }
        return await answer;
    }
}
