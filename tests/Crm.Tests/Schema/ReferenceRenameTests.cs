using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Schema;

/// <summary>An entity gets another name: what points to its records, in fields and in histories, follows. A field does: what it holds goes by the new name.</summary>
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
        (await database.Store.HistoryAsync(database["note"], note.Id, Actor.Platform, cancellationToken: TestContext.Current.CancellationToken)).Items[0].Changes.Single(c => c.Field.Name == "regarding").After.ShouldBe(new Reference("account", acme.Id));
        await database.Store.DeleteAsync(database["account"], acme.Id, Actor.Platform, Door.Api, TestContext.Current.CancellationToken);
        (await database.GetAsync("note", note.Id))["regarding"].ShouldBeNull();
    }

    [Fact]
    public async Task A_file_is_let_go_by_the_field_that_got_another_name_since()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync("deal", $$"""{{Name}}, {"name": "contract", "type": "file"}""");
        var file = new StoredFile(database.Ids.Next(), "a.txt", "text/plain", 1, "", null, null, ManualTimeProvider.Start, null, ManualTimeProvider.Start.AddDays(1));
        await database.Database.WriteAsync(session => FileRows.InsertAsync(session, file, TestContext.Current.CancellationToken).AsTask(), TestContext.Current.CancellationToken);
        var deal = await database.CreateAsync("deal", ("contract", new FileSet([new(file.Id, "", "", 0)])));
        (await FreeAsync()).ShouldBeEmpty();

        await database.ApplyAsync("deal", $$"""{{Name}}, {"name": "paper", "type": "file", "renamedFrom": "contract"}""");
        (await FreeAsync()).ShouldBeEmpty();
        await database.Store.UpdateAsync(database["deal"], deal.Id, [new(database["deal"]["paper"], null)], expectedVersion: null, Actor.Platform, Door.Api, TestContext.Current.CancellationToken);

        (await FreeAsync()).ShouldBe([file.Id]);

        async Task<IEnumerable<Guid>> FreeAsync()
        {
            await using var session = await database.Database.ReadAsync(TestContext.Current.CancellationToken);
            return (await FileRows.FreeAsync(session, ManualTimeProvider.Start.AddYears(1), 10, TestContext.Current.CancellationToken)).Select(f => f.Id);
        }
    }

    private static void Write(MetadataFolder folder, string entity, string more) =>
        folder.WithEntity(entity, Name, more).WithEntity("note", $$"""{{Name}}, {"name": "regarding", "type": "anyLookup", "targets": ["{{entity}}", "unit"]}""");
}
