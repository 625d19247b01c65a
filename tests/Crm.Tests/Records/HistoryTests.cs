using System.Buffers;
using System.Text.Json;
using Crm.Data;
using Crm.Host.Api;
using Crm.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>The history is what undo, rehearsal and the warehouse live on: it must say who did what, and be complete.</summary>
public sealed class HistoryTests
{
    private const string Fields = """
        {"name": "name", "type": "text"},
        {"name": "notes", "type": "longText"},
        {"name": "size", "type": "integer"},
        {"name": "rate", "type": "decimal", "scale": 9},
        {"name": "price", "type": "money"},
        {"name": "active", "type": "boolean"},
        {"name": "day", "type": "date"},
        {"name": "moment", "type": "dateTime"},
        {"name": "kind", "type": "choice", "options": [{"value": "a"}, {"value": "b"}]},
        {"name": "number", "type": "autonumber"},
        {"name": "friend", "type": "lookup", "target": "thing", "onDelete": "clear"}
        """;

    [Fact]
    public async Task Any_version_can_be_rebuilt_from_the_history()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var (ada, bob) = (await store.PersonAsync("Ada"), await store.PersonAsync("Bob"));
        var friend = await store.CreateAsync("thing", """{"name": "friend"}""");
        var thing = await store.CreateAsync("thing", """{"name": "Ünï \"quoted\"", "notes": "a\nb", "size": 9007199254740993, "rate": 0.123456789, "price": "1.2345"}""", ada);
        var versions = new Dictionary<long, Record> { [1] = await store.GetAsync(thing) };
        foreach (var change in new[]
        {
            """{"name": null, "active": true, "day": "0001-01-01"}""",
            """{"moment": "2026-03-29T02:30:00.123456+01:00", "kind": "b", "active": false}""",
            $$"""{"friend": "{{friend.Id}}", "price": null, "owner": "{{bob.UserId}}"}""",
            """{"name": "客户 😀", "notes": null, "rate": -1.5, "size": null}""",
        })
        {
            store.Clock.Advance(TimeSpan.FromMinutes(1));
            var after = await store.UpdateAsync(thing, change, actor: bob);
            versions[after.Version] = await store.GetAsync(thing);
        }
        await store.DeleteAsync(friend);
        versions[6] = await store.GetAsync(thing);

        var history = await store.HistoryAsync(thing);

