using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Records that are probably the same are noticed before there are two of them.</summary>
public sealed class DuplicateTests
{
    private const string Fields = """{"name": "name", "type": "text"}, {"name": "phone", "type": "phone"}, {"name": "email", "type": "email"}""";

    private const string Rules = """
        "duplicates": [
          {"name": "same-phone", "match": [{"field": "phone", "how": "phone"}]},
          {"name": "same-name", "match": [{"field": "name", "how": "name"}]},
          {"name": "same-email", "match": [{"field": "email", "how": "email"}], "action": "block"}]
        """;

    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync("customer", Fields, Rules);

    private static async Task<RecordChange> TryAsync(TestStore store, RecordChange change, bool confirms = false, Door door = Door.Api) => (await store.Store.WriteAsync(
        new(Actor.Platform, door, [change], WriteMode.Partial) { ConfirmsDuplicates = confirms }, TestContext.Current.CancellationToken))[0];

    [Theory]
    [InlineData("""{"phone": "+49 30 1234567"}""", """{"phone": "030/123 45 67"}""")]
    [InlineData("""{"name": "Müller & Söhne GmbH"}""", """{"name": "Soehne Muller"}""", false)]
    [InlineData("""{"name": "Acme Trading Ltd."}""", """{"name": "TRADING ACME"}""")]
    [InlineData("""{"name": "北京华夏有限公司"}""", """{"name": "北京华夏"}""")]
    [InlineData("""{"name": "Acme"}""", """{"name": "Acne"}""", false)]
    [InlineData("""{"phone": "030 1234567"}""", """{"phone": "030 1234568"}""", false)]
    public async Task What_is_written_differently_is_noticed(string one, string two, bool isNoticed = true)
    {
        await using var store = await OpenAsync();
        var first = await store.CreateAsync("customer", one);

        var second = await TryAsync(store, store.Creation("customer", two));

        second.Problems.Select(p => p.Code).ShouldBe(isNoticed ? ["duplicate.warn"] : []);
        if (isNoticed)
        {
            second.Problems[0].Records.ShouldBe([first.Id]);
        }
    }

    [Theory]
    [InlineData("en", "Contact probably exists already (Same email).")]
    [InlineData("zh-CN", "可能已存在该联系人（相同邮箱）。")]
    public async Task The_warning_says_what_is_the_same_once(string language, string words)
    {
        await using var store = await TestStore.OpenAsync(Shipped.Model);
        await store.CreateAsync("contact", """{"name": "Ada", "email": "ada@b.example"}""");

        var second = await TryAsync(store, store.Creation("contact", """{"name": "Augusta", "email": "ada@b.example"}"""));

        System.Globalization.CultureInfo.CurrentUICulture = new(language);
        second.Problems.ShouldHaveSingleItem().Message(store.Model.Texts).ShouldBe(words);
    }

    [Fact]
    public async Task Who_was_warned_may_go_on_and_who_is_blocked_may_not()
    {
        await using var store = await OpenAsync();
        await store.CreateAsync("customer", """{"phone": "030 1234567", "email": "a@b.example"}""");

        (await TryAsync(store, store.Creation("customer", """{"phone": "030 1234567"}"""), confirms: true)).Failed.ShouldBeFalse();
        (await TryAsync(store, store.Creation("customer", """{"email": "A+news@b.example"}"""), confirms: true)).Problems.ShouldHaveSingleItem().Code.ShouldBe("duplicate.block");
    }

    [Fact]
    public async Task A_change_is_checked_where_it_touches_a_rule_and_only_there()
    {
        await using var store = await OpenAsync();
        var one = await store.CreateAsync("customer", """{"name": "Acme"}""");
        var two = (await TryAsync(store, store.Creation("customer", """{"name": "Acme"}"""), confirms: true)).After!;

        (await TryAsync(store, store.Change(two, """{"phone": "030 1234567"}"""))).Failed.ShouldBeFalse();
        await store.UpdateAsync(one, """{"phone": "040 7654321"}""");
        (await TryAsync(store, store.Change(two, """{"phone": "+49 40 7654321"}"""))).Failed.ShouldBeTrue();
        await store.UpdateAsync(one, """{"phone": null}""");
        (await TryAsync(store, store.Change(two, """{"phone": "+49 40 7654321"}"""))).Failed.ShouldBeFalse("the number is free again");
    }

    [Fact]
    public async Task Records_of_one_request_are_compared_with_each_other_and_deleted_ones_do_not_count()
    {
        await using var store = await OpenAsync();
        var gone = await store.CreateAsync("customer", """{"name": "Gone"}""");
        await store.DeleteAsync(gone);

        var changes = await store.WriteAsync(atomic: false, store.Creation("customer", """{"name": "Acme"}"""), store.Creation("customer", """{"name": "ACME Ltd"}"""), store.Creation("customer", """{"name": "Gone"}"""));

        changes.Select(c => c.Failed).ShouldBe([false, true, false]);
    }

