using Crm.Data;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>The timeline of a record, page by page.</summary>
public sealed class TimelinePagesTests
{
    [Fact]
    public async Task What_points_to_a_record_by_many_of_its_links_is_told_once_and_hides_nothing_older()
    {
        await using var data = await TestStore.OpenAsync(folder => folder
            .WithEntity("firm", """{"name": "name", "type": "text"}""")
            .WithEntity("guest", """{"name": "name", "type": "text"}""")
            .WithEntity("party", """{"name": "name", "type": "text"}, {"name": "guests", "type": "links", "target": "guest", "columns": [{"name": "pays", "type": "lookup", "target": "firm"}]}"""));
        var timeline = new Timeline(data.Database, data.Store, new ModelSource(data.Model));
        var firm = await data.CreateAsync("firm", """{"name": "Acme"}""");
        var guests = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            guests.Add($$"""{"id": "{{(await data.CreateAsync("guest", "{}")).Id}}", "pays": "{{firm.Id}}"}""");
        }
        foreach (var name in new[] { "first", "second" })
        {
            data.Clock.Advance(TimeSpan.FromMinutes(1));
            await data.CreateAsync("party", $$"""{"name": "{{name}}", "guests": [{{string.Join(", ", guests)}}]}""");
        }

        var told = new List<string>();
        string? after = null;
        do
        {
            var page = await timeline.ReadAsync(firm.Entity, firm.Id, Actor.Platform, limit: 2, after, cancellationToken: TestContext.Current.CancellationToken);
            told.AddRange(page.Items.Select(i => i.Title ?? i.Kind));
            after = page.Next;
        }
        while (after is not null);

        told.ShouldBe(["second", "first", "created"]);
    }
}