        history.Select(h => h.Version).ShouldBe([6, 5, 4, 3, 2, 1]);
        foreach (var (version, record) in versions)
        {
            var (forwards, backwards) = (Forwards(history, version), Backwards(history, versions[6], version));
            foreach (var field in record.Entity.Fields.Where(f => !f.IsSystem || f.Name is SystemFields.Owner or SystemFields.Unit))
            {
                field.Type.AreEqual(forwards.GetValueOrDefault(field), record[field]).ShouldBeTrue($"{field} at version {version}, built forwards");
                field.Type.AreEqual(backwards[field], record[field]).ShouldBeTrue($"{field} at version {version}, built backwards");
            }
        }
    }

    [Fact]
    public async Task A_version_is_rebuilt_however_many_came_after_it()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "size", "type": "integer"}""");
        var thing = await OftenChangedAsync(store, AuditPage.MaxLimit + 100);

        await using var session = await store.Database.ReadAsync(TestContext.Current.CancellationToken);
        var (before, after) = (await store.Store.AsOfAsync(session, thing.Entity, thing.Id, 5, TestContext.Current.CancellationToken))!.Value;

        (before!["size"], after["size"]).ShouldBe((4L, 5L));
    }

    [Fact]
    public async Task A_history_of_any_length_is_read_page_by_page_to_its_beginning()
    {
        const int Versions = (2 * AuditPage.MaxLimit) + 100;
        await using var store = await TestStore.OpenAsync("thing", """{"name": "size", "type": "integer"}""");
        var thing = await OftenChangedAsync(store, Versions);

        var (versions, whole) = (new List<long>(), new List<bool>());
        for (string? after = null; after is not null || versions.Count == 0;)
        {
            var page = await store.Store.HistoryAsync(thing.Entity, thing.Id, Actor.Platform, after: after, cancellationToken: TestContext.Current.CancellationToken);
            versions.AddRange(page.Items.Select(i => i.Version));
            whole.Add(IsWhole(page));
            after = page.Next;
        }

        versions.ShouldBe(Enumerable.Range(1, Versions).Reverse().Select(v => (long)v));
        whole.ShouldBe([false, false, true], "the answer says when it is not all");

        static bool IsWhole(AuditPage page)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer))
            {
                HistoryJson.Write(json, page);
            }
            return JsonElement.Parse(buffer.WrittenSpan).GetProperty("whole").GetBoolean();
        }
    }

    [Fact]
    public async Task A_field_tells_all_values_that_it_had_however_often_it_changed()
    {
        const int Versions = 5_000;
        await using var store = await TestStore.OpenAsync("thing", """{"name": "size", "type": "integer"}""");
        var thing = await OftenChangedAsync(store, Versions);

        var stays = await store.Store.StaysAsync(thing.Entity["size"], thing.Id, Actor.Platform, TestContext.Current.CancellationToken);

        stays.Select(s => s.Value).ShouldBe(Enumerable.Range(1, Versions).Select(size => (object)(long)size));
        stays.SkipLast(1).ShouldAllBe(s => s.Until == s.From.AddMinutes(1));
        (stays[^1].From, stays[^1].Until).ShouldBe((ManualTimeProvider.Start.AddMinutes(Versions - 1), null));
    }

    [Fact]
    public async Task Each_entry_says_who_when_how_and_why()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var ada = await store.PersonAsync("Ada");
        var set = store.Ids.Next();
        var creation = store.Creation("thing", """{"name": "a"}""");

        await store.Store.WriteAsync(new(ada, Door.Import, [creation], ChangeSet: set, Cause: "spring clean"), TestContext.Current.CancellationToken);

        var entry = (await store.HistoryAsync(creation.After!)).ShouldHaveSingleItem();
        (entry.Kind, entry.At, entry.ById, entry.ByName, entry.Door, entry.ChangeSet, entry.Cause, entry.Version)
            .ShouldBe((ChangeKind.Create, ManualTimeProvider.Start, ada.UserId, "Ada", Door.Import, set, "spring clean", 1));
    }

    [Fact]
    public async Task Deleting_and_restoring_are_part_of_the_history()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var thing = await store.CreateAsync("thing", """{"name": "a"}""");
        await store.DeleteAsync(thing);
        await store.RestoreAsync(thing);

        (await store.HistoryAsync(thing)).Select(h => h.Kind).ShouldBe([ChangeKind.Restore, ChangeKind.Delete, ChangeKind.Create]);
    }

    [Fact]
    public async Task What_is_refused_leaves_no_trace()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var thing = await store.CreateAsync("thing", """{"name": "a"}""");

        await store.WriteAsync(atomic: false, store.Change(thing, """{"kind": "none"}"""));

        (await store.HistoryAsync(thing)).Count.ShouldBe(1);
    }

    /// <summary>A thing whose size was given its version's number each minute.</summary>
    private static async Task<Record> OftenChangedAsync(TestStore store, int versions)
    {
        var thing = await store.CreateAsync("thing", """{"size": 1}""");
        await store.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("UPDATE \"thing\" SET \"version\" = $1, \"size\" = $1", [Param.Integer(versions)], TestContext.Current.CancellationToken);
                await session.InsertAsync(
                    new RowsInsert(SystemTables.Audit, ["id", "entity", "record_id", "version", "kind", "at", "door", "change_set", "changes"]),
                    [.. Enumerable.Range(2, versions - 1).SelectMany(version => new[]
                    {
                        Param.Uuid(store.Ids.Next()), Param.Text("thing"), Param.Uuid(thing.Id), Param.Integer(version), Param.Text("update"), Param.Timestamp(ManualTimeProvider.Start.AddMinutes(version - 1)),
                        Param.Text("api"), Param.Uuid(store.Ids.Next()), Param.Text($$"""{"size":[{{version - 1}},{{version}}]}"""),
                    })],
                    TestContext.Current.CancellationToken);
                return true;
            },
            TestContext.Current.CancellationToken);
        return thing;
    }

    private static Dictionary<Field, object?> Forwards(IReadOnlyList<AuditEntry> history, long version)
    {
        var values = new Dictionary<Field, object?>();
        foreach (var change in history.Where(h => h.Version <= version).OrderBy(h => h.Version).SelectMany(h => h.Changes))
        {
            values[change.Field] = change.After;
        }
        return values;
    }

    private static Record Backwards(IReadOnlyList<AuditEntry> history, Record now, long version)
    {
        var record = now.Clone();
        foreach (var change in history.Where(h => h.Version > version).OrderByDescending(h => h.Version).SelectMany(h => h.Changes))
        {
            record[change.Field] = change.Before;
        }
        return record;
    }
}