    [Fact]
    public async Task Of_many_that_are_the_same_and_written_at_once_a_blocking_rule_lets_one_pass()
    {
        await using var store = await OpenAsync();

        var tried = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => TryAsync(store, store.Creation("customer", """{"email": "a@b.example"}""")))));

        tried.Count(c => !c.Failed).ShouldBe(1);
    }

    [Fact]
    public async Task What_thousands_share_does_not_hide_what_others_share()
    {
        await using var store = await TestStore.OpenAsync(
            "customer", """{"name": "name", "type": "text"}""", """ "audit": false, "duplicates": [{"name": "same-name", "match": [{"field": "name", "how": "name"}]}] """);
        await store.Bulk.InsertAsync(store["customer"], Enumerable.Repeat("Acme", 5_000).Append("Zenith").Select(Named), TestContext.Current.CancellationToken);

        var changes = await store.WriteAsync(atomic: false, store.Creation("customer", """{"name": "Acme"}"""), store.Creation("customer", """{"name": "Zenith"}"""));

        changes.Select(c => c.Problems.SingleOrDefault()?.Code).ShouldBe(["duplicate.warn", "duplicate.warn"]);

        Record Named(string name) => new(store["customer"])
        {
            ["name"] = name,
            [SystemFields.Id] = store.Ids.Next(),
            [SystemFields.Version] = 1L,
            [SystemFields.CreatedAt] = store.Clock.GetUtcNow(),
            [SystemFields.UpdatedAt] = store.Clock.GetUtcNow(),
        };
    }

    [Fact]
    public async Task Candidates_are_listed_with_the_rules_that_found_them()
    {
        await using var store = await OpenAsync();
        var one = await store.CreateAsync("customer", """{"name": "Acme", "phone": "030 1234567"}""");
        var two = (await TryAsync(store, store.Creation("customer", """{"name": "Acme", "phone": "030 1234567"}"""), confirms: true)).After!;
        await store.CreateAsync("customer", """{"name": "Other"}""");

        var found = (await store.Duplicates.FindAsync(one.Entity, one.Id, Actor.Platform, TestContext.Current.CancellationToken)).Items.ShouldHaveSingleItem();

        (found.Id, found.Title).ShouldBe((two.Id, "Acme"));
        found.Rules.ShouldBe(["same-phone", "same-name"], ignoreOrder: true);
    }

    [Fact]
    public async Task Of_more_candidates_than_are_listed_those_come_that_most_rules_found()
    {
        await using var store = await OpenAsync();
        var one = await store.CreateAsync("customer", """{"name": "Acme", "phone": "030 1234567"}""");
        var changes = Enumerable.Range(0, 130).Select(_ => store.Creation("customer", """{"name": "Acme"}""")).Append(store.Creation("customer", """{"name": "Acme", "phone": "030 1234567"}""")).ToList();
        await store.Store.WriteAsync(new(Actor.Platform, Door.Api, changes) { ConfirmsDuplicates = true }, TestContext.Current.CancellationToken);

        var found = await store.Duplicates.FindAsync(one.Entity, one.Id, Actor.Platform, TestContext.Current.CancellationToken);

        (found.Items[0].Id, found.Items.Count, found.HasMore).ShouldBe((changes[^1].Id, 100, true));
    }

    [Fact]
    public async Task A_rule_finds_records_that_were_there_before_it()
    {
        await using var store = await OpenAsync();
        await store.CreateAsync("customer", """{"name": "Acme"}""");
        await store.Database.WriteAsync(session => session.ExecuteAsync("DELETE FROM \"_match\"", []).AsTask(), TestContext.Current.CancellationToken);
        (await TryAsync(store, store.Creation("customer", """{"name": "Acme"}"""))).Failed.ShouldBeFalse("its forms are not there");
        await store.Refresh.RunAsync(cancellationToken: TestContext.Current.CancellationToken);

        (await TryAsync(store, store.Creation("customer", """{"name": "Acme"}"""))).Failed.ShouldBeTrue();
    }

    [Theory]
    [InlineData("Meier", "Meyer")]
    [InlineData("Schmidt", "Schmitt")]
    [InlineData("Catherine Jones", "Jones, Katherine")]
    [InlineData("Phillip", "Philip")]
    public void Names_that_sound_alike_have_one_form(string one, string two) => MatchForm.Of(MatchHow.NameSound, one).ShouldBe(MatchForm.Of(MatchHow.NameSound, two));

    [Fact]
    public void Nothing_to_compare_has_no_form()
    {
        foreach (var how in Enum.GetValues<MatchHow>().Where(h => h != MatchHow.Exact))
        {
            MatchForm.Of(how, how == MatchHow.Email ? "" : " .- ").ShouldBeNull();
        }
    }
}
