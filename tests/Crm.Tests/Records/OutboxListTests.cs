using System.Text.Json.Nodes;
using Crm.Data;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>What an administrator sees of the outbox, however much lies in it.</summary>
public sealed class OutboxListTests
{
    [Fact]
    public async Task All_that_could_not_be_delivered_is_listed_page_by_page()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}""");
        await store.Database.WriteAsync(
            session => store.Outbox.EnqueueAsync(session, [.. Enumerable.Range(0, 7).Select(i => new OutboxEffect("nobody.hears", new JsonObject { ["n"] = i }))], TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken);

        var seen = new List<int>();
        for (Guid? before = null; ;)
        {
            var page = await store.Queue.ListAsync(OutboxState.Pending, 3, Actor.Platform, before, TestContext.Current.CancellationToken);
            seen.AddRange(page.Select(i => i.Payload["n"]!.GetValue<int>()));
            if (page.Count < 3)
            {
                break;
            }
            before = page[^1].Id;
        }

        seen.ShouldBe([6, 5, 4, 3, 2, 1, 0]);
    }
}
