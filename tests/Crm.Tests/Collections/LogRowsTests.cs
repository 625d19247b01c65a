using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Metadata;
using Crm.Tests.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Collections;

/// <summary>Rows that log a field of their record.</summary>
public sealed class LogRowsTests
{
    private const string Stage = """{"name": "stage", "type": "choice", "options": [{"value": "a"}, {"value": "b"}, {"value": "c"}]}""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_value_that_was_left_is_noted_with_its_time_and_what_the_record_held()
    {
        await using var store = await OpenAsync();
        var deal = await store.CreateAsync("deal", """{"name": "one", "stage": "a", "amount": 10}""");
        store.Clock.Advance(TimeSpan.FromDays(2));
        await store.UpdateAsync(deal, """{"stage": "b", "amount": 20}""");
        await store.UpdateAsync(deal, """{"name": "other"}""");
        store.Clock.Advance(TimeSpan.FromHours(12));

        await store.UpdateAsync(deal, """{"stage": "c"}""");

        (await LogAsync(store)).ShouldBe(["a > b, 2, 10", "b > c, 0.5, 20"]);
    }

    [Fact]
    public async Task What_is_loaded_as_history_was_left_at_its_own_time_and_never_before_it_was_entered()
    {
        await using var store = await OpenAsync();
        var (ada, deal) = (await store.PersonAsync("Ada"), store.Ids.Next());
        await WriteAsync(1, at => RecordChange.Create(store["deal"], store.Values("deal", """{"name": "one", "stage": "a", "amount": 10}"""), deal, at));
        await WriteAsync(3, at => RecordChange.Update(store["deal"], deal, store.Values("deal", """{"stage": "b"}"""), at));
        await WriteAsync(8, at => RecordChange.Update(store["deal"], deal, store.Values("deal", """{"stage": "c"}"""), at));
        var first = await store.Store.GetAsync(store["passed"], (await store.QueryAsync("passed", sort: "left_at", limit: 1)).Items[0].Id, Actor.Platform, Cancelled);

        await WriteAsync(5, at => RecordChange.Update(store["deal"], deal, store.Values("deal", """{"stage": "a"}"""), at));

        (await LogAsync(store)).ShouldBe(["a > b, 2, 10", "b > c, 5, 10", "c > a, 0, 10"], ignoreOrder: true);
        (first["left_at"], first["created_at"], first["created_by"]).ShouldBe((Moment(3), Moment(3), ada.UserId));

        Task WriteAsync(int day, Func<(DateTimeOffset, Guid?), RecordChange> change) => store.Store.WriteAsync(new(Actor.Platform, Door.Import, [change((Moment(day), ada.UserId))]), Cancelled);

        static DateTimeOffset Moment(int day) => new(2026, 3, day, 9, 0, 0, TimeSpan.Zero);
    }

    [Fact]
    public async Task What_is_taken_back_leaves_no_trace_and_what_is_refused_neither()
    {
        await using var store = await OpenAsync();
        var deal = await store.CreateAsync("deal", """{"name": "one", "stage": "a"}""");
        await Should.ThrowAsync<ProblemException>(() => store.UpdateAsync(deal, """{"stage": "b", "name": null}"""));
        (await LogAsync(store)).ShouldBeEmpty();
        await store.UpdateAsync(deal, """{"stage": "b"}""");
        var changeSet = (await store.HistoryAsync(deal))[0].ChangeSet;

        await store.ChangeSets.UndoAsync(changeSet, Actor.Platform, Door.Api, Cancelled);

        (await store.GetAsync(deal))["stage"].ShouldBe("a");
        (await LogAsync(store)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Opportunities_note_the_stages_that_they_passed()
    {
        await using var store = await TestStore.OpenAsync(Shipped.Model);
        var opportunity = await store.CreateAsync("opportunity", """{"name": "one", "amount": 5}""");
        store.Clock.Advance(TimeSpan.FromDays(7));
        await store.UpdateAsync(opportunity, """{"stage": "engaging"}""");

        var row = (await store.QueryAsync("opportunity_stage")).Items.ShouldHaveSingleItem();

        var passed = await store.Store.GetAsync(store["opportunity_stage"], row.Id, Actor.Platform, Cancelled);
        (passed["stage"], passed["next_stage"], passed["days"], passed["amount"]).ShouldBe(("prospecting", "engaging", 7m, new Money(5, "USD")));
    }

    [Fact]
    public void A_log_of_what_one_of_them_has_not_is_left_out_with_its_place()
    {
        using var folder = new MetadataFolder().WithEntity("deal", """{"name": "name", "type": "text"}, {"name": "log", "type": "rows", "target": "passed", "logs": "stage"}""").WithEntity("passed", """{"name": "deal", "type": "lookup", "target": "deal", "onDelete": "cascade"}""");

        folder.Compile().Problems.ShouldHaveSingleItem().ToString().ShouldContain("fields[1].logs");
    }

    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(folder => folder
        .WithEntity("deal", $$"""{"name": "name", "type": "text", "required": true}, {{Stage}}, {"name": "amount", "type": "money"}, {"name": "log", "type": "rows", "target": "passed", "logs": "stage", "readOnly": true}""")
        .WithEntity("passed", $$"""{"name": "deal", "type": "lookup", "target": "deal", "onDelete": "cascade", "required": true}, {{Stage}}, {{Stage.Replace("\"stage\"", "\"next_stage\"", StringComparison.Ordinal)}}, {"name": "entered_at", "type": "dateTime"}, {"name": "left_at", "type": "dateTime"}, {"name": "days", "type": "decimal"}, {"name": "amount", "type": "money"}"""));

    private static async Task<List<string>> LogAsync(TestStore store)
    {
        var lines = new List<string>();
        foreach (var row in (await store.QueryAsync("passed", sort: "left_at")).Items)
        {
            var passed = await store.Store.GetAsync(store["passed"], row.Id, Actor.Platform, Cancelled);
            lines.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{passed["stage"]} > {passed["next_stage"]}, {passed["days"]:0.#}, {(passed["amount"] as Money)?.Amount:0}"));
        }
        return lines;
    }
}
