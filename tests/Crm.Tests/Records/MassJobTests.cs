using System.Text.Json.Nodes;
using Crm.Data;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>What a mass change does with records of which something follows.</summary>
public sealed class MassJobTests
{
    [Fact]
    public async Task What_would_take_too_many_along_is_left_out_by_itself_and_holds_up_no_other()
    {
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("customer", """{"name": "name", "type": "text"}""")
            .WithEntity("visit", """{"name": "customer", "type": "lookup", "target": "customer", "onDelete": "cascade"}""", "\"audit\": false"));
        var (large, small, alone) = (await store.CreateAsync("customer", "{}"), await store.CreateAsync("customer", "{}"), await store.CreateAsync("customer", "{}"));
        await DeletionTests.AddTooManyAsync(store, "visit", large);
        var visit = await store.CreateAsync("visit", $$"""{"customer": "{{small.Id}}"}""");

        var result = await RunAsync(store, new(store["customer"], null, [large.Id, small.Id, alone.Id], null));

        (result["deleted"]!.GetValue<int>(), result["errors"]!.GetValue<int>()).ShouldBe((2, 1));
        var problem = result["problems"]!.AsArray().ShouldHaveSingleItem()!;
        (problem["id"]!.GetValue<Guid>(), problem["code"]!.GetValue<string>()).ShouldBe((large.Id, "delete.tooMany"));
        (await store.FindAsync(large)).ShouldNotBeNull();
        (await store.FindAsync(visit)).ShouldBeNull();
    }

    private static Task<JsonObject> RunAsync(TestStore store, MassChange change)
    {
        var job = new Job(store.Ids.Next(), MassChanges.JobKind, JobState.Running, 0, null, change.ToJson("en"), null, null, store.Clock.GetUtcNow(), null, null);
        return new MassJob(store.Store, new(store.Model), store.Ids).RunAsync(new(job, Actor.Platform, (_, _) => Task.CompletedTask, TestContext.Current.CancellationToken));
    }
}
