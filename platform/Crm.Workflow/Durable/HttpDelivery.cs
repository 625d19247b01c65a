using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Crm.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Crm.Workflow;

/// <summary>Carries the requests of workflows to other servers and brings the answers back.</summary>
[OutboxHandler(HttpRequestActivity.OutboxKind)]
internal sealed class HttpDelivery(IServiceProvider services) : OutboxDelivery, IDisposable
{
    private const int MaxAnswer = 1_000_000;

    private readonly HttpClient _client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = true, MaxAutomaticRedirections = 5 })
    {
        Timeout = TimeSpan.FromSeconds(30),
        MaxResponseContentBufferSize = MaxAnswer,
    };

    public override async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        using var request = RequestOf(item);
        using var response = await AskAsync(request, item, cancellationToken);
        // A server that is overloaded or away is asked again later; any other answer is one.
        if ((int)response.StatusCode is 408 or 429 or >= 500 && item.Attempts < MaxAttempts)
        {
            throw new HttpRequestException($"The server answered {(int)response.StatusCode}.");
        }
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        var answer = new Dictionary<string, object?>
        {
            ["status"] = (int)response.StatusCode,
            ["content"] = response.Content.Headers.ContentType?.MediaType?.Contains("json", StringComparison.OrdinalIgnoreCase) == true ? Values.Parse(text) : text,
            ["headers"] = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => (object?)string.Join(", ", h.Value), StringComparer.Ordinal),
        };
        await TellAsync(item, answer, cancellationToken);
    }

    /// <summary>Asks; the last time that nobody answers, the workflow is told and goes on by the port that it has for that, and the item stays to be seen.</summary>
    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, OutboxItem item, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.SendAsync(request, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && item.Attempts >= MaxAttempts && !cancellationToken.IsCancellationRequested)
        {
            await TellAsync(item, new() { ["status"] = 0, ["failure"] = e is HttpRequestException ? HttpRequestActivity.NotConnected : HttpRequestActivity.TimedOut, ["content"] = e.Message }, cancellationToken);
            throw new UndeliverableException(e.Message, e);
        }
    }

    private Task TellAsync(OutboxItem item, Dictionary<string, object?> answer, CancellationToken cancellationToken) => services.GetRequiredService<WorkflowEngine>().ResumeLaterAsync(
        HttpRequestActivity.Answered(Text(item, "request")!), new Dictionary<string, object?> { [HttpRequestActivity.InputKey] = answer }, Text(item, "instance"), cancellationToken);

    public void Dispose() => _client.Dispose();

    private static HttpRequestMessage RequestOf(OutboxItem item)
    {
        var request = new HttpRequestMessage(new(Text(item, "method")!), Text(item, "url"));
        request.Headers.TryAddWithoutValidation("Idempotency-Key", item.Key);
        if (Text(item, "authorization") is { Length: > 0 } authorization)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }
        foreach (var (name, value) in item.Payload["headers"] as JsonObject ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value?.ToString());
        }
        if (Text(item, "content") is { } content)
        {
            request.Content = new StringContent(content, Encoding.UTF8);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(Text(item, "contentType"), out var type) ? type : new("application/json");
        }
        return request;
    }

    private static string? Text(OutboxItem item, string name) => item.Payload[name]?.GetValue<string>();
}
