using Crm.Data;
using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Two people change the same record: what they did to different fields is kept, the same field is theirs to decide.</summary>
public sealed class VersionTests
{
    private const string Fields = """{"name": "name", "type": "text"}, {"name": "city", "type": "text"}, {"name": "size", "type": "integer"}""";

    [Fact]
    public async Task Changes_of_different_fields_are_merged()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var seen = await store.CreateAsync("thing", """{"name": "a", "city": "x"}""");
        await store.UpdateAsync(seen, """{"name": "b"}""", seen.Version);

        var merged = await store.UpdateAsync(seen, """{"city": "y"}""", seen.Version);

        (merged["name"], merged["city"], merged.Version).ShouldBe(("b", "y", 3));
    }

    [Fact]
    public async Task Changes_of_the_same_field_show_what_it_was_what_is_wanted_and_what_it_is()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var seen = await store.CreateAsync("thing", """{"name": "base", "city": "x"}""");
        await store.UpdateAsync(seen, """{"name": "between"}""", seen.Version);
        await store.UpdateAsync(seen, """{"name": "current"}""", 2);

        var refusal = await Refusal.ExceptionOfAsync(() => store.UpdateAsync(seen, """{"name": "yours", "city": "y"}""", seen.Version));

        refusal.Kind.ShouldBe(ProblemKind.VersionConflict);
        var conflict = refusal.Conflicts.ShouldHaveSingleItem();
        (conflict.Field.Name, conflict.Base, conflict.Yours, conflict.Current).ShouldBe(("name", "base", "yours", "current"));
        (await store.GetAsync(seen))["city"].ShouldBe("x", "a conflict writes nothing");
    }

    [Fact]
    public async Task Both_wanting_the_same_value_is_no_conflict()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var seen = await store.CreateAsync("thing", """{"name": "a"}""");
        await store.UpdateAsync(seen, """{"name": "b"}""", seen.Version);

        (await store.UpdateAsync(seen, """{"name": "b"}""", seen.Version)).Version.ShouldBe(2);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task A_version_that_the_record_never_had_is_refused(long version)
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var seen = await store.CreateAsync("thing", """{"name": "a"}""");

        (await Refusal.OfAsync(() => store.UpdateAsync(seen, """{"name": "b"}""", version))).ShouldBe(": version.unknown");
    }

    [Fact]
    public async Task An_update_that_changes_nothing_leaves_version_time_and_history_alone()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var seen = await store.CreateAsync("thing", """{"name": "a", "size": 5}""");
        store.Clock.Advance(TimeSpan.FromHours(1));

        await store.UpdateAsync(seen, """{"name": "a", "size": 5}""", seen.Version);

        var now = await store.GetAsync(seen);
        (now.Version, now["updated_at"]).ShouldBe((1, ManualTimeProvider.Start));
        (await store.HistoryAsync(seen)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_version_the_last_one_to_write_wins()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var seen = await store.CreateAsync("thing", """{"name": "a"}""");
        await store.UpdateAsync(seen, """{"name": "b"}""");

        (await store.UpdateAsync(seen, """{"name": "c"}"""))["name"].ShouldBe("c");
    }

    [Fact]
    public async Task A_deletion_that_names_a_version_spares_what_somebody_has_changed_since()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var seen = await store.CreateAsync("thing", """{"name": "a"}""");
        await store.UpdateAsync(seen, """{"city": "y"}""", seen.Version);

        var refusal = await Refusal.ExceptionOfAsync(() => DeleteAsync(seen.Version));

        (refusal.Kind, refusal.Problems.ShouldHaveSingleItem().Code).ShouldBe((ProblemKind.VersionConflict, "version.unknown"));
        (await store.FindAsync(seen)).ShouldNotBeNull();
        await DeleteAsync(2);
        (await store.FindAsync(seen)).ShouldBeNull();

        Task DeleteAsync(long version) => store.WriteAsync(atomic: true, RecordChange.Delete(seen.Entity, seen.Id, version));
    }

    [Fact]
    public async Task Where_no_history_is_kept_an_old_version_is_a_conflict_because_nothing_says_what_changed()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields, "\"audit\": false");
        var seen = await store.CreateAsync("thing", """{"name": "a"}""");
        await store.UpdateAsync(seen, """{"name": "b"}""", seen.Version);

        (await Refusal.OfAsync(() => store.UpdateAsync(seen, """{"name": "c"}""", seen.Version))).ShouldBe(": version.unknown");
        (await store.GetAsync(seen))["name"].ShouldBe("b");
    }

    [Fact]
    public async Task Of_many_who_change_the_same_field_of_one_version_one_succeeds()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var seen = await store.CreateAsync("thing", """{"size": 0}""");

        var attempts = Enumerable.Range(1, 20).Select(i => Task.Run(async () =>
        {
            try
            {
                await store.UpdateAsync(seen, $$"""{"size": {{i}}}""", seen.Version);
                return true;
            }
            catch (ProblemException)
            {
                return false;
            }
        }));

        (await Task.WhenAll(attempts)).Count(won => won).ShouldBe(1);
        (await store.GetAsync(seen)).Version.ShouldBe(2);
    }
}
