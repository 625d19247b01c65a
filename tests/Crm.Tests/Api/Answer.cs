using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>An answer of the server, read to its end.</summary>
public sealed record Answer(int Status, string ContentType, string Text, HttpResponseHeaders Headers)
{
    public JsonElement Json => JsonElement.Parse(Text);

    public string? ETag => Headers.ETag?.Tag;

    /// <summary>The code of a refusal.</summary>
    public string Code => Json.GetProperty("code").GetString()!;

    /// <summary>What a refusal says, as one text: <c>field: code; field: code</c>.</summary>
    public string Problems => string.Join("; ", Json.GetProperty("errors").EnumerateArray().Select(e => $"{e.GetProperty("field").GetString()}: {e.GetProperty("code").GetString()}"));

    public bool IsProblem => ContentType == "application/problem+json";
}

/// <summary>Requests in one line.</summary>
internal static class HttpRequests
{
    public static Task<Answer> ReadAsync(this HttpClient client, string url) => client.SendAsync("GET", url);

    /// <summary>Reads again until the answer is what is waited for.</summary>
    public static async Task<Answer> UntilAsync(this HttpClient client, string url, Func<Answer, bool> isThere)
    {
        while (true)
        {
            if (await client.ReadAsync(url) is var answer && isThere(answer))
            {
                return answer;
            }
            await Task.Yield();
        }
    }

    public static Task<Answer> PostAsync(this HttpClient client, string url, string json) => client.SendAsync("POST", url, json);

    /// <summary>Sends a request; headers are written <c>Name: value</c>.</summary>
    public static Task<Answer> SendAsync(this HttpClient client, string method, string url, string? json = null, params string[] headers) =>
        client.SendAsync(method, url, json is null ? null : Json(Encoding.UTF8.GetBytes(json)), headers);

    public static async Task<Answer> SendAsync(this HttpClient client, string method, string url, HttpContent? content, params string[] headers)
    {
        using var request = new HttpRequestMessage(new(method), url) { Content = content };
        foreach (var header in headers)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            request.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 1)..].Trim());
        }
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", text, response.Headers);
    }

    public static ByteArrayContent Json(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        return content;
    }
}
