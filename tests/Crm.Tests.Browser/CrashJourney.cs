using Crm.Tests.Browser.Harness;
using Shouldly;
using Xunit;

namespace Crm.Tests.Browser;

public sealed class CrashJourney(RunningServer server, Chromium chromium) : Journey(server, chromium)
{
    [Fact]
    public async Task After_a_crash_the_server_comes_back_with_its_users()
    {
        await using var own = await RunningServer.StartAsync();
        await OpenSignedInAsync(on: own);
        // The open page loses its connection, and says so.
        Complaints.Expect("websocket");
        Complaints.Expect("connection");
        Complaints.Expect("ERR_CONNECTION_REFUSED");

        await own.RestartAsync();

        var page = await OpenSignedInAsync(on: own);
        (await page.EvaluateAsync<string>("typeof Blazor")).ShouldBe("object");
    }
}
