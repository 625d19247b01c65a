using Crm.Data;
using Crm.Workflow;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;
using static Crm.Tests.Workflow.Bench;

namespace Crm.Tests.Workflow;

/// <summary>What workflows send to other servers.</summary>
public class HttpRequestTests
{
    [Fact]
    public async Task What_a_request_authorises_itself_by_reaches_the_server_and_nobody_who_reads_the_outbox()
    {
        var seen = new List<string>();
        await using var server = WebApplication.CreateSlimBuilder().Build();
        server.Urls.Add("http://127.0.0.1:0");
        server.MapGet("/ask", (HttpRequest request) =>
        {
            seen.Add(request.Headers.Authorization.ToString());
            return Results.Ok();
        });
        await server.StartAsync(TestContext.Current.CancellationToken);
        await using var home = await WorkflowHome.OpenAsync();
        await home.PublishAsync(Sequence($$"""{"type": "Elsa.SendHttpRequest", "id": "ask", "url": "{{server.Urls.First()}}/ask", "authorization": "Bearer s3cret"}""", Write("w", "asked")));
        var id = await home.StartAsync();
        var waiting = (await home.Store.OutboxAsync(OutboxState.Pending)).ShouldHaveSingleItem().Payload.ToJsonString();

        await home.SettleAsync();

        seen.ShouldBe(["Bearer s3cret"]);
        home.Lines.ShouldBe(["asked"]);
        (await home.FindAsync(id)).SubStatus.ShouldBe(WorkflowSubStatus.Finished);
        waiting.ShouldNotContain("s3cret");
        (await home.Store.OutboxAsync(OutboxState.Done)).ShouldHaveSingleItem().Payload.ToJsonString().ShouldNotContain("s3cret");
    }
}
