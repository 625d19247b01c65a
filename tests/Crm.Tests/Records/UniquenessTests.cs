using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

public sealed class UniquenessTests
{
    private const string Fields = """
        {"name": "name", "type": "text", "unique": true},
        {"name": "day", "type": "date"},
        {"name": "room", "type": "text"},
        {"name": "moment", "type": "dateTime", "unique": true},
        {"name": "price", "type": "money", "unique": true}
        """;

    private const string Booking = "\"unique\": [[\"day\", \"room\"]]";

    [Fact]
    public async Task A_value_that_another_record_has_is_refused()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields, Booking);
        await store.CreateAsync("thing", """{"name": "one"}""");
        var two = await store.CreateAsync("thing", """{"name": "two"}""");

        (await Refusal.OfAsync(() => store.CreateAsync("thing", """{"name": "one"}"""))).ShouldBe("name: unique");
        (await Refusal.OfAsync(() => store.UpdateAsync(two, """{"name": "one"}"""))).ShouldBe("name: unique");
        (await store.NamesAsync("thing", sort: "name")).ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task Of_two_equal_values_in_one_batch_the_first_is_written()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields, Booking);

        var changes = await store.WriteAsync(atomic: false, store.Creation("thing", """{"name": "same"}"""), store.Creation("thing", """{"name": "same"}"""));

        changes.Select(c => c.Failed).ShouldBe([false, true]);
        (await store.CountAsync("thing")).ShouldBe(1);
    }

    [Fact]
    public async Task Values_of_one_batch_that_only_look_alike_are_not_the_same()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields, Booking);

        await store.WriteAsync(
            atomic: true,
            store.Creation("thing", """{"moment": "2026-01-01T10:00:00.000001Z", "price": "1.0001"}"""),
            store.Creation("thing", """{"moment": "2026-01-01T10:00:00.000002Z", "price": "1.0002"}"""));

        (await store.CountAsync("thing")).ShouldBe(2);
    }

    [Fact]
    public async Task Empty_values_do_not_count()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields, Booking);

        await store.WriteAsync(atomic: true, [.. Enumerable.Range(0, 3).Select(_ => store.Creation("thing", """{"day": "2026-01-01"}"""))]);

        (await store.CountAsync("thing")).ShouldBe(3);
    }

    [Fact]
    public async Task A_set_of_fields_is_unique_together()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields, Booking);
        await store.CreateAsync("thing", """{"day": "2026-01-01", "room": "A"}""");
        var other = await store.CreateAsync("thing", """{"day": "2026-01-01", "room": "B"}""");

        (await Refusal.OfAsync(() => store.UpdateAsync(other, """{"room": "A"}"""))).ShouldBe("day: unique");
    }

    [Fact]
    public async Task A_deleted_record_takes_no_value_away()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields, Booking);
        var old = await store.CreateAsync("thing", """{"name": "one"}""");
        await store.DeleteAsync(old);

        await store.CreateAsync("thing", """{"name": "one"}""");

        (await Refusal.OfAsync(() => store.RestoreAsync(old))).ShouldBe("name: unique");
    }

    [Fact]
    public async Task A_record_may_keep_its_own_value()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields, Booking);
        var one = await store.CreateAsync("thing", """{"name": "one", "room": "A", "day": "2026-01-01"}""");

        (await store.UpdateAsync(one, """{"name": "one", "room": "B"}""")).Version.ShouldBe(2);
    }

    [Fact]
    public async Task Of_many_who_want_the_same_value_at_once_one_gets_it()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields, Booking);

        var wishes = Enumerable.Range(0, 30).Select(_ => Task.Run(() => store.WriteAsync(atomic: false, store.Creation("thing", """{"name": "mine"}"""))));
        var answers = await Task.WhenAll(wishes);

        answers.Count(a => !a[0].Failed).ShouldBe(1);
        (await store.CountAsync("thing")).ShouldBe(1);
    }
}
