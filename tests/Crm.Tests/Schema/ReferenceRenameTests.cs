using Crm.Metadata;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Schema;

/// <summary>An entity gets another name: what points to its records, in fields and in histories, follows.</summary>
public sealed class ReferenceRenameTests
{
    private const string Name = """{"name": "name", "type": "text"}""";

    [Fact]
    public async Task References_follow_the_new_name_of_what_they_point_to()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync(f => Write(f, "customer", ""));
        var acme = await database.CreateAsync("customer", ("name", "Acme"));
        var note = await database.CreateAsync("note", ("regarding", new Reference("customer", acme.Id)));

        await database.ApplyAsync(f => Write(f, "account", """ "renamedFrom": "customer" """));

        (await database.GetAsync("note", note.Id))["regarding"].ShouldBe(new Reference("account", acme.Id));
        (await database.Store.HistoryAsync(database["note"], note.Id, Crm.Data.Actor.Platform, cancellationToken: TestContext.Current.CancellationToken)).Items[0].Changes.Single(c => c.Field.Name == "regarding").After.ShouldBe(new Reference("account", acme.Id));
        await database.Store.DeleteAsync(database["account"], acme.Id, Crm.Data.Actor.Platform, Crm.Data.Door.Api, TestContext.Current.CancellationToken);
        (await database.GetAsync("note", note.Id))["regarding"].ShouldBeNull();
    }

    private static void Write(MetadataFolder folder, string entity, string more) =>
        folder.WithEntity(entity, Name, more).WithEntity("note", $$"""{{Name}}, {"name": "regarding", "type": "anyLookup", "targets": ["{{entity}}", "unit"]}""");
}
