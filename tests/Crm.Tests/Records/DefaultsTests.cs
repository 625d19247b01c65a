using Crm.Metadata;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

public sealed class DefaultsTests
{
    private const string Fields = """
        {"name": "name", "type": "text"},
        {"name": "status", "type": "choice", "options": [{"value": "new"}, {"value": "old"}], "default": "new"},
        {"name": "count", "type": "integer", "default": 7},
        {"name": "price", "type": "money", "default": "12.50"},
        {"name": "seller", "type": "user", "default": {"var": "me"}},
        {"name": "branch", "type": "lookup", "target": "unit", "default": {"var": "myUnit"}},
        {"name": "day", "type": "date", "default": {"var": "today"}},
        {"name": "moment", "type": "dateTime", "default": {"var": "now"}}
        """;

    [Fact]
    public async Task A_new_record_gets_what_its_fields_default_to()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var unit = await store.CreateAsync("unit", """{"name": "North"}""");
        var ada = await store.PersonAsync("Ada", unit.Id);

        var thing = await store.CreateAsync("thing", "{}", ada);

        thing["status"].ShouldBe("new");
        thing["count"].ShouldBe(7L);
        thing["price"].ShouldBe(new Money(12.50m, "USD"));
        thing["seller"].ShouldBe(ada.UserId);
        thing["branch"].ShouldBe(unit.Id);
        thing["day"].ShouldBe(new DateOnly(2026, 3, 18));
        thing["moment"].ShouldBe(ManualTimeProvider.Start);
    }

    [Fact]
    public async Task A_default_that_means_nothing_was_reported_and_is_none()
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("user", """{"name": "name", "type": "text"}""").WithEntity("unit", """{"name": "name", "type": "text"}""").WithEntity("thing", """
            {"name": "a", "type": "text", "default": {"var": "nobody"}}, {"name": "b", "type": "text", "default": {"var": "me"}}, {"name": "c", "type": "lookup", "target": "thing", "default": {"var": "myTeams"}},
            {"name": "d", "type": "integer", "default": {"expression": "1 + 1"}}, {"name": "e", "type": "links", "target": "thing", "default": ["0190aaaa-bbbb-7ccc-8ddd-000000000001"], "unique": true}, {"name": "f", "type": "text", "default": "x"}
            """);
        var model = folder.Compile();
        await using var store = await TestStore.OpenAsync(model, mayHaveProblems: true);

        var thing = await store.CreateAsync("thing", "{}", await store.PersonAsync("Ada"));

        model.Problems.Select(p => p.Path).ShouldBe(["fields[3].default", "fields[4].unique", "fields[4].default", "fields[0].default.var", "fields[1].default.var", "fields[2].default.var"], ignoreOrder: true);
        "abcdef".Select(name => thing[name.ToString()]).ShouldBe([null, null, null, null, null, "x"]);
    }

    [Fact]
    public async Task A_value_or_an_explicit_nothing_wins_over_the_default()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);

        var thing = await store.CreateAsync("thing", """{"status": "old", "count": null}""");

        thing["status"].ShouldBe("old");
        thing["count"].ShouldBeNull();
    }

    [Fact]
    public async Task A_record_belongs_to_who_made_it_and_to_that_persons_unit()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var unit = await store.CreateAsync("unit", """{"name": "North"}""");
        var ada = await store.PersonAsync("Ada", unit.Id);

        var thing = await store.GetAsync(await store.CreateAsync("thing", "{}", ada));

        (thing["owner"], thing["unit"], thing["created_by"], thing["updated_by"]).ShouldBe((ada.UserId, unit.Id, ada.UserId, ada.UserId));
        (thing["created_at"], thing["updated_at"], thing.Version).ShouldBe((ManualTimeProvider.Start, ManualTimeProvider.Start, 1));
    }

    [Fact]
    public async Task A_record_given_to_somebody_else_belongs_to_their_unit_unless_it_names_one()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var (north, south) = (await store.CreateAsync("unit", """{"name": "North"}"""), await store.CreateAsync("unit", """{"name": "South"}"""));
        var (ada, bob) = (await store.PersonAsync("Ada", north.Id), await store.PersonAsync("Bob", south.Id));

        var given = await store.CreateAsync("thing", $$"""{"owner": "{{bob.UserId}}"}""", ada);
        var placed = await store.CreateAsync("thing", $$"""{"owner": "{{bob.UserId}}", "unit": "{{north.Id}}"}""", ada);

        (given["owner"], given["unit"]).ShouldBe((bob.UserId, south.Id));
        (placed["owner"], placed["unit"]).ShouldBe((bob.UserId, north.Id));
    }

    [Fact]
    public async Task An_update_fills_no_defaults()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var thing = await store.CreateAsync("thing", """{"count": null}""");

        var changed = await store.UpdateAsync(thing, """{"name": "changed"}""");

        changed["count"].ShouldBeNull();
    }
}
