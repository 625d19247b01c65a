using Crm.Data;
using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>A request of several changes: all or nothing where that is asked for, otherwise each for itself.</summary>
public sealed class WriteRequestTests
{
    private const string Fields = """
        {"name": "name", "type": "text", "required": true},
        {"name": "code", "type": "text", "unique": true},
        {"name": "partner", "type": "lookup", "target": "thing", "onDelete": "clear"}
        """;

    [Fact]
    public async Task An_atomic_request_with_one_bad_change_writes_nothing_and_names_every_fault()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var thing = await store.CreateAsync("thing", """{"name": "before"}""");

        var refusal = await Refusal.ExceptionOfAsync(() => store.WriteAsync(
            atomic: true, store.Change(thing, """{"name": "after"}"""), store.Creation("thing", "{}"), store.Creation("thing", """{"name": "good"}"""), store.Creation("thing", "{}")));

        refusal.Problems.Count.ShouldBe(2);
        (await store.NamesAsync("thing")).ShouldBe(["before"]);
    }

    [Fact]
    public async Task A_request_that_is_not_atomic_writes_the_good_and_explains_the_bad()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var thing = await store.CreateAsync("thing", """{"name": "before", "code": "1"}""");

        var changes = await store.WriteAsync(
            atomic: false,
            store.Change(thing, """{"name": "after"}"""),
            store.Creation("thing", "{}"),
            store.Creation("thing", """{"name": "twin", "code": "1"}"""),
            store.Creation("thing", """{"name": "good"}"""),
            RecordChange.Update(store["thing"], SequentialIds.Unknown, [], null));

        changes.Select(c => c.Problems.FirstOrDefault()?.Code).ShouldBe([null, "required", "unique", null, "notFound"]);
        (await store.NamesAsync("thing", sort: "name")).ShouldBe(["after", "good"]);
    }

    [Fact]
    public async Task A_request_changes_a_record_once_and_refuses_what_it_wants_of_it_besides()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var thing = await store.CreateAsync("thing", """{"name": "before", "code": "1"}""");

        var changes = await store.WriteAsync(
            atomic: false,
            store.Change(thing, """{"name": "first"}"""),
            store.Change(thing, """{"name": "second"}"""),
            RecordChange.Delete(thing.Entity, thing.Id),
            RecordChange.Upsert(thing.Entity, [thing.Entity["code"]], store.Values("thing", """{"name": "third", "code": "1"}""")));

        changes.Select(c => c.Problems.SingleOrDefault()?.Code).ShouldBe([null, "record.twice", "record.twice", "record.twice"]);
        (await store.GetAsync(thing))["name"].ShouldBe("first");
        (await Refusal.OfAsync(() => store.WriteAsync(atomic: true, RecordChange.Delete(thing.Entity, thing.Id), RecordChange.Delete(thing.Entity, thing.Id)))).ShouldBe(": record.twice");
        (await store.FindAsync(thing)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_record_that_points_to_a_refused_one_is_refused_with_it()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        await store.CreateAsync("thing", """{"name": "first", "code": "1"}""");
        var id = store.Ids.Next();

        var changes = await store.WriteAsync(
            atomic: false,
            store.Creation("thing", """{"name": "twin", "code": "1"}""", id),
            store.Creation("thing", $$"""{"name": "child", "partner": "{{id}}"}"""),
            store.Creation("thing", """{"name": "good"}"""));

        changes.Select(c => c.Failed).ShouldBe([true, true, false]);
        (await store.NamesAsync("thing", sort: "name")).ShouldBe(["first", "good"]);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_happen_and_leaves_nothing_behind()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var thing = await store.CreateAsync("thing", """{"name": "before"}""");
        var news = new List<RecordNews>();
        using var listening = store.Feed.Subscribe(news.AddRange);

        var changes = await store.Store.WriteAsync(
            new(Actor.Platform, Door.Import, [store.Change(thing, """{"name": "after"}"""), store.Creation("thing", "{}"), store.Creation("thing", """{"name": "new"}""")], WriteMode.Partial) { DryRun = true },
            TestContext.Current.CancellationToken);

        changes.Select(c => c.Failed).ShouldBe([false, true, false]);
        (await store.NamesAsync("thing")).ShouldBe(["before"]);
        (await store.HistoryAsync(thing)).Count.ShouldBe(1);
        news.ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_listens_hears_of_what_was_committed_and_only_of_that()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields);
        var ada = await store.PersonAsync("Ada");
        var news = new List<RecordNews>();
        using var listening = store.Feed.Subscribe(news.AddRange);

        var thing = await store.CreateAsync("thing", """{"name": "a"}""", ada);
        await Refusal.OfAsync(() => store.CreateAsync("thing", "{}", ada));
        await store.UpdateAsync(thing, """{"name": "a"}""", actor: ada);

        news.ShouldBe([new("thing", thing.Id, ChangeKind.Create, ada.UserId)]);
    }

    [Fact]
    public async Task What_the_actor_may_not_do_is_refused_before_anything_else_is_looked_at()
    {
        await using var store = await TestStore.OpenAsync("thing", Fields, """ "roles": {"everyone": {"read": "all", "create": "all"}} """);
        var ada = await store.PersonAsync("Ada");
        var thing = await store.CreateAsync("thing", """{"name": "a"}""", ada);

        (await Refusal.ExceptionOfAsync(() => store.UpdateAsync(thing, """{"name": null}""", actor: ada))).Kind.ShouldBe(ProblemKind.Forbidden);
        (await Refusal.OfAsync(() => store.Store.DeleteAsync(thing.Entity, thing.Id, ada, Door.Api))).ShouldBe(": forbidden.delete");
        (await store.NamesAsync("thing", actor: ada)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_path_does_not_lead_into_an_entity_that_the_actor_may_not_read()
    {
        await using var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("salary", """{"name": "name", "type": "text"}""", """ "roles": {"administrator": {"read": "all"}} """)
            .WithEntity("thing", """{"name": "name", "type": "text"}, {"name": "salary", "type": "lookup", "target": "salary"}""", """ "searchFields": ["name", "salary.name"] """));
        var ada = await store.PersonAsync("Ada");
        var salary = await store.CreateAsync("salary", """{"name": "secret"}""");
        await store.CreateAsync("thing", $$"""{"name": "a", "salary": "{{salary.Id}}"}""");

        (await Refusal.OfAsync(() => store.QueryAsync("thing", fields: "salary.name", actor: ada))).ShouldBe(": forbidden.read");
        (await Refusal.OfAsync(() => store.QueryAsync("thing", """{"field": "salary.name", "op": "startsWith", "value": "s"}""", actor: ada))).ShouldBe(": forbidden.read");
        (await Refusal.OfAsync(() => store.QueryAsync("thing", """{"not": {"any": [{"field": "name", "op": "eq", "value": {"field": "salary.name"}}]}}""", actor: ada))).ShouldBe(": forbidden.read");
        (await Refusal.OfAsync(() => store.QueryAsync("thing", sort: "salary.name", actor: ada))).ShouldBe(": forbidden.read");
        (await Refusal.OfAsync(() => store.Store.AggregateAsync(new(store["thing"], [new(store["thing"].Resolve("salary.name")!, null)], []), ada))).ShouldBe(": forbidden.read");
        (await store.NamesAsync("thing", search: "secret", actor: ada)).ShouldBeEmpty();
        (await store.NamesAsync("thing", search: "a", actor: ada)).ShouldBe(["a"]);
    }
}
